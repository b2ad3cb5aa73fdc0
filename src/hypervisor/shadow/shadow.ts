// The shadow page tables of a virtual machine, kept exact by tracing: each guest frame that holds an entry which a
// leaf derives from is mapped without write permission, so that every guest store to it exits, and whatever derives
// from the entry is erased before the store is done. No stale translation exists, and a fence has nothing to do.

import { type GuestPhysical, type GuestVirtual, PAGE_BYTES, type SystemPhysical } from '../../../isa/address.ts';
import { assert, unreachable } from '../../../isa/assert.ts';
import type { Access } from '../../../isa/vocabulary.ts';
import type { Hardware } from '../../machine/hardware.ts';
import type { GuestRam } from '../guest-ram.ts';
import type { Ledger } from '../ledger.ts';
import type { VirtualCpu } from '../virtual-cpu.ts';
import { type Leaf, ShadowContext } from './context.ts';
import type { FramePool } from './frame-pool.ts';
import { LeafIndex } from './leaf-index.ts';
import { grants, rightsOf } from './rights.ts';
import { contextKey, modeOf, viewOf } from './view.ts';

const PAGE_SHIFT = 12n;
/** Levels whose leaves are kept whole: 4 KiB and 2 MiB. A guest's 1 GiB leaf is filled in parts of 2 MiB. */
const LARGEST_LEVEL = 1;
const bytesOfLevel = (level: number) => PAGE_BYTES << (9 * level);
const ENTRY_BYTES = 8;

export class Shadow {
  private readonly hardware: Hardware;
  private readonly ram: GuestRam;
  private readonly pool: FramePool;
  private readonly ledger: Ledger;
  private readonly contexts = new Map<string, ShadowContext>();
  private readonly index = new LeafIndex();
  private uses = 0;

  constructor(hardware: Hardware, ram: GuestRam, pool: FramePool, ledger: Ledger) {
    this.hardware = hardware;
    this.ram = ram;
    this.pool = pool;
    this.ledger = ledger;
    ram.onWrite = (address, bytes) => this.stored(Number(address), bytes);
  }

  /** The context that a virtual CPU runs in now, made if it is new. */
  enter(cpu: VirtualCpu): ShadowContext {
    const view = viewOf(cpu);
    const key = contextKey(cpu, view, cpu.protection);
    let context = this.contexts.get(key);
    if (context === undefined) {
      const mode = modeOf(cpu, view);
      context = new ShadowContext(this.hardware, this.pool, { view, mode, root: this.frameFor(undefined) });
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

  /** Whether stores to the page of this guest-physical address must be seen. */
  isTraced(address: number): boolean {
    return this.index.isTraced(Math.floor(address / PAGE_BYTES));
  }

  /**
   * Maps what a walk of the guest's tables has just found: `cpu.walked` holds its entries, none where the guest does
   * not translate. False: the shadow must withhold this access, which has to be emulated.
   */
  fill(cpu: VirtualCpu, access: Access, va: GuestVirtual, address: GuestPhysical): boolean {
    const context = this.enter(cpu);
    for (const { address: at } of cpu.walked) this.trace(Number(at >> PAGE_SHIFT));
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
    const traced = holdsOwnTable || this.index.isAnyTraced(frame, frames);
    if (traced && level > 0) return false;
    const rights = rightsOf(cpu, context.view, cpu.walked.at(-1)?.bits, { address: start, bytes, traced });
    if (!grants(rights, access)) return false;
    const slot = this.slotFor(context, va, level);
    if (slot === undefined) return false;
    const old = context.leaves.get(slot);
    if (old !== undefined) this.erase(old);
    const sources = cpu.walked.map((read) => Number(read.address));
    const leaf: Leaf = { context, slot, frame, frames, writable: rights.write, sources };
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
    for (const leaf of victim.leaves.values()) this.index.remove(leaf);
    victim.clear();
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
  }

  /** From now on stores to this frame must be seen: leaves that let them through go. */
  private trace(frame: number): void {
    if (this.index.isTraced(frame)) return;
    for (const leaf of this.index.mapping(frame)) if (leaf.writable) this.erase(leaf);
  }

  /** The guest's memory changes: what derives from these bytes as page-table entries goes. @param address physical. */
  stored(address: number, bytes: number): void {
    const first = address - (address % ENTRY_BYTES);
    const end = address + bytes;
    for (let at = first; at < end; ) {
      const frame = Math.floor(at / PAGE_BYTES);
      if (!this.index.isTraced(frame)) {
        at = (frame + 1) * PAGE_BYTES;
        continue;
      }
      for (const leaf of this.index.derivedFrom(at)) this.erase(leaf);
      at += ENTRY_BYTES;
    }
  }
}
