// How emitted code reaches memory, alike in both tiers: a lookup in the space's TLB, or, where all of RAM is open to
// loads as it stands, a check of its range. What a lookup does not find is never dealt with in line: the code leaves
// for the core (refill.ts), which makes the lookup succeed, takes the trap, or has the instruction done elsewhere.

import type { Code } from '../../../isa/emit/wasm.ts';
import { RAM_BASE } from '../memory.ts';
import { DATA_ENTRIES, ENTRY, FRAME_BYTES, FRAME_SHIFT, RAM_AT, SPACE } from '../memory-map.ts';

/** `direct`: virtual addresses are physical, and loads may touch all of RAM, whose size is known. */
export type Reach = { readonly kind: 'tlb' } | { readonly kind: 'direct'; readonly ramBytes: number };

const ENTRY_SHIFT = 4;
const INDEX_MASK = (DATA_ENTRIES - 1) << ENTRY_SHIFT;

export interface Lookup {
  readonly access: 'load' | 'store';
  /** How many bytes must be on one page. */
  readonly bytes: number;
  /** It must be aligned. */
  readonly isAtomic: boolean;
  readonly reach: Reach;
  /** The i32 local that says where the data space is. */
  readonly space: number;
  /** The i64 local that holds the virtual address. */
  readonly address: number;
  /** Emits what leaves, where the i32 on the stack is not zero. */
  readonly missIf: () => void;
}

/**
 * Leaves on the stack an i32 to which the returned offset must be added (as the access's own) to have the place.
 * Stores always use the TLB: it is what keeps them off frames whose stores must be seen.
 */
export function lookUp(code: Code, { access, bytes, isAtomic, reach, space, address, missIf }: Lookup): number {
  if (isAtomic) {
    code
      .op('local.get', address)
      .i64(BigInt(bytes - 1))
      .op('i64.and')
      .i64(0n)
      .op('i64.ne');
    missIf();
  }
  const within = code.scratch('i64');
  if (reach.kind === 'direct' && access === 'load') {
    code.op('local.get', address).i64(RAM_BASE).op('i64.sub').op('local.tee', within);
    code.i64(BigInt(reach.ramBytes - bytes)).op('i64.gt_u');
    missIf();
    code.op('local.get', within).op('i32.wrap_i64');
    return RAM_AT;
  }
  const entry = code.scratch('i32');
  code
    .op('local.get', address)
    .op('i32.wrap_i64')
    .i32(FRAME_SHIFT - ENTRY_SHIFT)
    .op('i32.shr_u');
  code.i32(INDEX_MASK).op('i32.and').op('local.get', space).op('i32.add').op('local.tee', entry);
  code
    .op('i64.load', SPACE[access] + ENTRY.tag)
    .op('local.get', address)
    .op('i64.xor')
    .op('local.tee', within);
  code.i64(BigInt(FRAME_BYTES - bytes)).op('i64.gt_u');
  missIf();
  code.op('local.get', within).op('i32.wrap_i64');
  code
    .op('local.get', entry)
    .op('i32.load', SPACE[access] + ENTRY.place)
    .op('i32.add');
  return 0;
}
