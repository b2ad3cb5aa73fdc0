// The shadow page tables of a virtual machine. Each guest frame that a live table mirrors is mapped without write
// permission. Under `trace` every store to it exits, and whatever derives from the entry is erased. Under `sync` the
// first few do; one more puts the page out of sync: it is writable then, and the guest's fences compare it with what was
// derived from it. Under `drop` nothing is traced, and fences empty everything.

import { PAGE_BYTES } from '../../../isa/address.ts';
import { assert } from '../../../isa/assert.ts';
import type { Access } from '../../../isa/vocabulary.ts';
import type { Hardware } from '../../machine/hardware.ts';
import type { GuestRam } from '../guest-ram.ts';
import type { Ledger } from '../ledger.ts';
import type { VirtualCpu } from '../virtual-cpu.ts';
import { levelsOf, ShadowContext, satpFor } from './context.ts';
import type { Discipline } from './discipline.ts';
import { A, ENTRY_BYTES, frameIn, G, INDEX_BITS, indexAt, isLegalLeaf, TABLE_ENTRIES, V } from './entry.ts';
import { Leaves } from './leaves.ts';
import { OutOfSync } from './out-of-sync.ts';
import { grants, rightsOf } from './rights.ts';
import { framesOf, LEAF_LEVELS, NONE, type ShadowMemory, ShadowTables, type Slot, type Table } from './tables.ts';
import { contextKey, modeOf, translates, viewOf } from './view.ts';
import type { GuestWalk } from './walk.ts';

/** A fill looks at the entries beside its own, as far as they share a line of the host's cache. */
const LINE_ENTRIES = 8;

const frameOf = (address: number) => Math.floor(address / PAGE_BYTES);

/** What a fence says: of one address, or of all; of one address space, or of all. */
export interface Fence {
  readonly address?: bigint | undefined;
  readonly asid?: number | undefined;
}
/** A translation that the guest's tables no longer hold, which no fence has ended. */
export interface Stale {
  /** The page that it is of, and the guest-physical address of the entry that has changed. */
  readonly page: bigint;
  readonly entry: bigint;
}

export class Shadow {
  private readonly hardware: Hardware;
  private readonly ramBase: number;
  private readonly ledger: Ledger;
  private readonly tables: ShadowTables<ShadowContext>;
  private readonly contexts = new Map<string, ShadowContext>();
  private readonly leaves: Leaves;
  private readonly outOfSync: OutOfSync;
  readonly discipline: Discipline;
  private uses = 0;
  /** Called when `told` changes. */
  onTold: () => void = () => {};

  constructor(hardware: Hardware, ram: GuestRam, memory: ShadowMemory, ledger: Ledger, discipline: Discipline) {
    this.discipline = discipline;
    this.hardware = hardware;
    this.ramBase = Number(ram.base);
    this.ledger = ledger;
    this.tables = new ShadowTables(hardware, ram, memory);
    this.leaves = new Leaves(this.tables, ledger);
    this.outOfSync = new OutOfSync(this.tables, this.leaves, ledger);
    this.outOfSync.onTold = () => this.onTold();
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
    const context = this.contexts.get(key) ?? this.newContext(key, cpu);
    context.lastUse = this.hardware.contexts?.nextChoice() ?? ++this.uses;
    return context;
  }
  /** The same without making one, and without using it: whoever only looks leaves no trace. */
  peek(cpu: VirtualCpu): ShadowContext | undefined {
    return this.contexts.get(contextKey(cpu, viewOf(cpu), cpu.protection));
  }
  /** The real satp of the context that `enter` would find or make, without either. */
  satpOf(cpu: VirtualCpu): bigint {
    const known = this.peek(cpu);
    if (known !== undefined) return known.satp;
    const free = this.tables.next;
    // Without one, the root of the context that had to make room is given back last, so taken first.
    const root = free === NONE ? this.oldest(undefined)?.[1].table : free;
    assert(root !== undefined, 'shadow memory for one context');
    return satpFor(modeOf(cpu, viewOf(cpu)), this.tables.addressOf(root));
  }
  private newContext(key: string, cpu: VirtualCpu): ShadowContext {
    const view = viewOf(cpu);
    const mode = modeOf(cpu, view);
    const guestSatp = translates(view) ? cpu.satp.bits : undefined;
    const readsExecutable = cpu.mstatus.MXR === 1n;
    const root = this.take(undefined, levelsOf(mode) - 1, NONE);
    const context = new ShadowContext(this.tables, { view, mode, root, guestSatp, readsExecutable });
    this.tables.owner[root] = context;
    if (guestSatp !== undefined) this.tables.setMirrored(root, this.frame(Number(cpu.satp.PPN) * PAGE_BYTES));
    this.contexts.set(key, context);
    this.ledger.shadow.contexts++;
    return context;
  }
  /** The context whose root is in a frame of the machine's memory. */
  contextAt(frame: number): ShadowContext {
    const context = this.tables.owner[this.tables.tableIn(frame)];
    assert(context !== undefined, 'the real satp is that of a context');
    return context;
  }
  /** When each context was last used: the hardware has chosen contexts by itself since they were last entered. */
  lastUses(): ReadonlyMap<ShadowContext, number> {
    const chosen = this.hardware.contexts?.chosenRoots();
    const last = (context: ShadowContext) => Math.max(context.lastUse, chosen?.get(context.satp) ?? 0);
    return new Map(this.all.map((context) => [context, last(context)]));
  }

