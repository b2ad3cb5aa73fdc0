// The timer interrupts of a hart: MTI is up while mtime has reached its mtimecmp (norm:mtime_intr_pending), STI, under
// Sstc, while it has reached stimecmp (norm:mip_stip_stimecmp_op2). Lines change at exactly the step of the tick, by
// an event; a write to a comparison, to mtime or to menvcfg.STCE recomputes both.

import { Interrupt } from '../../isa/causes.ts';
import { FIELDS, WORD } from '../../isa/layout.ts';
import type { PrivilegedState } from '../../isa/state.ts';
import { type Clock, STEPS_PER_TICK } from './clock.ts';
import type { EventQueue } from './events.ts';

/** The name under which timers have events; the payload is the hart. */
export const TIMERS = 'timers';

interface Timed {
  readonly harts: readonly PrivilegedState[];
  readonly clock: Clock;
  readonly events: EventQueue;
  readonly clint: { mtimecmp(hart: number, half: 0 | 1): number };
  /** By hart: what is known of its comparisons, so that one that has not changed costs nothing. */
  readonly timers: readonly HartTimers[];
}

export function driveTimers(board: Timed, hart: number): void {
  const state = board.harts[hart];
  const timers = board.timers[hart];
  if (state === undefined || timers === undefined) return;
  timers.MTI.set(board.clint.mtimecmp(hart, 0), board.clint.mtimecmp(hart, 1));
  // The enable is in the word's upper half; no timer compares like one that is never reached.
  const { halves } = state;
  if ((halves[WORD.menvcfg * 2 + 1] as number) & STCE) {
    timers.STI.set(halves[WORD.stimecmp * 2] as number, halves[WORD.stimecmp * 2 + 1] as number);
  } else timers.STI.clear();
  timers.MTI.drive(board, state, 'MTI', hart);
  timers.STI.drive(board, state, 'STI', hart);
}

const HALF_BITS = 32n;
const HALF = 2 ** 32;
const STCE = 1 << (FIELDS.menvcfg.STCE - 32);

/** A comparison with mtime, by halves: a bigint for each look would cost more than the look. */
class Timer {
  private low = 0;
  private high = 0;
  private isSet = false;
  /** How often mtime had been written then. */
  private writes = 0;
  /** The step at which its level changes next, as far as it was computed; behind now where it was not. */
  private changesAt = -1;
  /** Whether it may have an event in the queue. */
  private hasEvent = true;

  set(low: number, high: number): void {
    if (low === this.low && high === this.high && this.isSet) return;
    this.low = low;
    this.high = high;
    this.isSet = true;
    this.changesAt = -1;
  }
  clear(): void {
    if (this.isSet) this.changesAt = -1;
    this.isSet = false;
  }

  drive({ clock, events }: Timed, state: PrivilegedState, kind: 'MTI' | 'STI', hart: number): void {
    if (clock.now < this.changesAt && clock.writes === this.writes) return;
    this.writes = clock.writes;
    const compare = this.high * HALF + this.low;
    let level = false;
    let step = Number.POSITIVE_INFINITY;
    if (this.isSet && !clock.isShifted) {
      // Steps that are no safe integer are never reached.
      const reached = compare * STEPS_PER_TICK;
      level = clock.now >= reached;
      if (!level && reached <= Number.MAX_SAFE_INTEGER) step = reached;
    } else if (this.isSet) {
      const exact = (BigInt(this.high) << HALF_BITS) | BigInt(this.low);
      level = clock.ticks() >= exact;
      step = clock.stepOfChange(exact);
    }
    setWire(state, Interrupt[kind], level);
    this.changesAt = step;
    const { hasEvent } = this;
    this.hasEvent = step !== Number.POSITIVE_INFINITY;
    if (this.hasEvent) events.schedule({ step, device: TIMERS, kind, payload: hart });
    else if (hasEvent) events.cancel({ device: TIMERS, kind, payload: hart });
  }
}

function setWire({ halves }: PrivilegedState, bit: number, level: boolean): void {
  const lines = halves[WORD.lines * 2] as number;
  halves[WORD.lines * 2] = level ? lines | (1 << bit) : lines & ~(1 << bit);
}

/** The two comparisons of a hart. */
export class HartTimers {
  readonly MTI = new Timer();
  readonly STI = new Timer();
}
