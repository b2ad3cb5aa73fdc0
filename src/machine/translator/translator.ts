// The translator as the hardware sees it: runs a hart for a number of steps in wasm, and comes back with what wasm
// does not do. Behind it are the core (one module, made once), records, system functions and regions, which are made
// as control comes to code; all of them can be dropped and made anew, since none of them holds state.

import { assert } from '../../../isa/assert.ts';
import { Cause } from '../../../isa/causes.ts';
import { type Decoded, instructionBytes, isPresent } from '../../../isa/decode.ts';
import { WORD } from '../../../isa/layout.ts';
import type { Access, Width } from '../../../isa/vocabulary.ts';
import { decodeOnce } from '../decode-once.ts';
import type { Engine } from '../engine.ts';
import type { Memory } from '../memory.ts';
import { Watched } from '../memory.ts';
import { FRAME_BYTES, GLOBAL, LINE_SHIFT, OPEN, RAM_AT, SCRATCH } from '../memory-map.ts';
import type { RunBus } from '../run-bus.ts';
import { NO_WORD, type WordWidth } from '../surroundings.ts';
import type { Reach } from './access.ts';
import { Coherence } from './coherence.ts';
import { compiledCore } from './core-bytes.ts';
import { ExitCode } from './exits.ts';
import { softFloatByNumber } from './floats.ts';
import { HANDLERS } from './interpreter.ts';
import { Records } from './records.ts';
import { type Graph, graphOf } from './region/graph.ts';
import { RegionModule } from './region/module.ts';
import { type Region, Regions } from './regions.ts';
import { countsOf, type Made, type TranslatorStatistics } from './statistics.ts';
import { type Form, formOf, SystemModule } from './system.ts';

/** The core's functions that are called from here. All take the place of a state block. */
interface CoreExports {
  enter(base: number, budget: number): number;
  resume(base: number, remaining: number): number;
  step(base: number, remaining: number): number;
  boundary(base: number, remaining: number): number;
  settle(base: number, remaining: number): number;
  reselect(base: number): void;
  selectRoot(base: number): number;
  mark(frame: number, lines: bigint, flag: number): void;
}

/** A hart as the translator knows it. */
export interface TranslatedHart {
  /** Where its state block is. */
  readonly base: number;
  /** Whether `protectionKey` may have changed since it was last asked for. */
  readonly protectionStale: boolean;
  protectionKey(): string;
  /** Whether its PMP permits S and U this access anywhere. */
  isOpen(access: Access): boolean;
  /** Whether it may load from all of RAM by its physical address. */
  loadsAreOpen(): boolean;
  /** What is around its memory, if that is not the machine's. */
  readonly bus?: RunBus;
  /** Of a context: whether stores to a frame of its memory must be told of, and telling of one. */
  readonly isTable?: (address: number) => boolean;
  readonly tableStored?: (address: number, bytes: number) => void;
  /** Of a context that tells: it has done a fence, these are its bits; or, where they are 0, it has written satp. */
  readonly fenced?: (bits: number) => void;
  /** Of a context: its root lacks what a walk of its tables allows. Whether it has been given. */
  readonly lacks?: (cause: number, low: number, high: number, remaining: number) => boolean;
  /** An environment call from S that would leave: whether it was answered. */
  readonly environmentCall?: () => boolean;
}

const ACCESSES: readonly Access[] = ['fetch', 'load', 'store'];
/** Of what a number can hold of an access. */
const WORD_BYTES = 4;
const WORD_BITS = 32;
const ALL_ONES = 0xffff_ffff;

const numeric = (high: number, low: number) => (high >>> 0) * HALF + (low >>> 0);
const physicalAddress = (high: number, low: number) => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);

/** How many arrivals make an instruction hot: a region costs about as much as interpreting a million instructions. */
const HEAT: Readonly<Record<Exclude<Engine, 'reference'>, number>> = { baseline: 0, regions: 1, auto: 1024 };
/** A form of system instruction that the reference has run so often gets a function. */
const FORM_HEAT = 4;
/** Entries of the function table, the first of them nobody's; a module with one function takes the host some 70 KB. */
const TABLE_SIZE = 2048;
/** Numbers for what protects memory, before they start over. */
const PROTECTIONS = 4096;
const HALF = 2 ** 32;
const OFFSET = BigInt(FRAME_BYTES - 1);

