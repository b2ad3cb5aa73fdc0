// `xret`: mret or sret. The definition pops the interrupt stack of the virtual mstatus and changes the virtual mode;
// the shadow context that goes with the new mode is chosen at the next entry, not here.

import type { Decoded } from '../../../isa/decode.ts';
import type { ExitReason } from '../reason.ts';
import { execute, type Trap } from './exit.ts';

export function xret({ cpu }: Trap, decoded: Decoded): ExitReason {
  return execute(cpu, decoded, 'xret');
}
