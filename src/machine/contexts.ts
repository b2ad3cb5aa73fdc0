// Contexts: what a hart can run in place of its own registers. A context is a state block with memory of its own; the
// hart's own rights over memory stay in force, and every instruction that is sensitive is done on the context's state
// and counted, as whoever made it would do it. What that cannot settle comes back: faults that are not the context's
// own, roots that are not known, and what only the reference can do.

import type { GuestPhysical, SystemPhysical } from '../../isa/address.ts';
import { Cause } from '../../isa/causes.ts';
import { WORD } from '../../isa/layout.ts';
import type { Access } from '../../isa/vocabulary.ts';
import type { Exit } from './exit.ts';
import type { Hart } from './hart.ts';
import type { Memory } from './memory.ts';
import { EXCEPTIONS, GLOBAL, ROOT, ROOT_PAIRS, rootsAt, SCRATCH } from './memory-map.ts';
import { RunBus } from './run-bus.ts';
import type { Surroundings } from './surroundings.ts';
import { ExitCode } from './translator/exits.ts';
import type { TranslatedHart, Translator } from './translator/translator.ts';

/** What a context is made of. */
export interface ContextOptions {
  /** Where its state block is. */
  readonly base: number;
  /** Its memory: where that begins as it sees it, and where it is. */
  readonly memory: { readonly start: GuestPhysical; readonly bytes: number; readonly at: SystemPhysical };
  /** Exceptions that it does not take: the run comes back before them. */
  readonly leaving: readonly Cause[];
  /** Whether something derives from its page tables at this address of its memory, so that a store there is told of. */
  readonly isTable: (address: number) => boolean;
  readonly tableStored: (address: number, bytes: number) => void;
  /** Called where `tell` asks for it: after a fence with its bits, and with 0 after a write to satp. */
  readonly fenced: (bits: number) => void;
  /**
   * Called for a page fault that its own tables do not raise (`readWalk` has the walk): whether its root allows the
   * access now. If not, the run comes back.
   * @param remaining of the budget.
   */
  readonly lacks: (cause: number, low: number, high: number, remaining: number) => boolean;
  /** Called at an environment call from S among `leaving`: whether it was answered. If not, the run comes back. */
  readonly environmentCall: () => boolean;
  /** Whether its own PMP permits S and U this access anywhere; asked where `protection` is another than in the last run. */
  readonly isOpen: (access: Access) => boolean;
}

/** What a context tells of besides, as it happens. */
export interface Told {
  readonly fences: boolean;
  readonly satp: boolean;
}

/** A walk of a context's tables. */
export interface ContextWalk {
  /** How many entries it has read, root first: physical addresses, as the context sees them, and the halves of their bits. */
  count: number;
  readonly addresses: Float64Array;
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  /** Where it ended. */
  physical: number;
}

/** What was done for a context without coming back. Each is a step of it. */
interface Emulated {
  readonly csrs: number;
  readonly returns: number;
  readonly fences: number;
  readonly interrupts: number;
  readonly deviceAccesses: number;
  readonly tableStores: number;
  readonly waits: number;
  /** By cause. */
  readonly exceptions: readonly number[];
}

export interface Context {
  readonly base: number;
}

class HartContext implements Context, TranslatedHart {
  readonly base: number;
  readonly hart: Hart;
  timeOffset = 0n;
  /** All that its translation depends on is its root's. */
  readonly protectionStale = false;
  protectionKey = () => '';
  loadsAreOpen = () => false;
  readonly bus = new RunBus();
  readonly isTable: ContextOptions['isTable'];
  readonly tableStored: ContextOptions['tableStored'];
  readonly fenced: ContextOptions['fenced'];
  readonly lacks: ContextOptions['lacks'];
  readonly environmentCall: ContextOptions['environmentCall'];
  readonly isOpen: ContextOptions['isOpen'];

