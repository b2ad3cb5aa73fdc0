// Round-robin among guests, each with a clock of its own: a slice of steps each, those that have work first. A slice
// ends no turn and moves no event, so a guest's run is the same alone and beside any neighbour. Idle time passes only
// when every guest is idle, and then by the least that gives one of them work.

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
  private next = 0;

  constructor(guests: readonly Guest[]) {
    this.guests = guests;
  }

  /** Gives slices in turn until `maxSteps` steps are taken by all guests together, or none can go on. */
  run(maxSteps: number): Round {
    let steps = 0;
    let idle = 0;
    let until = Number.POSITIVE_INFINITY;
    const alive = this.guests.filter((guest) => guest.board.outcome === undefined).length;
    if (alive === 0) return { status: 'ended', steps };
    while (steps < maxSteps && idle < this.guests.length) {
      const guest = this.guests[this.next] as Guest;
      this.next = (this.next + 1) % this.guests.length;
      idle++;
      if (guest.board.outcome !== undefined) continue;
      const progress = guest.interleaver.run(Math.min(SLICE_STEPS, maxSteps - steps));
      steps += progress.steps;
      if (progress.status === 'idle') until = Math.min(until, progress.until - guest.board.clock.now);
      if (progress.steps > 0 || progress.status === 'ended') {
        idle = 0;
        until = Number.POSITIVE_INFINITY;
      }
    }
    if (this.guests.every((guest) => guest.board.outcome !== undefined)) return { status: 'ended', steps };
    return idle < this.guests.length ? { status: 'ran', steps } : { status: 'idle', steps, until };
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