export class Translator {
  private readonly memory: Memory;
  private readonly words: Uint32Array;
  private readonly harts: TranslatedHart[] = [];
  private readonly records: Records;
  private readonly coherence: Coherence;
  private readonly regions: Regions;
  private readonly heat: number;
  private core!: CoreExports;
  private table!: WebAssembly.Table;
  private readonly view: DataView;
  private nextFunction = 1;
  private timeOffset = 0n;
  /** What runs now. */
  private running: TranslatedHart | undefined;
  private watchesLoads = false;
  /** Instructions at these offsets in a page are the reference's. */
  private asideOffsets: ReadonlySet<number> = new Set();
  /** Whether harts may run contexts, whose sensitive instructions are counted. */
  private countsSensitive = false;
  private readonly bus: RunBus;
  private readonly made: { -readonly [What in keyof Made]: number } = {
    arrivals: 0,
    regions: 0,
    regionInstructions: 0,
    modules: 0,
    emitNanoseconds: 0,
    compileNanoseconds: 0,
  };
  /** Nanoseconds of host time, where that is to be told. */
  hostClock: () => number = () => 0;
  private readonly protections = new Map<string, number>();
  private readonly forms = new Map<string, { uses: number; index: number | undefined }>();

  constructor(memory: Memory, engine: Exclude<Engine, 'reference'>, bus: RunBus) {
    this.memory = memory;
    this.bus = bus;
    this.heat = HEAT[engine];
    this.words = new Uint32Array(memory.buffer);
    this.view = new DataView(memory.buffer);
    this.view.setBigUint64(GLOBAL.ramBytes, BigInt(memory.ramBytes), true);
    this.coherence = new Coherence(memory, {
      codeStored: (frame, offset, bytes) => this.codeStored(frame, offset, bytes),
      hasCode: (frame, offset, bytes) =>
        this.records.isDecoded(frame, offset, bytes) || this.regions.isWithinBytes(frame, offset, bytes),
      entriesOfPage: (high, low) => this.regions.entriesOfPage(high, low),
      spacesDropped: () => {
        for (const { base } of this.harts) this.core.reselect(base);
        if (this.running !== undefined && !this.harts.includes(this.running)) this.core.selectRoot(this.running.base);
      },
    });
    this.records = new Records({
      memory,
      heat: this.heat,
      systemFunction: (decoded) => this.systemFunction(decoded),
      isAside: (offset) => this.asideOffsets.has(offset),
      mark: (frame, lines) => this.core.mark(frame, lines, Watched.Code),
    });
    this.regions = new Regions(memory, this.records);
    this.instantiate();
  }

  private codeStored(frame: number, offset: number, bytes: number): void {
    this.records.drop(frame, offset, bytes);
    if (this.regions.drop(frame, offset, bytes)) this.coherence.dropJumps();
  }

  private instantiate(): void {
    this.table = new WebAssembly.Table({ element: 'anyfunc', initial: TABLE_SIZE });
    const host = {
      memory: this.memory.shared,
      table: this.table,
      beforeTableStore: (place: number, bytes: number) => this.coherence.beforeTableStore(place >>> 0, bytes),
      deviceLoad: (remaining: number, low: number, high: number, kind: number) =>
        Number(this.deviceLoad(remaining, low, high, kind)),
      deviceStore: (remaining: number, low: number, high: number, kind: number) =>
        Number(this.deviceStore(remaining, low, high, kind)),
      timerWritten: (remaining: number) => this.timerWritten(remaining),
      environmentCall: (remaining: number) => Number(this.environmentCall(remaining)),
      afterTableStore: () => this.coherence.afterTableStore(),
      softFloat: softFloatByNumber,
      isContextTable: (low: number, high: number) => Number(this.running?.isTable?.(numeric(high, low)) ?? false),
      contextTableStored: (low: number, high: number, bytes: number) =>
        this.running?.tableStored?.(numeric(high, low), bytes),
      contextFenced: (bits: number) => this.running?.fenced?.(bits),
      contextLacks: (cause: number, low: number, high: number, remaining: number) =>
        Number(this.running?.lacks?.(cause, low >>> 0, high >>> 0, remaining) ?? false),
    };
    // What the core exports is what its list declares.
    this.core = new WebAssembly.Instance(compiledCore(), { host }).exports as unknown as CoreExports;
    this.nextFunction = 1;
  }

