// Random programs that shrink: pieces in all modes, each a loop of operations, run again and again under other mappings,
// over other code and with other interrupts, on one hart and on several. Each engine is compared with the reference of
// its kind at the end of every slice. A failure prints what is left of the program, and what the reference ran where it
// differs.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../peers/qemu/random.ts';
import { FAST_ENGINES } from '../support/engines.ts';
import { compareEngines, describeDifference } from './support/compare.ts';
import { imageOf, program, textOf } from './support/program.ts';

const SCALE = Number(process.env['TRAPEZE_RUNS'] ?? 1);
const MINUTE = 60_000;
const PROGRAMS = 15;
const STEPS = 15_000;
const MOST_SLICES = 300;

/** The longest slice of a program: from single steps to more than most loops take. */
const LONGEST = fc.constantFrom(1, 3, 10, 50, 300, 1000, 5000);
const HARTS = fc.constantFrom(1, 1, 1, 2, 3);

function slicesOf(seed: number, longest: number): (index: number) => number {
  const random = new Random(seed);
  const lengths: number[] = [];
  return (index) => {
    while (lengths.length <= index) lengths.push(random.between(1, longest));
    return lengths[index] as number;
  };
}

test('random programs are the same on every engine after every slice', { timeout: 2 * MINUTE * SCALE }, () => {
  fc.assert(
    fc.property(program, LONGEST, HARTS, fc.noShrink(fc.nat()), (random, longest, harts, seed) => {
      const steps = Math.min(STEPS, longest * MOST_SLICES);
      const comparison = { engines: FAST_ENGINES, slice: slicesOf(seed, longest), steps };
      const difference = compareEngines({ bytes: imageOf(random), harts }, comparison);
      if (difference !== undefined) expect.fail(`${describeDifference(difference)}\n${textOf(random)}`);
    }),
    { numRuns: PROGRAMS * SCALE },
  );
});