  /** The frame of a guest-physical address, counted from the start of the guest's RAM. */
  private frame(address: number): number {
    return frameOf(address - this.ramBase);
  }
  /** Whether each store to the page of this guest-physical address must be seen. */
  isTraced(address: number): boolean {
    const frame = this.frame(address);
    if (this.discipline === 'drop' || !this.tables.isMirrored(frame)) return false;
    return this.discipline === 'trace' || this.outOfSync.seesStores(frame);
  }

  /**
   * Maps what a walk of the guest's tables has just found: the walk holds its entries, none where the guest does not
   * translate. False: the shadow must withhold this access, which has to be emulated.
   * @param low and high the halves of the address.
   */
  fill(cpu: VirtualCpu, context: ShadowContext, access: Access, low: number, high: number): boolean {
    const { walked } = cpu;
    if (this.discipline !== 'drop') this.derive(walked, access);
    const guestLevel = context.levels - Math.max(walked.count, 1);
    for (let level = Math.min(guestLevel, LEAF_LEVELS - 1); level >= 0; level--) {
      const slot = this.fillAt(level, cpu, context, access, low, high);
      if (slot === NONE) continue;
      if (level === 0 && guestLevel === 0 && translates(context.view)) this.fillBeside(slot, cpu, context);
      return true;
    }
    return false;
  }

  /** Maps the page of one level around an address, if all of it may be mapped alike. @returns the slot, or NONE. */
  private fillAt(
    level: number,
    cpu: VirtualCpu,
    context: ShadowContext,
    access: Access,
    low: number,
    high: number,
  ): Slot | typeof NONE {
    const { tables } = this;
    const { walked } = cpu;
    const frames = framesOf(level);
    const frame = this.frame(walked.physical) & -frames;
    if (frame + frames > tables.ramFrames || !tables.isAligned(level)) return NONE;
    const holdsTable = this.discipline !== 'drop' && this.holdsTable(frame, level, walked);
    if (holdsTable && level > 0) return NONE;
    const traced = holdsTable && !this.outOfSync.has(frame);
    const last = walked.count - 1;
    const entry = last < 0 ? 0 : (walked.low[last] as number);
    const rights = rightsOf(cpu, context, entry, frame, frames, traced);
    if (!grants(rights, access)) return NONE;
    const slot = this.slotFor(context, level, low, high, walked);
    if (slot === NONE) return NONE;
    if (tables.low(slot) !== 0) this.leaves.erase(slot);
    this.leaves.map(slot, frame, rights, entry, last < 0 ? 0 : (walked.high[last] as number));
    return slot;
  }
  /** Whether something derives, or is about to by this walk, from a page of a level that starts at `frame`. */
  private holdsTable(frame: number, level: number, walked: GuestWalk): boolean {
    for (let index = 0; index < walked.count; index++) {
      const table = this.frame(walked.addresses[index] as number);
      if (table >= frame && table < frame + framesOf(level)) return true;
    }
    return this.tables.isAnyMirrored(frame, level);
  }

