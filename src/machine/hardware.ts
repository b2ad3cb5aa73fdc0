// The door: all that software-like callers (the monitor, the debugger, the tools) may ask of the simulated machine.
// Behind it are harts and RAM; a board, where there is one, answers for devices and time. Every way in that changes
// memory drops what was derived from the bytes, so that no caller has to know what the machine remembers.

import type { SystemPhysical } from '../../isa/address.ts';
import { assert } from '../../isa/assert.ts';
import { csrAccess, isReadOnlyCsr } from '../../isa/csr-access.ts';
import { csrOf } from '../../isa/csrs.ts';
import { Mode, WORD } from '../../isa/layout.ts';
import type { Physical } from '../../isa/physical.ts';
import { failed } from '../../isa/reference.ts';
import { PrivilegedState, STATE_BYTES } from '../../isa/state.ts';
import type { Access, Width } from '../../isa/vocabulary.ts';
import { type Context, type ContextOptions, Contexts, type ContextWalk } from './contexts.ts';
import { DEFAULT_ENGINE, ENGINES, type Engine } from './engine.ts';
import { type Exit, newExit } from './exit.ts';
import { Hart } from './hart.ts';
import { type Lookout, type LookoutPlaces, lookOutFor } from './lookout.ts';
import { Memory, RAM_BASE, Watched } from './memory.ts';
import { RAM_AT, RAM_LIMIT_BYTES, SCRATCH, STATE_BLOCKS } from './memory-map.ts';
import { RunBus } from './run-bus.ts';
import type { Surroundings } from './surroundings.ts';
import { ExitCode } from './translator/exits.ts';
import type { TranslatorStatistics } from './translator/statistics.ts';
import { Translator } from './translator/translator.ts';

export type { Context, ContextWalk, Engine, Exit, Lookout, LookoutPlaces, Surroundings, TranslatorStatistics };
export { DEFAULT_ENGINE, ENGINES, newExit, RAM_LIMIT_BYTES, STATE_BLOCKS };

export interface HardwareOptions {
  readonly ramBytes: number;
  readonly harts?: number;
  readonly surroundings?: Surroundings;
  /** Who takes traps to M-mode: the machine's own M-mode software, or the caller of `run`. */
  readonly machineTraps: 'enter' | 'leave';
  readonly engine?: Engine;
  /** Where traps leave: called at an environment call from S, whether it was answered. If not, it leaves. */
  readonly environmentCall?: (hart: number) => boolean;
}

/** A copy of a machine: each hart's block, and the frames of RAM that are not zero. */
export interface Snapshot {
  readonly states: readonly Uint8Array[];
  readonly frames: readonly { readonly address: SystemPhysical; readonly bytes: Uint8Array }[];
}

/** A user of breakpoints resumes from one: the first instruction of a run never stops at its own. */
const FIRST = 0;
const FRAME_BYTES = 4096;
const PTE_BYTES = 8;

interface Watcher {
  readonly frame: number;
  readonly access: Access;
  readonly seen: (address: SystemPhysical, bytes: number) => void;
}
const WATCH_FLAG = { fetch: Watched.Fetch, load: Watched.Load, store: Watched.Store } as const;

export class Hardware {
  readonly ramBase = RAM_BASE;
  readonly ramBytes: number;
  private readonly memory: Memory;
  private readonly harts: readonly Hart[];
  private readonly surroundings: Surroundings | undefined;
  private readonly watchers = new Set<Watcher>();
  private readonly breakpoints = new Set<bigint>();
  private lookout: Lookout | undefined;
  /** What runs instructions; without one, the reference does. */
  private readonly translator: Translator | undefined;
  private readonly contextRuns: Contexts | undefined;
  /** Of the run in progress. */
  private readonly bus = new RunBus();

