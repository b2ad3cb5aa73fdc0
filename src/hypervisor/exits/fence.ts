// `fence`: sfence.vma. Under the trace discipline the shadow never holds a stale translation, so what is left of the
// fence is its privilege check and its step.

import type { Decoded } from '../../../isa/decode.ts';
import type { ExitReason } from '../reason.ts';
import { execute, type Trap } from './exit.ts';

export function fence({ cpu }: Trap, decoded: Decoded): ExitReason {
  return execute(cpu, decoded, 'fence');
}
