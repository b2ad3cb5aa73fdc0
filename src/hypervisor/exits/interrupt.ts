// `interrupt`: a virtual interrupt that is pending and enabled is taken before the guest's next instruction. Nothing
// interrupts the real hart: a slice ends by its budget, at the step of the board's next event.

import type { ExitReason } from '../reason.ts';
import type { VirtualCpu } from '../virtual-cpu.ts';

/** @param cause of the interrupt that was selected. */
export function interrupt(cpu: VirtualCpu, cause: bigint): ExitReason {
  cpu.takeTrap(cause, 0n);
  return 'interrupt';
}
