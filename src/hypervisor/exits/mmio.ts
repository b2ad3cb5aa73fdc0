// `mmio`: a load or store outside RAM: a device's register, or nothing, which is an access fault. The instruction
// runs whole on the virtual CPU, so every width, sign and compressed form is the definition's own.

import type { ExitReason } from '../reason.ts';
import { emulate, type Trap } from './exit.ts';

export function mmio({ cpu }: Trap): ExitReason {
  return emulate(cpu, 'mmio');
}
