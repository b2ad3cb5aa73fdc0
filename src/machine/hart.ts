// A hart of the simulated machine: the reference evaluator with a TLB and a memo of decoded words in front, and a
// run loop. What it computes is the reference's; what it adds is only memory of earlier answers, dropped when their
// grounds change: a frame that a walk has read is kept out of the store TLB, so that every store to it is seen.

import type { GuestPhysical, GuestVirtual } from '../../isa/address.ts';
import { instructionBytes } from '../../isa/decode.ts';
import { PMP_ENTRIES, WORD, wordIndex } from '../../isa/layout.ts';
import type { Physical } from '../../isa/physical.ts';
import { isOpen, pmp } from '../../isa/pmp.ts';
import { failed, Reference, type Step } from '../../isa/reference.ts';
import { effectiveMode } from '../../isa/translation.ts';
import { delegated } from '../../isa/trap.ts';
import type { Access, Raised, Width } from '../../isa/vocabulary.ts';
import { decodeOnce } from './decode-once.ts';
import { KEPT_OUT, type Memory, RAM_BASE, Watched } from './memory.ts';
import { Tlb } from './tlb.ts';

const PAGE = 4096;
const PAGE_OFFSET = 4095n;
const NO_CONTEXT = -2;

/** Words that a translation depends on. */
const TRANSLATION_WORDS = new Set([
  ...['mode', 'mstatus', 'satp', 'menvcfg', 'pmpcfg0', 'pmpcfg2'].map((name) => WORD[name as 'satp']),
  ...Array.from({ length: PMP_ENTRIES }, (_, i) => wordIndex(`pmpaddr${i}`)),
]);
/** Those of them that change so rarely that all their values together have a number. */
const PROTECTION_WORDS = new Set(
  [...TRANSLATION_WORDS].filter((index) => ![WORD.mode, WORD.mstatus, WORD.satp].includes(index)),
);
/** Words that say when the supervisor's timer interrupt is due. */
const TIMER_WORDS = new Set([WORD.stimecmp, WORD.menvcfg]);

export class Hart extends Reference {
  private readonly memory: Memory;
  /** Place of the state block in the machine's memory. */
  readonly base: number;
  readonly tlbs: Readonly<Record<Access, Tlb>> = { fetch: new Tlb(), load: new Tlb(), store: new Tlb() };
  private readonly contexts = new Map<string, number>();
  private contextOf: Record<Access, number> = { fetch: NO_CONTEXT, load: NO_CONTEXT, store: NO_CONTEXT };
  private contextStale = true;
  /** Whether lookups are remembered here; the translator remembers for itself. */
  remembers = true;
  /** The words of PROTECTION_WORDS may have changed since `protectionKey` was last asked for. */
  protectionStale = true;
  /** Set where an instruction changed when the next event is due: a timer's comparison, a device. */
  disturbed = false;
  /** Traps to M-mode are not taken but handed to whoever runs the hart, in `cause` and `tval`. */
  machineTrapsLeave = false;
  /** Called at an environment call from S, where traps leave: whether it was answered. */
  environmentCall: () => boolean = () => false;
  /** Called at a load or fetch, by physical address, from a frame that is watched for it. */
  onWatched: (access: Access, address: bigint) => void = () => {};
  /** Called when stores to one more frame must be seen: it leaves the store TLBs, those of other harts too. */
  onTable: () => void = () => this.tlbs.store.flush();
  /** A trap was handed over. */
  left = false;

  constructor(memory: Memory, physical: Physical) {
    const base = memory.allocateState();
    super(physical, memory.buffer, base);
    this.base = base;
    this.memory = memory;
  }

  override step(): Step {
    this.instruction = 0n;
    const interrupt = this.interrupt();
    if (interrupt !== 0n) return this.takeTrap(interrupt, 0n);
    const parcel = this.fetch();
    if (failed(parcel)) return this.takeTrap(this.cause, this.tval);
    return this.executeStep(decodeOnce(parcel), parcel);
  }

  override takeTrap(cause: bigint, tval: bigint): Step {
    if (!this.machineTrapsLeave || delegated<bigint>(this, cause)) return super.takeTrap(cause, tval);
    this.countTrap();
    this.cause = cause;
    this.tval = tval;
    this.left = true;
    return 'trapped';
  }

  /** Drops every translation; for a change of page tables. */
  flush(): void {
    this.tlbs.fetch.flush();
    this.tlbs.load.flush();
    this.tlbs.store.flush();
  }

