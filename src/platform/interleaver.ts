// The turns of a board's harts: each runs for a fixed number of steps, less where it waits in a WFI, then the next;
// exactly so whatever slices it is asked to run in, so that a run is the same alone, beside others and in a replay.
// Left out: who executes the steps (a machine or a monitor), and what to do when all harts wait: the caller decides.

import { assert } from '../../isa/assert.ts';
import { NO_RESERVATION } from '../../isa/layout.ts';
import type { Board } from './board.ts';
import { wouldWake } from './wake.ts';

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
  | { readonly status: 'ran' | 'ended'; readonly steps: number }
  /** Every hart waits. `until` is the step of the next event; Infinity: only the console can wake the guest. */
  | { readonly status: 'idle'; readonly steps: number; readonly until: number };

/** A turn of a hart, in steps, where there is another whose turn could come. */
export const TURN_STEPS = 10_000;

export class Interleaver {
  private readonly board: Board;
  private readonly executor: Executor;
  /** Whose turn it is, and what is left of it. */
  private hart = 0;
  private left: number;
  private readonly turn: number;

  constructor(board: Board, executor: Executor) {
    this.board = board;
    this.executor = executor;
    this.turn = board.harts.length > 1 ? TURN_STEPS : Number.POSITIVE_INFINITY;
    this.left = this.turn;
  }

  /**
   * Takes at most `maxSteps` steps, and handles the events that are due then. The end of `maxSteps` ends no turn: slices
   * of any size make the same run.
   */
  run(maxSteps: number): Progress {
    const { board, executor } = this;
    const { clock } = board;
    let steps = 0;
    while (steps < maxSteps && board.outcome === undefined) {
      board.advance();
      if (!this.findRunnable()) return { status: 'idle', steps, until: board.horizon() };
      const before = clock.now;
      const budget = Math.min(maxSteps - steps, this.left, board.horizon() - before);
      const report = executor.run(this.hart, budget);
      const taken = clock.now - before;
      assert(taken <= budget, 'a hart ran past its budget');
      steps += taken;
      this.left -= taken;
      if (report === 'wait') board.activity[this.hart] = 'waiting';
      if (this.left === 0 || board.activity[this.hart] !== 'running') this.endTurn();
    }
    if (board.outcome !== undefined) return { status: 'ended', steps };
    // What is due now is seen now, however the steps were cut into runs.
    board.advance();
    return { status: 'ran', steps };
  }

  /** All harts wait, and time moves to the next event (or to an earlier step, where the host's clock says so). */
  skipTo(step: number): void {
    const { board } = this;
    assert(step >= board.clock.now && step <= board.horizon() && Number.isSafeInteger(step), `skip to step ${step}`);
    board.clock.now = step;
  }

  /** Finds whose turn it is now: the hart whose turn it was, or the next that does not wait. */
  private findRunnable(): boolean {
    const { board } = this;
    for (let i = 0; i < board.harts.length; i++) {
      const hart = (this.hart + i) % board.harts.length;
      const state = board.harts[hart];
      if (state === undefined || board.activity[hart] === 'stopped') continue;
      if (board.activity[hart] === 'waiting' && !wouldWake(state)) continue;
      board.activity[hart] = 'running';
      if (hart !== this.hart) this.left = this.turn;
      this.hart = hart;
      return true;
    }
    return false;
  }

  /** A reservation ends with its hart's turn, so nothing that another hart does needs to look for it. */
  private endTurn(): void {
    const state = this.board.harts[this.hart];
    if (state !== undefined) state.reservation = NO_RESERVATION;
    this.hart = (this.hart + 1) % this.board.harts.length;
    this.left = this.turn;
  }
}
