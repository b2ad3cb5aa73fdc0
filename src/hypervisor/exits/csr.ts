// `csr`: a CSR instruction. Every CSR from S-level up traps in real U-mode by its number, and the user counters trap
// because the real counter enables are off. The instruction's own definition runs on the virtual CPU, which also
// finds out whether the guest's mode may do it.

import type { Decoded } from '../../../isa/decode.ts';
import type { ExitReason } from '../reason.ts';
import { execute, type Trap } from './exit.ts';

export function csr({ cpu }: Trap, decoded: Decoded): ExitReason {
  return execute(cpu, decoded, 'csr');
}
