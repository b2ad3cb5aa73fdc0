// The machine behind the page: guests under the monitor, each with a run of its own that can go back, advanced in
// turns for as long as a frame allows, paced, and stopped where the page asked for it. It knows nothing of messages
// or of a browser; time is handed in. Idle time is skipped.

import type { Told } from '../../../isa/language.ts';
import type { LineTable } from '../../asm/line-table.ts';
import { Scout } from '../../debug/gdb/scout.ts';
import { StopPoints } from '../../debug/gdb/stop-points.ts';
import { Timeline } from '../../debug/gdb/timeline.ts';
import { WatchedMemory } from '../../debug/gdb/watched-memory.ts';
import { SymbolTable } from '../../debug/symbols.ts';
import { ConsoleInput } from '../../devices/console-input.ts';
import { EXIT_REASONS } from '../../hypervisor/reason.ts';
import type { Discipline } from '../../hypervisor/shadow/discipline.ts';
import { DEFAULT_ENGINE } from '../../machine/engine.ts';
import { boot } from '../../platform/boot.ts';
import type { Image } from '../../platform/image.ts';
import { type RunReport, reportOf } from '../../session/report.ts';
import { type GuestSpec, type System, stepsByHart, virtualSystem } from '../../session/system.ts';
import { type Break, FIRST_PACE, type GuestFrame, type MonitorView, STAGES, type StopAt } from '../protocol.ts';
import { Breaks, placeOf } from './breaks.ts';
import { TAPE_LENGTH } from './exit-tape.ts';
import type { LabGuest } from './lab-guest.ts';
import { MonitorTap } from './monitor-tap.ts';
import { Recorder } from './recorder.ts';
import { nextPc, Runner } from './runner.ts';
import { noSuchExit, noSuchPlace } from './tellings.ts';

const RAM_BYTES = 32 * 1024 * 1024;
/** Steps between looks at the clock: few enough for a frame, many enough to cost nothing. */
const SLICE = 100_000;
/** Checkpoints are for stepping back, and cost a look at all memory: not many, far apart. */
const LIMITS = { bytes: 64 * 1024 * 1024, interval: 20_000_000 };

/** Up to so many steps a second every exit is listened to: that costs little then, and the timeline shows each. */
const LISTENED_PACE = FIRST_PACE;
/** Steps before a stop that are taken again, listened to. */
const TAIL = 20_000;
/** Steps that are recorded between two looks at whether they are enough. */
const CHUNK = 500;
/** Of a guest that computes and does not exit, so many steps are taken to find its next exit. */
const MOST_UNTIL_EXIT = 2_000_000;

export interface NamedImage {
  readonly name: string;
  readonly image: Image;
  readonly lines: LineTable;
  readonly harts?: number;
}

/** Where a run stopped by itself. */
export interface Stopped {
  readonly guest: number;
  readonly at: string;
}

export class Laboratory {
  readonly system: System;
  readonly guests: readonly LabGuest[];
  readonly discipline: Discipline;
  /** Steps a second of each guest; 0: as fast as it goes. */
  pace = 0;
  private readonly milliseconds: () => number;
  private hostNanoseconds = 0;
  private readonly runner: Runner;
  /** Exits that are walked through, stage by stage. */
  private inside:
    | { readonly guest: number; readonly seen: MonitorTap['seen']; exit: number; stage: number }
    | undefined;

  // What a guest sees of a stale translation is in no checkpoint: there are none where each store is traced.
  constructor(images: readonly NamedImage[], milliseconds: () => number, discipline: Discipline = 'trace') {
    this.milliseconds = milliseconds;
    this.discipline = discipline;
    const outputs = images.map((): number[] => []);
    const inputs = images.map(() => new ConsoleInput());
    const recorders: Recorder[] = [];
    const specs = images.map(({ name, image, harts = 1 }, index): GuestSpec => {
      return {
        name,
        ramBytes: RAM_BYTES,
        harts,
        firmware: image.mode === 'm' ? 'own' : 'sbi',
        input: inputs[index] as ConsoleInput,
        output: (byte) => this.wrote(index, byte),
        install: (board) => {
          const booted = boot(board, { image });
          if (!booted.ok) throw new Error(booted.message);
        },
      };
    });
    this.system = virtualSystem(specs, {
      engine: DEFAULT_ENGINE,
      shadow: discipline,
      wrap: (executor, _, index) => ({
        run: (hart, most) => {
          const run = () => executor.run(hart, most);
          return recorders[index]?.turn(hart, run) ?? run();
        },
      }),
    });
    this.guests = this.system.guests.map((guest, index): LabGuest => {
      const recorder = new Recorder(guest, milliseconds);
      recorders.push(recorder);
      const { image, lines } = images[index] as NamedImage; // a guest for each
      const symbols = new SymbolTable(image.symbols);
      const timeline = new Timeline(guest, LIMITS);
      const points = new StopPoints();
      const watched = new WatchedMemory(guest.board.ram, points.watchpoints);
      return {
        guest,
        timeline,
        points,
        scout: new Scout({ guest, timeline, points, watched }),
        symbols,
        lines,
        recorder,
        tape: recorder.tape,
        input: inputs[index] as ConsoleInput,
        breaks: new Breaks([], guest.name, { symbols, lines }),
        output: outputs[index] ?? [],
        console: [],
        waiting: false,
      };
    });
    this.runner = new Runner(this.guests, milliseconds);
  }