  constructor(options: HardwareOptions) {
    const { ramBytes, harts = 1, surroundings, machineTraps, engine = DEFAULT_ENGINE, environmentCall } = options;
    this.memory = new Memory(ramBytes);
    this.ramBytes = ramBytes;
    this.surroundings = surroundings;
    if (engine !== 'reference') this.translator = new Translator(this.memory, engine, this.bus);
    this.contextRuns = this.translator && new Contexts(this.memory, this.translator);
    this.memory.onWatchedStore = (frame, place, bytes) => this.watchedStore(frame, place, bytes);
    this.harts = Array.from({ length: harts }, (_, index) => {
      const hart: Hart = new Hart(
        this.memory,
        this.physical(surroundings, () => hart),
      );
      hart.reset(index, RAM_BASE);
      hart.onWatched = (access, address) =>
        this.accessed(access, this.memory.frameOf(this.memory.place(address)), address);
      hart.onTable = () => {
        for (const each of this.harts) each.tlbs.store.flush();
      };
      // Whoever looks out for traps sees each of them leave.
      hart.environmentCall = () => this.lookout === undefined && environmentCall?.(index) === true;
      hart.machineTrapsLeave = machineTraps === 'leave';
      hart.remembers = this.translator === undefined;
      this.translator?.attach(hart, machineTraps === 'leave');
      return hart;
    });
  }

  /** The physical address space of a hart: RAM, and around it what the board answers. */
  private physical(surroundings: Surroundings | undefined, hart: () => Hart): Physical {
    const { memory } = this;
    return {
      isMemory: (address, bytes) => memory.contains(address, bytes),
      read: (address, bytes) => {
        if (memory.contains(address, bytes)) return memory.read(address, bytes);
        hart().disturbed = true;
        return surroundings?.read(address, bytes);
      },
      write: (address, bytes, value) => {
        if (memory.contains(address, bytes)) {
          memory.write(address, bytes, value);
          return true;
        }
        hart().disturbed = true;
        return surroundings?.write(address, bytes, value) ?? false;
      },
      time: () => surroundings?.clock.ticks() ?? 0n,
    };
  }

  /**
   * Runs a hart until the budget is spent or something named in ExitReason happens.
   * @param maxSteps steps: retired instructions and traps taken; at least 1.
   */
  run(hartNumber: number, maxSteps: number, exit: Exit): void {
    const hart = this.hart(hartNumber);
    const retiredBefore = hart.halves[WORD.retired * 2] as number;
    hart.disturbed = false;
    hart.left = false;
    exit.reason = 'budget';
    // Breakpoints are the reference's: it looks at each pc.
    if (this.translator === undefined || this.breakpoints.size > 0) this.interpret(hart, maxSteps, exit);
    else this.translate(hart, this.translator, maxSteps, exit);
    exit.retired = ((hart.halves[WORD.retired * 2] as number) - retiredBefore) >>> 0;
  }

  /** Steps by the reference. */
  private interpret(hart: Hart, maxSteps: number, exit: Exit): void {
    let steps = 0;
    while (steps < maxSteps && exit.reason === 'budget') {
      if (this.breakpoints.size > 0 && steps > FIRST && this.breakpoints.has(hart.pc)) exit.reason = 'breakpoint';
      else if (this.lookout?.before(this.harts.indexOf(hart))) exit.reason = 'breakpoint';
      else {
        steps++;
        this.step(hart, exit);
      }
    }
    exit.steps = steps;
    this.translator?.countAsides(hart, steps);
  }

  /** One step by the reference, and why to come back after it. */
  private step(hart: Hart, exit: Exit): void {
    const step = hart.step();
    const clock = this.surroundings?.clock;
    if (clock !== undefined) clock.now++;
    if (hart.left) {
      exit.reason = 'trap';
      exit.cause = hart.cause;
      exit.tval = hart.tval;
      this.lookout?.trapped?.(this.harts.indexOf(hart), hart.cause);
    } else if (step === 'waiting') exit.reason = 'wait';
    else if (hart.disturbed || (step === 'trapped' && this.tellTrap(hart))) exit.reason = 'disturbed';
  }
  /** A hart is behind a trap that it took. @returns whether the run comes back. */
  private tellTrap(hart: Hart): boolean {
    const cause = hart.privilege === Mode.M ? hart.mcause : hart.scause;
    return this.lookout?.trapped?.(this.harts.indexOf(hart), cause) === true;
  }

