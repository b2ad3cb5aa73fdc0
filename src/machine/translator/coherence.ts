// Drops what was derived from bytes before they change: translations from page-table entries, records and regions
// from code. An entry that is not valid has no descendants, so mapping a page drops nothing; unmapping one drops that
// page's translations alone, wherever they are remembered; whatever reaches further empties every space.

import type { Memory } from '../memory.ts';
import { Watched } from '../memory.ts';
import {
  DATA_ENTRIES,
  ENTRY,
  FETCH_ENTRIES,
  FRAME,
  FRAME_BYTES,
  FRAME_SHIFT,
  GLOBAL,
  JUMP_ENTRIES,
  LEAF_TABLE,
  LINE_SHIFT,
  RAM_AT,
  SPACE,
  SPACE_KEY,
  SPACE_KEYS_AT,
  SPACES,
  spaceAt,
} from '../memory-map.ts';
import { NO_PC, ZERO_SLOTS } from './jumps.ts';

const PTE_BYTES = 8;
const WORD_BITS = 32;
const LINE_BYTES = 1 << LINE_SHIFT;
const lineOf = (offset: number) => offset & -LINE_BYTES;
const lineEnd = (offset: number) => lineOf(offset) + LINE_BYTES;
const VALID = 1;
const PAGE_MASK = 0xffff_f000;
/** Bits of an address in its low 32: what one last-level table maps. */
const TABLE_MASK = 0xffe0_0000;
/** An entry with this tag belongs to the second slot: in any other it is empty. */
const EMPTY_TAG = FRAME_BYTES;

/** Emptying all spaces takes no longer than dropping so many pages from each (times two). */
const MOST_PAGES = 64;
/** Slots of a jump cache that are emptied one by one; for more, all are. */
const MOST_ENTRIES = 256;

/** What coherence asks of the rest of the translator. */
export interface Derived {
  /** Code in these bytes of a frame is no more. */
  codeStored(frame: number, offset: number, bytes: number): void;
  /** Whether code was decoded from these bytes of a frame, and still stands. */
  hasCode(frame: number, offset: number, bytes: number): boolean;
  /** Where the regions that were made from the page of this virtual address can be entered: offsets in a jump cache. */
  entriesOfPage(high: number, low: number): readonly number[];
  /** All spaces were given up: choose those in use anew. */
  spacesDropped(): void;
}

export class Coherence {
  private readonly words: Uint32Array;
  private readonly bytes: Uint8Array;
  private readonly derived: Derived;
  /** What goes after a store: all translations, or those of pages, as the halves of their addresses. */
  private everything = false;
  private readonly pages: number[] = [];

  constructor(memory: Memory, derived: Derived) {
    this.words = new Uint32Array(memory.buffer);
    this.bytes = new Uint8Array(memory.buffer);
    this.derived = derived;
  }

  /** Bytes of a frame with these flags are about to change, and nothing runs before they have. */
  stored(flags: number, place: number, bytes: number): void {
    const frame = (place - RAM_AT) >>> FRAME_SHIFT;
    const offset = (place - RAM_AT) & (FRAME_BYTES - 1);
    if (flags & Watched.Code) this.derived.codeStored(frame, offset, bytes);
    if (flags & Watched.Table) {
      this.beforeTableStore(place, bytes);
      this.afterTableStore();
    } else this.unmark(frame, offset, bytes, false);
  }

  /** One page-table entry, which is valid, is about to change: its line stays marked. */
  entryStored(place: number): void {
    const frame = (place - RAM_AT) >>> FRAME_SHIFT;
    const at = (FRAME.tableOf >>> 2) + frame * 2;
    const [low, high] = [this.words[at] as number, this.words[at + 1] as number];
    if (low === 0 && high === 0) return; // what was read there, nothing remembers
    const index = ((place - RAM_AT) & (FRAME_BYTES - 1)) / PTE_BYTES;
    if (low & LEAF_TABLE) this.dropPage(high, ((low & TABLE_MASK) | (index << FRAME_SHIFT)) >>> 0);
    else this.dropSpaces();
  }

  /**
   * Page-table entries in these bytes, which are of one frame, are about to change: notes what derives from them and
   * the entries around them, and marks them no longer, until a walk reads one again.
   */
  beforeTableStore(place: number, bytes: number): void {
    const frame = (place - RAM_AT) >>> FRAME_SHIFT;
    const offset = (place - RAM_AT) & (FRAME_BYTES - 1);
    const at = (FRAME.tableOf >>> 2) + frame * 2;
    const [low, high] = [this.words[at] as number, this.words[at + 1] as number];
    if (low === 0 && high === 0) {
      this.unmark(frame, offset, bytes, false); // what was read there, nothing remembers
      return;
    }
    if ((low & LEAF_TABLE) !== 0) {
      for (let entry = lineOf(offset); entry < lineEnd(offset + bytes - 1); entry += PTE_BYTES) {
        if (!this.isAnyValid(frame, entry, 1)) continue;
        this.pages.push(high, ((low & TABLE_MASK) | ((entry / PTE_BYTES) << FRAME_SHIFT)) >>> 0);
      }
      this.unmark(frame, offset, bytes, false);
    } else if (this.isAnyValid(frame, offset, bytes)) {
      this.everything = true;
      this.words[at] = 0;
      this.words[at + 1] = 0;
      this.unmark(frame, 0, FRAME_BYTES, false);
    } else this.unmark(frame, offset, bytes, true);
  }

