// From options to guests: reads images and input files, and makes of them what a system is built of. Shared by the
// commands that boot machines.

import type { GuestPhysical } from '../../isa/address.ts';
import type { ConsoleInput } from '../devices/console-input.ts';
import { Monitor } from '../hypervisor/monitor.ts';
import type { Engine } from '../machine/hardware.ts';
import { RAM_LIMIT_BYTES, STATE_BLOCKS } from '../machine/hardware.ts';
import { boot } from '../platform/boot.ts';
import type { Terminal } from '../platform/virtio-slots.ts';
import type { GuestSpec } from '../session/system.ts';
import { distinctNames } from './consoles.ts';
import { type DiskOption, planDisks } from './disks.ts';
import { badImage, badUsage } from './failure.ts';
import { readFile } from './files.ts';
import { type NamedImage, readImage } from './images.ts';
import type { InputOption } from './options.ts';

/** Options of every command that boots a machine, as commander hands them over. */
export interface MachineOptions {
  readonly memory: number;
  readonly smp?: number;
  readonly mode?: 'm' | 's';
  readonly firmware?: string;
  readonly append?: string;
  readonly initrd?: string;
  /** `--isa`, as bits of the harts' `extensions` word. */
  readonly isa?: bigint;
  readonly engine: Engine;
  readonly input?: readonly InputOption[];
  readonly disk?: readonly DiskOption[];
  readonly console?: Terminal;
  readonly seed?: bigint;
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
  const { memory, smp = 1, firmware: firmwareFile } = options;
  const room = Monitor.bytesFor(images.map(() => memory));
  if (room > RAM_LIMIT_BYTES) {
    throw badUsage(
      `${images.length} machine(s) of ${memory} bytes need ${room} bytes; the simulated machine has at most ${RAM_LIMIT_BYTES}: use a smaller --memory`,
    );
  }
  const blocks = Monitor.blocksFor(images.map(() => smp));
  if (blocks > STATE_BLOCKS) {
    throw badUsage(
      `${images.length} machines of ${smp} harts are too many; the simulated machine has room for ${STATE_BLOCKS - 1} virtual CPUs: use a smaller --smp`,
    );
  }
  const firmware = firmwareFile === undefined ? undefined : readImage(firmwareFile, false);
  const initrd = options.initrd === undefined ? undefined : readFile(options.initrd);
  const named = images.map((image) => readImage(image, firmware !== undefined));
  const names = distinctNames(named.map(({ name }) => name));
  const typed = readInputs(names, options.input ?? []);
  const disks = planDisks(names, options.disk ?? [], changes);
  return named.map((image, index) => {
    const name = names[index] as string;
    const mode = firmware ? 'm' : (options.mode ?? image.image.mode);
    const bootOptions = {
      image: image.image,
      ...(firmware && { firmware: firmware.image }),
      ...(options.mode && { mode: options.mode }),
      ...(options.append !== undefined && { append: options.append }),
      ...(initrd && { initrd }),
      ...(options.isa !== undefined && { extensions: options.isa }),
    };
    return {
      name,
      named: image,
      typed: typed[index],
      spec: (input, output) => ({
        name,
        ramBytes: memory,
        harts: smp,
        firmware: mode === 'm' ? 'own' : 'sbi',
        input,
        output,
        disks: disks[index]?.map((disk) => disk()),
        terminal: options.console,
        seed: options.seed,
        ...(image.image.tohost !== undefined && { tohost: image.image.tohost as GuestPhysical }),
        install: (board) => {
          const booted = boot(board, bootOptions);
          if (!booted.ok) throw badImage(images[index] as string, booted.message, booted.hint);
        },
      }),
    };
  });
}

/** What is typed on each console; undefined where nothing was given. */
function readInputs(names: readonly string[], inputs: readonly InputOption[]): (Uint8Array | undefined)[] {
  const typed: (Uint8Array | undefined)[] = names.map(() => undefined);
  for (const { machine, file } of inputs) {
    const index = machine === undefined ? 0 : names.indexOf(machine);
    // A file may have = in its name: then what stands before it names no machine.
    if (index < 0)
      throw badUsage(`--input ${machine}=${file}: no machine is called ${machine}; there is ${names.join(', ')}`);
    typed[index] = readFile(file);
  }
  return typed;
}
