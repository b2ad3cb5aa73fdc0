// What ends a WFI: an interrupt that is pending and enabled in `mie`, whatever the global enables say
// (norm:wfi_resume_reason, norm:wfi_intr_dis). It is asked of a hart's state block by the interleaver, outside of any instruction.

import { Interrupt } from '../../isa/causes.ts';
import type { PrivilegedState } from '../../isa/state.ts';

const STIP = 1n << BigInt(Interrupt.STI);

export function wouldWake(state: PrivilegedState): boolean {
  const stored = state.mip.bits;
  // Under Sstc the supervisor's timer interrupt is a wire alone.
  const software = state.menvcfg.STCE === 1n ? stored & ~STIP : stored;
  return ((software | state.lines.bits) & state.mie.bits) !== 0n;
}
