// Random programs on several harts at once, in short turns: they share code that they change, page tables, data, locks
// and one another's interrupts. Whatever they do, every way to run them is in the same state after each slice.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../peers/qemu/random.ts';
import { start, stateOf } from '../support/assembly.ts';
import { sidesOf, type Way, waysOf } from '../support/engines.ts';
import { runSteps, type TestGuest } from '../support/guests.ts';
import { lockstep } from './lockstep.ts';
import { imageOf, type Program, program, textOf } from './support/program.ts';

const SCALE = Number(process.env['TRAPEZE_RUNS'] ?? 1);
const MINUTE = 60_000;
const PROGRAMS = 12;
const STEPS = 12_000;
const MOST_SLICES = 150;

const HARTS = fc.constantFrom(2, 2, 3, 4, 8);
/** From a turn a step to turns that most programs end in. */
const TURN = fc.constantFrom(1, 2, 7, 30, 100, 500, 10_000);
/** The longest slice, which is no turn. */
const LONGEST = fc.constantFrom(1, 10, 100, 1000, 5000);

function* slices(seed: number, longest: number): Generator<number> {
  const random = new Random(seed);
  for (let left = STEPS, count = 0; left > 0 && count < MOST_SLICES; count++) {
    const slice = Math.min(left, random.between(1, longest));
    yield slice;
    left -= slice;
  }
}

function expectAgreement(random: Program, guest: Omit<TestGuest, 'bytes'>, lengths: Iterable<number>): void {
  const sides = sidesOf({ ...guest, bytes: imageOf(random) });
  const { difference } = lockstep({ sides, slices: lengths });
  if (difference !== undefined) expect.fail(`${difference}\n${textOf(random)}`);
}

/** All that can be seen of a run after so many steps, in slices. */
function endOf(random: Program, guest: Omit<TestGuest, 'bytes'>, way: Way, lengths: Iterable<number>) {
  const running = start(way, { ...guest, bytes: imageOf(random) });
  for (const length of lengths) runSteps(running.system, length);
  const { board } = running.guest;
  const { outcome, clock, activity } = board;
  const seen = { outcome, now: clock.now, activity, memory: running.guest.digest(), console: running.console() };
  return { ...seen, switches: running.guest.interleaver.switches, states: stateOf(running) };
}

test('slices of any size make the same run of several harts', { timeout: 2 * MINUTE * SCALE }, () => {
  fc.assert(
    fc.property(program, HARTS, TURN, LONGEST, fc.noShrink(fc.nat()), (random, harts, turnSteps, longest, seed) => {
      const cut = [...slices(seed, longest)];
      const whole = cut.reduce((sum, length) => sum + length, 0);
      for (const way of waysOf(['auto'])) {
        const guest = { harts, turnSteps };
        expect(endOf(random, guest, way, cut), way.name).toEqual(endOf(random, guest, way, [whole]));
      }
    }),
    { numRuns: PROGRAMS * SCALE },
  );
});

test('random programs on several harts are the same in all ways', { timeout: 2 * MINUTE * SCALE }, () => {
  fc.assert(
    fc.property(program, HARTS, TURN, LONGEST, fc.noShrink(fc.nat()), (random, harts, turnSteps, longest, seed) =>
      expectAgreement(random, { harts, turnSteps }, slices(seed, longest)),
    ),
    { numRuns: PROGRAMS * SCALE },
  );
});
