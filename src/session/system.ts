// A whole system ready to run: a bare machine with its board, or a monitor with its virtual machines. Both are
// guests on boards of their own to whoever drives them, so a run, a comparison and a benchmark are written once.
// What is in a guest's memory at the start is the caller's: `install` puts it there.

import type { GuestPhysical, SystemPhysical } from '../../isa/address.ts';
import type { PrivilegedState } from '../../isa/state.ts';
import type { ConsoleInput } from '../devices/console-input.ts';
import type { DiskContents } from '../devices/virtio/disk-contents.ts';
import { Monitor } from '../hypervisor/monitor.ts';
import type { Guest } from '../hypervisor/scheduler.ts';
import type { Discipline } from '../hypervisor/shadow/discipline.ts';
import type { VirtualMachine } from '../hypervisor/virtual-machine.ts';
import { BareMachine } from '../machine/bare-machine.ts';
import { DEFAULT_ENGINE, type Engine } from '../machine/engine.ts';
import type { Hardware } from '../machine/hardware.ts';
import { Board } from '../platform/board.ts';
import { type Executor, Interleaver } from '../platform/interleaver.ts';
import type { Ram } from '../platform/ram.ts';
import type { Terminal } from '../platform/virtio-slots.ts';

/** What a guest is, whether it runs bare or virtual. */
export interface GuestSpec {
  readonly name: string;
  readonly ramBytes: number;
  readonly harts: number;
  /** Steps of a hart's turn, where they are not the usual. */
  readonly turnSteps?: number | undefined;
  /** Who has M-mode: the guest's own firmware, or the platform's SBI. */
  readonly firmware: 'own' | 'sbi';
  readonly input: ConsoleInput;
  output(byte: number): void;
  readonly disks?: readonly DiskContents[] | undefined;
  readonly terminal?: Terminal | undefined;
  readonly seed?: bigint | undefined;
  /** Guest-physical address of `tohost`, where the image has one. */
  readonly tohost?: GuestPhysical;
  /** Puts the image in the board's RAM and the harts at its entry. */
  install(board: Board): void;
}

export interface Steps {
  readonly user: number;
  readonly supervisor: number;
  readonly machine: number;
}

/** A guest of a system, and what can be seen of it. */
export interface SystemGuest extends Guest {
  /** Its harts, real or virtual. */
  readonly states: readonly PrivilegedState[];
  /** The virtual machine, where it runs in one. */
  readonly vm?: VirtualMachine;
  /** How the machine that it runs on took its steps, and those of its neighbours. */
  readonly hardware: Hardware;
  /** A hash of all its memory. */
  digest(): number;
  /** The bits of the instruction that a hart's next step runs; undefined where that is an interrupt or a fault of the fetch. */
  nextInstruction(hart: number): number | undefined;
}

export interface System {
  readonly mode: 'bare' | 'virtual';
  readonly guests: readonly SystemGuest[];
}

/** How a system runs, beside what runs in it. */
export interface SystemOptions {
  readonly engine?: Engine;
  /** How shadow page tables follow those of a virtual machine. */
  readonly shadow?: Discipline | undefined;
  readonly wrap?: Wrap | undefined;
}

/** Puts something between a guest's turns and what runs it: a log. */
export type Wrap = (executor: Executor, guest: () => SystemGuest, index: number) => Executor;
const plain: Wrap = (executor) => executor;

function boardOf(spec: GuestSpec, harts: readonly PrivilegedState[], ram: Ram): Board {
  const { input, disks, terminal, seed } = spec;
  return new Board({ harts, ram, console: { input, output: (byte) => spec.output(byte) }, disks, terminal, seed });
}

/** The first start, and each that the guest asks for. */
function start(spec: GuestSpec, board: Board): void {
  board.onRestart = () => spec.install(board);
  spec.install(board);
}

export function bareSystem(spec: GuestSpec, { engine = DEFAULT_ENGINE, wrap = plain }: SystemOptions = {}): System {
  const { ramBytes, harts, firmware } = spec;
  const machine = new BareMachine({
    ramBytes,
    harts,
    firmware,
    engine,
    board: (harts, ram) => boardOf(spec, harts, ram),
  });
  start(spec, machine.board);
  const { tohost } = spec;
  if (tohost !== undefined && machine.board.isRam(tohost, 8)) machine.watchTohost(tohost);
  const guest: SystemGuest = {
    name: spec.name,
    board: machine.board,
    interleaver: new Interleaver(
      machine.board,
      wrap(machine, () => guest, 0),
      spec.turnSteps,
    ),
    hardware: machine.hardware,
    states: machine.hardware.states,
    digest: () => machine.hardware.digest(machine.ram.base as SystemPhysical, machine.ram.bytes),
    nextInstruction: (hart) => machine.hardware.nextInstruction(hart),
  };
  return { mode: 'bare', guests: [guest] };
}

export function virtualSystem(
  specs: readonly GuestSpec[],
  { engine = DEFAULT_ENGINE, wrap = plain, shadow }: SystemOptions = {},
): System {
  const monitor = new Monitor(
    specs.map((spec) => ({
      name: spec.name,
      ramBytes: spec.ramBytes,
      cpus: spec.harts,
      firmware: spec.firmware,
      board: (harts, ram) => boardOf(spec, harts, ram),
    })),
    engine,
    shadow,
  );
  const guests = monitor.machines.map((vm, index): SystemGuest => {
    const spec = specs[index];
    if (spec !== undefined) start(spec, vm.board);
    const tohost = spec?.tohost;
    if (tohost !== undefined && vm.board.isRam(tohost, 8)) vm.watchTohost(tohost);
    const guest: SystemGuest = {
      name: vm.name,
      board: vm.board,
      interleaver: new Interleaver(
        vm.board,
        wrap(vm, () => guest, index),
        spec?.turnSteps,
      ),
      hardware: monitor.hardware,
      states: vm.cpus,
      vm,
      digest: () => vm.ram.digest(),
      nextInstruction: (hart) => vm.cpus[hart]?.peek(),
    };
    return guest;
  });
  return { mode: 'virtual', guests };
}

/** Steps that each of a guest's harts has taken, by the privilege that the guest believes it had. */
export function stepsByHart({ states }: SystemGuest): Steps[] {
  return states.map(({ stepsInU, stepsInS, stepsInM }) => ({
    user: Number(stepsInU),
    supervisor: Number(stepsInS),
    machine: Number(stepsInM),
  }));
}

/** Of all harts together. */
export function stepsOf(guest: SystemGuest): Steps {
  const harts = stepsByHart(guest);
  const sum = (privilege: keyof Steps) => harts.reduce((total, steps) => total + steps[privilege], 0);
  return { user: sum('user'), supervisor: sum('supervisor'), machine: sum('machine') };
}