  /** @param trapsLeave whether traps to M-mode are the caller's. */
  attach(hart: TranslatedHart, trapsLeave: boolean): void {
    this.harts.push(hart);
    this.words[(hart.base + SCRATCH.trapsLeave) >>> 2] = trapsLeave ? 1 : 0;
    this.words[(hart.base + SCRATCH.leaving) >>> 2] = trapsLeave ? 1 << Cause.EnvironmentCallFromS : 0;
    this.words[(hart.base + SCRATCH.host) >>> 2] = hart.base;
    this.countsSensitive = trapsLeave;
  }

  /** From now on loads from some frames must be seen: code that loads without a lookup goes. */
  watchLoads(): void {
    if (this.watchesLoads) return;
    this.watchesLoads = true;
    this.reset();
  }

  /** From now on instructions at these addresses are left to the reference, and so are others, by how far in a page they are. */
  leaveAside(addresses: Iterable<bigint>): void {
    const wanted = new Set([...addresses].map((pc) => Number(pc & OFFSET) & ~1));
    const isKept = wanted.size > 0 || this.asideOffsets.size === 0;
    if (isKept && [...wanted].every((offset) => this.asideOffsets.has(offset))) return;
    this.asideOffsets = wanted;
    this.reset();
  }

  /** Drops all code and all that is remembered of memory: for a change that reaches everything. */
  reset(): void {
    this.records.clear();
    this.regions.clear();
    this.forms.clear();
    this.instantiate();
    this.coherence.dropSpaces();
  }

  /** Bytes of a frame with these flags are about to change. */
  stored(flags: number, place: number, bytes: number): void {
    this.coherence.stored(flags, place, bytes);
  }
  /** A page-table entry in a frame of RAM is about to change, and nothing else of its frame. */
  entryStored(place: number): void {
    this.coherence.entryStored(place);
  }
  /** Forgets every translation. */
  dropSpaces(): void {
    this.coherence.dropSpaces();
  }
  /** A frame is watched from now on: it leaves the store TLBs. */
  protect(frame: number): void {
    this.core.mark(frame, 0n, 0);
  }

  /**
   * Begins a run of a hart.
   * @param now the board's step, and `timeOffset` what was added to mtime in ticks, if that may have changed.
   * @returns what is left of the budget; `exitOf` says why it came back.
   */
  enter(hart: TranslatedHart, budget: number, now: number, timeOffset = this.timeOffset): number {
    const { base } = hart;
    const { words } = this;
    words[(base + SCRATCH.budget) >>> 2] = budget;
    words[(base + SCRATCH.now) >>> 2] = now % HALF;
    words[(base + SCRATCH.now + 4) >>> 2] = now / HALF;
    if (timeOffset !== this.timeOffset) {
      this.timeOffset = timeOffset;
      for (const each of this.harts) this.view.setBigUint64(each.base + SCRATCH.timeOffset, timeOffset, true);
    }
    this.updateProtection(hart);
    this.running = hart;
    return this.serve(hart, this.core.enter(base, budget));
  }
  /** Goes on after a step that was taken elsewhere. */
  goOn(hart: TranslatedHart, remaining: number): number {
    const { base } = hart;
    this.words[(base + SCRATCH.counted) >>> 2] = remaining;
    this.updateProtection(hart);
    this.running = hart;
    return this.serve(hart, this.core.settle(base, remaining));
  }