  private wrote(index: number, byte: number): void {
    this.guests[index]?.output.push(byte);
    this.guests[index]?.console.push(byte);
  }

  get ended(): boolean {
    return this.guests.every(({ timeline }) => timeline.ended);
  }
  /** Nothing happens until somebody types. */
  get idle(): boolean {
    return this.guests.every(({ timeline, waiting }) => timeline.ended || waiting);
  }

  type(index: number, text: string): void {
    const guest = this.guests[index];
    if (guest === undefined) return;
    for (const byte of new TextEncoder().encode(text)) guest.input.push(byte);
    guest.waiting = false;
  }

  /** From now on these stop the run. @returns those whose place no guest of their name has. */
  setBreaks(breaks: readonly Break[]): number[] {
    for (const each of this.guests) each.breaks = new Breaks(breaks, each.guest.name, each);
    this.runner.prepare();
    return this.guests.flatMap(({ breaks: { unresolved } }) => unresolved);
  }

  /** From now on runs until this happens to a guest, or a break is met. @returns what is wrong with the wish. */
  until(index: number, stopAt: StopAt | undefined): Told | undefined {
    this.runner.wish(undefined);
    this.inside = undefined;
    const guest = this.guests[index];
    if (stopAt === undefined || guest === undefined) return undefined;
    if (stopAt.kind === 'exit') {
      const from = guest.tape.exits;
      const { reason } = stopAt;
      if (reason !== undefined && !EXIT_REASONS.some((each) => each === reason)) return noSuchExit(reason);
      const hit = () => {
        const last = guest.tape.exits > from ? guest.tape.lastExit?.exit : undefined;
        return last !== undefined && (reason === undefined || last.reason === reason) ? last.reason : undefined;
      };
      this.runner.wish({ guest, hit, exits: EXIT_REASONS.filter((each) => reason === undefined || each === reason) });
      return undefined;
    }
    const address = placeOf(stopAt.where, guest);
    if (address === undefined) return noSuchPlace(stopAt.where, guest.guest.name);
    const hit = () => (nextPc(guest) === address ? stopAt.where : undefined);
    this.runner.wish({ guest, hit, breakpoint: address, exits: [] });
    return undefined;
  }

  /** Runs for so many milliseconds of the host at most. @returns where it stopped, if it did. */
  advance(elapsed: number, most: number): Stopped | undefined {
    const start = this.milliseconds();
    let left = this.pace === 0 ? Number.POSITIVE_INFINITY : Math.ceil((this.pace * elapsed) / SECOND);
    let stopped: Stopped | undefined;
    for (const each of this.guests) each.recorder.listen(this.listensTo(each));
    while (stopped === undefined && left > 0 && this.milliseconds() - start < most && !this.idle) {
      const slice = Math.min(SLICE, left);
      const until = start + most;
      for (const [index, each] of this.guests.entries()) {
        const at: string | undefined = stopped === undefined ? this.runner.run(each, slice, until) : undefined;
        if (at !== undefined) stopped = { guest: index, at };
      }
      left -= slice;
    }
    this.hostNanoseconds += (this.milliseconds() - start) * NANOSECONDS;
    return stopped;
  }
  private listensTo({ points }: LabGuest): boolean {
    return points.exits.size > 0 || (this.pace > 0 && this.pace <= LISTENED_PACE);
  }

