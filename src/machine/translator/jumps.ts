// The jump cache, which says where the code of a pc is: an entry in the slot that its hash names, or, for the second
// of two that meet there, in the slot opposite, from which it is brought back. Emitted code looks in the first slot
// alone; the core looks in both.

import type { Code } from '../../../isa/emit/wasm.ts';
import { ENTRY, JUMP_ENTRIES, SPACE } from '../memory-map.ts';

const ENTRY_SHIFT = 4;
/** Bits of pc that an index leaves out are folded into it. */
const FOLD = Math.log2(JUMP_ENTRIES);
const MASK = (JUMP_ENTRIES - 1) << ENTRY_SHIFT;

/** Offset of a pc's first slot in the jump cache. */
export function jumpSlot(pc: bigint): number {
  const low = Number(pc & 0xffff_ffffn);
  return ((low << (ENTRY_SHIFT - 1)) ^ (low >>> (FOLD + 1 - ENTRY_SHIFT))) & MASK;
}
/** Far from a slot, since neighbouring slots are neighbouring instructions'. */
const OPPOSITE = (JUMP_ENTRIES / 2) * ENTRY.bytes;
/** Offset of the slot opposite. */
export const opposite = (slot: number) => slot ^ OPPOSITE;

/** Slots where a tag of 0 would be taken for that of pc 0, and what they hold instead: no pc is odd. */
export const ZERO_SLOTS = [jumpSlot(0n), opposite(jumpSlot(0n))];
export const NO_PC = 1n;

/**
 * Finds a pc's first slot in the jump cache of a fetch space, and keeps it in `entry`; leaves on the stack an i32:
 * whether it is that pc's.
 * @param pc an i64 local.
 */
export function jumpEntry(code: Code, pc: number, fetchSpace: () => void, entry: number): void {
  code
    .op('local.get', pc)
    .op('i32.wrap_i64')
    .i32(ENTRY_SHIFT - 1)
    .op('i32.shl');
  code
    .op('local.get', pc)
    .op('i32.wrap_i64')
    .i32(FOLD + 1 - ENTRY_SHIFT)
    .op('i32.shr_u')
    .op('i32.xor');
  code.i32(MASK).op('i32.and');
  fetchSpace();
  code.op('i32.add').op('local.tee', entry);
  isOf(code, pc);
}
/** The same where the pc is known. */
export function knownJumpEntry(code: Code, pc: bigint, fetchSpace: () => void, entry: number): void {
  fetchSpace();
  code.i32(jumpSlot(pc)).op('i32.add').op('local.tee', entry);
  code
    .op('i64.load', SPACE.jumps + ENTRY.tag)
    .i64(pc)
    .op('i64.eq');
}

/** The same, with a look at the slot opposite: what is found there changes places with what is here. */
export function jumpEither(code: Code, pc: number, fetchSpace: () => void, entry: number): void {
  jumpEntry(code, pc, fetchSpace, entry);
  code.open('if', 'i32');
  code.i32(1).op('else');
  const other = code.scratch('i32');
  code.op('local.get', entry).i32(OPPOSITE).op('i32.xor').op('local.tee', other);
  isOf(code, pc);
  code.open('if', 'i32');
  for (const word of [ENTRY.tag, ENTRY.function]) {
    const kept = code.scratch('i64');
    const at = SPACE.jumps + word;
    code.op('local.get', entry).op('i64.load', at).op('local.set', kept);
    code.op('local.get', entry).op('local.get', other).op('i64.load', at).op('i64.store', at);
    code.op('local.get', other).op('local.get', kept).op('i64.store', at);
  }
  code.i32(1).op('else').i32(0).end();
  code.end();
}

function isOf(code: Code, pc: number): void {
  code
    .op('i64.load', SPACE.jumps + ENTRY.tag)
    .op('local.get', pc)
    .op('i64.eq');
}
