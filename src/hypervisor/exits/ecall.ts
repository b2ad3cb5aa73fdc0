// `ecall`: an environment call that the guest handles itself. The hardware reports one from U whatever the virtual
// mode is; running the definition on the virtual CPU names the right mode and goes where the guest delegates it.

import type { ExitReason } from '../reason.ts';
import { emulate, type Trap } from './exit.ts';

export function ecall({ cpu }: Trap): ExitReason {
  return emulate(cpu, 'ecall');
}