  /**
   * Maps the pages beside one where the guest goes through them in order, as far as it has used them before: their
   * accessed bits are set.
   */
  private fillBeside(filled: Slot, cpu: VirtualCpu, context: ShadowContext): void {
    const { tables } = this;
    const mirrored = tables.mirroredBy(filled >>> INDEX_BITS);
    const index = filled & (TABLE_ENTRIES - 1);
    const isInOrder =
      (index > 0 && tables.low(filled - 1) !== 0) || (index < TABLE_ENTRIES - 1 && tables.low(filled + 1) !== 0);
    if (mirrored === NONE || !isInOrder) return;
    const first = filled & -LINE_ENTRIES;
    for (let slot = first; slot < first + LINE_ENTRIES; slot++) {
      const index = slot & (TABLE_ENTRIES - 1);
      const low = tables.guestWord(mirrored, index, 0);
      if ((low & (V | A)) !== (V | A) || !isLegalLeaf(low) || tables.low(slot) !== 0) continue;
      const high = tables.guestWord(mirrored, index, 1);
      const frame = frameIn(low) - this.ramBase / PAGE_BYTES;
      if (high !== 0 || frame < 0 || frame >= tables.ramFrames) continue;
      const traced = this.discipline !== 'drop' && tables.isMirrored(frame) && !this.outOfSync.has(frame);
      const rights = rightsOf(cpu, context, low, frame, 1, traced);
      if (rights === 0) continue;
      this.leaves.map(slot, frame, rights, low, high);
      this.ledger.shadow.prefetched++;
    }
  }

  /**
   * The slot for an address at a level, with the tables above it made, and made to mirror those of the guest's walk:
   * what derives from other tables there goes. NONE where a table with smaller pages is there.
   */
  private slotFor(
    context: ShadowContext,
    level: number,
    low: number,
    high: number,
    walked: GuestWalk,
  ): Slot | typeof NONE {
    const { tables } = this;
    let table = context.table;
    for (let at = context.levels - 1; ; ) {
      const slot = table * TABLE_ENTRIES + indexAt(at, low, high);
      const entry = tables.low(slot);
      let below = tables.below(entry);
      if (at === level) return below === NONE ? slot : NONE;
      if (below === NONE) {
        if (entry !== 0) this.leaves.erase(slot);
        below = tables.take(context, at - 1, slot);
        if (below === NONE) {
          this.evict(context);
          table = context.table;
          at = context.levels - 1;
          continue;
        }
      }
      this.follow(slot, below, context.levels - 1 - at, walked);
      table = below;
      at--;
    }
  }
  /** Has a table stand for what the guest's walk read behind its `index`th entry, which is the one behind `slot`. */
  private follow(slot: Slot, below: Table, index: number, walked: GuestWalk): void {
    const { tables } = this;
    // Behind a leaf, or where the guest does not translate, there is nothing to mirror.
    const frame = index < walked.count - 1 ? this.frame(walked.addresses[index + 1] as number) : NONE;
    const low = index < walked.count ? (walked.low[index] as number) : 0;
    const high = index < walked.count ? (walked.high[index] as number) : 0;
    const isOther = tables.mirroredBy(below) !== frame || tables.differs(slot, low, high);
    if (isOther && tables.hasLive(below)) this.leaves.eraseTable(below);
    if (!tables.hasLive(below)) tables.setMirrored(below, frame);
    tables.setWas(slot, low, high);
    tables.isGlobal[below] = (tables.isGlobal[slot >>> INDEX_BITS] as number) | (low & G);
  }

  private take(context: ShadowContext | undefined, level: number, parent: Slot): Table {
    for (;;) {
      const table = this.tables.take(context, level, parent);
      if (table !== NONE) return table;
      this.evict(context);
    }
  }

  /** Gives back the tables of the context that was used longest ago; of the one in use, where it is alone. */
  private evict(inUse: ShadowContext | undefined): void {
    for (const [context, use] of this.lastUses()) context.lastUse = use;
    const oldest = this.oldest(inUse);
    const victim = oldest?.[1] ?? inUse;
    assert(victim !== undefined, 'shadow memory for one context');
    this.empty(victim);
    this.ledger.shadow.evictions++;
    if (oldest !== undefined) {
      this.hardware.contexts?.forgetRoot(victim.satp);
      this.tables.give(victim.table);
      this.contexts.delete(oldest[0]);
    }
  }

