// `other-injected`: any other exception of the real hart. None is expected, since shadow pages map RAM alone; the
// instruction runs on the virtual CPU, which takes whatever exception it finds.

import type { ExitReason } from '../reason.ts';
import { emulate, type Trap } from './exit.ts';

export function otherInjected({ cpu }: Trap): ExitReason {
  return emulate(cpu, 'other-injected');
}
