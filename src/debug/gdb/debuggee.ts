// Guests under a debugger: all run or all are stopped. While there is something to stop at, steps are taken one by one
// with a look at the hart around each, so that a step that takes a trap ends at its handler. Going back is going to a
// step of the past: the last one at which the guest would have stopped. Work is done in slices, between which the
// debugger may interrupt. Left out: time. Idle guests skip to their next event, or wait for what is typed.

import type { PrivilegedState } from '../../../isa/state.ts';
import type { ExitReason } from '../../hypervisor/reason.ts';
import type { DebuggedGuest, Thread } from './guest.ts';
import { Look } from './look.ts';
import { prepareScouts, restScouts, Scout, type Scouted } from './scout.ts';
import { type Before, StopPoints, trapTaken, type Watchpoint, wasAccessed } from './stop-points.ts';
import { TIMELINE_LIMITS, Timeline, type TimelineLimits } from './timeline.ts';
import { WatchedMemory } from './watched-memory.ts';

/** Why all guests stopped. `idle`: every hart waits, and only what is typed can wake one. `history`: the run begins here. */
export type Stop =
  | { readonly kind: 'step' | 'breakpoint' | 'interrupt' | 'history'; readonly thread: Thread }
  | { readonly kind: 'watchpoint'; readonly thread: Thread; readonly watchpoint: Watchpoint }
  | { readonly kind: 'trap'; readonly thread: Thread; readonly cause: bigint }
  | { readonly kind: 'exit'; readonly thread: Thread; readonly reason: ExitReason }
  | { readonly kind: 'ended'; readonly guest: number }
  | { readonly kind: 'idle' };

export type Pace = 'scouts' | 'steps';

export interface Motion {
  readonly way: 'step' | 'continue' | 'step-back' | 'continue-back';
  readonly thread: Thread;
  /** Guests that stay where they are. */
  readonly halted?: ReadonlySet<number>;
}

/** Steps between looks at whether the debugger interrupts, where nothing is to be stopped at, and where something is. */
const SLICE = { free: 200_000, watched: 5_000 } as const;
/** The steps that are searched first by who goes back; each next part is twice as long. */
const FIRST_PART = 4_000;

interface Found {
  readonly position: number;
  readonly stop: Stop;
}
/** A search for the last stop before a step. */
interface Search {
  readonly guest: number;
  /** Where it was begun; a stop there does not count. */
  readonly start: number;
  /** What the board's clock said there: idle time may have passed. */
  readonly now: number;
  /** The hart of which any step is wanted; undefined where it is what there is to stop at. */
  readonly steps: number | undefined;
  /** It was begun behind an access that the debugger was told of. */
  readonly passes: boolean;
  /** The part that is searched: from `low` on, before `high`. */
  low: number;
  high: number;
  found: Found | undefined;
}

export class Debuggee {
  readonly guests: readonly DebuggedGuest[];
  readonly timelines: readonly Timeline[];
  readonly stopPoints: readonly StopPoints[];
  /** By guest: why it last left for the monitor, as far as its steps were looked at. */
  readonly exits: (ExitReason | undefined)[];
  private readonly watched: readonly WatchedMemory[];
  private readonly scouts: readonly Scout[];
  private readonly pace: Pace;
  private arePrepared = false;
  private readonly told = new Set<number>();
  private motion: Motion | undefined;
  /** The first step of the hart that goes on is taken even at a breakpoint. */
  private fresh = false;
  private search: Search | undefined;
  /** Before which access or idle time it stopped, and told: who goes on from there is not told again. */
  private warned: { readonly guest: number; readonly position: number } | undefined;
  /** Where it went back to an access, and told. */
  private passed: { readonly guest: number; readonly position: number } | undefined;
  private next = 0;

  /** @param pace `steps`: each step is looked at; it stops where it otherwise does, and is slow. */
  constructor(guests: readonly DebuggedGuest[], limits: TimelineLimits = TIMELINE_LIMITS, pace: Pace = 'scouts') {
    this.guests = guests;
    this.pace = pace;
    this.timelines = guests.map((guest) => new Timeline(guest, limits));
    this.stopPoints = guests.map(() => new StopPoints());
    this.exits = guests.map(() => undefined);
    this.watched = guests.map(({ board }, index) => new WatchedMemory(board.ram, this.pointsOf(index).watchpoints));
    for (const timeline of this.timelines) timeline.onTravel = () => this.rest();
    this.scouts = guests.map((guest, index) => {
      const [timeline, watched] = [this.timelines[index] as Timeline, this.watched[index] as WatchedMemory];
      return new Scout({ guest, timeline, watched, points: this.pointsOf(index) });
    });
  }

