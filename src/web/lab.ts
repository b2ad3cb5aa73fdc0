// The page's side of the worker: sends wishes, keeps what came back, and tells whoever shows it, once a frame.
// Left out: how any of it is shown.

import type { Explanation } from '../debug/explain-exit.ts';
import type { RunReport } from '../session/report.ts';
import type { ExitColumns, FromWorker, GuestFrame, GuestSource, SourceError, StateView, ToWorker } from './protocol.ts';

export interface Mark {
  readonly serial: number;
  readonly step: number;
  readonly reason: number;
  readonly from: number;
  readonly to: number;
}

export interface ShownGuest {
  readonly name: string;
  readonly marks: Mark[];
  /** All that its console wrote, for a terminal that opens later. */
  readonly output: Uint8Array[];
  frame: GuestFrame | undefined;
}

/** Marks kept for drawing: as many as the worker can explain. */
const MOST_MARKS = 4096;
const SAMPLES = 600;

export class Lab {
  guests: ShownGuest[] = [];
  running = false;
  ended = false;
  stopped: string | undefined;
  refused: { readonly message: string; readonly errors: readonly SourceError[] } | undefined;
  state: StateView | undefined;
  focus = 0;
  chosen: { readonly guest: number; readonly serial: number } | undefined;
  explanation: Explanation | undefined;
  checked: readonly SourceError[] = [];
  /** Exits so far, by guest, at times of the host: what the plot shows. */
  samples: { readonly seconds: number; readonly counts: readonly number[] }[] = [];
  onOutput: (guest: number, bytes: Uint8Array) => void = () => {};
  private readonly worker = new Worker(new URL('./worker/worker.ts', import.meta.url), { type: 'module' });
  private readonly listeners = new Set<() => void>();
  private onReport: ((report: RunReport) => void) | undefined;
  private bootedAt = 0;
  /** Counts the boots: terminals start anew with each. */
  boots = 0;

  constructor() {
    this.worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      this.take(data);
      this.tell();
    };
    this.worker.onerror = ({ message }) => {
      this.refused = { message, errors: [] };
      this.tell();
    };
  }

  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
  private tell(): void {
    for (const listener of this.listeners) listener();
  }

  send(message: ToWorker): void {
    if (message.kind === 'run') {
      this.refused = undefined;
      this.stopped = undefined;
      this.running = true;
    }
    this.worker.postMessage(message);
    this.tell();
  }
  boot(guests: readonly GuestSource[]): void {
    this.refused = undefined;
    this.send({ kind: 'boot', guests });
  }
  focusOn(guest: number): void {
    this.focus = guest;
    this.send({ kind: 'focus', guest });
  }
  explain(guest: number, serial: number): void {
    this.chosen = { guest, serial };
    this.send({ kind: 'explain', guest, serial });
  }
  report(): Promise<RunReport> {
    return new Promise((resolve) => {
      this.onReport = resolve;
      this.send({ kind: 'report' });
    });
  }

  private take(message: FromWorker): void {
    switch (message.kind) {
      case 'booted':
        this.guests = message.names.map((name) => ({ name, marks: [], output: [], frame: undefined }));
        this.onOutput = () => {};
        this.running = true;
        this.ended = false;
        this.stopped = undefined;
        this.chosen = undefined;
        this.explanation = undefined;
        this.samples = [];
        this.focus = 0;
        this.boots++;
        this.bootedAt = performance.now();
        return;
      case 'frame':
        this.takeFrame(message);
        return;
      case 'explained':
        this.explanation = message.explanation;
        return;
      case 'report':
        this.onReport?.(message.report);
        return;
      case 'checked':
        this.checked = message.errors;
        return;
      case 'refused':
        this.refused = message;
        this.running = false;
    }
  }

  private takeFrame({ running, ended, guests, state, stopped }: FromWorker & { kind: 'frame' }): void {
    this.running = running;
    this.ended = ended;
    if (state !== undefined) this.state = state;
    if (stopped !== undefined) this.stopped = stopped;
    for (const [index, frame] of guests.entries()) {
      const guest = this.guests[index];
      if (guest === undefined) continue;
      guest.frame = frame;
      mark(guest.marks, frame.exits, frame.now);
      if (frame.output.length === 0) continue;
      guest.output.push(frame.output);
      this.onOutput(index, frame.output);
    }
    const counts = guests.map((guest) => guest.counts.reduce((sum, { count }) => sum + count, 0));
    this.samples.push({ seconds: (performance.now() - this.bootedAt) / 1000, counts });
    if (this.samples.length > SAMPLES) this.samples = this.samples.filter((_, index) => index % 2 === 0);
    // A step to an exit ends at the exit that one wants to read about.
    const last = this.guests[this.focus]?.marks.at(-1);
    if (stopped !== undefined && last !== undefined) this.explain(this.focus, last.serial);
  }
}

/** New marks; those that lie ahead of now were taken back. */
function mark(marks: Mark[], columns: ExitColumns, now: number): void {
  while ((marks.at(-1)?.step ?? -1) >= now) marks.pop();
  for (let i = 0; i < columns.serial.length; i++) {
    marks.push({
      serial: columns.serial[i] ?? 0,
      step: columns.step[i] ?? 0,
      reason: columns.reason[i] ?? 0,
      from: columns.from[i] ?? 0,
      to: columns.to[i] ?? 0,
    });
  }
  if (marks.length > MOST_MARKS) marks.splice(0, marks.length - MOST_MARKS);
}