  /** Numbers what protects memory, for the keys of spaces. */
  updateProtection(hart: TranslatedHart): void {
    if (!hart.protectionStale) return;
    const key = hart.protectionKey();
    let number = this.protections.get(key);
    if (number === undefined) {
      if (this.protections.size === PROTECTIONS) {
        this.protections.clear();
        this.coherence.dropSpaces();
      }
      number = this.protections.size;
      this.protections.set(key, number);
    }
    this.words[(hart.base + SCRATCH.protection) >>> 2] = number;
    this.noteOpen(hart);
  }
  /** The PMP may have changed. */
  noteOpen(hart: TranslatedHart): void {
    const open = ACCESSES.reduce((bits, access) => (hart.isOpen(access) ? bits | OPEN[access] : bits), 0);
    this.words[(hart.base + SCRATCH.open) >>> 2] = open;
  }

  /** Does what wasm leaves to the translator itself, until it is something else. */
  private serve(hart: TranslatedHart, first: number): number {
    const { base } = hart;
    let remaining = first;
    for (;;) {
      switch (this.words[(base + SCRATCH.exit) >>> 2]) {
        case ExitCode.Decode:
          this.decode(hart);
          remaining = this.core.step(base, remaining);
          break;
        case ExitCode.Hot:
          remaining = this.arrived(hart) ? this.core.resume(base, remaining) : this.core.step(base, remaining);
          break;
        default:
          this.running = undefined;
          return remaining;
      }
    }
  }

  exitOf({ base }: TranslatedHart): number {
    return this.words[(base + SCRATCH.exit) >>> 2] as number;
  }
  /** The trap that left. */
  causeOf({ base }: TranslatedHart): bigint {
    return this.view.getBigUint64(base + SCRATCH.cause, true);
  }
  trapValueOf({ base }: TranslatedHart): bigint {
    return this.view.getBigUint64(base + SCRATCH.tval, true);
  }

  private decode({ base }: TranslatedHart): void {
    const record = this.words[GLOBAL.record >>> 2] as number;
    if (record !== 0) this.records.decode(record, this.extensionsOf(base));
    else if (!this.records.allocate(this.words[GLOBAL.frame >>> 2] as number)) this.reset();
  }

  private extensionsOf(base: number): number {
    return this.words[(base + WORD.extensions * 8) >>> 2] as number;
  }

  /** What became of a hart's steps, and what the translator made. @param contexts that it ran. */
  statistics({ base }: TranslatedHart, contexts: readonly { readonly base: number }[]): TranslatorStatistics {
    return { ...countsOf(this.view, base, contexts), made: { ...this.made } };
  }

  // Devices.

  private get runningBus(): RunBus {
    return this.running?.bus ?? this.bus;
  }

  private deviceLoad(remaining: number, low: number, high: number, bytes: number): boolean {
    const bus = this.runningBus;
    const word = high === 0 && bytes <= WORD_BYTES ? bus.readWord(remaining, low >>> 0, bytes as WordWidth) : NO_WORD;
    if (word !== NO_WORD) {
      this.words[GLOBAL.window >>> 2] = word;
      this.words[(GLOBAL.window >>> 2) + 1] = 0;
    } else {
      const value = bus.read(remaining, physicalAddress(high, low), bytes as Width);
      if (value === undefined) return false;
      this.view.setBigUint64(GLOBAL.window, value, true);
    }
    this.cut(remaining - 1); // its step is still to come
    return true;
  }
  private deviceStore(remaining: number, low: number, high: number, bytes: number): boolean {
    const bus = this.runningBus;
    const word = (this.words[GLOBAL.window >>> 2] as number) & (ALL_ONES >>> (WORD_BITS - bytes * 8));
    const isWord = high === 0 && bytes <= WORD_BYTES;
    if (!isWord || !bus.writeWord(remaining, low >>> 0, bytes as WordWidth, word >>> 0)) {
      const value = BigInt.asUintN(bytes * 8, this.view.getBigUint64(GLOBAL.window, true));
      if (!bus.write(remaining, physicalAddress(high, low), bytes as Width, value)) return false;
    }
    this.cut(remaining - 1);
    return true;
  }

