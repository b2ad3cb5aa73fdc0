// bench/workloads/indirect.s: the same functions in the same order.

import { unsigned } from '../../../isa/bigints.ts';
import { repeated, type Sizes, sizeOf, type Workload } from '../workload.ts';

const ADDEND = 77n;
const WORD_BITS = 32;
const XLEN = 64n;
const ROTATION = 13n;
/** After so many calls their order repeats. */
const PERIOD = 64;

const FUNCTIONS: readonly ((value: bigint) => bigint)[] = [
  (value) => value + 1n,
  (value) => value * 3n,
  (value) => value ^ (value >> 7n),
  (value) => ~value,
  (value) => value + ADDEND,
  (value) => (value << ROTATION) | (value >> (XLEN - ROTATION)),
  (value) => value + BigInt.asIntN(WORD_BITS, value),
  (value) => (value < ADDEND ? ADDEND : value),
];

function pass(calls: number): bigint {
  let value = 1n;
  for (let call = 0; call < calls; call++) {
    const place = call % PERIOD;
    const choice = (place * 5 + Math.floor(place / FUNCTIONS.length)) % FUNCTIONS.length;
    value = unsigned(FUNCTIONS[choice]?.(value) ?? value);
  }
  return value;
}

export const indirect: Workload = {
  name: 'indirect',
  kind: 'kernel',
  title: 'calls through a table of 8 functions',
  sources: ['start.s', 'indirect.s', 'finish.s'],
  forms: ['machine', 'paging'],
  sizes: { CALLS: 4096 },
  tinySizes: { CALLS: 128 },
  iterations: 12_000,
  expected: (iterations: number, sizes: Sizes) => repeated(pass(sizeOf(sizes, 'CALLS')), iterations),
};
