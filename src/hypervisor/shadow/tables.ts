// The shadow's page tables: frames of a fixed reserve of the machine's memory, each a table that stands in for one of
// the guest's (it mirrors it) or for a part of one of its large pages. An entry sits at the index where the guest's own
// is, so whatever derives from a guest's entry is found by the tables that mirror its frame: no list of derivations is
// kept. A reverse map finds the leaves of a guest frame. All of it is numbers in arrays, by table and by slot.
// Left out: what may be mapped, and when it goes (shadow.ts).

import { PAGE_BYTES, PAGE_SHIFT, type SystemPhysical } from '../../../isa/address.ts';
import type { Hardware } from '../../machine/hardware.ts';
import type { GuestRam } from '../guest-ram.ts';
import { ENTRY_BYTES, entryFor, frameIn, INDEX_BITS, isChange, LEAF, TABLE_ENTRIES, V, W } from './entry.ts';

/** A table, by its number in the reserve; and an entry of one: the table's number times 512, and its index. */
export type Table = number;
export type Slot = number;
export const NONE = -1;

const INDEX_MASK = TABLE_ENTRIES - 1;
/** Live entries are noted by lines of eight. */
const LINE_SHIFT = 3;
const LINES_PER_WORD = 32;
const LINE_WORDS = 2;
/** Levels that have leaves: 4 KiB, 2 MiB and 1 GiB. */
export const LEAF_LEVELS = 3;
export const framesOf = (level: number) => 1 << (INDEX_BITS * level);
/** Guest frames by groups of 2 MiB, to see quickly whether one holds a table. */
const GROUP_SHIFT = INDEX_BITS;

/** Where the reserve is, in whole frames. */
export interface ShadowMemory {
  readonly at: SystemPhysical;
  readonly bytes: number;
}

/** @typeParam Context whose tables they are: the owner of a table is told, not known. */
export class ShadowTables<Context = unknown> {
  private readonly hardware: Hardware;
  private readonly ram: GuestRam;
  /** Where the reserve and the guest's RAM begin in the machine's memory: bytes, and frames. */
  private readonly at: number;
  private readonly firstFrame: number;
  private readonly ramAt: number;
  private readonly ramFirstFrame: number;
  /** The same as the guest has it. */
  private readonly ramBaseFrame: number;
  readonly ramFrames: number;
  private readonly free: Table[] = [];

  // By table.
  readonly level: Uint8Array;
  readonly owner: (Context | undefined)[];
  /** The slot that points to it; NONE of a root. */
  private readonly parent: Int32Array;
  /** The guest's frame that it mirrors, counted from the start of RAM; NONE where it stands for part of a page. */
  private readonly mirrored: Int32Array;
  /** Whether an entry on the guest's way to it says that every address space has what lies below. */
  readonly isGlobal: Uint8Array;
  /** Leaves, and tables below that have any. */
  private readonly live: Uint16Array;
  /** Whether an entry was written since it was all zeros. */
  private readonly isTouched: Uint8Array;
  /** A bit for each line of entries that may be live. */
  private readonly lines: Uint32Array;
  // Links are one more than what they link to, and 0 at the end: memory that nobody uses stays untouched.
  private readonly nextMirror: Int32Array;
  private readonly previousMirror: Int32Array;

  // By slot: what the guest's entry said when it was derived from, and the leaves that map the same guest frame.
  private readonly wasLow: Uint32Array;
  private readonly wasHigh: Uint32Array;
  private readonly nextLeaf: Int32Array;
  private readonly previousLeaf: Int32Array;

  // By guest frame: live tables that mirror it; by level and guest frame in that level's pages: leaves that map it.
  private readonly mirrors: Int32Array;
  private readonly leaves: readonly Int32Array[];
  /** By group of guest frames: how many of them are mirrored. */
  private readonly mirroredInGroup: Uint16Array;

