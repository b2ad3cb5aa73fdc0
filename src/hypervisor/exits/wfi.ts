// `wfi`: the guest has nothing to do. Our hart always traps it in U-mode. The virtual CPU then sleeps until an
// interrupt that it has enabled is pending; the interleaver, which runs bare harts too, sees to that.

import type { Decoded } from '../../../isa/decode.ts';
import type { ExitReason } from '../reason.ts';
import { execute, type Trap } from './exit.ts';

export function wfi({ cpu }: Trap, decoded: Decoded): ExitReason {
  return execute(cpu, decoded, 'wfi');
}
