// A page-table entry by its halves, as the shadow reads and writes millions of them: bits by the names of the manual's
// figure, and what makes an entry another one. Setting accessed and dirty bits makes no translation wrong, so a leaf
// that differs by these alone has not changed; in a pointer to a table they are reserved.

export const V = 0x01;
export const R = 0x02;
export const W = 0x04;
export const X = 0x08;
export const U = 0x10;
export const G = 0x20;
export const A = 0x40;
export const D = 0x80;
export const LEAF = R | W | X;

const PPN_LOW = 10;
const INDEX_MASK = 0x1ff;
export const TABLE_ENTRIES = 512;
export const ENTRY_BYTES = 8;
/** Bits of an index into a table. */
export const INDEX_BITS = 9;

/** The frame of a physical address below 16 GiB, which all of the machine's memory is. */
export const frameIn = (low: number) => low >>> PPN_LOW;
/** The low half of an entry for a frame below 2²². */
export const entryFor = (frame: number, bits: number) => ((frame << PPN_LOW) | bits) >>> 0;

/** The index of an address, by its halves, into a table of a level. */
export function indexAt(level: number, low: number, high: number): number {
  switch (level) {
    case 0:
      return (low >>> 12) & INDEX_MASK;
    case 1:
      return (low >>> 21) & INDEX_MASK;
    case 2:
      return ((low >>> 30) | (high << 2)) & INDEX_MASK;
    default:
      return (high >>> 7) & INDEX_MASK;
  }
}

/** Whether a last-level entry is a leaf and no reserved one: what can be written can be read. */
export const isLegalLeaf = (low: number) => (low & LEAF) !== 0 && (low & (R | W)) !== W;

/** Whether an entry from which something derived no longer says what it said. */
export function isChange(wasLow: number, wasHigh: number, low: number, high: number): boolean {
  if (wasHigh !== high) return true;
  const set = wasLow & LEAF ? low & ~wasLow & (A | D) : 0;
  return (wasLow ^ low) !== set;
}
