// Round-robin among guests, each with a clock of its own: a slice of steps each, those that have work first. A slice
// ends no turn and moves no event, so a guest's run is the same alone and beside any neighbour; and the end of a round
// ends no slice, so who runs when is the same however long the host lets rounds be. A guest that waits is over its wait
// once the others have taken as many steps, so none that never ends can keep it asleep; when every guest waits, idle
// time passes by the least that gives one of them work.

import type { Board } from '../platform/board.ts';
import type { Interleaver } from '../platform/interleaver.ts';
import type { Outcome } from '../platform/outcome.ts';

/** Something that runs on a board of its own: a virtual machine, or a bare one, alone. */
export interface Guest {
  readonly name: string;
  readonly board: Board;
  readonly interleaver: Interleaver;
}

/**
 * What a round came to. `idle`: every guest that has not ended waits, and `steps` of board time would give one of
 * them work; Infinity where only the console can.
 */
export type Round =
  | { readonly status: 'ran'; readonly steps: number }
  | { readonly status: 'ended'; readonly steps: number }
  | { readonly status: 'idle'; readonly steps: number; readonly until: number };

/** A slice in steps: long enough that a switch costs nothing, short enough that consoles look alive together. */
export const SLICE_STEPS = 100_000;

export class Scheduler {
  private readonly guests: readonly Guest[];
  /** By guest: the steps that others have taken since its last. */
  private readonly waited: number[];
  private next = 0;
  /** What is left of the next one's slice. */
  private left: number;
  private readonly slice: number;

  constructor(guests: readonly Guest[], sliceSteps = SLICE_STEPS) {
    this.guests = guests;
    this.slice = sliceSteps;
    this.left = sliceSteps;
    this.waited = guests.map(() => 0);
  }

  /** Gives slices in turn until `maxSteps` steps are taken by all guests together, or none can go on. */
  run(maxSteps: number): Round {
    let steps = 0;
    let idle = 0;
    let until = Number.POSITIVE_INFINITY;
    const alive = this.guests.filter((guest) => guest.board.outcome === undefined).length;
    if (alive === 0) return { status: 'ended', steps };
    while (steps < maxSteps && idle < this.guests.length) {
      const index = this.next;
      const guest = this.guests[index] as Guest;
      idle++;
      if (guest.board.outcome !== undefined) {
        this.endSlice();
        continue;
      }
      const slice = alive > 1 ? this.left : maxSteps;
      const progress = guest.interleaver.run(Math.min(slice, maxSteps - steps));
      steps += progress.steps;
      this.left -= progress.steps;
      this.passTime(index, progress.steps);
      const isAwake = progress.status === 'idle' && this.wake(index, progress.until);
      if (!isAwake && (progress.status !== 'ran' || this.left <= 0)) this.endSlice();
      if (progress.status === 'idle' && !isAwake) until = Math.min(until, progress.until - guest.board.clock.now);
      if (progress.steps > 0 || isAwake || progress.status === 'ended') {
        idle = 0;
        until = Number.POSITIVE_INFINITY;
      }
      if (progress.status === 'restarted') return { status: 'ran', steps };
    }
    if (this.guests.every((guest) => guest.board.outcome !== undefined)) return { status: 'ended', steps };
    return idle < this.guests.length ? { status: 'ran', steps } : { status: 'idle', steps, until };
  }

  private endSlice(): void {
    this.next = (this.next + 1) % this.guests.length;
    this.left = this.slice;
  }

  /** A guest has taken steps, which are time to all who wait. */
  private passTime(index: number, steps: number): void {
    if (steps === 0) return;
    for (const other of this.waited.keys())
      this.waited[other] = other === index ? 0 : (this.waited[other] ?? 0) + steps;
  }

  /** Ends the wait of a guest that would be over by now: when that is seen makes no difference to its run. */
  private wake(index: number, until: number): boolean {
    const { board, interleaver } = this.guests[index] as Guest;
    if (until - board.clock.now > (this.waited[index] ?? 0)) return false;
    interleaver.skipTo(until);
    this.waited[index] = 0;
    return true;
  }

  /** Every guest is idle, and this many steps of board time pass for each of them. */
  skip(steps: number): void {
    for (const { board, interleaver } of this.guests) {
      if (board.outcome === undefined) interleaver.skipTo(board.clock.now + steps);
    }
  }

  /** Ends every guest that has not ended. */
  end(outcome: Outcome): void {
    for (const { board } of this.guests) board.outcome ??= outcome;
  }
}
