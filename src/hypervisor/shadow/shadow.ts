// The shadow page tables of a virtual machine. Each guest frame that holds an entry which a leaf derives from is mapped
// without write permission. Under `trace` every store to it exits, and whatever derives from the entry is erased before
// the store is done. Under `sync` the first store puts the page out of sync: it is writable then, and the guest's fences
// compare it with what was derived from it. Under `drop` nothing is traced, and fences empty everything.

import { type GuestPhysical, type GuestVirtual, PAGE_BYTES, type SystemPhysical } from '../../../isa/address.ts';
import { assert, unreachable } from '../../../isa/assert.ts';
import { FIELDS, PTE } from '../../../isa/layout.ts';
import type { Access } from '../../../isa/vocabulary.ts';
import type { Hardware } from '../../machine/hardware.ts';
import type { GuestRam } from '../guest-ram.ts';
import type { Ledger } from '../ledger.ts';
import type { VirtualCpu } from '../virtual-cpu.ts';
import { type Leaf, ShadowContext } from './context.ts';
import type { Discipline } from './discipline.ts';
import type { FramePool } from './frame-pool.ts';
import { LeafIndex } from './leaf-index.ts';
import { isSameLeaf, OutOfSync } from './out-of-sync.ts';
import { grants, rightsOf } from './rights.ts';
import { contextKey, modeOf, translates, viewOf } from './view.ts';
import { entriesFor } from './walk.ts';

const PAGE_SHIFT = 12n;
/** Levels whose leaves are kept whole: 4 KiB and 2 MiB. A guest's 1 GiB leaf is filled in parts of 2 MiB. */
const LARGEST_LEVEL = 1;
const bytesOfLevel = (level: number) => PAGE_BYTES << (9 * level);
const ENTRY_BYTES = 8;
/** Pages that may be out of sync together: each costs a comparison at a fence of everything. */
const MOST_OUT_OF_SYNC = 16;
/** So many fences of everything in a row that find a page unchanged bring it back in sync. */
const QUIET_FENCES = 8;
const [ASID_HIGH, ASID_LOW] = FIELDS.satp.ASID;
const ASID_MASK = (1n << BigInt(ASID_HIGH - ASID_LOW + 1)) - 1n;
const asidOf = (satp: bigint) => (satp >> BigInt(ASID_LOW)) & ASID_MASK;

/** What a fence says: of one address, or of all; of one address space, or of all. */
export interface Fence {
  readonly address?: bigint | undefined;
  readonly asid?: bigint | undefined;
}
/** A translation that the guest's tables no longer hold, which no fence has ended. */
export interface Stale {
  /** The page that it is of, and the guest-physical address of the entry that has changed. */
  readonly page: bigint;
  readonly entry: bigint;
}

export class Shadow {
  private readonly hardware: Hardware;
  private readonly ram: GuestRam;
  private readonly pool: FramePool;
  private readonly ledger: Ledger;
  private readonly contexts = new Map<string, ShadowContext>();
  private readonly index = new LeafIndex();
  private readonly outOfSync: OutOfSync;
  readonly discipline: Discipline;
  private uses = 0;
  /** Called when `told` changes. */
  onTold: () => void = () => {};

  constructor(hardware: Hardware, ram: GuestRam, pool: FramePool, ledger: Ledger, discipline: Discipline) {
    this.discipline = discipline;
    this.outOfSync = new OutOfSync(ram);
    this.hardware = hardware;
    this.ram = ram;
    this.pool = pool;
    this.ledger = ledger;
    ram.onWrite = (address, bytes) => this.stored(Number(address), bytes);
    ram.onClear = () => this.drop();
  }

  /** What it must hear of as it happens: a fence while a page is out of sync, say. */
  get told(): { readonly fences: boolean; readonly satp: boolean } {
    const drops = this.discipline === 'drop';
    return { fences: drops || this.outOfSync.size > 0, satp: drops };
  }

  /** The context that a virtual CPU runs in now, made if it is new. */
  enter(cpu: VirtualCpu): ShadowContext {
    const view = viewOf(cpu);
    const key = contextKey(cpu, view, cpu.protection);
    let context = this.contexts.get(key);
    if (context === undefined) {
      const mode = modeOf(cpu, view);
      const guestSatp = translates(view) ? cpu.satp.bits : undefined;
      context = new ShadowContext(this.hardware, this.pool, { view, mode, root: this.frameFor(undefined), guestSatp });
      this.contexts.set(key, context);
      this.ledger.shadow.contexts++;
    }
    context.lastUse = this.hardware.contexts?.nextChoice() ?? ++this.uses;
    return context;
  }
  /** Brings `lastUse` up to date: the hardware has chosen contexts by itself since. */
  private noteUses(): void {
    const chosen = this.hardware.contexts?.chosenRoots();
    for (const context of this.contexts.values()) {
      context.lastUse = Math.max(context.lastUse, chosen?.get(context.satp) ?? 0);
    }
  }

  /** Whether each store to the page of this guest-physical address must be seen. */
  isTraced(address: number): boolean {
    return this.discipline === 'trace' && this.index.isTraced(Math.floor(address / PAGE_BYTES));
  }

