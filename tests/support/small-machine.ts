// A virtual machine put together by hand, for what a monitor never gives one: RAM at an odd place of the machine, and
// next to no memory for shadow page tables.

import type { SystemPhysical } from '../../isa/address.ts';
import { GuestRam } from '../../src/hypervisor/guest-ram.ts';
import { Monitor } from '../../src/hypervisor/monitor.ts';
import type { Discipline } from '../../src/hypervisor/shadow/discipline.ts';
import { type ExitEvent, VirtualMachine } from '../../src/hypervisor/virtual-machine.ts';
import type { Engine } from '../../src/machine/engine.ts';
import { Board } from '../../src/platform/board.ts';
import { Interleaver } from '../../src/platform/interleaver.ts';
import { RAM_BASE } from '../../src/platform/memory-map.ts';
import { specOf, type TestGuest } from './guests.ts';

const MEBIBYTE = 1024 * 1024;
const PAGE_BYTES = 4096;

export interface Place {
  /** How far behind a multiple of 2 MiB its RAM starts. */
  readonly offset?: number;
  readonly shadowFrames?: number;
  readonly engine?: Engine;
  readonly discipline?: Discipline;
  readonly onExit?: (event: ExitEvent) => void;
}

/** Runs a guest of 8 MiB to its end, or for so many steps. */
export function runSmall(
  bytes: Uint8Array,
  { offset = 0, shadowFrames = 256, engine = 'reference', discipline = 'trace', onExit }: Place,
  steps: number,
): VirtualMachine {
  const guest: TestGuest = { bytes, ramBytes: 8 * MEBIBYTE };
  const spec = specOf(guest);
  const board: ConstructorParameters<typeof VirtualMachine>[0]['board'] = (harts) =>
    new Board({ harts, ram, console: { input: spec.input, output: spec.output } });
  // The monitor opens the real machine; its own guest never runs.
  const { hardware } = new Monitor(
    [
      {
        name: 'none',
        ramBytes: 16 * MEBIBYTE,
        firmware: 'own',
        board: (harts, ram) => new Board({ harts, ram, console: { input: spec.input, output: spec.output } }),
      },
    ],
    engine,
  );
  const at = (hardware.ramBase + BigInt(offset)) as SystemPhysical;
  const ram = new GuestRam(hardware, RAM_BASE, spec.ramBytes, at);
  const shadow = { at: (at + BigInt(spec.ramBytes)) as SystemPhysical, bytes: shadowFrames * PAGE_BYTES };
  const vm = new VirtualMachine({ name: 'guest', hardware, ram, cpus: 1, firmware: 'own', shadow, board, discipline });
  vm.onExit = onExit;
  spec.install(vm.board);
  new Interleaver(vm.board, vm).run(steps);
  return vm;
}
