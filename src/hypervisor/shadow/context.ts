// One shadow root: what a virtual CPU sees in one view, with one satp and one protection of memory, as a tree of page
// tables in the machine's memory that the real walker walks. Left out: the tables themselves (tables.ts).

import { PAGE_SHIFT, type SystemPhysical } from '../../../isa/address.ts';
import { FIELDS, TranslationMode } from '../../../isa/layout.ts';
import { frameIn, INDEX_BITS, indexAt, LEAF, TABLE_ENTRIES, V } from './entry.ts';
import { NONE, type ShadowTables, type Slot, type Table } from './tables.ts';
import type { View } from './view.ts';

const MODE_LOW = BigInt(FIELDS.satp.MODE[1]);
const [ASID_HIGH, ASID_LOW] = FIELDS.satp.ASID;
const ASID_MASK = (1n << BigInt(ASID_HIGH - ASID_LOW + 1)) - 1n;
/** What walks it: Sv39, or, for a guest whose addresses are as long, Sv48. */
type Mode = typeof TranslationMode.Sv39 | typeof TranslationMode.Sv48;
/** Levels of tables by mode. */
const LEVELS = { [TranslationMode.Sv39]: 3, [TranslationMode.Sv48]: 4 } as const;
export const levelsOf = (mode: Mode) => LEVELS[mode];
export const satpFor = (mode: Mode, root: SystemPhysical) => (BigInt(mode) << MODE_LOW) | (root >> BigInt(PAGE_SHIFT));

interface ShadowContextOptions {
  readonly view: View;
  readonly mode: Mode;
  readonly root: Table;
  /** The guest's satp that it stands in for; undefined where the guest does not translate. */
  readonly guestSatp: bigint | undefined;
  /** Whether loads may read what is only executable (mstatus.MXR). */
  readonly readsExecutable: boolean;
}

export class ShadowContext {
  readonly view: View;
  readonly table: Table;
  readonly readsExecutable: boolean;
  readonly guestSatp: bigint | undefined;
  /** The guest's address space; undefined where the guest does not translate. */
  readonly asid: number | undefined;
  /** Levels of its tables, and of the guest's where that translates. */
  readonly levels: number;
  /** Where its root is, and the real satp that walks it. */
  readonly root: SystemPhysical;
  readonly satp: bigint;
  private readonly tables: ShadowTables<ShadowContext>;
  /** When it was last entered, in the order of entries. */
  lastUse = 0;

  constructor(
    tables: ShadowTables<ShadowContext>,
    { view, mode, root, guestSatp, readsExecutable }: ShadowContextOptions,
  ) {
    this.tables = tables;
    this.view = view;
    this.table = root;
    this.readsExecutable = readsExecutable;
    this.guestSatp = guestSatp;
    this.asid = guestSatp === undefined ? undefined : Number((guestSatp >> BigInt(ASID_LOW)) & ASID_MASK);
    this.levels = LEVELS[mode];
    this.root = tables.addressOf(root);
    this.satp = satpFor(mode, this.root);
  }

  /** Its tables, and the leaves in them. */
  size(): { readonly tables: number; readonly leaves: number } {
    let [tables, leaves] = [0, 0];
    const count = (table: Table) => {
      tables++;
      this.tables.eachLive(table, (_, low) => {
        const below = this.tables.below(low);
        if (below === NONE) leaves++;
        else count(below);
      });
    };
    count(this.table);
    return { tables, leaves };
  }

  /** What maps an address, if anything does: its entry, where that is, and what the address comes to. */
  look(address: bigint): { readonly slot: bigint; readonly bits: bigint; readonly physical: bigint } | undefined {
    for (const { level, slot, entry } of this.path(address)) {
      if ((entry & LEAF) === 0) continue;
      const within = (1n << BigInt(PAGE_SHIFT + INDEX_BITS * level)) - 1n;
      const physical = (BigInt(frameIn(entry)) << BigInt(PAGE_SHIFT)) | (address & within);
      return { slot: this.tables.slotAddress(slot), bits: BigInt(entry), physical };
    }
    return undefined;
  }
  /** The levels at which the guest's entry for an address is no longer the one that this shadow derives from. */
  changed(address: bigint): readonly number[] {
    return [...this.path(address)].filter(({ slot }) => this.tables.isChanged(slot)).map(({ level }) => level);
  }

  /** The entries for an address, as far as there are any. */
  private *path(address: bigint): Generator<{ readonly level: number; readonly slot: Slot; readonly entry: number }> {
    const [low, high] = [Number(address & 0xffff_ffffn), Number((address >> 32n) & 0xffff_ffffn)];
    let table: Table = this.table;
    for (let level = this.levels - 1; level >= 0 && table !== NONE; level--) {
      const slot: Slot = table * TABLE_ENTRIES + indexAt(level, low, high);
      const entry = this.tables.low(slot);
      if ((entry & V) === 0) return;
      yield { level, slot, entry };
      table = this.tables.below(entry);
    }
  }
}