  /** Whether a page-table entry that has some of these bytes of a frame is valid. */
  private isAnyValid(frame: number, offset: number, bytes: number): boolean {
    const start = RAM_AT + frame * FRAME_BYTES;
    for (let entry = offset & -PTE_BYTES; entry < offset + bytes; entry += PTE_BYTES) {
      if ((this.bytes[start + entry] as number) & VALID) return true;
    }
    return false;
  }

  /**
   * Lets stores to these bytes' lines go unseen where nothing derives from them.
   * @param keepsEntries not where there are valid page-table entries.
   */
  private unmark(frame: number, offset: number, bytes: number, keepsEntries: boolean): void {
    const flags = this.bytes[FRAME.flags + frame] as number;
    const lines = (FRAME.lines >>> 2) + frame * 2;
    for (let line = lineOf(offset); line < offset + bytes; line += LINE_BYTES) {
      if (keepsEntries && this.isAnyValid(frame, line, LINE_BYTES)) continue;
      if (flags & Watched.Code && this.derived.hasCode(frame, line, LINE_BYTES)) continue;
      const bit = line >>> LINE_SHIFT;
      const word = lines + (bit >>> 5);
      this.words[word] = (this.words[word] as number) & ~(1 << (bit & 31));
    }
    if (this.words[lines] === 0 && this.words[lines + 1] === 0) {
      this.bytes[FRAME.flags + frame] = flags & ~(Watched.Table | Watched.Code);
      // It may be another's table next.
      this.words[(FRAME.tableOf >>> 2) + frame * 2] = 0;
      this.words[(FRAME.tableOf >>> 2) + frame * 2 + 1] = 0;
    }
  }

  /** They have changed: what was noted goes. The store's own instruction was fetched before it. */
  afterTableStore(): void {
    const { pages } = this;
    if (this.everything || pages.length > MOST_PAGES) this.dropSpaces();
    else for (let i = 0; i < pages.length; i += 2) this.dropPage(pages[i] as number, pages[i + 1] as number);
    this.everything = false;
    pages.length = 0;
  }

  /** Drops every translation of a virtual page. */
  private dropPage(high: number, low: number): void {
    const page = (low & PAGE_MASK) >>> 0;
    const number = page >>> FRAME_SHIFT;
    const entries = this.derived.entriesOfPage(high, page);
    for (let index = this.usedAfter(-1); index < SPACES; index = this.usedAfter(index)) {
      const space = spaceAt(index);
      this.dropEntry(space + SPACE.load + (number % DATA_ENTRIES) * ENTRY.bytes, number % DATA_ENTRIES, high, page);
      this.dropEntry(space + SPACE.store + (number % DATA_ENTRIES) * ENTRY.bytes, number % DATA_ENTRIES, high, page);
      this.dropEntry(space + SPACE.fetch + (number % FETCH_ENTRIES) * ENTRY.bytes, number % FETCH_ENTRIES, high, page);
      if (entries.length > MOST_ENTRIES) this.clearJumps(space);
      else for (const slot of entries) this.dropJump(space, slot);
    }
  }
  private dropEntry(entry: number, slot: number, high: number, page: number): void {
    const at = (entry + ENTRY.tag) >>> 2;
    if (this.words[at] !== page || this.words[at + 1] !== high) return;
    this.words[at] = slot === 0 ? EMPTY_TAG : 0;
    this.words[at + 1] = 0;
    this.words[(entry + ENTRY.place) >>> 2] = 0;
  }

  /** The next space that is in use behind one; SPACES at the end. */
  private usedAfter(index: number): number {
    for (let next = index + 1; next < SPACES; next = (next | (WORD_BITS - 1)) + 1) {
      const rest = (this.words[(GLOBAL.used >>> 2) + Math.floor(next / WORD_BITS)] as number) >>> (next % WORD_BITS);
      if (rest !== 0) return next + WORD_BITS - 1 - Math.clz32(rest & -rest);
    }
    return SPACES;
  }

  /** Empties a slot of a jump cache. */
  private dropJump(space: number, slot: number): void {
    const at = (space + SPACE.jumps + slot + ENTRY.tag) >>> 2;
    this.words[at] = ZERO_SLOTS.includes(slot) ? Number(NO_PC) : 0;
    this.words[at + 1] = 0;
  }
  private clearJumps(space: number): void {
    const start = space + SPACE.jumps;
    this.bytes.fill(0, start, start + JUMP_ENTRIES * ENTRY.bytes);
    for (const slot of ZERO_SLOTS) this.words[(start + slot + ENTRY.tag) >>> 2] = Number(NO_PC);
  }

  /** Forgets where any code is, for the jump caches of all spaces. */
  dropJumps(): void {
    for (let index = this.usedAfter(-1); index < SPACES; index = this.usedAfter(index)) this.clearJumps(spaceAt(index));
  }

  /** Gives up all spaces; each is emptied when it is next taken. */
  dropSpaces(): void {
    this.bytes.fill(0, SPACE_KEYS_AT, SPACE_KEYS_AT + SPACES * SPACE_KEY.bytes);
    this.words.fill(0, GLOBAL.used >>> 2, (GLOBAL.used >>> 2) + SPACES / WORD_BITS);
    this.derived.spacesDropped();
  }
}
