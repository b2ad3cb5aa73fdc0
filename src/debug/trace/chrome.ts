// A trace as Chrome's trace events, which Perfetto and chrome://tracing open ("Trace Event Format", JSON array): a process
// for each virtual machine, a thread for each virtual CPU, slices for user and kernel and idle time, in them a slice for
// each exit by reason, and counters. A microsecond there is one of the guest's board, a thousand steps. Written while
// the guest runs; behind the last event that there is room for, only that there were more.

import type { Mode } from '../../../isa/layout.ts';
import type { SymbolTable } from '../symbols.ts';
import type { Passage, TraceSink } from './source.ts';

const STEPS_PER_MICROSECOND = 1000;
const SLICES = ['user', 'kernel', '?', 'machine'] as const;
/** Steps between counters. */
const WINDOW = 10_000;
/** About 120 bytes each. */
export const MOST_EVENTS = 1_000_000;

export interface ChromeOptions {
  readonly write: (text: string) => void;
  /** The process: of several guests, each its own. */
  readonly process: number;
  readonly name: string;
  readonly harts: number;
  readonly symbols: SymbolTable;
  /** How many events all guests have room for together. */
  readonly room: { events: number };
}

interface Slice {
  mode: Mode;
  start: number;
  end: number;
  waits: boolean;
}

/** Opens the array that all guests' events are in. */
export const CHROME_START = '[\n';
/** And closes it, with an event that says nothing, since the last has no comma. */
export const CHROME_END = '{"name":"end","ph":"M","pid":0,"args":{}}\n]\n';

export class ChromeTrace implements TraceSink {
  private readonly options: ChromeOptions;
  private readonly slices: (Slice | undefined)[];
  private exits: Record<string, number> = {};
  private window = 0;

  constructor(options: ChromeOptions) {
    this.options = options;
    this.slices = Array.from({ length: options.harts }, () => undefined);
    this.metadata('process_name', 0, options.name);
    for (let hart = 0; hart < options.harts; hart++) this.metadata('thread_name', hart, `hart ${hart}`);
  }

  begin(hart: number, step: number, mode: Mode): void {
    const slice = this.slices[hart];
    if (slice !== undefined && slice.end === step && slice.mode === mode) return;
    this.flush(hart);
    if (slice?.waits && step > slice.end) this.slice('idle', hart, slice.end, step);
    this.slices[hart] = { mode, start: step, end: step, waits: false };
  }
  pass({ hart, step, steps, reason, pc, after }: Passage): void {
    this.count(reason, step);
    const place = this.options.symbols.describe(pc) ?? `0x${pc.toString(16)}`;
    this.slice(reason, hart, step, step + steps, { pc: place });
    const slice = this.slices[hart];
    if (slice === undefined || slice.mode === after) return;
    slice.end = step + steps;
    this.flush(hart);
    this.slices[hart] = { mode: after, start: step + steps, end: step + steps, waits: false };
  }
  end(hart: number, step: number, waits: boolean): void {
    const slice = this.slices[hart];
    if (slice === undefined) return;
    slice.end = step;
    slice.waits = waits;
  }
  close(): void {
    for (const hart of this.slices.keys()) this.flush(hart);
    this.countersUntil(Number.POSITIVE_INFINITY);
  }

  private flush(hart: number): void {
    const slice = this.slices[hart];
    if (slice !== undefined && slice.end > slice.start) this.slice(SLICES[slice.mode], hart, slice.start, slice.end);
  }

  private count(reason: string, step: number): void {
    this.countersUntil(step);
    this.exits[reason] = (this.exits[reason] ?? 0) + 1;
  }
  /** Exits by reason in each window of steps that is over. */
  private countersUntil(step: number): void {
    const window = Math.floor(step / WINDOW);
    if (window === this.window || Object.keys(this.exits).length === 0) {
      if (window !== Number.POSITIVE_INFINITY) this.window = window;
      return;
    }
    const ts = (this.window * WINDOW) / STEPS_PER_MICROSECOND;
    this.event({ name: 'exits', ph: 'C', ts, args: this.exits });
    for (const reason of Object.keys(this.exits)) this.exits[reason] = 0;
    this.window = window;
  }

  private slice(name: string, hart: number, start: number, end: number, args: Record<string, unknown> = {}): void {
    const [ts, dur] = [start / STEPS_PER_MICROSECOND, (end - start) / STEPS_PER_MICROSECOND];
    this.event({ name, ph: 'X', ts, dur, tid: hart, args });
  }
  private metadata(name: string, hart: number, value: string): void {
    this.event({ name, ph: 'M', tid: hart, args: { name: value } });
  }
  private event(event: Record<string, unknown>): void {
    const { room, process, write } = this.options;
    if (room.events < 0) return;
    room.events--;
    if (room.events >= 0) write(`${JSON.stringify({ pid: process, ...event })},\n`);
    else
      write(
        `${JSON.stringify({ pid: process, name: 'there was no room for more', ph: 'i', s: 'g', ts: event['ts'] ?? 0 })},\n`,
      );
  }
}
