// `sbi`: a call from virtual S to the firmware, for a guest that has none of its own. It costs the guest exactly one
// step, the trap, as it does on the bare machine, and is answered by the same code.

import { unsigned } from '../../../isa/bigints.ts';
import { sbiCall } from '../../platform/sbi.ts';
import type { ExitReason } from '../reason.ts';
import type { Trap } from './exit.ts';

const ECALL_BYTES = 4n;

export function sbi({ vm, cpu }: Trap): ExitReason {
  cpu.countTrap();
  cpu.disturbed = true;
  cpu.pc = unsigned(cpu.pc + ECALL_BYTES);
  sbiCall(cpu, vm.board);
  return 'sbi';
}
