// Exits of a guest, one after the other, each with the words of its virtual CPU before and after, so that any of them
// can be explained later; and between them, which CPU goes on and which waits. The page is sent columns of what it
// draws; words stay here until somebody asks. Left out: exits that nobody listened to, which are not here.

import { WORD } from '../../../isa/layout.ts';
import type { SeenExit } from '../../debug/explain-exit.ts';
import { EXIT_REASONS } from '../../hypervisor/reason.ts';
import type { ExitEvent } from '../../hypervisor/virtual-machine.ts';
import type { EVENT, ExitColumns } from '../protocol.ts';

interface Taped {
  readonly serial: number;
  readonly step: number;
  readonly cpu: number;
  /** Index of EXIT_REASONS, or an EVENT. */
  readonly reason: number;
  readonly from: number;
  readonly to: number;
  /** Undefined where it is no exit. */
  readonly exit: SeenExit | undefined;
}
type EventKind = (typeof EVENT)[keyof typeof EVENT];

/** Exits and events that are kept; the page draws as many. */
export const TAPE_LENGTH = 4096;
const INDICES = new Map(EXIT_REASONS.map((reason, index) => [reason, index]));

export class ExitTape {
  private readonly tape: (Taped | undefined)[] = [];
  /** The first that was not forgotten, the first that was not sent, and the next. */
  private first = 0;
  private sent = 0;
  private next = 0;
  private isFresh = true;
  /** Exits so far, without events. */
  exits = 0;

  add({ reason, cpu, before, instruction, cause, tval, step }: ExitEvent): void {
    const after = cpu.words.slice();
    this.exits++;
    this.push({
      step,
      cpu: Number(cpu.mhartid),
      reason: INDICES.get(reason) ?? 0,
      from: Number(before[WORD.mode]),
      to: Number(after[WORD.mode]),
      exit: { reason, before, after, instruction, cause, tval },
    });
  }
  event(reason: EventKind, step: number, cpu: number, privilege: number): void {
    this.push({ step, cpu, reason, from: privilege, to: privilege, exit: undefined });
  }
  private push(taped: Omit<Taped, 'serial'>): void {
    this.tape[this.next % TAPE_LENGTH] = { serial: this.next, ...taped };
    this.next++;
    this.first = Math.max(this.first, this.next - TAPE_LENGTH);
  }

  get length(): number {
    return this.next - this.first;
  }
  get(serial: number): Taped | undefined {
    const found = this.tape[serial % TAPE_LENGTH];
    return serial >= this.first && serial < this.next && found?.serial === serial ? found : undefined;
  }
  get lastExit(): Taped | undefined {
    for (let serial = this.next - 1; serial >= this.first; serial--) {
      const taped = this.get(serial);
      if (taped?.exit !== undefined) return taped;
    }
    return undefined;
  }

  /** Forgets all: other steps are recorded now. */
  restart(): void {
    this.first = this.next;
    this.isFresh = true;
  }
  /** The run went back to this step: what came later has not happened. */
  cut(step: number): void {
    while (this.next > this.first && (this.get(this.next - 1)?.step ?? -1) >= step) this.next--;
    this.sent = Math.min(this.sent, this.next);
  }

  /** What came since it was last asked, as far as it is still here. */
  take(): ExitColumns {
    const from = this.isFresh ? this.first : Math.max(this.sent, this.first);
    const length = this.next - from;
    const columns = {
      isFresh: this.isFresh,
      serial: new Float64Array(length),
      step: new Float64Array(length),
      reason: new Uint8Array(length),
      from: new Uint8Array(length),
      to: new Uint8Array(length),
      cpu: new Uint8Array(length),
    };
    for (let i = 0; i < length; i++) {
      const taped = this.get(from + i);
      if (taped === undefined) continue;
      for (const name of ['serial', 'step', 'reason', 'from', 'to', 'cpu'] as const) columns[name][i] = taped[name];
    }
    this.sent = this.next;
    this.isFresh = false;
    return columns;
  }
}
