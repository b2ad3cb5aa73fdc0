// What a debugger looks out for: instructions at some addresses, loads and stores of some virtual pages, which no TLB then
// holds, so that the run can come back before such a step; and traps. A page is told by a hash of its number: another
// may look the same, and whoever looks out is asked about it too. Left out: physical pages, which are watched as frames.

import type { Memory } from './memory.ts';
import { GLOBAL, LOOKOUT_PAGES, LOOKOUT_SHIFT } from './memory-map.ts';

export interface LookoutPlaces {
  /** Their addresses; or those that there were. */
  readonly instructions: ReadonlySet<bigint> | 'kept';
  /** Numbers of virtual pages. */
  readonly load: ReadonlySet<bigint> | 'all';
  readonly store: ReadonlySet<bigint> | 'all';
}

export interface Lookout {
  /** Asked before a step at such a place, and before others. @returns whether the run comes back before it. */
  before(hart: number): boolean;
  /** Told of a trap, behind it, where traps are looked out for. @returns whether the run comes back. */
  readonly trapped?: (hart: number, cause: bigint) => boolean;
}

const WORD = 0xffff_ffffn;
const BYTE_BITS = 8;

/** Says which pages no TLB may hold, from when they are emptied. @returns whether these are others than before. */
export function lookOutFor(memory: Memory, places: LookoutPlaces): boolean {
  let isChanged = false;
  let any = false;
  for (const access of ['load', 'store'] as const) {
    const wanted = bitsOf(places[access]);
    const live = new Uint8Array(memory.buffer, GLOBAL.lookout[access], wanted.length);
    isChanged ||= live.some((byte, index) => byte !== wanted[index]);
    any ||= wanted.some((byte) => byte !== 0);
    live.set(wanted);
  }
  new Uint32Array(memory.buffer, GLOBAL.looksOut, 1)[0] = Number(any);
  return isChanged;
}

function bitsOf(pages: LookoutPlaces['load']): Uint8Array {
  const bits = new Uint8Array(LOOKOUT_PAGES / BYTE_BITS);
  if (pages === 'all') return bits.fill(~0);
  for (const each of pages) {
    const number = Number(each & WORD);
    const page = (number ^ (number >>> LOOKOUT_SHIFT)) & (LOOKOUT_PAGES - 1);
    const at = Math.floor(page / BYTE_BITS);
    bits[at] = (bits[at] as number) | (1 << (page % BYTE_BITS));
  }
  return bits;
}
