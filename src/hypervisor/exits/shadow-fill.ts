// `shadow-fill`: a hidden fault: the guest's tables allow the access and the shadow lacked it. The entry is filled and
// the instruction runs again; the guest sees nothing and no step of it passes.

import type { GuestPhysical, GuestVirtual } from '../../../isa/address.ts';
import type { Access } from '../../../isa/vocabulary.ts';
import type { ExitReason } from '../reason.ts';
import type { Trap } from './exit.ts';
import { memory } from './memory.ts';

/** @param address guest-physical, where the walk whose entries are in `cpu.walked` ended. */
export function shadowFill(trap: Trap, access: Access, address: GuestPhysical): ExitReason {
  const { vm, cpu, tval } = trap;
  return vm.shadow.fill(cpu, access, tval as GuestVirtual, address) ? 'shadow-fill' : memory(trap);
}
