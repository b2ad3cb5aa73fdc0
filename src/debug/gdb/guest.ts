// What a debugger needs of a guest, and its names for guests and harts. Sessions have such guests; bare and virtual
// ones are alike here but for the monitor behind a virtual one.

import type { PrivilegedState } from '../../../isa/state.ts';
import type { Guest } from '../../hypervisor/scheduler.ts';
import type { VirtualMachine } from '../../hypervisor/virtual-machine.ts';
import type { Hardware } from '../../machine/hardware.ts';

export interface DebuggedGuest extends Guest {
  readonly states: readonly PrivilegedState[];
  readonly hardware: Hardware;
  readonly vm?: VirtualMachine;
  /** The bits of the instruction that a hart's next step runs; undefined for an interrupt or a fault of the fetch. */
  nextInstruction(hart: number): number | undefined;
}

/** A process and a thread of GDB's: a guest, and one of its harts. */
export interface Thread {
  readonly guest: number;
  readonly hart: number;
}