  /** The run stands still: what led here can be looked at, exit by exit. */
  settle(): void {
    for (const each of this.guests) {
      const { recorder, timeline, guest } = each;
      if (recorder.isUpToDate) continue;
      this.record(each, Math.max(0, timeline.position - TAIL), 0, guest.board.clock.now);
    }
  }
  /** Takes steps of the past again, listened to from one step of the board to another. */
  look(index: number, position: number, from: number, to: number): void {
    const each = this.guests[index];
    if (each === undefined || position < 0 || position > each.timeline.position) return;
    this.record(each, position, from, to);
  }
  private record({ guest, timeline, recorder }: LabGuest, position: number, from: number, to: number): void {
    const present = timeline.position;
    const { clock } = guest.board;
    const goOn = (steps: number) => {
      const most = Math.min(steps, present - timeline.position);
      return most > 0 && timeline.run(most) === 'ran';
    };
    const putBack = guest.vm?.ledger.keep();
    recorder.listen(false);
    recorder.restart();
    timeline.goTo(Math.floor(position));
    while (clock.now < from && goOn(Math.ceil(from - clock.now)));
    recorder.listen(true);
    recorder.setClock();
    const isTail = to >= clock.now + present - timeline.position;
    while (clock.now < to && (isTail || recorder.tape.length < MOST_LOOKED) && goOn(CHUNK));
    recorder.listen(false);
    timeline.goTo(present);
    recorder.setClock();
    putBack?.();
  }

  /** One step of a guest. */
  step(index: number): void {
    const each = this.guests[index];
    if (each === undefined) return;
    this.inside = undefined;
    each.recorder.listen(true);
    stepOnce(each);
  }
  stepBack(index: number): void {
    const each = this.guests[index];
    this.inside = undefined;
    if (each === undefined || each.timeline.position === 0) return;
    each.recorder.listen(false);
    each.timeline.goTo(each.timeline.position - 1);
    each.waiting = false;
    each.recorder.cut();
  }

  /** The next stage of an exit; behind its last, the first of the next exit. @returns false where none comes soon. */
  stepInto(index: number): boolean {
    const { inside } = this;
    if (inside?.guest === index) {
      if (++inside.stage < STAGES.length) return true;
      inside.stage = 0;
      if (++inside.exit < inside.seen.length) return true;
    }
    this.inside = undefined;
    const each = this.guests[index];
    if (each === undefined) return false;
    each.recorder.listen(true);
    const tap = new MonitorTap(each.guest, each.recorder);
    tap.begin();
    for (let steps = 0; steps < MOST_UNTIL_EXIT && tap.seen.length === 0 && stepOnce(each); steps++);
    tap.end();
    if (tap.seen.length === 0) return false;
    this.inside = { guest: index, seen: tap.seen, exit: 0, stage: 0 };
    return true;
  }
  /** Where in the monitor it stands. */
  get monitor(): MonitorView | undefined {
    const { inside } = this;
    const seen = inside?.seen[inside.exit];
    return inside === undefined || seen === undefined
      ? undefined
      : { ...seen, guest: inside.guest, stage: inside.stage };
  }

  /** What the page does not know yet. */
  frames(): GuestFrame[] {
    return this.guests.map((each) => {
      const { guest, timeline, recorder, tape, waiting } = each;
      const harts = stepsByHart(guest);
      const sum = (name: 'user' | 'supervisor' | 'machine') => harts.reduce((total, steps) => total + steps[name], 0);
      const [user, supervisor, machine] = [sum('user'), sum('supervisor'), sum('machine')];
      const output = Uint8Array.from(each.output);
      each.output = [];
      const { outcome, clock } = guest.board;
      return {
        output,
        now: clock.now,
        steps: user + supervisor + machine,
        position: timeline.position,
        waiting,
        privilege: guest.states[0]?.privilege ?? 0,
        ...(outcome !== undefined && { outcome }),
        exits: tape.take(),
        counts: recorder.counts(),
        user,
        supervisor,
        machine,
        cpus: harts.map((steps, hart) => ({ privilege: guest.states[hart]?.privilege ?? 0, ...steps })),
      };
    });
  }

  report(): RunReport {
    const consoles = this.guests.map(({ console }) => console.map((byte) => String.fromCharCode(byte)).join(''));
    return reportOf(this.system, DEFAULT_ENGINE, consoles, this.hostNanoseconds);
  }
}

const NANOSECONDS = 1e6;
const SECOND = 1000;
/** Of a span that is looked at, as many exits and events as the tape keeps, and a chunk's worth of room. */
const MOST_LOOKED = TAPE_LENGTH - 2 * CHUNK;

/** @returns whether the guest took a step. */
function stepOnce({ timeline }: LabGuest): boolean {
  const from = timeline.position;
  while (timeline.position === from && timeline.run(1) === 'ran');
  return timeline.position !== from;
}
