// `breakpoint`: ebreak, which the guest handles itself.

import type { ExitReason } from '../reason.ts';
import { emulate, type Trap } from './exit.ts';

export function breakpoint({ cpu }: Trap): ExitReason {
  return emulate(cpu, 'breakpoint');
}
