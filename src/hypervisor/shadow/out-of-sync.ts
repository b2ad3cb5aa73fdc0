// Pages of the guest's tables that it writes unseen until its next fence: for each, a copy of the entries as they were
// when what derives from them was last true. Setting accessed and dirty bits makes no leaf wrong, so that is no change.
// Left out: the leaves themselves, which are the shadow's.

import { type GuestPhysical, PAGE_BYTES } from '../../../isa/address.ts';
import type { GuestRam } from '../guest-ram.ts';

const ENTRY_BYTES = 8;
const HALVES_PER_PAGE = PAGE_BYTES / 4;
const PERMISSIONS = 0x0e;
const ACCESSED_DIRTY = 0xc0;

interface Page {
  /** By half: the entries that leaves derive from. */
  readonly known: Uint32Array;
  /** Fences of everything in a row that found it unchanged. */
  quiet: number;
}

export class OutOfSync {
  private readonly ram: GuestRam;
  private readonly pages = new Map<number, Page>();
  /** The entry that is looked at: there are millions. */
  private readonly entry = new Uint32Array(2);

  constructor(ram: GuestRam) {
    this.ram = ram;
  }

  get size(): number {
    return this.pages.size;
  }
  has(frame: number): boolean {
    return this.pages.has(frame);
  }
  /** The frames, the one that has been here longest first. */
  frames(): readonly number[] {
    return [...this.pages.keys()];
  }

  /** All that derives from this frame is true of it now. */
  put(frame: number): void {
    this.pages.set(frame, { known: this.contents(frame), quiet: 0 });
  }
  remove(frame: number): void {
    this.pages.delete(frame);
  }

  /** Guest-physical addresses of the entries that differ from what was known of them. */
  changes(frame: number): readonly number[] {
    const page = this.pages.get(frame);
    if (page === undefined) return [];
    const { known } = page;
    const now = this.contents(frame);
    const changed: number[] = [];
    for (let half = 0; half < HALVES_PER_PAGE; half += 2) {
      if (known[half] === now[half] && known[half + 1] === now[half + 1]) continue;
      if (isChange(known, half, now, half)) changed.push(frame * PAGE_BYTES + half * 4);
    }
    return changed;
  }
  /** Whether this entry differs; false where its page is in sync. */
  isChanged(entry: number): boolean {
    const page = this.pages.get(Math.floor(entry / PAGE_BYTES));
    if (page === undefined) return false;
    const half = (entry % PAGE_BYTES) / 4;
    this.readEntry(entry, this.entry, 0);
    return isChange(page.known, half, this.entry, 0);
  }
  /** Nothing derives from this entry any more but what it says now. */
  settle(entry: number): void {
    const page = this.pages.get(Math.floor(entry / PAGE_BYTES));
    if (page !== undefined) this.readEntry(entry, page.known, (entry % PAGE_BYTES) / 4);
  }
  /** A fence of everything has come by. @returns how many in a row have found the page unchanged. */
  noteFence(frame: number, hasChanged: boolean): number {
    const page = this.pages.get(frame);
    if (page === undefined) return 0;
    page.quiet = hasChanged ? 0 : page.quiet + 1;
    return page.quiet;
  }

  private readEntry(entry: number, to: Uint32Array, half: number): void {
    const bits = this.ram.read(BigInt(entry) as GuestPhysical, ENTRY_BYTES);
    to[half] = Number(bits & 0xffff_ffffn);
    to[half + 1] = Number(bits >> 32n);
  }
  private contents(frame: number): Uint32Array {
    const bytes = this.ram.copyOut((BigInt(frame) * BigInt(PAGE_BYTES)) as GuestPhysical, PAGE_BYTES);
    return new Uint32Array(bytes.buffer, bytes.byteOffset, HALVES_PER_PAGE);
  }
}

function isChange(known: Uint32Array, knownAt: number, now: Uint32Array, nowAt: number): boolean {
  if (known[knownAt + 1] !== now[nowAt + 1]) return true;
  const [before, after] = [known[knownAt] as number, now[nowAt] as number];
  // In a pointer these bits are reserved.
  const set = before & PERMISSIONS ? after & ~before & ACCESSED_DIRTY : 0;
  return (after ^ before) !== set;
}
/** Whether a leaf entry says what it said, or has been accessed or written to besides. */
export function isSameLeaf(before: bigint, after: bigint): boolean {
  return (before ^ after) === (after & ~before & BigInt(ACCESSED_DIRTY));
}
