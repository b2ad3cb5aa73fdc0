// The turns of harts, with a made-up executor that notes which steps each hart took.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_RESERVATION } from '../../isa/layout.ts';
import type { Board } from '../../src/platform/board.ts';
import { type Executor, type HartReport, Interleaver, TURN_STEPS } from '../../src/platform/interleaver.ts';
import { CLINT_BASE } from '../../src/platform/memory-map.ts';
import { fakeBoard } from './fake-board.ts';

const MTIE = 1n << 7n;
const MTIMECMP = CLINT_BASE + 0x4000n;

/** Which harts ran, as [hart, first step, steps], with neighbours merged. */
type Trace = [hart: number, from: number, steps: number][];

/** Runs harts that wait at the given steps of board time, in ascending order, and otherwise compute. */
function executor(board: Board, waits: readonly number[] = []): { executor: Executor; trace: Trace } {
  const trace: Trace = [];
  const run = (hart: number, maxSteps: number): HartReport => {
    const from = board.clock.now;
    const wait = waits.find((step) => step >= from && step < from + maxSteps);
    const steps = wait === undefined ? maxSteps : wait - from + 1;
    board.clock.now += steps;
    const last = trace.at(-1);
    if (last !== undefined && last[0] === hart && last[1] + last[2] === from) last[2] += steps;
    else trace.push([hart, from, steps]);
    return wait === undefined ? 'budget' : 'wait';
  };
  return { executor: { run }, trace };
}

test('harts take turns of a fixed number of steps', () => {
  const { board } = fakeBoard({ harts: 2 });
  const { executor: harts, trace } = executor(board);
  expect(new Interleaver(board, harts).run(2.5 * TURN_STEPS)).toEqual({ status: 'ran', steps: 2.5 * TURN_STEPS });
  expect(trace).toEqual([
    [0, 0, TURN_STEPS],
    [1, TURN_STEPS, TURN_STEPS],
    [0, 2 * TURN_STEPS, TURN_STEPS / 2],
  ]);
});

test('a hart alone is given its turns at once, and their ends are where they would be', () => {
  const { board, harts } = fakeBoard({ harts: 3 });
  const budgets: number[] = [];
  const run = (hart: number, maxSteps: number): HartReport => {
    budgets.push(hart, maxSteps);
    const wakes = hart === 0 && board.activity[1] === 'waiting' && board.clock.now > 0;
    board.clock.now += wakes ? TURN_STEPS + 10 : maxSteps;
    if (wakes) (harts[1] as (typeof harts)[number]).lines.MSI = 1n;
    return wakes ? 'changed' : 'budget';
  };
  (harts[1] as (typeof harts)[number]).mie.MSIE = 1n;
  board.activity[1] = 'waiting';
  board.activity[2] = 'stopped';
  const interleaver = new Interleaver(board, { run });
  interleaver.run(100);
  interleaver.run(2 * TURN_STEPS);
  expect(budgets).toEqual([0, 100, 0, 2 * TURN_STEPS, 0, TURN_STEPS - 110, 1, 100]);
});

test('whose turn it is can be asked, and the answer changes nothing', () => {
  const { board } = fakeBoard({ harts: 2 });
  const { executor: harts, trace } = executor(board);
  const interleaver = new Interleaver(board, harts);
  const asked = [0, 1, TURN_STEPS - 2, 1, TURN_STEPS].map((steps) => {
    interleaver.run(steps);
    return interleaver.whoseTurn();
  });
  expect(asked).toEqual([0, 0, 0, 1, 0]);
  expect(trace).toEqual([
    [0, 0, TURN_STEPS],
    [1, TURN_STEPS, TURN_STEPS],
  ]);
  board.activity[0] = 'stopped';
  board.activity[1] = 'waiting';
  expect(interleaver.whoseTurn()).toBe(undefined);
});

test('what is due at the end of a run is handled in it', () => {
  const { board, harts } = fakeBoard();
  const { executor: steps } = executor(board);
  board.write(MTIMECMP, 8, 1n);
  const interleaver = new Interleaver(board, steps);
  interleaver.run(99);
  expect(harts[0]?.lines.MTI).toBe(0n);
  interleaver.run(1);
  expect(harts[0]?.lines.MTI).toBe(1n);
});

