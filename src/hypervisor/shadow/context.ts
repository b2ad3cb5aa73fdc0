// One shadow root and what is mapped under it: a tree of page tables in the machine's memory that the real walker
// walks, and a record of each leaf, so that the leaf can be found again when the guest changes what it derives from.

import { type GuestVirtual, PAGE_BYTES, PAGE_SHIFT, type SystemPhysical } from '../../../isa/address.ts';
import { FIELDS, TranslationMode } from '../../../isa/layout.ts';
import type { Hardware } from '../../machine/hardware.ts';
import type { FramePool } from './frame-pool.ts';
import type { Rights } from './rights.ts';
import type { View } from './view.ts';

/** A leaf that the shadow holds. */
export interface Leaf {
  readonly context: ShadowContext;
  /** Where its entry is in the machine's memory. */
  readonly slot: SystemPhysical;
  /** The guest's first frame that it maps, and how many. */
  readonly frame: number;
  readonly frames: number;
  readonly writable: boolean;
  /** The guest's address of its first byte; whether an entry on the way says that every address space has it. */
  readonly page: bigint;
  readonly isGlobal: boolean;
  /** Guest-physical addresses of the guest's entries that it derives from, and what the last said then. */
  readonly sources: readonly number[];
  readonly entry: bigint;
}

const V = 0x01n;
const R = 0x02n;
const W = 0x04n;
const X = 0x08n;
/** A and D are set beforehand, so that the real walker never writes to a shadow. */
const U_A_D = 0xd0n;
const MODE_LOW = BigInt(FIELDS.satp.MODE[1]);
/** What walks it: Sv39, or, for a guest whose addresses are as long, Sv48. */
type Mode = typeof TranslationMode.Sv39 | typeof TranslationMode.Sv48;
/** Levels of tables by mode. */
const LEVELS = { [TranslationMode.Sv39]: 3, [TranslationMode.Sv48]: 4 } as const;
/** Tables: 512 entries of 8 bytes, whose PPN starts at bit 10. */
const INDEX_BITS = 9;
const INDEX_MASK = 0x1ffn;
const ENTRY_BYTES = 8n;
const PPN_LOW = 10n;

/** What a search for an entry comes to. */
type Found =
  | { readonly kind: 'slot'; readonly slot: SystemPhysical }
  /** A table is there, whose entries are smaller than what is wanted. */
  | { readonly kind: 'table' }
  /** A leaf of a larger page is on the way. */
  | { readonly kind: 'leaf'; readonly leaf: Leaf }
  /** The pool has no frame for a table on the way. */
  | { readonly kind: 'full' };

export class ShadowContext {
  readonly view: View;
  readonly root: SystemPhysical;
  /** The guest's satp that it stands in for; undefined where the guest does not translate. */
  readonly guestSatp: bigint | undefined;
  /** Levels of its tables, and of the guest's where that translates. */
  readonly levels: number;
  private readonly mode: bigint;
  readonly leaves = new Map<SystemPhysical, Leaf>();
  private readonly tables: SystemPhysical[] = [];
  private readonly hardware: Hardware;
  private readonly pool: FramePool;
  /** When it was last entered, in the order of entries. */
  lastUse = 0;

  constructor(
    hardware: Hardware,
    pool: FramePool,
    { view, mode, root, guestSatp }: Pick<ShadowContext, 'view' | 'root' | 'guestSatp'> & { readonly mode: Mode },
  ) {
    this.hardware = hardware;
    this.pool = pool;
    this.view = view;
    this.root = root;
    this.guestSatp = guestSatp;
    this.mode = BigInt(mode);
    this.levels = LEVELS[mode];
  }

  /** The real satp that walks it. */
  get satp(): bigint {
    return (this.mode << MODE_LOW) | (this.root >> BigInt(PAGE_SHIFT));
  }

  /** Finds the entry for `va` at `level`, making the tables above it. */
  find(va: GuestVirtual, level: number): Found {
    let table = this.root;
    for (let at = this.levels - 1; ; at--) {
      const index = (va >> BigInt(PAGE_SHIFT + INDEX_BITS * at)) & INDEX_MASK;
      const slot = (table + index * ENTRY_BYTES) as SystemPhysical;
      const entry = this.hardware.read(slot, 8);
      const isTable = (entry & (V | R | W | X)) === V;
      if (at === level) return isTable ? { kind: 'table' } : { kind: 'slot', slot };
      if (isTable) {
        table = ((entry >> PPN_LOW) << BigInt(PAGE_SHIFT)) as SystemPhysical;
        continue;
      }
      const leaf = this.leaves.get(slot);
      if (leaf !== undefined) return { kind: 'leaf', leaf };
      const frame = this.pool.take();
      if (frame === undefined) return { kind: 'full' };
      this.tables.push(frame);
      this.hardware.write(slot, 8, ((frame >> BigInt(PAGE_SHIFT)) << PPN_LOW) | V);
      table = frame;
    }
  }

  /** What maps an address, if anything does: its entry, where that is, and what the address comes to. */
  look(va: bigint): { readonly slot: bigint; readonly bits: bigint; readonly physical: bigint } | undefined {
    let table = this.root;
    for (let level = this.levels - 1; level >= 0; level--) {
      const shift = BigInt(PAGE_SHIFT + INDEX_BITS * level);
      const slot = (table + ((va >> shift) & INDEX_MASK) * ENTRY_BYTES) as SystemPhysical;
      const bits = this.hardware.read(slot, 8);
      if ((bits & V) === 0n) return undefined;
      const page = (bits >> PPN_LOW) << BigInt(PAGE_SHIFT);
      if (bits & (R | W | X)) return { slot, bits, physical: page | (va & ((1n << shift) - 1n)) };
      table = page as SystemPhysical;
    }
    return undefined;
  }

  write(leaf: Leaf, real: SystemPhysical, { read, write, execute }: Rights): void {
    const bits = (read ? R : 0n) | (write ? W : 0n) | (execute ? X : 0n) | U_A_D | V;
    this.hardware.write(leaf.slot, 8, ((real >> BigInt(PAGE_SHIFT)) << PPN_LOW) | bits);
    this.leaves.set(leaf.slot, leaf);
  }

  erase(leaf: Leaf): void {
    this.hardware.write(leaf.slot, 8, 0n);
    this.leaves.delete(leaf.slot);
  }

  /** Unmaps everything and gives the tables back, but for the root. */
  clear(): void {
    this.leaves.clear();
    for (const table of this.tables.splice(0)) this.pool.give(table);
    this.hardware.zero(this.root, PAGE_BYTES);
  }
}
