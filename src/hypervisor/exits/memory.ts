// `memory`: an access to RAM that the guest may do but that its shadow page must not let through as it stands: under
// MPRV, where the rights are another mode's than the fetch's, or in a page of which the PMP forbids a part.

import type { ExitReason } from '../reason.ts';
import { emulate, type Trap } from './exit.ts';

export function memory({ cpu }: Trap): ExitReason {
  return emulate(cpu, 'memory');
}