  constructor({ base, isTable, tableStored, fenced, lacks, environmentCall, isOpen }: ContextOptions, hart: Hart) {
    this.base = base;
    this.hart = hart;
    this.isTable = isTable;
    this.tableStored = tableStored;
    this.fenced = fenced;
    this.lacks = lacks;
    this.environmentCall = environmentCall;
    this.isOpen = isOpen;
  }
}

/** The most that one run is asked for: what a signed word counts. */
const MOST_STEPS = 2 ** 30;
const HALF = 2 ** 32;
/** Before the first run. */
const NO_PROTECTION = 0xffff_ffff;
/** Of an entry in GLOBAL.contextWalk. */
const WALKED_BYTES = 16;

export class Contexts {
  private readonly translator: Translator;
  private readonly words: Uint32Array;
  private readonly view: DataView;
  private readonly all: HartContext[] = [];
  private readonly memory: Memory;
  /** Where it is set: when the last run entered emitted code, and came back from it, on this clock. */
  clock: (() => number) | undefined;
  enteredAt: number | undefined;
  leftAt: number | undefined;

  constructor(memory: Memory, translator: Translator) {
    this.memory = memory;
    this.translator = translator;
    this.words = new Uint32Array(memory.buffer);
    this.view = new DataView(memory.buffer);
  }

  make(hart: Hart, options: ContextOptions): Context {
    const { base, memory, leaving } = options;
    const context = new HartContext(options, hart);
    this.all.push(context);
    this.words[(base + SCRATCH.host) >>> 2] = hart.base;
    this.words[(base + SCRATCH.leaving) >>> 2] = leaving.reduce<number>((bits, cause) => bits | (1 << cause), 0);
    this.words[(base + SCRATCH.protection) >>> 2] = NO_PROTECTION;
    this.words[(base + SCRATCH.ramAt) >>> 2] = this.memory.place(memory.at);
    this.view.setBigUint64(base + SCRATCH.ramBase, memory.start, true);
    this.view.setBigUint64(base + SCRATCH.ramBytes, BigInt(memory.bytes), true);
    return context;
  }

  /**
   * Runs a context until its budget is spent or something named in ExitReason happens; `root` and `aside` are a
   * context's alone.
   * @param protection a number for all that its translation depends on besides mode, mstatus and satp.
   * @param surroundings of its memory; their clock is that of its steps.
   */
  run(which: Context, protection: number, maxSteps: number, surroundings: Surroundings, exit: Exit): void {
    const context = which as HartContext; // `make` makes no other
    const { translator, words } = this;
    const { base, bus, hart } = context;
    const { clock } = surroundings;
    const { offset } = clock;
    if (offset !== context.timeOffset) {
      context.timeOffset = offset;
      this.view.setBigUint64(base + SCRATCH.timeOffset, offset, true);
    }
    if (words[(base + SCRATCH.protection) >>> 2] !== protection) {
      words[(base + SCRATCH.protection) >>> 2] = protection;
      translator.noteOpen(context);
    }
    translator.updateProtection(hart);
    const budget = Math.min(maxSteps, MOST_STEPS);
    const now = bus.begin(surroundings, budget);
    this.enteredAt = this.clock?.();
    const remaining = translator.enter(context, budget, now);
    this.leftAt = this.clock?.();
    exit.steps = bus.end - now - remaining;
    clock.now = now + exit.steps;
    const low = (hart.halves[WORD.steps * 2] as number) + exit.steps;
    hart.halves[WORD.steps * 2] = low;
    if (low >= HALF) (hart.halves[WORD.steps * 2 + 1] as number)++;
    switch (translator.exitOf(context)) {
      case ExitCode.Budget:
        exit.reason = 'budget';
        return;
      case ExitCode.Fault:
        exit.reason = 'trap';
        exit.cause = translator.causeOf(context);
        exit.tval = translator.trapValueOf(context);
        return;
      case ExitCode.Fill:
        exit.reason = 'fill';
        exit.cause = translator.causeOf(context);
        exit.tval = translator.trapValueOf(context);
        return;
      case ExitCode.Root:
        exit.reason = 'root';
        return;
      case ExitCode.Wait:
        exit.reason = 'wait';
        return;
      default:
        this.aside(context, exit);
    }
  }

