// The machine behind the page: guests under the monitor, each with a run of its own that can go back, advanced in
// turns for as long as a frame allows, paced, and stopped where the page asked for it. It knows nothing of messages
// or of a browser; time is handed in. Idle time is skipped.

import { Timeline } from '../../debug/gdb/timeline.ts';
import { SymbolTable } from '../../debug/symbols.ts';
import { ConsoleInput } from '../../devices/console-input.ts';
import { EXIT_REASONS } from '../../hypervisor/reason.ts';
import { DEFAULT_ENGINE } from '../../machine/engine.ts';
import { boot } from '../../platform/boot.ts';
import type { Image } from '../../platform/image.ts';
import { type RunReport, reportOf } from '../../session/report.ts';
import { type GuestSpec, type System, type SystemGuest, stepsOf, virtualSystem } from '../../session/system.ts';
import type { GuestFrame, StopAt } from '../protocol.ts';
import { ExitTape } from './exit-tape.ts';

const RAM_BYTES = 32 * 1024 * 1024;
/** Steps between looks at the clock: few enough for a frame, many enough to cost nothing. */
const SLICE = 100_000;
/** Checkpoints are for stepping back, and cost a look at all memory: not many, far apart. */
const LIMITS = { bytes: 64 * 1024 * 1024, interval: 20_000_000 };

export interface NamedImage {
  readonly name: string;
  readonly image: Image;
}

export interface LabGuest {
  readonly guest: SystemGuest;
  readonly timeline: Timeline;
  readonly symbols: SymbolTable;
  readonly tape: ExitTape;
  readonly input: ConsoleInput;
  /** Console bytes that the page does not have yet, and all. */
  output: number[];
  readonly console: number[];
  waiting: boolean;
}

export class Laboratory {
  readonly system: System;
  readonly guests: readonly LabGuest[];
  /** Steps a second of each guest; 0: as fast as it goes. */
  pace = 0;
  private readonly milliseconds: () => number;
  private hostNanoseconds = 0;
  /** What is not there while the run goes on until it is paused. */
  private stopAt: { readonly hit: () => string | undefined; readonly guest: LabGuest } | undefined;
  private replays = false;

  constructor(images: readonly NamedImage[], milliseconds: () => number) {
    this.milliseconds = milliseconds;
    const outputs = images.map((): number[] => []);
    const inputs = images.map(() => new ConsoleInput());
    const specs = images.map(({ name, image }, index): GuestSpec => {
      return {
        name,
        ramBytes: RAM_BYTES,
        harts: 1,
        firmware: image.mode === 'm' ? 'own' : 'sbi',
        input: inputs[index] as ConsoleInput,
        output: (byte) => this.wrote(index, byte),
        install: (board) => {
          const booted = boot(board, { image });
          if (!booted.ok) throw new Error(booted.message);
        },
      };
    });
    // What a guest sees of a stale translation is in no checkpoint: there are none where each store is traced.
    this.system = virtualSystem(specs, { engine: DEFAULT_ENGINE, shadow: 'trace' });
    this.guests = this.system.guests.map((guest, index): LabGuest => {
      const tape = new ExitTape();
      const { vm } = guest;
      if (vm !== undefined) {
        vm.ledger.clock = () => milliseconds() * NANOSECONDS;
        vm.onExit = (event) => {
          if (!this.replays) tape.add(event);
        };
      }
      return {
        guest,
        timeline: new Timeline(guest, LIMITS),
        symbols: new SymbolTable(images[index]?.image.symbols ?? []),
        tape,
        input: inputs[index] as ConsoleInput,
        output: outputs[index] ?? [],
        console: [],
        waiting: false,
      };
    });
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

  /** From now on runs until this happens to a guest. @returns what is wrong with the wish. */
  until(index: number, stopAt: StopAt | undefined): string | undefined {
    this.stopAt = undefined;
    const guest = this.guests[index];
    if (stopAt === undefined || guest === undefined) return undefined;
    if (stopAt.kind === 'exit') {
      const from = guest.tape.count;
      const { reason } = stopAt;
      if (reason !== undefined && !EXIT_REASONS.some((each) => each === reason)) return `no exit is called ${reason}`;
      const hit = () => {
        const last = guest.tape.count > from ? guest.tape.last : undefined;
        return last !== undefined && (reason === undefined || last.reason === reason) ? last.reason : undefined;
      };
      this.stopAt = { guest, hit };
      return undefined;
    }
    const address = guest.symbols.address(stopAt.where) ?? addressOf(stopAt.where);
    if (address === undefined) return `${stopAt.where}: no symbol of ${guest.guest.name}, and no address`;
    const hit = () => (guest.guest.states[0]?.pc === address ? stopAt.where : undefined);
    this.stopAt = { guest, hit };
    return undefined;
  }

  /** Runs for so many milliseconds of the host at most. @returns what it stopped at, if it did. */
  advance(elapsed: number, most: number): string | undefined {
    const start = this.milliseconds();
    let left = this.pace === 0 ? Number.POSITIVE_INFINITY : Math.ceil((this.pace * elapsed) / SECOND);
    let stopped: string | undefined;
    while (stopped === undefined && left > 0 && this.milliseconds() - start < most && !this.idle) {
      const slice = Math.min(SLICE, left);
      for (const each of this.guests) stopped ??= this.slice(each, slice);
      left -= slice;
    }
    this.hostNanoseconds += (this.milliseconds() - start) * NANOSECONDS;
    return stopped;
  }

  private slice(each: LabGuest, steps: number): string | undefined {
    const { timeline } = each;
    if (timeline.ended || each.waiting) return undefined;
    const stop = this.stopAt?.guest === each ? this.stopAt : undefined;
    const end = timeline.position + steps;
    while (timeline.position < end) {
      // Where something is looked for, each step is looked at.
      const ran = timeline.run(stop === undefined ? end - timeline.position : 1);
      const hit = stop?.hit();
      if (hit !== undefined) {
        this.stopAt = undefined;
        return hit;
      }
      if (ran !== 'ran') {
        each.waiting = ran === 'idle';
        return undefined;
      }
    }
    return undefined;
  }

  /** One step of a guest. */
  step(index: number): void {
    const each = this.guests[index];
    if (each === undefined) return;
    const from = each.timeline.position;
    while (each.timeline.position === from && each.timeline.run(1) === 'ran');
  }
  stepBack(index: number): void {
    const each = this.guests[index];
    if (each === undefined || each.timeline.position === 0) return;
    this.replays = true;
    each.timeline.goTo(each.timeline.position - 1);
    this.replays = false;
    each.waiting = false;
    each.tape.cut(each.guest.board.clock.now);
  }

  /** What the page does not know yet. */
  frames(): GuestFrame[] {
    return this.guests.map((each) => {
      const { guest, timeline, tape, waiting } = each;
      const { user, supervisor, machine } = stepsOf(guest);
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
        counts: guest.vm?.ledger.exits() ?? [],
        user,
        supervisor,
        machine,
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

/** What somebody wrote as an address: hexadecimal, with or without 0x. */
export function addressOf(text: string): bigint | undefined {
  const digits = /^(?:0x)?([0-9a-f]{1,16})$/i.exec(text.trim())?.[1];
  return digits === undefined ? undefined : BigInt(`0x${digits}`);
}