  constructor(hardware: Hardware, ram: GuestRam, { at, bytes }: ShadowMemory) {
    this.hardware = hardware;
    this.ram = ram;
    this.at = Number(at);
    this.firstFrame = Math.floor(this.at / PAGE_BYTES);
    this.ramAt = Number(ram.real(ram.base));
    this.ramFirstFrame = Math.floor(this.ramAt / PAGE_BYTES);
    this.ramBaseFrame = Number(ram.base) / PAGE_BYTES;
    this.ramFrames = ram.bytes / PAGE_BYTES;
    const tables = bytes / PAGE_BYTES;
    for (let table = tables - 1; table >= 0; table--) this.free.push(table);
    this.level = new Uint8Array(tables);
    this.owner = new Array<Context | undefined>(tables).fill(undefined);
    this.parent = new Int32Array(tables);
    this.mirrored = new Int32Array(tables).fill(NONE);
    this.isGlobal = new Uint8Array(tables);
    this.live = new Uint16Array(tables);
    this.isTouched = new Uint8Array(tables);
    this.lines = new Uint32Array(tables * LINE_WORDS);
    this.nextMirror = new Int32Array(tables);
    this.previousMirror = new Int32Array(tables);
    const slots = tables * TABLE_ENTRIES;
    this.wasLow = new Uint32Array(slots);
    this.wasHigh = new Uint32Array(slots);
    this.nextLeaf = new Int32Array(slots);
    this.previousLeaf = new Int32Array(slots);
    this.mirrors = new Int32Array(this.ramFrames);
    this.leaves = Array.from({ length: LEAF_LEVELS }, (_, level) => {
      return new Int32Array(Math.ceil(this.ramFrames / framesOf(level)));
    });
    this.mirroredInGroup = new Uint16Array(Math.ceil(this.ramFrames / framesOf(1)));
  }

  // Tables.

  /** The table that would be taken next, or NONE. */
  get next(): Table | typeof NONE {
    return this.free.at(-1) ?? NONE;
  }
  /** A table of zeros, or NONE where the reserve is used up. @param parent the slot that is to point to it. */
  take(owner: Context | undefined, level: number, parent: Slot): Table {
    const table = this.free.pop();
    if (table === undefined) return NONE;
    this.level[table] = level;
    this.owner[table] = owner;
    this.parent[table] = parent;
    if (parent !== NONE) this.write(parent, entryFor(this.firstFrame + table, V));
    return table;
  }
  /**
   * Empties a root, and takes the tables below it back: what the hardware derived from them goes with their bytes.
   * @returns how many leaves went.
   */
  empty(root: Table): number {
    // With contexts by the dozen, most are as the fence before left them.
    if (this.isTouched[root] === 0) return 0;
    let leaves = 0;
    this.eachLive(root, (slot, low) => {
      if ((low & LEAF) === 0) return;
      this.unlinkLeaf(slot, low);
      leaves++;
    });
    for (let slot = root * TABLE_ENTRIES; slot < (root + 1) * TABLE_ENTRIES && this.level[root] !== 0; slot++) {
      const below = this.below(this.low(slot));
      if (below === NONE) continue;
      leaves += this.empty(below);
      this.give(below);
    }
    if (this.live[root] !== 0) this.die(root);
    this.live[root] = 0;
    this.isTouched[root] = 0;
    this.hardware.zero(this.addressOf(root), PAGE_BYTES);
    return leaves;
  }
  /** Takes an empty table back. */
  give(table: Table): void {
    this.owner[table] = undefined;
    this.mirrored[table] = NONE;
    this.isGlobal[table] = 0;
    this.free.push(table);
  }
  addressOf(table: Table): SystemPhysical {
    return BigInt(this.at + table * PAGE_BYTES) as SystemPhysical;
  }
  /** The table in a frame of the machine's memory. */
  tableIn(frame: number): Table {
    return frame - this.firstFrame;
  }
  /** The table that an entry, by its low half, points to; NONE where it is no pointer. */
  below(low: number): Table {
    return (low & (V | LEAF)) === V ? this.tableIn(frameIn(low)) : NONE;
  }
  hasLive(table: Table): boolean {
    return this.live[table] !== 0;
  }
  mirroredBy(table: Table): number {
    return this.mirrored[table] as number;
  }
  /** Says what a table without anything live stands for. @param frame of the guest's RAM, or NONE. */
  setMirrored(table: Table, frame: number): void {
    this.mirrored[table] = frame >= 0 && frame < this.ramFrames ? frame : NONE;
  }

  /** Whether the guest's RAM lies so in the machine's memory that its pages of a level can be mapped whole. */
  isAligned(level: number): boolean {
    return ((this.ramFirstFrame - this.ramBaseFrame) & (framesOf(level) - 1)) === 0;
  }

  // Entries.