  /** Steps by the translator, and by the reference those that it leaves aside. */
  private translate(hart: Hart, translator: Translator, maxSteps: number, exit: Exit): void {
    const clock = this.surroundings?.clock;
    const budget = Math.min(maxSteps, MOST_STEPS);
    const start = this.bus.begin(this.surroundings, budget);
    let remaining = translator.enter(hart, budget, start, clock?.offset ?? 0n);
    for (;;) {
      if (clock !== undefined) clock.now = this.bus.end - remaining;
      const reason = translator.exitOf(hart);
      if (reason === ExitCode.Budget) break;
      if (reason === ExitCode.Trap) {
        exit.reason = 'trap';
        exit.cause = translator.causeOf(hart);
        exit.tval = translator.trapValueOf(hart);
        this.lookout?.trapped?.(this.harts.indexOf(hart), exit.cause);
        break;
      }
      if (reason === ExitCode.Trapped) {
        if (this.tellTrap(hart)) exit.reason = 'disturbed';
        if (exit.reason !== 'budget' || remaining === 0) break;
        remaining = translator.goOn(hart, remaining);
        continue;
      }
      if (reason === ExitCode.Wait) {
        exit.reason = 'wait';
        break;
      }
      if (this.lookout?.before(this.harts.indexOf(hart))) {
        exit.reason = 'breakpoint';
        break;
      }
      this.step(hart, exit);
      remaining--;
      translator.ranAside(hart, Number(hart.instruction));
      if (exit.reason !== 'budget' || remaining === 0) break;
      remaining = translator.goOn(hart, remaining);
    }
    exit.steps = this.bus.end - start - remaining;
  }

  private hart(number: number): Hart {
    const hart = this.harts[number];
    assert(hart !== undefined, `no hart ${number}`);
    return hart;
  }

  /** The state of a hart, for a board and a debugger to read and for a boot to set. */
  state(hartNumber: number): PrivilegedState {
    return this.hart(hartNumber);
  }
  get states(): readonly PrivilegedState[] {
    return this.harts;
  }
  /** The bits of the instruction that a hart's next step runs; undefined where that is an interrupt or a fault. */
  nextInstruction(hartNumber: number): number | undefined {
    return this.hart(hartNumber).peek();
  }
  /** A block in the machine's memory for a virtual CPU: wasm reaches it as it does a hart's. */
  newBlock(): { readonly buffer: ArrayBuffer; readonly base: number } {
    return { buffer: this.memory.buffer, base: this.memory.allocateState() };
  }

  /** What runs contexts; undefined where the reference runs everything. */
  get contexts(): Contexts | undefined {
    return this.breakpoints.size === 0 ? this.contextRuns : undefined;
  }
  /** A context that runs on a hart with that hart's rights. */
  newContext(hartNumber: number, options: ContextOptions): Context | undefined {
    return this.contextRuns?.make(this.hart(hartNumber), options);
  }

  /**
   * Loads registers, pc, the floating-point unit's state and the extensions that it has from a context; the unit is off
   * where the context's is. The reservation is the caller's to translate.
   */
  loadContext(hartNumber: number, context: PrivilegedState): void {
    load(this.hart(hartNumber), context);
  }
  /** The state that a hart would have with a context loaded, which it is not. */
  withContext(hartNumber: number, context: PrivilegedState): PrivilegedState {
    const state = new PrivilegedState();
    state.words.set(this.hart(hartNumber).words);
    load(state, context);
    return state;
  }
  saveContext(hartNumber: number, context: PrivilegedState): void {
    const hart = this.hart(hartNumber);
    context.words.set(hart.words.subarray(0, GENERAL_WORDS));
    context.words[WORD.pc] = hart.words[WORD.pc] as bigint;
    context.words[WORD.fcsr] = hart.words[WORD.fcsr] as bigint;
    context.mstatus.FS = hart.mstatus.FS;
  }

  /** A real CSR, as M-mode software would see it. */
  readCsr(hartNumber: number, csr: number): bigint {
    return this.access(hartNumber, csr, 0n, false);
  }
  /** Writes a real CSR, with its legal values and its side effects. */
  writeCsr(hartNumber: number, csr: number, value: bigint): void {
    this.access(hartNumber, csr, value, true);
  }
  private access(hartNumber: number, csr: number, source: bigint, writes: boolean): bigint {
    assert(csrOf(csr) !== undefined && !(writes && isReadOnlyCsr(csr)), `CSR ${csr}`);
    const hart = this.hart(hartNumber);
    const { mode } = hart;
    hart.mode = MACHINE;
    const value = csrAccess<bigint>(hart, { csr, combine: 'write', source, writes });
    hart.mode = mode;
    assert(!failed(value), `CSR ${csr} in M-mode`);
    return value;
  }