  /** What no emitted code does: a sensitive instruction, which is a trap, or one for the reference. */
  private aside(context: HartContext, exit: Exit): void {
    const bits = this.translator.sensitiveAside(context);
    this.leftAt = this.clock?.(); // code may have been made for it
    exit.reason = bits === undefined ? 'aside' : 'trap';
    if (bits === undefined) return;
    exit.cause = BigInt(Cause.IllegalInstruction);
    exit.tval = BigInt(bits);
  }

  /** Copies the walk that allows what the root of the context that runs lacks. */
  readWalk(walk: ContextWalk): void {
    const { words } = this;
    walk.count = words[GLOBAL.contextWalked >>> 2] as number;
    for (let index = 0; index < walk.count; index++) {
      const at = (GLOBAL.contextWalk + index * WALKED_BYTES) >>> 2;
      walk.addresses[index] = (words[at] as number) + (words[at + 1] as number) * HALF;
      walk.low[index] = words[at + 2] as number;
      walk.high[index] = words[at + 3] as number;
    }
    const at = GLOBAL.contextPhysical >>> 2;
    walk.physical = (words[at] as number) + (words[at + 1] as number) * HALF;
  }

  /** Says what a context tells of from its next instruction on; at first nothing. */
  tell({ base }: Context, { fences, satp }: Told): void {
    this.words[(base + SCRATCH.tellsFences) >>> 2] = Number(fences);
    this.words[(base + SCRATCH.tellsSatp) >>> 2] = Number(satp);
  }

  /** The root that a context translates by now, as a frame of the machine's memory. */
  rootFrame(which: Context): number {
    const { hart } = which as HartContext;
    return (hart.halves[WORD.satp * 2] as number) >>> 0;
  }

  /** Says which satp goes with the state in which a run came back for want of a root. */
  setRoot(satp: bigint): void {
    this.view.setBigUint64((this.words[GLOBAL.root >>> 2] as number) + ROOT.root, satp, true);
  }
  /** No state goes with this satp any more. */
  forgetRoot(satp: bigint): void {
    for (const entry of this.entries()) {
      if (this.view.getBigUint64(entry + ROOT.root, true) === satp) this.view.setBigUint64(entry + ROOT.root, 0n, true);
    }
  }
  /** By satp: when it was last chosen, in the order of choices, those of `nextChoice` among them. */
  chosenRoots(): ReadonlyMap<bigint, number> {
    const chosen = new Map<bigint, number>();
    for (const entry of this.entries()) {
      const satp = this.view.getBigUint64(entry + ROOT.root, true);
      const at = Number(this.view.getBigUint64(entry + ROOT.chosen, true));
      chosen.set(satp, Math.max(at, chosen.get(satp) ?? 0));
    }
    return chosen;
  }
  nextChoice(): number {
    const next = this.view.getBigUint64(GLOBAL.chosen, true) + 1n;
    this.view.setBigUint64(GLOBAL.chosen, next, true);
    return Number(next);
  }
  private entries(): number[] {
    return this.all.flatMap(({ base }) =>
      Array.from({ length: ROOT_PAIRS * 2 }, (_, index) => rootsAt(base) + index * ROOT.bytes),
    );
  }

  emulated({ base }: Context): Emulated {
    const count = (at: number) => Number(this.view.getBigUint64(base + at, true));
    return {
      csrs: count(SCRATCH.csrs),
      returns: count(SCRATCH.returns),
      fences: count(SCRATCH.fences),
      interrupts: count(SCRATCH.interrupts),
      deviceAccesses: count(SCRATCH.deviceAccesses),
      tableStores: count(SCRATCH.tableStores),
      waits: count(SCRATCH.waits),
      exceptions: Array.from({ length: EXCEPTIONS }, (_, cause) => count(SCRATCH.exceptions + cause * 8)),
    };
  }

  /** The contexts of a hart. */
  of(hart: Hart): readonly Context[] {
    return this.all.filter((context) => context.hart === hart);
  }
}