  /** Forgets all that there is to stop at. */
  clear(): void {
    for (const points of this.stopPoints) points.clear();
  }
  reset(): void {
    for (const timeline of this.timelines) timeline.reset();
    this.told.clear();
  }
  private pointsOf(index: number): StopPoints {
    return this.stopPoints[index] as StopPoints;
  }
  look({ guest, hart }: Thread, physical = false): Look {
    return new Look(this.guests[guest] as DebuggedGuest, hart, physical);
  }

  // Motion.

  begin(motion: Motion): void {
    this.motion = motion;
    this.fresh = true;
    this.search = undefined;
    if (this.warned?.position !== this.timelines[this.warned?.guest ?? 0]?.position) this.warned = undefined;
    for (const guest of this.told) if (this.guests[guest]?.board.outcome === undefined) this.told.delete(guest);
    // One who steps looks at each step: a debugger steps over a breakpoint that it has taken away.
    if (motion.way.startsWith('continue')) this.prepare();
    if (isBack(motion)) this.search = this.searchFor(motion);
  }

  /** Takes a slice of the motion. @returns undefined where nothing stopped the guests yet. */
  advance(): Stop | undefined {
    const { motion } = this;
    if (motion === undefined) return undefined;
    const stop = this.search === undefined ? this.run(motion) : this.searchOn(this.search);
    if (stop !== undefined && stop.kind !== 'idle' && stop.kind !== 'ended') this.motion = undefined;
    return stop;
  }

  /** Stops where it is; a search comes back to where it began. */
  interrupt(): Stop {
    const thread = this.motion?.thread ?? { guest: 0, hart: 0 };
    if (this.search !== undefined) this.timelines[thread.guest]?.goTo(this.search.start);
    this.search = undefined;
    this.motion = undefined;
    return { kind: 'interrupt', thread };
  }

  private run(motion: Motion): Stop | undefined {
    const alive = this.guests.flatMap((guest, index) =>
      guest.board.outcome === undefined && !motion.halted?.has(index) ? [index] : [],
    );
    const ended = this.guests.findIndex(({ board }, index) => board.outcome !== undefined && !this.told.has(index));
    if (ended >= 0) {
      this.told.add(ended);
      return { kind: 'ended', guest: ended };
    }
    if (alive.length === 0) return { kind: 'ended', guest: motion.thread.guest };
    let idle = 0;
    // One that steps goes first, and alone: the others go on when all do.
    const { guest } = motion.thread;
    const running = motion.way === 'step' && alive.includes(guest) ? [guest] : alive;
    for (const _ of running) {
      this.next = running.find((index) => index >= this.next) ?? (running[0] as number);
      const index = this.next;
      this.next++;
      const isLooked = motion.way === 'step' || this.stopPoints[index]?.any === true;
      const stop = isLooked ? this.runLooked(index, motion) : this.runFree(index);
      if (stop?.kind === 'idle') idle++;
      else if (stop !== undefined) return stop;
    }
    return idle === running.length ? { kind: 'idle' } : undefined;
  }

  private runFree(index: number): Stop | undefined {
    const timeline = this.timelines[index] as Timeline;
    this.exits[index] = undefined;
    const status = timeline.run(SLICE.free);
    return status === 'idle' ? { kind: 'idle' } : undefined;
  }

  private runLooked(index: number, { way, thread }: Motion): Stop | undefined {
    const timeline = this.timelines[index] as Timeline;
    this.watched[index]?.note();
    const end = timeline.position + SLICE.free;
    for (let steps = 0; steps < SLICE.watched && timeline.position < end; steps++) {
      const scouted = way === 'step' || (this.fresh && thread.guest === index) ? undefined : this.scout(index, end);
      const seen = this.stopOf(index, scouted);
      if (seen !== undefined || scouted?.kind === 'spent') return seen;
      const hart = timeline.settle();
      const watchpoint = this.watched[index]?.changed();
      if (watchpoint !== undefined && !this.isWarned(index, timeline.position)) {
        timeline.goBefore(timeline.position);
        this.warned = { guest: index, position: timeline.position };
        return { kind: 'watchpoint', thread: { guest: index, hart: hart ?? 0 }, watchpoint };
      }
      if (hart === undefined) return timeline.ended ? undefined : { kind: 'idle' };
      const isResumed = thread.guest === index && thread.hart === hart;
      const isFresh = this.fresh && isResumed;
      if (isResumed) this.fresh = false;
      if (!isFresh && this.isAtBreakpoint(index, hart)) return { kind: 'breakpoint', thread: { guest: index, hart } };
      const { position } = timeline;
      const stop = this.step(index, hart, hiddenExit(scouted));
      const isTold = stop?.kind === 'watchpoint' && isFresh && this.isWarned(index, position);
      if (stop?.kind === 'watchpoint' && !isTold) {
        this.undo(timeline, position);
        this.warned = { guest: index, position };
      }
      if (stop !== undefined && !isTold) return stop;
      if (timeline.ended) return undefined; // told with the next slice
      if (way === 'step' && isResumed) return { kind: 'step', thread };
    }
    return undefined;
  }

