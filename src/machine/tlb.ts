// The translation lookaside buffer: which place in memory a virtual page has, for one kind of access in one context.
// A context is all that a translation depends on besides the page tables: satp, mode, SUM, MXR and the PMP. Entries
// carry their context's number, so that switching contexts flushes nothing. Only plain RAM pages are entered.

import type { GuestVirtual } from '../../isa/address.ts';

const ENTRIES = 1024;
const INDEX_MASK = ENTRIES - 1;
const PAGE_MASK = 0xffff_f000;
const OFFSET_MASK = 0xfff;
const PAGE_BYTES = 0x1000;
const PAGE_SHIFT = 12;
const NONE = -1;

export class Tlb {
  private readonly low = new Uint32Array(ENTRIES);
  private readonly high = new Uint32Array(ENTRIES);
  private readonly context = new Int32Array(ENTRIES).fill(NONE);
  private readonly place = new Float64Array(ENTRIES);
  // An address is split by writing it here: bigint arithmetic would allocate.
  private readonly address = new BigUint64Array(1);
  private readonly halves = new Uint32Array(this.address.buffer);
  misses = 0;

  /** The place of an access that lies within a page, or -1. */
  lookup(context: number, va: bigint, bytes: number): number {
    this.address[0] = va;
    const low = this.halves[0] as number;
    const index = (low >>> PAGE_SHIFT) & INDEX_MASK;
    const offset = low & OFFSET_MASK;
    const hit =
      this.low[index] === (low & PAGE_MASK) >>> 0 &&
      this.high[index] === this.halves[1] &&
      this.context[index] === context &&
      offset + bytes <= PAGE_BYTES;
    return hit ? (this.place[index] as number) + offset : NONE;
  }

  /** @param pagePlace where the page starts. */
  insert(context: number, va: GuestVirtual, pagePlace: number): void {
    this.misses++;
    this.address[0] = va;
    const low = this.halves[0] as number;
    const index = (low >>> PAGE_SHIFT) & INDEX_MASK;
    this.low[index] = (low & PAGE_MASK) >>> 0;
    this.high[index] = this.halves[1] as number;
    this.context[index] = context;
    this.place[index] = pagePlace;
  }

  flush(): void {
    this.context.fill(NONE);
  }
}