  /** A stimecmp was written by the step behind which so much of the budget is left. */
  private timerWritten(remaining: number): void {
    const { base } = this.running as TranslatedHart;
    this.runningBus.timersChanged(remaining, this.words[(base + WORD.mhartid * 8) >>> 2] as number);
    this.cut(remaining);
  }
  /** An environment call before which so much is left, and which would leave. */
  private environmentCall(remaining: number): boolean {
    this.runningBus.at(remaining - 1);
    if (!this.running?.environmentCall?.()) return false;
    this.cut(remaining - 1);
    return true;
  }
  /** Moves the end of the budget to where the run must come back now; GLOBAL.cut says by how much. */
  private cut(left: number): void {
    const { base } = this.running as TranslatedHart;
    const { words } = this;
    const off = this.runningBus.cut(left);
    words[GLOBAL.cut >>> 2] = off;
    words[(base + SCRATCH.budget) >>> 2] = (words[(base + SCRATCH.budget) >>> 2] as number) - off;
    words[(base + SCRATCH.counted) >>> 2] = (words[(base + SCRATCH.counted) >>> 2] as number) - off;
  }

  // Regions.

  /** Control has arrived at a hart's pc often. Whether a region begins there now. */
  private arrived(hart: TranslatedHart): boolean {
    const { base } = hart;
    this.made.arrivals++;
    const pc = this.view.getBigUint64(base + WORD.pc * 8, true);
    const frame = this.regions.frameAt(base, pc);
    const record = this.recordAt(base, pc);
    if (this.heat === 0 || frame === undefined || record === undefined) return false;
    const reach = this.reachOf(hart);
    let region = this.regions.find(base, pc, reach.kind);
    if (region === undefined && this.startedOver()) return false;
    // From the middle of a region control soon comes to where it can be entered.
    if (region === undefined && (this.heat === 1 || !this.regions.isWithin(base, pc, frame, reach.kind)))
      region = this.compileRegion(base, pc, reach);
    this.records.setEntry(record, region !== undefined);
    if (region !== undefined) this.regions.enterFrom(base, pc, region);
    return region !== undefined;
  }

  private recordAt(base: number, pc: bigint): number | undefined {
    const frame = this.regions.frameAt(base, pc);
    return frame === undefined ? undefined : this.records.at(frame, Number(pc & OFFSET));
  }

  private compileRegion(base: number, entry: bigint, reach: Reach): Region | undefined {
    const started = this.hostClock();
    const graph = graphOf(
      {
        decode: (pc) => this.decodeAt(base, pc),
        frame: (page) => this.regions.frameAt(base, page),
      },
      entry,
    );
    if (graph === undefined) return undefined;
    this.made.regions++;
    this.made.regionInstructions += graph.size;
    const module = new RegionModule(this.countsSensitive);
    module.add(graph, reach);
    const index = this.takeFunctions(module.size);
    const bytes = module.bytes(index);
    this.made.emitNanoseconds += this.hostClock() - started;
    this.load(bytes);
    const region = { graph, reach: reach.kind, index };
    this.regions.add(region);
    for (const pc of graph.entries) {
      const record = this.recordAt(base, pc);
      if (record !== undefined) this.records.setEntry(record, true);
    }
    for (const { page, frame } of graph.pages) this.markCode(graph, page, frame);
    return region;
  }

  /** The instruction at pc, if its pages are known and it may be part of a region. */
  private decodeAt(base: number, pc: bigint): Decoded | undefined {
    const low = this.parcelAt(base, pc);
    if (low === undefined || this.asideOffsets.has(Number(pc & OFFSET))) return undefined;
    const high = instructionBytes(low) === 2 ? 0 : this.parcelAt(base, pc + 2n);
    const decoded = high === undefined ? undefined : decodeOnce(((high << 16) | low) >>> 0);
    return decoded && isPresent(decoded, this.extensionsOf(base)) ? decoded : undefined;
  }
  private parcelAt(base: number, pc: bigint): number | undefined {
    const frame = this.regions.frameAt(base, pc);
    if (frame === undefined || (this.memory.flags[frame] as number) & Watched.Fetch) return undefined;
    return this.view.getUint16(RAM_AT + frame * FRAME_BYTES + Number(pc & OFFSET), true);
  }