  private prepare(): void {
    this.arePrepared = true;
    prepareScouts(this.scouts, this.guests);
  }
  private rest(): void {
    if (this.arePrepared) restScouts(this.scouts, this.guests);
    this.arePrepared = false;
  }

  /** Runs on to before a step that may stop the guest, at most to a step behind which it is done for now. */
  private scout(index: number, end: number): Scouted | undefined {
    const timeline = this.timelines[index] as Timeline;
    this.exits[index] = undefined;
    const room = end - timeline.position;
    if (!this.arePrepared) this.prepare();
    return room > 0 && this.pace === 'scouts' ? this.scouts[index]?.run(room) : undefined;
  }
  private stopOf(guest: number, scouted: Scouted | undefined): Stop | undefined {
    if (scouted === undefined || scouted.kind === 'hidden-exit' || scouted.kind === 'spent') return undefined;
    const { hart, ...stop } = scouted;
    if (stop.kind === 'exit') this.exits[guest] = stop.reason;
    return { ...stop, thread: { guest, hart } };
  }

  private isWarned(guest: number, position: number): boolean {
    return this.warned?.guest === guest && this.warned.position === position;
  }
  /** GDB takes a hart of RISC-V to be before the access that a watchpoint stops, and steps over it. */
  private undo(timeline: Timeline, position: number): void {
    timeline.goTo(position);
    timeline.settle();
  }

  private isAtBreakpoint(index: number, hart: number): boolean {
    const state = this.guests[index]?.states[hart];
    return state !== undefined && this.stopPoints[index]?.breakpoints.has(state.pc) === true;
  }

  /** One step of the hart that takes the next; it may have left for the monitor already. @returns what it does that stops guests, other than that it ends one. */
  private step(index: number, hart: number, leftBefore: readonly ExitReason[] = []): Stop | undefined {
    const guest = this.guests[index] as DebuggedGuest;
    const points = this.pointsOf(index);
    const state = guest.states[hart] as PrivilegedState;
    const thread = { guest: index, hart };
    const bits = points.watchpoints.length + points.traps.size > 0 ? guest.nextInstruction(hart) : undefined;
    const touched = points.touchedBy(bits, state, (access) => this.look(thread).placesOf(access));
    const before: Before = { retired: state.retired, privilege: state.privilege, bits };
    const left = [...leftBefore, ...this.takeStep(index)];
    this.exits[index] ??= leftBefore.at(-1);
    const changed = this.watched[index]?.changed();
    const isHit = touched !== undefined && state.retired !== before.retired && wasAccessed(touched, state);
    const watchpoint = isHit ? touched.watchpoint : changed;
    if (watchpoint !== undefined) return { kind: 'watchpoint', thread, watchpoint };
    const reason = left.find((each) => points.exits.has(each));
    if (reason !== undefined) return { kind: 'exit', thread, reason };
    const cause = points.traps.size > 0 ? trapTaken(before, state) : undefined;
    return cause !== undefined && points.traps.has(cause) ? { kind: 'trap', thread, cause } : undefined;
  }

  /** @returns the exits to the monitor on the way. */
  private takeStep(index: number): readonly ExitReason[] {
    const { vm } = this.guests[index] as DebuggedGuest;
    const left: ExitReason[] = [];
    const listener = vm?.onExit;
    // A guest whose exits are listened to runs several times slower.
    const listens = this.motion?.way === 'step' || (this.stopPoints[index]?.exits.size ?? 0) > 0;
    if (!listens) this.exits[index] = undefined;
    const mine: typeof listener = (event) => {
      left.push(event.reason);
      listener?.(event);
    };
    if (vm !== undefined && listens) vm.onExit = mine;
    this.timelines[index]?.run(1);
    // A trace may begin to listen with the first step, and passes on what it hears.
    if (vm?.onExit === mine) vm.onExit = listener;
    this.exits[index] = left.at(-1) ?? this.exits[index];
    return left;
  }