  private oldest(inUse: ShadowContext | undefined): [string, ShadowContext] | undefined {
    const uses = this.lastUses();
    const use = ([, context]: [string, ShadowContext]) => uses.get(context) ?? 0;
    let oldest: [string, ShadowContext] | undefined;
    for (const item of this.contexts) {
      if (item[1] !== inUse && (oldest === undefined || use(item) < use(oldest))) oldest = item;
    }
    return oldest;
  }

  private empty(context: ShadowContext): void {
    this.ledger.shadow.dropped += this.tables.empty(context.table);
  }

  /** A leaf is about to derive from what a walk has read. */
  private derive(walked: GuestWalk, access: Access): void {
    const to = this.frame(walked.physical);
    let holdsTable = this.tables.isMirrored(to);
    for (let index = 0; index < walked.count; index++) {
      const frame = this.frame(walked.addresses[index] as number);
      holdsTable ||= frame === to;
      if (!this.tables.isMirrored(frame) && !this.outOfSync.has(frame)) {
        this.leaves.withholdStores(frame);
        this.outOfSync.begin(frame);
      }
    }
    if (this.discipline === 'sync' && access === 'store' && holdsTable) this.outOfSync.put(to);
  }
  /** The guest's memory changes: what derives from these bytes as page-table entries goes. @param address physical. */
  stored(address: number, bytes: number): void {
    if (this.discipline === 'drop') return;
    const { tables } = this;
    const end = address + bytes - this.ramBase;
    for (let at = address - this.ramBase; at < end; at = (frameOf(at) + 1) * PAGE_BYTES) {
      const frame = frameOf(at);
      if (!tables.isMirrored(frame)) continue;
      if (this.discipline === 'sync' && !this.outOfSync.seesStores(frame)) {
        this.outOfSync.put(frame);
        continue;
      }
      this.outOfSync.noteStore(frame);
      const first = Math.floor((at % PAGE_BYTES) / ENTRY_BYTES);
      const last = Math.floor((Math.min(end - frame * PAGE_BYTES, PAGE_BYTES) - 1) / ENTRY_BYTES);
      for (let table = tables.firstMirror(frame); table !== NONE; table = tables.mirrorAfter(table)) {
        for (let slot = table * TABLE_ENTRIES + first; slot <= table * TABLE_ENTRIES + last; slot++) {
          const low = tables.low(slot);
          if (low !== 0) this.leaves.eraseBelow(slot, low);
        }
      }
    }
  }

  // Fences.

  /** The guest has done a fence. */
  fence({ address, asid }: Fence): void {
    if (this.discipline === 'drop') this.drop();
    if (this.discipline !== 'sync' || this.outOfSync.size === 0) return;
    if (address !== undefined) this.outOfSync.fenceAddress(this.contexts.values(), address, asid);
    else if (asid !== undefined) this.outOfSync.fenceSpace(asid);
    else this.outOfSync.fenceAll();
  }
  /** The guest has written satp, which is no fence. */
  satpWritten(): void {
    if (this.discipline === 'drop') this.drop();
  }

  /** Empties every context. */
  private drop(): void {
    for (const context of this.contexts.values()) this.empty(context);
    this.outOfSync.clear();
  }

  /** The roots that there are: the real satp of each, and the guest's that it stands in for, where that translates. */
  roots(): readonly Pick<ShadowContext, 'satp' | 'guestSatp'>[] {
    return [...this.contexts.values()];
  }
  get all(): readonly ShadowContext[] {
    return [...this.contexts.values()];
  }
  /** Pages of the guest's tables that it writes unseen, by their guest-physical address. */
  get unseen(): readonly number[] {
    return [...this.outOfSync.frames()].map((frame) => this.ramBase + frame * PAGE_BYTES);
  }

  /** Translations that the guest has changed and not fenced. */
  stale(): readonly Stale[] {
    const found: Stale[] = [];
    const visit = (table: Table, changed: bigint | undefined) => {
      this.tables.eachLive(table, (slot, low) => {
        const entry = changed ?? (this.tables.isChanged(slot) ? this.tables.guestEntry(slot) : undefined);
        const below = this.tables.below(low);
        if (below !== NONE) visit(below, entry);
        else if (entry !== undefined) found.push({ page: this.tables.pageOf(slot), entry });
      });
    };
    for (const { table } of this.contexts.values()) visit(table, undefined);
    return found;
  }
}
