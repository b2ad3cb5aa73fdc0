// `page-fault`: a true fault, one that the guest's own tables raise. The walk that found it has left cause and trap
// value in the virtual CPU; the trap value names the half of a straddling access that faulted.

import type { ExitReason } from '../reason.ts';
import { injectedReason, type Trap } from './exit.ts';

export function pageFault({ cpu }: Trap): ExitReason {
  const { cause, tval } = cpu;
  cpu.takeTrap(cause, tval);
  return injectedReason(cause);
}
