// Random programs on several harts at once, in short turns: they share code that they change, page tables, data, locks
// and one another's interrupts. Whatever they do, every way to run them is in the same state after each slice.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../peers/qemu/random.ts';
import { sidesOf } from '../support/engines.ts';
import type { TestGuest } from '../support/guests.ts';
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

test('random programs on several harts are the same in all ways', { timeout: 2 * MINUTE * SCALE }, () => {
  fc.assert(
    fc.property(program, HARTS, TURN, LONGEST, fc.noShrink(fc.nat()), (random, harts, turnSteps, longest, seed) =>
      expectAgreement(random, { harts, turnSteps }, slices(seed, longest)),
    ),
    { numRuns: PROGRAMS * SCALE },
  );
});
