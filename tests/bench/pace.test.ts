// The pace of a workload in this process, and the table of paces; the clock is made up, so that nothing is timed.

import { expect, test } from 'vitest';
import { readWorkload } from '../../bench/sources.ts';
import { guestOf } from '../../src/bench/guest.ts';
import { buildElf } from '../../src/bench/image.ts';
import { type Pace, paceOf, WrongResult } from '../../src/bench/pace.ts';
import { paceTable } from '../../src/bench/pace-table.ts';
import { bareOn } from '../../src/bench/ways.ts';
import { calls } from '../../src/bench/workloads/calls.ts';
import { sieve } from '../../src/bench/workloads/sieve.ts';

const MEBIBYTE = 2 ** 20;
const make =
  (expected = sieve.expected) =>
  (passes: number) => {
    const elf = buildElf({ ...sieve, expected }, 'machine', passes, readWorkload, sieve.tinySizes);
    return bareOn('reference').make(guestOf('sieve', elf, 4 * MEBIBYTE));
  };
/** A host whose clock is at 0, 1, 3, 6, 10: each interval is longer than the one before. */
function slowing() {
  let [now, step] = [0, 0];
  return {
    milliseconds: () => {
      step += 1;
      now += step;
      return now;
    },
    breathe: async () => {},
    sleep: async () => {},
  };
}

test('a pace is of passes alone, and counts their steps', async () => {
  const pace = await paceOf('sieve', make(), { milliseconds: 1, rounds: 2 }, slowing());
  expect(pace.stepsPerPass).toBeGreaterThan(1000);
  expect(Number.isInteger(pace.stepsPerPass)).toBe(true);
  expect(pace.pass.median).toBeGreaterThan(0);
});

test('a wrong result has no pace', async () => {
  const wrong = paceOf(
    'sieve',
    make(() => 7n),
    { milliseconds: 1, rounds: 1 },
    slowing(),
  );
  await expect(wrong).rejects.toThrow(WrongResult);
});

test('the table tells kernels in steps a second, systems in time an operation, and virtual by bare', () => {
  const pace = (nanoseconds: number): Pace => ({
    pass: { median: nanoseconds, lower: nanoseconds, upper: nanoseconds },
    stepsPerPass: 500,
    first: 0,
  });
  const table = paceTable(
    [
      { workload: sieve, form: 'paging', paces: { auto: pace(1000), virtual: pace(1250) } },
      { workload: calls, form: 'machine', paces: { auto: pace(50_000), virtual: pace(75_000) } },
    ],
    ['auto', 'virtual'],
    { bare: 'auto', virtual: 'virtual' },
  );
  expect(table).toMatch(/^sieve, paging +500\.0 +400\.0 +1\.25$/m);
  expect(table).toMatch(/^calls, bare M +50\.0 +75\.0 +1\.50$/m);
});
