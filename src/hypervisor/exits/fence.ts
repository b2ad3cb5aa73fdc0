// `fence`: sfence.vma. Its definition checks the privilege; one that retires is told to the shadow, with the address and
// the address space that it names. Under the trace discipline no translation is ever stale, and its step is all of it.

import { assert } from '../../../isa/assert.ts';
import { type Decoded, decode } from '../../../isa/decode.ts';
import type { ExitReason } from '../reason.ts';
import type { Fence } from '../shadow/shadow.ts';
import type { VirtualCpu } from '../virtual-cpu.ts';
import { execute, type Trap } from './exit.ts';

export function fence({ vm, cpu }: Trap, decoded: Decoded): ExitReason {
  const meant = fenceOf(cpu, decoded);
  const reason = execute(cpu, decoded, 'fence');
  if (reason === 'fence') vm.shadow.fence(meant);
  return reason;
}

const ASID_MASK = 0xffffn; // as many bits as satp.ASID has

/** There are as many as pairs of registers. */
const fences = new Map<number, Decoded>();
/** The fence of these bits, which are one's. */
export function fenceIn(bits: number): Decoded {
  let fence = fences.get(bits);
  if (fence === undefined) {
    fence = decode(bits);
    assert(fence !== undefined, 'the bits of a fence');
    fences.set(bits, fence);
  }
  return fence;
}

/** What an sfence.vma of this CPU says: x0, by its number, means all (norm:sfence_vma_all). */
export function fenceOf(cpu: VirtualCpu, { fields }: Decoded): Fence {
  const { rs1 = 0, rs2 = 0 } = fields;
  return {
    address: rs1 === 0 ? undefined : cpu.x(rs1),
    asid: rs2 === 0 ? undefined : Number(cpu.x(rs2) & ASID_MASK),
  };
}