test('slices of any size make the same run', () => {
  const slices = fc.array(fc.integer({ min: 1, max: 2 * TURN_STEPS }), { minLength: 1, maxLength: 20 });
  const waits = fc.array(fc.nat(4 * TURN_STEPS), { maxLength: 5 });
  const play = (sizes: readonly number[], at: readonly number[]) => {
    const { board, harts } = fakeBoard({ harts: 3 });
    const { executor: steps, trace } = executor(
      board,
      at.toSorted((a, b) => a - b),
    );
    for (const state of harts) state.mie.bits = MTIE;
    for (const [i, tick] of [90n, 130n, 210n].entries()) board.write(MTIMECMP + BigInt(8 * i), 8, tick);
    const interleaver = new Interleaver(board, steps);
    for (const size of sizes) {
      for (let left = size; left > 0; ) {
        const progress = interleaver.run(left);
        left -= progress.steps;
        if (progress.status === 'idle') interleaver.skipTo(progress.until);
      }
    }
    return trace;
  };
  fc.assert(
    fc.property(slices, waits, (sizes, at) => {
      const whole = sizes.reduce((sum, size) => sum + size, 0);
      expect(play(sizes, at)).toEqual(play([whole], at));
    }),
  );
});

describe('a hart that waits', () => {
  test('ends its turn, and its reservation', () => {
    const { board, harts } = fakeBoard({ harts: 2 });
    const { executor: steps, trace } = executor(board, [9]);
    for (const state of harts) state.reservation = 0x8000_0000n;
    new Interleaver(board, steps).run(100);
    expect(trace).toEqual([
      [0, 0, 10],
      [1, 10, 90],
    ]);
    expect(harts.map(({ reservation }) => reservation)).toEqual([NO_RESERVATION, 0x8000_0000n]);
  });
  test('goes on when an interrupt that it enables is pending, whatever else it disables', () => {
    const { board, hart } = fakeBoard();
    const { executor: steps, trace } = executor(board, [9]);
    hart.mie.bits = MTIE;
    board.write(MTIMECMP, 8, 1n);
    const interleaver = new Interleaver(board, steps);
    expect(interleaver.run(1000)).toEqual({ status: 'idle', steps: 10, until: 100 });
    interleaver.skipTo(100);
    expect(interleaver.run(50)).toEqual({ status: 'ran', steps: 50 });
    expect(trace).toEqual([
      [0, 0, 10],
      [0, 100, 50],
    ]);
  });
  test('for an interrupt that it does not enable waits for ever', () => {
    const { board } = fakeBoard();
    const { executor: steps } = executor(board, [9]);
    board.write(MTIMECMP, 8, 1n);
    const interleaver = new Interleaver(board, steps);
    expect(interleaver.run(1000)).toMatchObject({ status: 'idle', until: 100 });
    interleaver.skipTo(100);
    expect(interleaver.run(1000)).toEqual({ status: 'idle', steps: 0, until: Number.POSITIVE_INFINITY });
  });
  test('does not wait where the interrupt is pending already', () => {
    const { board, hart } = fakeBoard();
    const { executor: steps } = executor(board, [9]);
    hart.mie.bits = 2n;
    hart.mip.SSIP = 1n;
    expect(new Interleaver(board, steps).run(30)).toEqual({ status: 'ran', steps: 30 });
  });
});

test('events are handled at their step, never late', () => {
  const { board, hart } = fakeBoard();
  board.write(MTIMECMP, 8, 2n);
  const seen: [number, bigint][] = [];
  const run = (_hart: number, maxSteps: number): HartReport => {
    seen.push([board.clock.now, hart.lines.MTI]);
    board.clock.now += maxSteps;
    return 'budget';
  };
  new Interleaver(board, { run }).run(300);
  expect(seen).toEqual([
    [0, 0n],
    [200, 1n],
  ]);
});

test('where all harts are stopped no event can help, nor the console', () => {
  const { board } = fakeBoard({ harts: 2 });
  const { executor: steps } = executor(board);
  board.write(MTIMECMP, 8, 5n);
  board.activity.fill('stopped');
  expect(new Interleaver(board, steps).run(9)).toEqual({ status: 'idle', steps: 0, until: Number.POSITIVE_INFINITY });
});

test('a hart that is stopped takes no turns, and the end of the guest is the end of the run', () => {
  const { board } = fakeBoard({ harts: 2 });
  board.activity[0] = 'stopped';
  const ran: number[] = [];
  const run = (hart: number): HartReport => {
    ran.push(hart);
    board.clock.now += 3;
    board.exit(7);
    return 'ended';
  };
  expect(new Interleaver(board, { run }).run(100)).toEqual({ status: 'ended', steps: 3 });
  expect(ran).toEqual([1]);
});
