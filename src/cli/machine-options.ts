// From options to guests: reads images and input files, and makes of them what a system is built of. Shared by the
// commands that boot machines.

import type { GuestPhysical } from '../../isa/address.ts';
import type { ConsoleInput } from '../devices/console-input.ts';
import { Monitor } from '../hypervisor/monitor.ts';
import type { Discipline } from '../hypervisor/shadow/discipline.ts';
import type { Engine } from '../machine/hardware.ts';
import { RAM_LIMIT_BYTES, STATE_BLOCKS } from '../machine/hardware.ts';
import { boot } from '../platform/boot.ts';
import type { GuestSpec } from '../session/system.ts';
import { type Machine, readConfig } from './config.ts';
import { distinctNames } from './consoles.ts';
import { type DiskOption, planDisks } from './disks.ts';
import { badImage, badUsage } from './failure.ts';
import { readFile } from './files.ts';
import { type NamedImage, readImage } from './images.ts';
import type { InputOption } from './options.ts';

/** Options of every command that boots a machine, as commander hands them over. */
export interface MachineOptions extends Omit<Machine, 'image' | 'name' | 'typed' | 'disks'> {
  readonly engine: Engine;
  readonly shadow?: Discipline;
  readonly input?: readonly InputOption[];
  readonly disk?: readonly DiskOption[];
  readonly config?: string;
}

/** An image with the name of its console, and what is typed on it where that is given. */
export interface PlannedGuest {
  readonly name: string;
  readonly named: NamedImage;
  readonly typed: Uint8Array | undefined;
  /** The spec of a system around the given console. */
  spec(input: ConsoleInput, output: (byte: number) => void): GuestSpec;
}

/**
 * Reads everything that the command line names; nothing runs yet.
 * @param changes what becomes of what guests write to disks; where it is dropped, each spec has the disks as they are.
 */
export function planGuests(
  images: readonly string[],
  options: MachineOptions,
  changes: 'kept' | 'dropped' = 'kept',
): PlannedGuest[] {
  const machines = machinesOf(images, options);
  refuseTooMuch(machines);
  const firmwares = machines.map(({ firmware }) => (firmware === undefined ? undefined : readImage(firmware, false)));
  const named = machines.map(({ image }, index) => readImage(image, firmwares[index] !== undefined));
  const names = distinctNames(machines.map((machine, index) => machine.name ?? (named[index] as NamedImage).name));
  const typed = readInputs(names, machines, options.input ?? []);
  const own = machines.flatMap(({ disks = [] }, index) =>
    disks.map((disk) => ({ ...disk, machine: names[index] as string })),
  );
  const disks = planDisks(names, [...own, ...(options.disk ?? [])], changes);
  return machines.map((machine, index) => {
    const name = names[index] as string;
    const image = named[index] as NamedImage;
    const firmware = firmwares[index];
    const mode = firmware ? 'm' : (machine.mode ?? image.image.mode);
    const bootOptions = {
      image: image.image,
      ...(firmware && { firmware: firmware.image }),
      ...(machine.mode && { mode: machine.mode }),
      ...(machine.append !== undefined && { append: machine.append }),
      ...(machine.initrd !== undefined && { initrd: readFile(machine.initrd) }),
      ...(machine.isa !== undefined && { extensions: machine.isa }),
    };
    return {
      name,
      named: image,
      typed: typed[index],
      spec: (input, output) => ({
        name,
        ramBytes: machine.memory,
        harts: machine.smp ?? 1,
        firmware: mode === 'm' ? 'own' : 'sbi',
        input,
        output,
        disks: disks[index]?.map((disk) => disk()),
        terminal: machine.console,
        seed: machine.seed,
        ...(image.image.tohost !== undefined && { tohost: image.image.tohost as GuestPhysical }),
        install: (board) => {
          const booted = boot(board, bootOptions);
          if (!booted.ok) throw badImage(machine.image, booted.message, booted.hint);
        },
      }),
    };
  });
}

/** The machines of the command line, or of its file: what one does not say there, the command line says for it. */
function machinesOf(images: readonly string[], options: MachineOptions): readonly Machine[] {
  const { config, input: _input, disk: _disk, engine: _engine, ...common } = options;
  if (config !== undefined && images.length > 0)
    throw badUsage('--config FILE names the images: give either it or images');
  if (config !== undefined) return readConfig(config).map((machine) => ({ ...common, ...machine }));
  if (images.length === 0) throw badUsage('name an image to boot, or give --config FILE');
  return images.map((image) => ({ ...common, image }));
}

function refuseTooMuch(machines: readonly Machine[]): void {
  const count = machines.length;
  const room = Monitor.bytesFor(machines.map(({ memory }) => memory));
  if (room > RAM_LIMIT_BYTES) {
    const asked = machines.reduce((sum, { memory }) => sum + memory, 0);
    throw badUsage(
      `${count} machine(s) of ${asked} bytes in all need ${room} bytes; the simulated machine has at most ${RAM_LIMIT_BYTES}: use a smaller --memory`,
    );
  }
  const harts = machines.map(({ smp = 1 }) => smp);
  if (Monitor.blocksFor(harts) > STATE_BLOCKS) {
    const asked = harts.reduce((sum, each) => sum + each, 0);
    throw badUsage(
      `${count} machines of ${asked} harts in all are too many; the simulated machine has room for ${STATE_BLOCKS - 1} virtual CPUs: use a smaller --smp`,
    );
  }
}

/** What is typed on each console; undefined where nothing was given. */
function readInputs(
  names: readonly string[],
  machines: readonly Machine[],
  inputs: readonly InputOption[],
): (Uint8Array | undefined)[] {
  const typed = machines.map((machine) => (machine.typed === undefined ? undefined : readFile(machine.typed)));
  for (const { machine, file } of inputs) {
    const index = machine === undefined ? 0 : names.indexOf(machine);
    // A file may have = in its name: then what stands before it names no machine.
    if (index < 0)
      throw badUsage(`--input ${machine}=${file}: no machine is called ${machine}; there is ${names.join(', ')}`);
    typed[index] = readFile(file);
  }
  return typed;
}
