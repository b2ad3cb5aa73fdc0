// Random programs in all ways at once: loops that are hot, code that changes, page tables that change, faults,
// interrupts and modes, run in slices of 1 to 1,000 steps. Whatever they do, every way is in the same state after each
// slice as the reference on the bare machine.

import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { ENGINES, type Engine } from '../../src/machine/engine.ts';
import { sidesOf } from '../support/engines.ts';
import { compared, lockstep } from './lockstep.ts';
import { Random } from './random.ts';
import { randomProgram } from './random-program.ts';

const SCALE = Number(process.env['TRAPEZE_RUNS'] ?? 1);
const MINUTE = 60_000;
const PROGRAMS = 60;
const LONG_PROGRAMS = 6;
/** Steps of a program, and rounds of its loops at most: in the long ones `auto` makes regions too. */
const SHORT = { steps: 3000, rounds: 80 };
const LONG = { steps: 60_000, rounds: 4000 };
const LONGEST_SLICE = 1000;

/** Slices of one step, of a few, and of many, that add up to `steps`. */
function* slices(seed: number, steps: number, shortest: number): Generator<number> {
  const random = new Random(seed);
  for (let left = steps; left > 0; ) {
    const most = random.pick([shortest, 4 * shortest, 20 * shortest, LONGEST_SLICE, LONGEST_SLICE]);
    const slice = Math.min(left, random.between(shortest, most));
    yield slice;
    left -= slice;
  }
}

function agrees(seed: number, { steps, rounds }: typeof SHORT, shortest: number, engines: readonly Engine[]): void {
  const { guest, text } = randomProgram(seed, rounds);
  const { difference } = lockstep({ sides: sidesOf(guest, engines), slices: slices(seed, steps, shortest) });
  if (difference !== undefined) expect.fail(`${difference}\n${text.slice(text.indexOf('area_start:'))}`);
}

test('random programs are the same in all ways, in slices of 1 to 1,000 steps', { timeout: 2 * MINUTE * SCALE }, () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => agrees(seed, SHORT, 1, ENGINES)),
    { numRuns: PROGRAMS * SCALE, endOnFailure: true },
  );
});

test('random programs with hot loops are the same in all ways', { timeout: 2 * MINUTE * SCALE }, () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => agrees(seed, LONG, 100, ENGINES)),
    { numRuns: LONG_PROGRAMS * SCALE, endOnFailure: true },
  );
});

afterAll(() => {
  const { programs, steps, slices: count, waySteps } = compared;
  process.stdout.write(`${programs} programs, ${steps} steps, ${waySteps} in all ways, ${count} slices\n`);
});
