// `shadow-fill`: a hidden fault: the guest's tables allow the access and the shadow lacked it. The entry is filled and
// the instruction runs again; the guest sees nothing and no step of it passes.

import type { Access } from '../../../isa/vocabulary.ts';
import type { ExitReason } from '../reason.ts';
import type { Trap } from './exit.ts';
import { memory } from './memory.ts';

const HALF_BITS = 32n;
const HALF_MASK = 0xffff_ffffn;

/** The walk that allows the access is in `cpu.walked`. */
export function shadowFill(trap: Trap, access: Access): ExitReason {
  const { vm, cpu, tval } = trap;
  const [low, high] = [Number(tval & HALF_MASK), Number(tval >> HALF_BITS)];
  return vm.shadow.fill(cpu, vm.shadow.enter(cpu), access, low, high) ? 'shadow-fill' : memory(trap);
}
