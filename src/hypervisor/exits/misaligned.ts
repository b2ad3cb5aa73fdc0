// `misaligned`: an atomic at an address that is not a multiple of its size; the only misaligned access that the
// hardware does not do by itself. The guest gets the exception, with its own cause.

import type { ExitReason } from '../reason.ts';
import { emulate, type Trap } from './exit.ts';

export function misaligned({ cpu }: Trap): ExitReason {
  return emulate(cpu, 'misaligned');
}