  /** Drops cached translations of a hart: an sfence.vma of everything. Only page tables written behind RAM's back need it. */
  fence(hartNumber: number): void {
    this.hart(hartNumber).flush();
    this.translator?.dropSpaces();
  }

  // Physical memory. Addresses are of RAM, which the caller has checked.

  contains(address: bigint, bytes: number): boolean {
    return this.memory.contains(address, bytes);
  }
  read(address: SystemPhysical, bytes: Width): bigint {
    return this.memory.read(address, bytes);
  }
  write(address: SystemPhysical, bytes: Width, value: bigint): void {
    this.memory.write(address, bytes, value);
  }
  /** A word by its number: bigints would allocate, and walks of tables read millions. @param address aligned. */
  readWord(address: number): number {
    return this.memory.wordAt(placeOf(address));
  }
  /** Writes a page-table entry, aligned: what derives from the one that was there goes, and nothing else. */
  writeEntry(address: number, low: number, high: number): void {
    const { memory } = this;
    const place = placeOf(address);
    const frame = memory.frameOf(place);
    const flags = memory.flags[frame] as number;
    if (flags & ~(Watched.Table | Watched.Fresh)) memory.touch(place, PTE_BYTES);
    else if (flags !== 0) {
      memory.flags[frame] = flags & ~Watched.Fresh;
      if (flags & Watched.Table) this.entryStored(frame, place);
    }
    memory.setWordsAt(place, low, high);
  }
  copyIn(address: SystemPhysical, data: Uint8Array): void {
    this.memory.copyIn(address, data);
  }
  copyOut(address: SystemPhysical, bytes: number): Uint8Array {
    return this.memory.copyOut(address, bytes);
  }
  zero(address: SystemPhysical, bytes: number): void {
    this.memory.zero(address, bytes);
  }
  /** A hash of a range's contents, independent of where it lies. */
  digest(address: SystemPhysical, bytes: number): number {
    return this.memory.digest(address, bytes);
  }
  /** Frames of a range that are not all zeros, counted from its start. */
  frames(address: SystemPhysical, bytes: number): readonly number[] {
    return this.memory.frames(address, bytes);
  }

  /**
   * Calls `seen` at each access of a kind to the frame of `address`: before the bytes change, whoever changes them
   * (harts, DMA, the caller), and at a hart's load or fetch from it. A run comes back after the instruction.
   * It is told where, and of a store how many bytes of the frame. @returns what ends the watch.
   */
  watch(address: SystemPhysical, access: Access, seen: Watcher['seen']): () => void {
    const watcher = { frame: this.memory.frameOf(this.memory.place(address)), access, seen };
    this.watchers.add(watcher);
    this.setFlags(watcher.frame);
    this.forgetTranslations();
    if (access === 'load') this.translator?.watchLoads();
    return () => {
      this.watchers.delete(watcher);
      this.setFlags(watcher.frame);
    };
  }
  private setFlags(frame: number): void {
    const { Table, Code, Fresh } = Watched;
    const kept = (this.memory.flags[frame] as number) & (Table | Code | Fresh);
    const watched = [...this.watchers].filter((watcher) => watcher.frame === frame);
    this.memory.flags[frame] = watched.reduce((flags, { access }) => flags | WATCH_FLAG[access], kept);
  }

  private accessed(access: Access, frame: number, address: bigint, bytes = 0): void {
    for (const watcher of this.watchers) {
      if (watcher.frame !== frame || watcher.access !== access) continue;
      watcher.seen(address as SystemPhysical, bytes);
      for (const hart of this.harts) hart.disturbed = true;
    }
  }

  private watchedStore(frame: number, place: number, bytes: number): void {
    const flags = this.memory.flags[frame] as number;
    if (flags & Watched.Store) this.accessed('store', frame, RAM_BASE + BigInt(this.memory.offsetOf(place)), bytes);
    if (this.translator !== undefined) {
      this.translator.stored(flags, place, bytes);
      return;
    }
    if (!(flags & Watched.Table) || this.isInvalidEntry(place, bytes)) return;
    this.memory.flags[frame] = flags & ~Watched.Table;
    for (const hart of this.harts) hart.flush();
  }
  private entryStored(frame: number, place: number): void {
    if ((this.memory.wordAt(place) & 1) === 0) return; // nothing derives from an entry that is not valid
    if (this.translator !== undefined) {
      this.translator.entryStored(place);
      return;
    }
    this.memory.flags[frame] = (this.memory.flags[frame] as number) & ~Watched.Table;
    for (const hart of this.harts) hart.flush();
  }
  private forgetTranslations(): void {
    for (const hart of this.harts) hart.flush();
    this.translator?.dropSpaces();
  }

