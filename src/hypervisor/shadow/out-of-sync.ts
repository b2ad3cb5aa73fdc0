// The sync discipline: pages of the guest's tables that it writes unseen until its next fence. What derives from them may
// be stale until then, lawfully; a fence compares each entry that something derives from with what it was. The first few
// stores to a page are still seen one by one. Left out: leaves and what they derive from, which are the tables'.

import type { Ledger } from '../ledger.ts';
import type { ShadowContext } from './context.ts';
import { G, INDEX_BITS, indexAt, TABLE_ENTRIES } from './entry.ts';
import type { Leaves } from './leaves.ts';
import { NONE, type ShadowTables, type Slot, type Table } from './tables.ts';

/** Pages that may be out of sync together: each costs a comparison at a fence of everything. */
const MOST_OUT_OF_SYNC = 16;
/** So many fences of everything in a row that find little changed in a page bring it back in sync. */
const QUIET_FENCES = 8;
const LITTLE = 2;
/** In place of a count of stores: the page is out of sync. */
const OUT = 0xff;

export class OutOfSync {
  /**
   * Stores to a page that are traced before it goes out of sync: many a page of a process that ends sees no more, and a
   * page that is out of sync makes an exit of each fence. Tests have fewer (tests/support/out-of-sync.ts).
   */
  static fewStores = 64;

  private readonly tables: ShadowTables<ShadowContext>;
  private readonly leaves: Leaves;
  private readonly ledger: Ledger;
  /** By frame: fences of everything in a row that found little changed; the one that has been here longest first. */
  private readonly quiet = new Map<number, number>();
  /** By guest frame: stores that were traced since it was last mirrored anew or came back in sync; or OUT. */
  private readonly stores: Uint8Array;
  /** Called when there may be some where there were none, or none where there were some. */
  onTold: () => void = () => {};

  constructor(tables: ShadowTables<ShadowContext>, leaves: Leaves, ledger: Ledger) {
    this.tables = tables;
    this.leaves = leaves;
    this.ledger = ledger;
    this.stores = new Uint8Array(tables.ramFrames);
  }

  get size(): number {
    return this.quiet.size;
  }
  has(frame: number): boolean {
    return this.stores[frame] === OUT;
  }
  frames(): Iterable<number> {
    return this.quiet.keys();
  }

  /** Whether the next store to a frame that is mirrored is to be seen. */
  seesStores(frame: number): boolean {
    return (this.stores[frame] as number) < OutOfSync.fewStores;
  }
  /** Counts a store that is seen. */
  noteStore(frame: number): void {
    this.stores[frame] = Math.min((this.stores[frame] as number) + 1, OutOfSync.fewStores);
  }
  /** Something derives from a frame from which nothing did. */
  begin(frame: number): void {
    this.stores[frame] = 0;
  }

  /** A fence of everything. */
  fenceAll(): void {
    for (const frame of this.quiet.keys()) {
      const quiet = this.settle(frame) > LITTLE ? 0 : (this.quiet.get(frame) ?? 0) + 1;
      this.quiet.set(frame, quiet);
      if (quiet >= QUIET_FENCES) this.bringInSync(frame);
    }
  }
  /** A fence of all addresses of one address space. */
  fenceSpace(asid: number): void {
    for (const frame of this.quiet.keys()) this.settle(frame, asid);
  }
  /** The entries that led to one address, in the address spaces that are meant. */
  fenceAddress(contexts: Iterable<ShadowContext>, address: bigint, asid: number | undefined): void {
    const { tables } = this;
    const [low, high] = [Number(address & 0xffff_ffffn), Number((address >> 32n) & 0xffff_ffffn)];
    for (const context of contexts) {
      if (context.asid === undefined || (asid !== undefined && context.asid !== asid)) continue;
      let table: Table = context.table;
      for (let level = context.levels - 1; level >= 0 && table !== NONE && tables.hasLive(table); level--) {
        const slot = table * TABLE_ENTRIES + indexAt(level, low, high);
        const entry = tables.low(slot);
        if (entry === 0) break;
        table = tables.below(entry);
        if (this.has(tables.mirroredBy(slot >>> INDEX_BITS)) && this.settleEntry(slot, entry, asid)) break;
      }
    }
  }

  /**
   * What derives from entries of a frame as they were goes; of one address space alone, where a fence says so.
   * @returns how many have changed.
   */
  private settle(frame: number, asid?: number): number {
    const { tables } = this;
    let changed = 0;
    for (let table = tables.firstMirror(frame); table !== NONE; table = tables.mirrorAfter(table)) {
      if (asid !== undefined && tables.owner[table]?.asid !== asid) continue;
      tables.eachLive(table, (slot, low) => {
        if (this.settleEntry(slot, low, asid)) changed++;
      });
    }
    return changed;
  }
  /** The same for one entry. A fence of one address space spares what all have. @returns whether it has changed. */
  private settleEntry(slot: Slot, low: number, asid: number | undefined): boolean {
    const { tables } = this;
    if (!tables.isChanged(slot)) return false;
    const isGlobal = ((tables.isGlobal[slot >>> INDEX_BITS] as number) | (tables.wasOf(slot) & G)) !== 0;
    if (asid !== undefined && isGlobal) return true;
    this.leaves.eraseBelow(slot, low);
    this.ledger.shadow.synced++;
    return true;
  }

  /** From now on the guest writes this frame unseen. All that derives from it must be true of it now. */
  put(frame: number): void {
    if (this.has(frame)) return;
    if (this.quiet.size === MOST_OUT_OF_SYNC) {
      const [oldest] = this.quiet.keys();
      this.bringInSync(oldest as number);
    }
    this.quiet.set(frame, 0);
    this.stores[frame] = OUT;
    this.ledger.shadow.outOfSync++;
    this.onTold();
  }
  private bringInSync(frame: number): void {
    this.settle(frame);
    this.quiet.delete(frame);
    this.stores[frame] = 0;
    if (this.tables.isMirrored(frame)) this.leaves.withholdStores(frame);
    this.onTold();
  }
  /** Nothing derives from anything any more. */
  clear(): void {
    for (const frame of this.quiet.keys()) this.stores[frame] = 0;
    this.quiet.clear();
    this.onTold();
  }
}
