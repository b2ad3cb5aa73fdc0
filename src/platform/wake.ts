// What ends a WFI: an interrupt that is pending and enabled in `mie`, whatever the global enables say
// (norm:wfi_resume_reason, norm:wfi_intr_dis). It is asked of a hart's state block, outside of any instruction, after
// whatever may have raised an interrupt.

import { Interrupt } from '../../isa/causes.ts';
import { FIELDS, WORD } from '../../isa/layout.ts';
import type { PrivilegedState } from '../../isa/state.ts';

const STIP = 1 << Interrupt.STI;
/** In the upper half of menvcfg. */
const STCE = 1 << (FIELDS.menvcfg.STCE - 32);

export function wouldWake({ halves }: PrivilegedState): boolean {
  const low = (index: number) => halves[index * 2] as number;
  // Under Sstc the supervisor's timer interrupt is a wire alone.
  const isWire = ((halves[WORD.menvcfg * 2 + 1] as number) & STCE) !== 0;
  const software = isWire ? low(WORD.mip) & ~STIP : low(WORD.mip);
  return ((software | low(WORD.lines)) & low(WORD.mie)) !== 0;
}