  /** Marks the lines of a page that a region was made from. */
  private markCode({ blocks }: Graph, page: bigint, frame: number): void {
    let lines = 0n;
    for (const { instructions } of blocks.values()) {
      for (const { pc, decoded } of instructions) {
        for (const byte of [pc, pc + BigInt(decoded.bytes - 1)]) {
          if ((byte & ~OFFSET) === page) lines |= 1n << ((byte & OFFSET) >> BigInt(LINE_SHIFT));
        }
      }
    }
    this.core.mark(frame, lines, Watched.Code);
  }

  /**
   * How code reaches memory in the state that a hart is in: loads of a mode that is neither translated nor kept off any
   * of RAM need no lookup. A fetch space is of one mode, satp and protection, so all code in it reaches alike.
   */
  private reachOf(hart: TranslatedHart): Reach {
    return !this.watchesLoads && hart.loadsAreOpen()
      ? { kind: 'direct', ramBytes: this.memory.ramBytes }
      : { kind: 'tlb' };
  }

  // System instructions.

  private systemFunction(decoded: Decoded): number | undefined {
    const form = formOf(decoded);
    if (form === undefined) return undefined;
    const known = this.forms.get(form.key);
    return known?.index;
  }

  /** Counts steps that the reference took. */
  countAsides({ base }: TranslatedHart, steps: number): void {
    const at = base + SCRATCH.asides;
    this.view.setBigUint64(at, this.view.getBigUint64(at, true) + BigInt(steps), true);
  }
  /** The reference did what was left aside: a system instruction that comes often gets a function. */
  ranAside(hart: TranslatedHart, word: number): void {
    this.countAsides(hart, 1);
    const record = this.words[GLOBAL.record >>> 2] as number;
    const decoded = record === 0 ? undefined : decodeOnce(word);
    if (decoded && !HANDLERS.has(decoded.instruction)) this.useForm(decoded, record);
  }
  /**
   * The bits of the system instruction that a context's run was left for; undefined where it was left for another.
   * One that comes often gets a function here too.
   */
  sensitiveAside(context: TranslatedHart): number | undefined {
    const record = this.words[GLOBAL.record >>> 2] as number;
    if (record === 0) return undefined;
    const decoded = this.decodeAt(context.base, this.view.getBigUint64(context.base + WORD.pc * 8, true));
    if (decoded === undefined || HANDLERS.has(decoded.instruction)) return undefined;
    this.useForm(decoded, record);
    return decoded.bits;
  }
  private useForm(decoded: Decoded, record: number): void {
    const form = formOf(decoded);
    if (form === undefined) return;
    let known = this.forms.get(form.key);
    if (known === undefined) {
      known = { uses: 0, index: undefined };
      this.forms.set(form.key, known);
    }
    known.uses++;
    if (known.index === undefined && known.uses >= FORM_HEAT) {
      if (this.startedOver()) return;
      known.index = this.compileForm(form);
    }
    if (known.index !== undefined) this.records.forget(record);
  }

  private compileForm(form: Form): number {
    const index = this.takeFunctions(1);
    const module = new SystemModule(index, this.countsSensitive);
    module.add(form);
    this.load(module.bytes());
    return index;
  }

  /** Drops all code where there is no room for more: a guest that changes its own can make any amount. */
  private startedOver(): boolean {
    if (this.nextFunction < TABLE_SIZE) return false;
    this.reset();
    return true;
  }
  private takeFunctions(count: number): number {
    const first = this.nextFunction;
    assert(first + count <= TABLE_SIZE, 'the function table is full');
    this.nextFunction += count;
    return first;
  }
  private load(bytes: Uint8Array<ArrayBuffer>): void {
    this.made.modules++;
    const started = this.hostClock();
    const module = new WebAssembly.Module(bytes);
    const core = { ...this.core, table: this.table };
    new WebAssembly.Instance(module, { host: { memory: this.memory.shared }, core });
    this.made.compileNanoseconds += this.hostClock() - started;
  }
}
