// The turns of a board's harts: each runs for a fixed number of steps, less where it waits in a WFI, then the next;
// exactly so whatever slices it is asked to run in, so that a run is the same alone, beside others and in a replay.
// Left out: who executes the steps (a machine or a monitor), and what to do when all harts wait: the caller decides.

import { assert } from '../../isa/assert.ts';
import { NO_RESERVATION } from '../../isa/layout.ts';
import type { Board } from './board.ts';

/**
 * Why a hart's run came back: `budget`, all steps taken (of one that is sampled or logged, some); `wait`, a WFI
 * retired; `changed`, an instruction may have moved the next event, the turn goes on; `ended`, the board has an outcome.
 */
export type HartReport = 'budget' | 'wait' | 'changed' | 'ended';

export interface Executor {
  /** Runs a hart for at most `maxSteps` guest steps, adding those it takes to the board's `clock.now`. */
  run(hart: number, maxSteps: number): HartReport;
}

export type Progress =
  | { readonly status: 'ran' | 'ended' | 'restarted'; readonly steps: number }
  /** Every hart waits. `until` is the step of the next event; Infinity: only the console can wake the guest, if any can. */
  | { readonly status: 'idle'; readonly steps: number; readonly until: number };

/** A turn of a hart, in steps, where there is another whose turn could come. */
export const TURN_STEPS = 10_000;

export class Interleaver {
  private readonly board: Board;
  private readonly executor: Executor;
  /** Whose turn it is, and what is left of it: 0 where it is over. */
  private hart = 0;
  private left: number;
  private readonly turn: number;
  /** Whoever looks at the run from inside has asked for it to come back. */
  private isAsked = false;
  /** How often another hart's turn came. */
  switches = 0;

  constructor(board: Board, executor: Executor, turnSteps = TURN_STEPS) {
    this.board = board;
    this.executor = executor;
    this.turn = board.harts.length > 1 ? turnSteps : Number.POSITIVE_INFINITY;
    this.left = this.turn;
  }

  /**
   * Takes at most `maxSteps` steps, and handles the events that are due then. The end of `maxSteps` ends no turn: slices
   * of any size make the same run. It comes back early where the guest started again: that costs the host more than steps.
   */
  run(maxSteps: number): Progress {
    const { board, executor } = this;
    const { clock } = board;
    let steps = 0;
    this.isAsked = false;
    while (steps < maxSteps && board.outcome === undefined && !this.isAsked) {
      board.advance();
      if (this.isAsked) break;
      board.wakeHarts();
      const hart = this.whoseTurn();
      if (hart === undefined) {
        return { status: 'idle', steps, until: board.isStopped() ? Number.POSITIVE_INFINITY : board.horizon() };
      }
      this.give(hart);
      const before = clock.now;
      // A hart alone goes on over the ends of its turns: whatever wakes or starts another ends its run at once.
      const room = board.isAlone(hart) ? Number.POSITIVE_INFINITY : this.left;
      const budget = Math.min(maxSteps - steps, room, board.horizon() - before);
      const report = executor.run(hart, budget);
      const taken = clock.now - before;
      assert(taken <= budget, 'a hart ran past its budget');
      steps += taken;
      if (report === 'wait') board.activity[hart] = 'waiting';
      if (board.activity[hart] === 'running') this.pass(taken);
      else this.end(hart);
      if (board.outcome === undefined && board.restartIfAsked()) {
        this.hart = 0;
        this.left = this.turn;
        return { status: 'restarted', steps };
      }
    }
    if (board.outcome !== undefined) return { status: 'ended', steps };
    // What is due now is seen now, however the steps were cut into runs.
    board.advance();
    return { status: 'ran', steps };
  }

  /** Has the run in progress come back as soon as the hart's does. */
  comeBack(): void {
    this.isAsked = true;
  }
  /** The hart that took the last step. */
  get current(): number {
    return this.hart;
  }

  /** All harts wait, and time moves to the next event (or to an earlier step, where the host's clock says so). */
  skipTo(step: number): void {
    const { board } = this;
    assert(step >= board.clock.now && step <= board.horizon() && Number.isSafeInteger(step), `skip to step ${step}`);
    board.clock.now = step;
  }

  /** The hart that takes the next step: the one whose turn it is, or the next that can; undefined where all wait. */
  whoseTurn(): number | undefined {
    const { board } = this;
    const count = board.harts.length;
    const first = this.left > 0 ? this.hart : this.hart + 1;
    for (let i = 0; i < count; i++) {
      const hart = (first + i) % count;
      if (board.canRun(hart)) return hart;
    }
    return undefined;
  }

  /**
   * A reservation ends where another hart's turn begins, so nothing that this one does needs to look for it.
   */
  private give(hart: number): void {
    if (hart !== this.hart) {
      this.dropReservation(this.hart);
      this.switches++;
    }
    if (hart !== this.hart || this.left === 0) this.left = this.turn;
    this.hart = hart;
  }

  /** Steps of the turn have passed, and, of a hart that was alone, of turns behind it. */
  private pass(steps: number): void {
    this.left -= steps;
    if (this.left < 0) this.left += this.turn * Math.ceil(-this.left / this.turn);
  }

  /** A turn ends early. */
  private end(hart: number): void {
    this.dropReservation(hart);
    this.left = 0;
  }

  private dropReservation(hart: number): void {
    const state = this.board.harts[hart];
    if (state !== undefined) state.reservation = NO_RESERVATION;
  }
}