  low(slot: Slot): number {
    return this.hardware.readWord(this.at + slot * ENTRY_BYTES);
  }
  private write(slot: Slot, low: number): void {
    this.isTouched[slot >>> INDEX_BITS] = 1;
    this.hardware.writeEntry(this.at + slot * ENTRY_BYTES, low, 0);
  }
  /** Where a slot is in the machine's memory. */
  slotAddress(slot: Slot): bigint {
    return BigInt(this.at + slot * ENTRY_BYTES);
  }
  wasOf(slot: Slot): number {
    return this.wasLow[slot] as number;
  }
  setWas(slot: Slot, low: number, high: number): void {
    this.wasLow[slot] = low;
    this.wasHigh[slot] = high;
  }
  /** Whether an entry is not what the one behind a slot was. */
  differs(slot: Slot, low: number, high: number): boolean {
    return isChange(this.wasOf(slot), this.wasHigh[slot] as number, low, high);
  }
  /** Whether the guest's entry behind a slot is not what it was. Where a table mirrors none, nothing of it changes. */
  isChanged(slot: Slot): boolean {
    const frame = this.mirrored[slot >>> INDEX_BITS] as number;
    if (frame === NONE) return false;
    const at = this.ramAt + frame * PAGE_BYTES + (slot & INDEX_MASK) * ENTRY_BYTES;
    return this.differs(slot, this.hardware.readWord(at), this.hardware.readWord(at + 4));
  }
  /** The guest-physical address of the guest's entry behind a slot of a table that mirrors one. */
  guestEntry(slot: Slot): bigint {
    const frame = this.mirrored[slot >>> INDEX_BITS] as number;
    return this.ram.base + BigInt(frame * PAGE_BYTES + (slot & INDEX_MASK) * ENTRY_BYTES);
  }
  /** A half of the guest's entry at an index of a frame of its RAM. */
  guestWord(frame: number, index: number, half: 0 | 1): number {
    return this.hardware.readWord(this.ramAt + frame * PAGE_BYTES + index * ENTRY_BYTES + half * 4);
  }

  /** Writes a leaf into an empty slot. @param frame its first, of the guest's RAM. */
  map(slot: Slot, frame: number, bits: number): void {
    const table = slot >>> INDEX_BITS;
    this.write(slot, entryFor(this.ramFirstFrame + frame, bits));
    const level = this.level[table] as number;
    const heads = this.leaves[level] as Int32Array;
    const group = frame >>> (INDEX_BITS * level);
    const first = heads[group] as number;
    this.nextLeaf[slot] = first;
    this.previousLeaf[slot] = 0;
    if (first !== 0) this.previousLeaf[first - 1] = slot + 1;
    heads[group] = slot + 1;
    this.arise(slot);
  }
  /** Takes a leaf away. */
  erase(slot: Slot): void {
    this.unlinkLeaf(slot, this.low(slot));
    this.write(slot, 0);
    this.wither(slot >>> INDEX_BITS);
  }
  private unlinkLeaf(slot: Slot, low: number): void {
    const level = this.level[slot >>> INDEX_BITS] as number;
    const frame = frameIn(low) - this.ramFirstFrame;
    const [next, previous] = [this.nextLeaf[slot] as number, this.previousLeaf[slot] as number];
    if (next !== 0) this.previousLeaf[next - 1] = previous;
    if (previous !== 0) this.nextLeaf[previous - 1] = next;
    else (this.leaves[level] as Int32Array)[frame >>> (INDEX_BITS * level)] = next;
  }

  /** A slot becomes live: so do the tables above it. */
  private arise(first: Slot): void {
    for (let slot = first; slot !== NONE; ) {
      const table = slot >>> INDEX_BITS;
      const line = (slot & INDEX_MASK) >>> LINE_SHIFT;
      const word = table * LINE_WORDS + Math.floor(line / LINES_PER_WORD);
      this.lines[word] = (this.lines[word] as number) | (1 << (line % LINES_PER_WORD));
      const live = this.live[table] as number;
      this.live[table] = live + 1;
      if (live > 0) return;
      if (this.mirrored[table] !== NONE) this.link(table);
      slot = this.parent[table] as number;
    }
  }
  /** A table loses something live: so may those above it. */
  private wither(first: Table): void {
    for (let table = first; ; ) {
      const live = (this.live[table] as number) - 1;
      this.live[table] = live;
      if (live > 0) return;
      this.die(table);
      const parent = this.parent[table] as number;
      if (parent === NONE) return;
      table = parent >>> INDEX_BITS;
    }
  }

