// The page's side of the worker: sends wishes, keeps what came back, and tells whoever shows it, once a frame.
// Left out: how any of it is shown.

import type { Told } from '../../isa/language.ts';
import type { Explanation } from '../debug/explain-exit.ts';
import type { Discipline } from '../hypervisor/shadow/discipline.ts';
import type { RunReport } from '../session/report.ts';
import { BreakList } from './break-list.ts';
import {
  type CpuFrame,
  type ExitColumns,
  type FromWorker,
  type GuestFrame,
  type GuestSource,
  isExit,
  type MonitorView,
  type SourceError,
  type StateView,
  type ToWorker,
} from './protocol.ts';

export interface Mark {
  readonly serial: number;
  readonly step: number;
  readonly reason: number;
  readonly from: number;
  readonly to: number;
  readonly cpu: number;
}
/** What a guest did from one frame to the next: steps of each CPU by privilege, and exits by reason. */
export interface Slice {
  readonly from: number;
  readonly to: number;
  /** Steps of the guest when it began: a place in its run. */
  readonly position: number;
  readonly cpus: readonly Omit<CpuFrame, 'privilege'>[];
  readonly counts: readonly number[];
}

export interface ShownGuest {
  readonly name: string;
  readonly marks: Mark[];
  slices: Slice[];
  /** All that its console wrote, for a terminal that opens later. */
  readonly output: Uint8Array[];
  frame: GuestFrame | undefined;
}

/** Marks kept for drawing: as many as the worker can explain. */
const MOST_MARKS = 4096;
const SAMPLES = 600;
/** More slices than that are put together by twos. */
const MOST_SLICES = 2000;

export class Lab {
  guests: ShownGuest[] = [];
  running = false;
  ended = false;
  stopped: string | undefined;
  /** The monitor at work, where somebody steps through it. */
  monitor: MonitorView | undefined;
  readonly breaks = new BreakList((breaks) => this.send({ kind: 'breaks', breaks }));
  /** How the shadow follows the guests' tables, from the next boot on. */
  discipline: Discipline = 'trace';
  refused: { readonly message: Told | undefined; readonly errors: readonly SourceError[] } | undefined;
  state: StateView | undefined;
  focus = 0;
  /** The virtual CPU that is looked at; without one, whichever has its turn. */
  hart: number | undefined;
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
  private booted: readonly GuestSource[] = [];
  /** Counts the boots: terminals start anew with each. */
  boots = 0;

  constructor() {
    this.worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      this.take(data);
      this.tell();
    };
    this.breaks.tell();
    this.worker.onerror = ({ message }) => {
      this.refused = { message: { en: message, ko: message }, errors: [] };
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
    if (message.kind === 'run' || message.kind.startsWith('step')) {
      this.refused = undefined;
      this.stopped = undefined;
    }
    if (message.kind === 'run') this.running = true;
    this.worker.postMessage(message);
    this.tell();
  }
  boot(guests: readonly GuestSource[]): void {
    this.refused = undefined;
    this.booted = guests;
    this.send({ kind: 'boot', guests, shadow: this.discipline });
  }
  /** The same guests from the start. */
  bootAgain(): void {
    this.boot(this.booted);
  }
  lookAt(hart: number | undefined): void {
    this.hart = hart;
    this.send({ kind: 'hart', hart });
  }
  focusOn(guest: number): void {
    if (guest !== this.focus) this.hart = undefined;
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
        this.guests = message.names.map((name) => ({ name, marks: [], slices: [], output: [], frame: undefined }));
        this.onOutput = () => {};
        this.running = true;
        this.ended = false;
        this.stopped = undefined;
        this.chosen = undefined;
        this.explanation = undefined;
        this.monitor = undefined;
        this.samples = [];
        this.focus = 0;
        this.hart = undefined;
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
      case 'unresolved':
        this.breaks.unresolved = message.breaks;
        return;
      case 'checked':
        this.checked = message.errors;
        return;
      case 'refused':
        this.refused = message;
        this.running = false;
    }
  }

  private takeFrame({ running, ended, guests, state, stopped, monitor }: FromWorker & { kind: 'frame' }): void {
    this.running = running;
    this.ended = ended;
    this.monitor = monitor;
    if (state !== undefined) this.state = state;
    for (const [index, frame] of guests.entries()) {
      const guest = this.guests[index];
      if (guest === undefined) continue;
      guest.slices = slices(guest.slices, guest.frame, frame);
      guest.frame = frame;
      mark(guest.marks, frame.exits, frame.now);
      if (frame.output.length === 0) continue;
      guest.output.push(frame.output);
      this.onOutput(index, frame.output);
    }
    const counts = guests.map((guest) => guest.counts.reduce((sum, { count }) => sum + count, 0));
    this.samples.push({ seconds: (performance.now() - this.bootedAt) / 1000, counts });
    if (this.samples.length > SAMPLES) this.samples = this.samples.filter((_, index) => index % 2 === 0);
    if (stopped !== undefined) this.stoppedAt(stopped);
  }
  private stoppedAt({ guest, at }: { readonly guest: number; readonly at: string }): void {
    const name = this.guests[guest]?.name;
    this.stopped = this.guests.length > 1 ? `${at} (${name})` : at;
    if (guest !== this.focus) this.focusOn(guest);
    // A step to an exit ends at the exit that one wants to read about.
    const last = this.guests[guest]?.marks.findLast(({ reason }) => isExit(reason));
    if (last !== undefined) this.explain(guest, last.serial);
  }
}