  /**
   * Maps what a walk of the guest's tables has just found: `cpu.walked` holds its entries, none where the guest does
   * not translate. False: the shadow must withhold this access, which has to be emulated.
   */
  fill(cpu: VirtualCpu, access: Access, va: GuestVirtual, address: GuestPhysical): boolean {
    const context = this.enter(cpu);
    if (this.discipline !== 'drop') this.derive(cpu, access, address);
    const guestLevel = context.levels - Math.max(cpu.walked.length, 1);
    for (let level = Math.min(guestLevel, LARGEST_LEVEL); level >= 0; level--) {
      if (this.fillAt(level, context, cpu, access, va, address)) return true;
    }
    return false;
  }

  /** Maps the page of one level around an address, if all of it may be mapped alike. */
  private fillAt(
    level: number,
    context: ShadowContext,
    cpu: VirtualCpu,
    access: Access,
    va: GuestVirtual,
    address: GuestPhysical,
  ): boolean {
    const bytes = bytesOfLevel(level);
    const start = (address & ~BigInt(bytes - 1)) as GuestPhysical;
    if (!this.ram.contains(start, bytes) || this.ram.offset & BigInt(bytes - 1)) return false;
    const frame = Number(start >> PAGE_SHIFT);
    const frames = bytes / PAGE_BYTES;
    const holdsOwnTable = cpu.walked.some((read) => read.address >= start && read.address < start + BigInt(bytes));
    const holdsTable = this.discipline !== 'drop' && (holdsOwnTable || this.index.isAnyTraced(frame, frames));
    if (holdsTable && level > 0) return false;
    const traced = holdsTable && !this.outOfSync.has(frame);
    const entry = cpu.walked.at(-1)?.bits;
    const rights = rightsOf(cpu, context.view, entry, { address: start, bytes, traced });
    if (!grants(rights, access)) return false;
    const slot = this.slotFor(context, va, level);
    if (slot === undefined) return false;
    const old = context.leaves.get(slot);
    if (old !== undefined) this.erase(old);
    const sources = cpu.walked.map((read) => Number(read.address));
    const isGlobal = cpu.walked.some((read) => cpu.view(read.bits, PTE).G === 1n);
    const page = va & ~BigInt(bytes - 1);
    const leaf: Leaf = {
      context,
      slot,
      frame,
      frames,
      writable: rights.write,
      page,
      isGlobal,
      sources,
      entry: entry ?? 0n,
    };
    context.write(leaf, this.ram.real(start), rights);
    this.index.add(leaf);
    this.ledger.shadow.fills++;
    return true;
  }

  /** The entry to write, evicting where the pool is empty; undefined where tables below it are in use. */
  private slotFor(context: ShadowContext, va: GuestVirtual, level: number): SystemPhysical | undefined {
    for (;;) {
      const found = context.find(va, level);
      switch (found.kind) {
        case 'slot':
          return found.slot;
        case 'table':
          return undefined;
        case 'leaf':
          this.erase(found.leaf);
          break;
        case 'full':
          this.evict(context);
          break;
        default:
          return unreachable(found);
      }
    }
  }

  private frameFor(context: ShadowContext | undefined): SystemPhysical {
    for (;;) {
      const frame = this.pool.take();
      if (frame !== undefined) return frame;
      this.evict(context);
    }
  }

  /** Gives back the frames of the context that was used longest ago; of the one in use, where it is alone. */
  private evict(inUse: ShadowContext | undefined): void {
    let oldest: [string, ShadowContext] | undefined;
    this.noteUses();
    for (const item of this.contexts) {
      if (item[1] !== inUse && (oldest === undefined || item[1].lastUse < oldest[1].lastUse)) oldest = item;
    }
    const victim = oldest?.[1] ?? inUse;
    assert(victim !== undefined, 'shadow memory for one context');
    this.empty(victim);
    this.ledger.shadow.evictions++;
    if (oldest !== undefined) {
      this.hardware.contexts?.forgetRoot(victim.satp);
      this.pool.give(victim.root);
      this.contexts.delete(oldest[0]);
    }
  }

  private erase(leaf: Leaf): void {
    leaf.context.erase(leaf);
    this.index.remove(leaf);
    this.ledger.shadow.dropped++;
  }
  private empty(context: ShadowContext): void {
    for (const leaf of context.leaves.values()) this.index.remove(leaf);
    this.ledger.shadow.dropped += context.leaves.size;
    context.clear();
  }

  /** A leaf is about to derive from what a walk has read, for this access to a guest-physical address. */
  private derive(cpu: VirtualCpu, access: Access, address: GuestPhysical): void {
    const to = Number(address >> PAGE_SHIFT);
    let holdsTable = this.index.isTraced(to);
    for (const { address: at } of cpu.walked) {
      const frame = Number(at >> PAGE_SHIFT);
      holdsTable ||= frame === to;
      if (this.outOfSync.has(frame)) this.settle(Number(at));
      else this.trace(frame);
    }
    if (this.discipline === 'sync' && access === 'store' && holdsTable) this.putOutOfSync(to);
  }

