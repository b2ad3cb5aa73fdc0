// bench/workloads/integer.s: the xorshift generator (G. Marsaglia, Xorshift RNGs, 2003) and Knuth's congruential one.

import { unsigned } from '../../../isa/bigints.ts';
import { repeated, type Sizes, sizeOf, type Workload } from '../workload.ts';

const XORSHIFT_SEED = 0x2545_f491_4f6c_dd1dn;
const LCG_MULTIPLIER = 6_364_136_223_846_793_005n;
const LCG_INCREMENT = 1_442_695_040_888_963_407n;
const WORD_BITS = 32;

function pass(rounds: number): bigint {
  let xorshift = XORSHIFT_SEED;
  let congruential = 1n;
  let sum = 0n;
  for (let left = rounds; left > 0; left--) {
    xorshift = unsigned(xorshift ^ (xorshift << 13n));
    xorshift ^= xorshift >> 7n;
    xorshift = unsigned(xorshift ^ (xorshift << 17n));
    congruential = unsigned(congruential * LCG_MULTIPLIER + LCG_INCREMENT);
    if (left % 8 === 0) sum ^= congruential;
    sum = unsigned(sum + xorshift);
    if (sum < congruential) sum = unsigned(sum + 1n);
    sum = unsigned(sum - (BigInt.asIntN(WORD_BITS, congruential) >> 3n));
  }
  return sum;
}

export const integer: Workload = {
  name: 'integer',
  kind: 'kernel',
  title: 'shifts, additions, multiplications; no memory',
  sources: ['start.s', 'integer.s', 'finish.s'],
  forms: ['machine', 'paging'],
  sizes: { ROUNDS: 10_000 },
  tinySizes: { ROUNDS: 100 },
  iterations: 40_000,
  expected: (iterations: number, sizes: Sizes) => repeated(pass(sizeOf(sizes, 'ROUNDS')), iterations),
};