/** New marks; those that lie ahead of now were taken back. */
function mark(marks: Mark[], columns: ExitColumns, now: number): void {
  if (columns.isFresh) marks.length = 0;
  const first = columns.serial[0];
  while (marks.length > 0 && first !== undefined && (marks.at(-1)?.serial ?? 0) >= first) marks.pop();
  while ((marks.at(-1)?.step ?? -1) > now) marks.pop();
  for (let i = 0; i < columns.serial.length; i++) {
    marks.push({
      serial: columns.serial[i] ?? 0,
      step: columns.step[i] ?? 0,
      reason: columns.reason[i] ?? 0,
      from: columns.from[i] ?? 0,
      to: columns.to[i] ?? 0,
      cpu: columns.cpu[i] ?? 0,
    });
  }
  if (marks.length > MOST_MARKS) marks.splice(0, marks.length - MOST_MARKS);
}

/** One slice more, from the frame before; those that lie ahead of now were taken back. */
function slices(known: Slice[], before: GuestFrame | undefined, frame: GuestFrame): Slice[] {
  const from = before?.now ?? 0;
  if (frame.now === from) return known;
  if (frame.now < from) return known.filter(({ to }) => to <= frame.now);
  const more = (now: number, then = 0) => Math.max(0, now - then);
  known.push({
    from: known.at(-1)?.to ?? 0,
    to: frame.now,
    position: before?.position ?? 0,
    cpus: frame.cpus.map(({ user, supervisor, machine }, cpu) => {
      const then = before?.cpus[cpu];
      return {
        user: more(user, then?.user),
        supervisor: more(supervisor, then?.supervisor),
        machine: more(machine, then?.machine),
      };
    }),
    counts: frame.counts.map(({ count }, reason) => more(count, before?.counts[reason]?.count)),
  });
  return known.length > MOST_SLICES ? halved(known) : known;
}
function halved(slices: readonly Slice[]): Slice[] {
  return slices.flatMap((one, index) => {
    if (index % 2 !== 0) return [];
    const other = slices[index + 1];
    if (other === undefined) return [one];
    const cpus = one.cpus.map((steps, cpu) => {
      const more = other.cpus[cpu];
      return {
        user: steps.user + (more?.user ?? 0),
        supervisor: steps.supervisor + (more?.supervisor ?? 0),
        machine: steps.machine + (more?.machine ?? 0),
      };
    });
    const counts = one.counts.map((count, reason) => count + (other.counts[reason] ?? 0));
    return [{ ...one, to: other.to, cpus, counts }];
  });
}
