// `illegal`: an instruction that no mode of the guest may execute, or that does not exist: injected, with its bits in
// the trap value, which the hardware's own trap value gave us.

import type { ExitReason } from '../reason.ts';
import type { Trap } from './exit.ts';

export function illegal({ cpu, tval }: Trap): ExitReason {
  cpu.executeStep(undefined, Number(tval));
  return 'illegal';
}
