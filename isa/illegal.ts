// The illegal-instruction exception as every definition raises it: xtval holds the instruction's bits
// (norm:mtval_ill_instr_exc_in_low_bits).

import { Cause } from './causes.ts';
import type { Machine, Raised, Value } from './vocabulary.ts';

export function illegal<V extends Value>(m: Machine<V>): Raised {
  return m.raise(Cause.IllegalInstruction, m.instruction);
}