  /** From now on stores to this frame must be seen: leaves that let them through go. */
  private trace(frame: number): void {
    if (this.index.isTraced(frame)) return;
    for (const leaf of this.index.mapping(frame)) if (leaf.writable) this.erase(leaf);
  }

  /** The guest's memory changes: what derives from these bytes as page-table entries goes. @param address physical. */
  stored(address: number, bytes: number): void {
    if (this.discipline === 'drop') return;
    const first = address - (address % ENTRY_BYTES);
    const end = address + bytes;
    for (let at = first; at < end; ) {
      const frame = Math.floor(at / PAGE_BYTES);
      const isTraced = this.index.isTraced(frame);
      if (isTraced && this.discipline === 'sync') this.putOutOfSync(frame);
      if (!isTraced || this.discipline === 'sync') {
        at = (frame + 1) * PAGE_BYTES;
        continue;
      }
      for (const leaf of this.index.derivedFrom(at)) this.erase(leaf);
      at += ENTRY_BYTES;
    }
  }

  // Fences.

  /** The guest has done a fence. */
  fence({ address, asid }: Fence): void {
    if (this.discipline === 'drop') this.drop();
    if (this.discipline !== 'sync' || this.outOfSync.size === 0) return;
    if (address !== undefined) this.fenceAddress(address, asid);
    else if (asid !== undefined) {
      for (const frame of this.outOfSync.frames()) {
        for (const entry of this.outOfSync.changes(frame)) this.settle(entry, asid);
      }
    } else this.fenceAll();
  }
  /** The guest has written satp, which is no fence. */
  satpWritten(): void {
    if (this.discipline === 'drop') this.drop();
  }

  private fenceAll(): void {
    for (const frame of this.outOfSync.frames()) {
      const changes = this.outOfSync.changes(frame);
      for (const entry of changes) this.settle(entry);
      const quiet = this.outOfSync.noteFence(frame, changes.length > 0);
      if (quiet >= QUIET_FENCES) this.bringInSync(frame);
    }
  }
  /** The entries that lead to one address now, in the address spaces that have contexts. */
  private fenceAddress(address: bigint, asid: bigint | undefined): void {
    const spaces = new Set<bigint>();
    for (const { guestSatp } of this.contexts.values()) {
      if (guestSatp !== undefined && (asid === undefined || asidOf(guestSatp) === asid)) spaces.add(guestSatp);
    }
    for (const satp of spaces) {
      for (const entry of entriesFor(this.ram, satp, address)) {
        if (this.outOfSync.isChanged(entry)) this.settle(entry, asid);
      }
    }
  }

  /** What derives from an entry as it was goes; of one address space alone, where a fence says so. */
  private settle(entry: number, asid?: bigint): void {
    if (!this.outOfSync.isChanged(entry)) return;
    let remain = false;
    for (const leaf of this.index.derivedFrom(entry)) {
      const { guestSatp } = leaf.context;
      const isMeant = asid === undefined || (!leaf.isGlobal && guestSatp !== undefined && asidOf(guestSatp) === asid);
      if (isMeant) this.erase(leaf);
      else remain = true;
    }
    if (remain) return;
    this.outOfSync.settle(entry);
    this.ledger.shadow.synced++;
  }

  /** From now on the guest writes this frame unseen. All that derives from it must be true of it now. */
  private putOutOfSync(frame: number): void {
    if (this.outOfSync.has(frame)) return;
    if (this.outOfSync.size === MOST_OUT_OF_SYNC) this.bringInSync(this.outOfSync.frames()[0] as number);
    this.outOfSync.put(frame);
    this.ledger.shadow.outOfSync++;
    this.onTold();
  }
  private bringInSync(frame: number): void {
    for (const entry of this.outOfSync.changes(frame)) this.settle(entry);
    this.outOfSync.remove(frame);
    if (this.index.isTraced(frame)) {
      for (const leaf of this.index.mapping(frame)) if (leaf.writable) this.erase(leaf);
    }
    this.onTold();
  }

  /** Empties every context. */
  private drop(): void {
    for (const context of this.contexts.values()) this.empty(context);
    for (const frame of this.outOfSync.frames()) this.outOfSync.remove(frame);
    this.onTold();
  }

  /** Translations that the guest has changed and not fenced. */
  stale(): readonly Stale[] {
    return [...this.contexts.values()].flatMap(({ guestSatp, leaves }) =>
      guestSatp === undefined ? [] : [...leaves.values()].flatMap((leaf) => this.staleEntry(leaf, guestSatp)),
    );
  }
  private staleEntry({ page, sources, entry }: Leaf, guestSatp: bigint): Stale[] {
    const now = entriesFor(this.ram, guestSatp, page);
    const moved = sources.findIndex((source, level) => source !== now[level]);
    if (moved > 0) return [{ page, entry: BigInt(sources[moved - 1] as number) }];
    const last = BigInt(sources.at(-1) as number) as GuestPhysical;
    return isSameLeaf(entry, this.ram.read(last, ENTRY_BYTES)) ? [] : [{ page, entry: last }];
  }
}
