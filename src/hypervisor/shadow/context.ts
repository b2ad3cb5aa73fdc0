// One shadow root and what is mapped under it: a tree of page tables in the machine's memory that the real walker
// walks, and a record of each leaf, so that the leaf can be found again when the guest changes what it derives from.

import { PAGE_BYTES, type SystemPhysical } from '../../../isa/address.ts';
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
  /** Guest-physical addresses of the guest's entries that it derives from. */
  readonly sources: readonly number[];
}

const V = 0x01n;
const R = 0x02n;
const W = 0x04n;
const X = 0x08n;
/** A and D are set beforehand, so that the real walker never writes to a shadow. */
const U_A_D = 0xd0n;
const SV39 = 8n << 60n;
const ROOT_LEVEL = 2;

export class ShadowContext {
  readonly view: View;
  readonly root: SystemPhysical;
  readonly leaves = new Map<SystemPhysical, Leaf>();
  private readonly tables: SystemPhysical[] = [];
  private readonly hardware: Hardware;
  private readonly pool: FramePool;
  /** When it was last entered, in the order of entries. */
  lastUse = 0;

  constructor(hardware: Hardware, pool: FramePool, view: View, root: SystemPhysical) {
    this.hardware = hardware;
    this.pool = pool;
    this.view = view;
    this.root = root;
  }

  /** The real satp that walks it. */
  get satp(): bigint {
    return SV39 | (this.root >> 12n);
  }

  /**
   * The address of the entry for `va` at `level`, its tables made on the way; undefined when the pool is empty.
   * `blocked`: a leaf of a larger page is in the way, which is given, or below a table where a leaf is wanted.
   */
  slot(va: bigint, level: number): SystemPhysical | 'empty' | { readonly blocked: SystemPhysical } | 'table' {
    let table = this.root;
    for (let at = ROOT_LEVEL; ; at--) {
      const index = (va >> BigInt(12 + 9 * at)) & 0x1ffn;
      const slot = (table + index * 8n) as SystemPhysical;
      const entry = this.hardware.read(slot, 8);
      const isTable = (entry & (V | R | W | X)) === V;
      if (at === level) return isTable ? 'table' : slot;
      if (isTable) {
        table = ((entry >> 10n) << 12n) as SystemPhysical;
        continue;
      }
      if (entry !== 0n) return { blocked: slot };
      const frame = this.pool.take();
      if (frame === undefined) return 'empty';
      this.tables.push(frame);
      this.hardware.write(slot, 8, ((frame >> 12n) << 10n) | V);
      table = frame;
    }
  }

  write(leaf: Leaf, real: SystemPhysical, { read, write, execute }: Rights): void {
    const bits = (read ? R : 0n) | (write ? W : 0n) | (execute ? X : 0n) | U_A_D | V;
    this.hardware.write(leaf.slot, 8, ((real >> 12n) << 10n) | bits);
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