  // Back.

  private searchFor({ way, thread: { guest, hart } }: Motion): Search {
    const { position: start } = this.timelines[guest] as Timeline;
    const { now } = (this.guests[guest] as DebuggedGuest).board.clock;
    const low = Math.max(0, start - FIRST_PART);
    if (start > 0) this.timelines[guest]?.goTo(low);
    const steps = way === 'step-back' ? hart : undefined;
    const passes = this.passed?.guest === guest && this.passed.position === start;
    return { guest, start, now, steps, passes, low, high: start, found: undefined };
  }

  /** Searches on, from the first step of a part to its last: the last stop there is the one. */
  private searchOn(search: Search): Stop | undefined {
    const timeline = this.timelines[search.guest] as Timeline;
    let steps = 0;
    this.watched[search.guest]?.note();
    let isWhole = false;
    const end = Math.min(search.high, timeline.position + SLICE.free);
    while (timeline.position < end && steps < SLICE.watched) {
      const scouted = search.steps === undefined ? this.scout(search.guest, end) : undefined;
      const seen = this.stopOf(search.guest, scouted);
      if (seen !== undefined && timeline.position < search.start)
        search.found = { position: timeline.position, stop: seen };
      if (scouted?.kind === 'spent') return undefined;
      // Idle time behind its last step is no part of what is searched.
      if (seen !== undefined || timeline.position >= end) continue;
      const hart = this.settleAt(search, timeline);
      if (hart === undefined || timeline.position >= search.high) {
        isWhole = true;
        break;
      }
      this.searchAt(search, timeline, hart, hiddenExit(scouted));
      steps++;
    }
    if (!isWhole && timeline.position < search.high) return undefined;
    if (search.high === search.start && !search.passes) this.settleAtStart(search, timeline);
    if (search.found !== undefined) return this.arrive(search.guest, search.found);
    if (search.low === 0) {
      const stop: Stop = { kind: 'history', thread: this.motion?.thread ?? { guest: search.guest, hart: 0 } };
      return this.arrive(search.guest, { position: 0, stop });
    }
    const { low } = search;
    search.low = Math.max(0, low - 2 * (search.high - low));
    search.high = low;
    timeline.goTo(search.low);
    return undefined;
  }

  /** Lets idle time pass, and notes what changes then under a watchpoint. @returns the hart that takes the next step. */
  private settleAt(search: Search, timeline: Timeline): number | undefined {
    const { guest } = search;
    const hart = timeline.settle();
    const watchpoint = this.watched[guest]?.changed();
    if (watchpoint !== undefined && search.steps === undefined) {
      const stop: Stop = { kind: 'watchpoint', thread: { guest, hart: hart ?? 0 }, watchpoint };
      search.found = { position: timeline.position, stop };
    }
    return hart;
  }
  /** Likewise where it was begun, if idle time had passed there. */
  private settleAtStart(search: Search, timeline: Timeline): void {
    if (timeline.position === search.start && this.guests[search.guest]?.board.clock.now !== search.now)
      this.settleAt(search, timeline);
  }

  /** Takes a step of a search, and notes it where a stop is wanted there. */
  private searchAt(search: Search, timeline: Timeline, hart: number, left: readonly ExitReason[]): void {
    const { guest, start, steps } = search;
    const { position } = timeline;
    const thread = { guest, hart };
    const isThere = this.isAtBreakpoint(guest, hart);
    const stop = this.step(guest, hart, left);
    if (steps !== undefined) {
      if (hart === steps) search.found = { position, stop: { kind: 'step', thread } };
      return;
    }
    if (isThere) search.found = { position, stop: { kind: 'breakpoint', thread } };
    // Going back, GDB takes it to be behind an access, and steps back over it: unless it has just been told.
    const isNew = stop?.kind === 'watchpoint' && !search.passes;
    if (stop !== undefined && (timeline.position < start || isNew)) {
      search.found = { position: timeline.position, stop };
    }
  }

  private arrive(guest: number, { position, stop }: Found): Stop {
    this.timelines[guest]?.goTo(position);
    this.timelines[guest]?.settle();
    this.search = undefined;
    this.passed = stop.kind === 'watchpoint' ? { guest, position } : undefined;
    return stop;
  }
}

const hiddenExit = (scouted: Scouted | undefined) => (scouted?.kind === 'hidden-exit' ? [scouted.reason] : []);
const isBack = ({ way }: Motion) => way === 'step-back' || way === 'continue-back';