  /** Whether a store changes one page-table entry that is not valid: no translation derives from such a one. */
  private isInvalidEntry(place: number, bytes: number): boolean {
    const within = place % PTE_BYTES;
    if (within + bytes > PTE_BYTES) return false;
    return (this.memory.readAt(place - within, 1) & 1n) === 0n;
  }

  /** Has steps at these places come before whoever looks out, as long as one does. */
  lookOutFor(places: LookoutPlaces): void {
    if (places.instructions !== 'kept') this.translator?.leaveAside(places.instructions);
    if (!lookOutFor(this.memory, places)) return;
    if (places.load === 'all' || places.load.size > 0) this.translator?.watchLoads();
    this.forgetTranslations();
  }
  /** Looks out from now on; undefined where nobody does. */
  lookOut(lookout: Lookout | undefined): void {
    this.lookout = lookout;
    for (const { base } of this.harts)
      new Uint32Array(this.memory.buffer, base + SCRATCH.tellsTraps, 1)[0] = Number(lookout?.trapped !== undefined);
  }

  addBreakpoint(pc: bigint): void {
    this.breakpoints.add(pc);
  }
  removeBreakpoint(pc: bigint): void {
    this.breakpoints.delete(pc);
  }

  snapshot(): Snapshot {
    const states = this.harts.map((hart) =>
      new Uint8Array(hart.words.buffer, hart.words.byteOffset, STATE_BYTES).slice(),
    );
    const frames = this.frames(RAM_BASE, this.ramBytes).map((frame) => {
      const address = (RAM_BASE + BigInt(frame) * BigInt(FRAME_BYTES)) as SystemPhysical;
      return { address, bytes: this.copyOut(address, FRAME_BYTES) };
    });
    return { states, frames };
  }
  restore({ states, frames }: Snapshot): void {
    for (const [index, hart] of this.harts.entries()) {
      const state = states[index];
      assert(state !== undefined, 'a snapshot of as many harts');
      new Uint8Array(hart.words.buffer, hart.words.byteOffset, STATE_BYTES).set(state);
      hart.stateChanged();
    }
    this.forgetTranslations();
    for (const frame of this.frames(RAM_BASE, this.ramBytes)) {
      this.zero((RAM_BASE + BigInt(frame) * BigInt(FRAME_BYTES)) as SystemPhysical, FRAME_BYTES);
    }
    for (const { address, bytes } of frames) this.copyIn(address, bytes);
  }

  /** Has the time that code takes to make told, in nanoseconds of the host. */
  measureTranslation(clock: () => number): void {
    if (this.translator !== undefined) this.translator.hostClock = clock;
  }
  /** What became of the steps of a hart; undefined where the reference takes them all. */
  statistics(hartNumber: number): TranslatorStatistics | undefined {
    const hart = this.hart(hartNumber);
    return this.translator?.statistics(hart, this.contextRuns?.of(hart) ?? []);
  }
}

function load(hart: PrivilegedState, context: PrivilegedState): void {
  hart.words.set(context.words.subarray(0, GENERAL_WORDS));
  hart.words[WORD.pc] = context.words[WORD.pc] as bigint;
  hart.words[WORD.fcsr] = context.words[WORD.fcsr] as bigint;
  hart.mstatus.FS = context.mstatus.FS;
  hart.words[WORD.extensions] = context.words[WORD.extensions] as bigint;
}

const placeOf = (address: number) => address - RAM_BASE_NUMBER + RAM_AT;
const RAM_BASE_NUMBER = Number(RAM_BASE);
const MACHINE = 3n;
/** The most that one call of the translator is asked for: what a signed word counts. */
const MOST_STEPS = 2 ** 30;
/** The integer and floating-point registers, which lead the block. */
const GENERAL_WORDS = 64;
