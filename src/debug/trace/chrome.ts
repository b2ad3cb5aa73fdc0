// A trace as Chrome's trace events, which Perfetto and chrome://tracing open ("Trace Event Format", JSON array): a process
// for each virtual machine, a thread for each virtual CPU, slices for user and kernel and idle time, in them a slice for
// each exit by reason, and counters. A microsecond there is one of the guest's board, a thousand steps. Written while
// the guest runs; where there is no room for more, only that, and the ends of what has begun.

import type { Mode } from '../../../isa/layout.ts';
import type { BoundedText } from '../bounded-text.ts';
import type { SymbolTable } from '../symbols.ts';
import type { Passage, TraceSink } from './source.ts';

const STEPS_PER_MICROSECOND = 1000;
const SLICES = ['user', 'kernel', '?', 'machine'] as const;
/** Steps between counters. */
const WINDOW = 10_000;

export interface ChromeOptions {
  readonly text: BoundedText;
  /** The process: of several guests, each its own. */
  readonly process: number;
  readonly name: string;
  readonly harts: number;
  readonly symbols: SymbolTable;
}

interface Slice {
  readonly mode: Mode;
  readonly start: number;
  end: number;
  waits: boolean;
  /** Its begin is written; one in which nothing happened is left out. */
  isOpen: boolean;
}

/** Opens the array that all guests' events are in. */
export const CHROME_START = '[\n';
/** And closes it, with an event that says nothing, since the last has no comma. */
export const CHROME_END = '{"name":"end","ph":"M","pid":0,"args":{}}\n]\n';
/** Bytes that the last words of one hart take, and what all end with. */
export const CHROME_RESERVE = { hart: 100, end: 300 } as const;
export const NO_ROOM = 'there was no room for more';

export class ChromeTrace implements TraceSink {
  private readonly options: ChromeOptions;
  private readonly slices: (Slice | undefined)[];
  private exits: Record<string, number> = {};
  private window = 0;
  /** Of what was written last, in microseconds. */
  private time = 0;

  constructor(options: ChromeOptions) {
    this.options = options;
    this.slices = Array.from({ length: options.harts }, () => undefined);
    this.metadata('process_name', 0, options.name);
    for (let hart = 0; hart < options.harts; hart++) this.metadata('thread_name', hart, `hart ${hart}`);
  }

  get isFull(): boolean {
    return this.options.text.isFull;
  }

  begin(hart: number, step: number, mode: Mode): void {
    const slice = this.slices[hart];
    if (slice !== undefined && slice.end === step && slice.mode === mode && !slice.waits) return;
    this.finish(hart);
    if (slice?.waits && step > slice.end) this.slice('idle', hart, slice.end, step);
    this.slices[hart] = { mode, start: step, end: step, waits: false, isOpen: false };
  }
  pass({ hart, step, steps, reason, pc, after }: Passage): void {
    this.count(reason, step);
    const place = this.options.symbols.describe(pc) ?? `0x${pc.toString(16)}`;
    this.open(hart);
    this.slice(reason, hart, step, step + steps, { pc: place });
    const slice = this.slices[hart];
    if (slice === undefined) return;
    slice.end = step + steps;
    if (slice.mode === after) return;
    this.finish(hart);
    const [start, end] = [slice.end, slice.end];
    this.slices[hart] = { mode: after, start, end, waits: false, isOpen: false };
  }
  end(hart: number, step: number, waits: boolean): void {
    const slice = this.slices[hart];
    if (slice === undefined) return;
    slice.end = step;
    slice.waits = waits;
  }
  close(): void {
    for (const hart of this.slices.keys()) this.finish(hart);
    this.countersUntil(Number.POSITIVE_INFINITY);
  }

  /** The moment of the last event that there was room for, as an event of its own. */
  noRoom(): string {
    return this.line({ name: NO_ROOM, ph: 'i', s: 'g', ts: this.time, tid: 0 });
  }

  private open(hart: number): void {
    const slice = this.slices[hart];
    if (slice === undefined || slice.isOpen) return;
    const ts = slice.start / STEPS_PER_MICROSECOND;
    slice.isOpen = this.event({ name: SLICES[slice.mode], ph: 'B', ts, tid: hart });
  }
  private finish(hart: number): void {
    const slice = this.slices[hart];
    if (slice === undefined) return;
    if (slice.end > slice.start) this.open(hart);
    if (!slice.isOpen) return;
    slice.isOpen = false;
    const event = { ph: 'E', ts: slice.end / STEPS_PER_MICROSECOND, tid: hart };
    if (!this.event(event)) this.options.text.last(this.line({ ...event, ts: this.time }));
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
  private event(event: { readonly ts?: number; readonly dur?: number; readonly [key: string]: unknown }): boolean {
    const isWritten = this.options.text.write(this.line(event));
    if (isWritten && event.ts !== undefined) this.time = Math.max(this.time, event.ts + (event.dur ?? 0));
    return isWritten;
  }
  private line(event: object): string {
    return `${JSON.stringify({ pid: this.options.process, ...event })},\n`;
  }
}