  override setWord(index: number, value: bigint): void {
    if (TRANSLATION_WORDS.has(index)) this.contextStale = true;
    if (PROTECTION_WORDS.has(index)) this.protectionStale = true;
    if (TIMER_WORDS.has(index)) this.disturbed = true;
    super.setWord(index, value);
  }
  override setField(index: number, field: Parameters<Reference['setField']>[1], value: bigint): void {
    if (TRANSLATION_WORDS.has(index)) this.contextStale = true;
    if (PROTECTION_WORDS.has(index)) this.protectionStale = true;
    super.setField(index, field, value);
  }
  /** For whoever writes the block by other ways than by these words. */
  stateChanged(): void {
    this.contextStale = true;
    this.protectionStale = true;
  }
  /** Whether loads are neither translated nor, anywhere in RAM, forbidden, and have the mode that fetches have. */
  loadsAreOpen(): boolean {
    const mode = effectiveMode<bigint>(this, 'load');
    if (mode !== this.mode || (mode !== MACHINE && this.satp.MODE !== 0n)) return false;
    return this.ask(pmp.load, { address: RAM_BASE, bytes: BigInt(this.memory.ramBytes), mode });
  }
  isOpen(access: Access): boolean {
    return isOpen(this, access);
  }
  /** All that a translation depends on besides the page tables, satp, mode, SUM and MXR. */
  protectionKey(): string {
    this.protectionStale = false;
    return [...PROTECTION_WORDS].map((index) => this.word(index)).join();
  }

  private context(access: Access): number {
    if (this.contextStale) {
      this.contextStale = false;
      const protection = [
        this.pmpcfg0,
        this.pmpcfg2,
        ...Array.from({ length: PMP_ENTRIES }, (_, i) => this.named(`pmpaddr${i}`)),
      ];
      const common = `${this.satp.bits} ${this.mstatus.SUM} ${this.mstatus.MXR} ${this.menvcfg.ADUE} ${protection.join()}`;
      // A guest can make any number of contexts; starting over is always right, but not between two that are in use.
      if (this.contexts.size + 2 > CONTEXT_LIMIT) {
        this.contexts.clear();
        this.flush();
      }
      const data = this.intern(`${effectiveMode<bigint>(this, 'load')} ${common}`);
      this.contextOf = { fetch: this.intern(`${this.mode} ${common}`), load: data, store: data };
    }
    return this.contextOf[access];
  }
  private intern(key: string): number {
    const known = this.contexts.get(key);
    if (known !== undefined) return known;
    const number = this.contexts.size;
    this.contexts.set(key, number);
    return number;
  }

  override fetch(): number | Raised {
    const { pc } = this;
    const place = this.tlbs.fetch.lookup(this.context('fetch'), pc, 2);
    if (place < 0) return super.fetch();
    const low = this.memory.halfAt(place);
    if (instructionBytes(low) === 2) return low;
    if ((place & (PAGE - 1)) === PAGE - 2) return super.fetch();
    return (this.memory.halfAt(place + 2) << 16) | low;
  }

  override load(address: bigint, bytes: Width): bigint {
    const place = this.tlbs.load.lookup(this.context('load'), address, bytes);
    return place < 0 ? super.load(address, bytes) : this.memory.readAt(place, bytes);
  }

  override store(address: bigint, bytes: Width, value: bigint): void {
    const place = this.tlbs.store.lookup(this.context('store'), address, bytes);
    if (place < 0) super.store(address, bytes, value);
    else this.memory.writeAt(place, bytes, value);
  }

  override physicalAddress(access: Access, va: GuestVirtual, bytes: number): GuestPhysical | Raised {
    const pa = super.physicalAddress(access, va, bytes);
    if (failed(pa)) return pa;
    this.observe(access, pa);
    this.remember(access, va, pa);
    return pa;
  }

  /** Tells of a load or fetch from a frame of which such are watched; stores are told of where memory changes. */
  private observe(access: Access, pa: GuestPhysical): void {
    if (access === 'store' || !this.memory.contains(pa, 1)) return;
    const frame = this.memory.frameOf(this.memory.place(pa));
    if ((this.memory.flags[frame] as number) & KEPT_OUT[access]) this.onWatched(access, pa);
  }

  /** Enters a translation if it is the same for the whole page: RAM, unprotected or protected alike. */
  private remember(access: Access, va: GuestVirtual, pa: GuestPhysical): void {
    if (!this.remembers) return;
    const page = pa & ~PAGE_OFFSET;
    if (!this.memory.contains(page, PAGE)) return;
    const mode = effectiveMode<bigint>(this, access);
    if (!this.ask(pmp[access], { address: page, bytes: BigInt(PAGE), mode })) return;
    const place = this.memory.place(page);
    if ((this.memory.flags[this.memory.frameOf(place)] as number) & KEPT_OUT[access]) return;
    this.tlbs[access].insert(this.context(access), va, place);
  }

  override loadPhysical(address: bigint): bigint {
    const frame = this.memory.frameOf(this.memory.place(address));
    const flags = this.memory.flags[frame] as number;
    if (this.remembers && (flags & Watched.Table) === 0) {
      this.memory.flags[frame] = flags | Watched.Table;
      this.onTable();
    }
    return super.loadPhysical(address);
  }

  /** The accessed and dirty bits that a walk sets invalidate nothing: no other entry depends on their being clear. */
  override storePhysical(address: bigint, value: bigint): void {
    this.memory.writeAt(this.memory.place(address), 8, value);
  }
}

const CONTEXT_LIMIT = 4096;
const MACHINE = 3n;