  /** A table has nothing live any more. */
  private die(table: Table): void {
    this.lines[table * LINE_WORDS] = 0;
    this.lines[table * LINE_WORDS + 1] = 0;
    if (this.mirrored[table] !== NONE) this.unlink(table);
  }

  private link(table: Table): void {
    const frame = this.mirrored[table] as number;
    const first = this.mirrors[frame] as number;
    this.nextMirror[table] = first;
    this.previousMirror[table] = 0;
    if (first !== 0) this.previousMirror[first - 1] = table + 1;
    else this.count(frame, 1);
    this.mirrors[frame] = table + 1;
  }
  private unlink(table: Table): void {
    const frame = this.mirrored[table] as number;
    // Its own links stay, so that whoever goes through the list finds on.
    const [next, previous] = [this.nextMirror[table] as number, this.previousMirror[table] as number];
    if (next !== 0) this.previousMirror[next - 1] = previous;
    if (previous !== 0) this.nextMirror[previous - 1] = next;
    else {
      this.mirrors[frame] = next;
      if (next === 0) this.count(frame, -1);
    }
  }
  private count(frame: number, by: number): void {
    const group = frame >>> GROUP_SHIFT;
    this.mirroredInGroup[group] = (this.mirroredInGroup[group] as number) + by;
  }

  // What derives from what.

  /** Whether something live derives from entries in this frame of the guest's RAM. */
  isMirrored(frame: number): boolean {
    return frame >= 0 && frame < this.ramFrames && this.mirrors[frame] !== 0;
  }
  isAnyMirrored(frame: number, level: number): boolean {
    if (level === 0) return this.isMirrored(frame);
    const groups = framesOf(level - 1);
    const first = frame >>> GROUP_SHIFT;
    for (let group = first; group < first + groups; group++) if (this.mirroredInGroup[group] !== 0) return true;
    return false;
  }
  /** The live tables that mirror a frame: the first, and the next of each; NONE at the end. */
  firstMirror(frame: number): Table {
    return (this.mirrors[frame] as number) - 1;
  }
  mirrorAfter(table: Table): Table {
    return (this.nextMirror[table] as number) - 1;
  }

  /** Calls `seen` with the writable leaves that map a guest frame, which it may erase. */
  eachWritable(frame: number, seen: (slot: Slot) => void): void {
    for (let level = 0; level < LEAF_LEVELS; level++) {
      let slot = ((this.leaves[level] as Int32Array)[frame >>> (INDEX_BITS * level)] as number) - 1;
      while (slot !== NONE) {
        const next = (this.nextLeaf[slot] as number) - 1;
        if (this.low(slot) & W) seen(slot);
        slot = next;
      }
    }
  }
  /** Calls `seen` with the live entries of a table, which it may erase: leaves, and pointers to tables that have any. */
  eachLive(table: Table, seen: (slot: Slot, low: number) => void): void {
    for (let word = 0; word < LINE_WORDS; word++) {
      let lines = this.lines[table * LINE_WORDS + word] as number;
      while (lines !== 0) {
        const line = word * LINES_PER_WORD + 31 - Math.clz32(lines & -lines);
        lines &= lines - 1;
        const start = table * TABLE_ENTRIES + (line << LINE_SHIFT);
        for (let slot = start; slot < start + (1 << LINE_SHIFT); slot++) {
          const low = this.low(slot);
          if (low === 0) continue;
          const below = this.below(low);
          if (below === NONE || this.hasLive(below)) seen(slot, low);
        }
      }
    }
  }
  /** The virtual address of the first byte that a slot maps. */
  pageOf(slot: Slot): bigint {
    let address = 0n;
    let top = 0n;
    for (let at = slot; at !== NONE; at = this.parent[at >>> INDEX_BITS] as number) {
      const shift = BigInt(PAGE_SHIFT + INDEX_BITS * (this.level[at >>> INDEX_BITS] as number));
      address |= BigInt(at & INDEX_MASK) << shift;
      top = shift + BigInt(INDEX_BITS);
    }
    return BigInt.asUintN(64, BigInt.asIntN(Number(top), address));
  }
}
