// `page-table-write`: a store to a frame that holds entries which the shadow derives from. The emulated store goes
// through the guest's RAM, which erases what derives from the bytes it changes.

import type { ExitReason } from '../reason.ts';
import { emulate, type Trap } from './exit.ts';

export function pageTableWrite({ cpu }: Trap): ExitReason {
  return emulate(cpu, 'page-table-write');
}
