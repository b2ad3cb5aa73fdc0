// Leaves of the shadow, mapped and erased on the ledger's account. Left out: which, and when.

import type { Ledger } from '../ledger.ts';
import { A, D, U, V } from './entry.ts';
import type { Rights } from './rights.ts';
import { NONE, type ShadowTables, type Slot, type Table } from './tables.ts';

/** Every view runs in real U-mode; A and D are set beforehand, so that the real walker never writes to a shadow. */
const LEAF_BITS = V | U | A | D;

export class Leaves {
  private readonly tables: ShadowTables<unknown>;
  private readonly ledger: Ledger;

  constructor(tables: ShadowTables<unknown>, ledger: Ledger) {
    this.tables = tables;
    this.ledger = ledger;
  }

  /** Maps a frame of the guest's RAM by an empty slot. @param entryLow and entryHigh the guest's entry that says so. */
  map(slot: Slot, frame: number, rights: Rights, entryLow: number, entryHigh: number): void {
    this.tables.setWas(slot, entryLow, entryHigh);
    this.tables.map(slot, frame, rights | LEAF_BITS);
    this.ledger.shadow.fills++;
  }
  erase(slot: Slot): void {
    this.tables.erase(slot);
    this.ledger.shadow.dropped++;
  }
  /** What an entry leads to goes: its leaf, or those below it. @param low its low half. */
  eraseBelow(slot: Slot, low: number): void {
    const below = this.tables.below(low);
    if (below === NONE) this.erase(slot);
    else this.eraseTable(below);
  }
  eraseTable(table: Table): void {
    this.tables.eachLive(table, (slot, low) => this.eraseBelow(slot, low));
  }
  /** From now on stores to this frame must be seen: leaves that let them through go. */
  withholdStores(frame: number): void {
    this.tables.eachWritable(frame, (slot) => this.erase(slot));
  }
}
