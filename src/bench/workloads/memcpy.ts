// bench/workloads/memcpy.s: what is read back of the copies, from what was written.

import { fold, type Sizes, sizeOf, type Workload } from '../workload.ts';

const DOUBLEWORD_BYTES = 8;
/** From one doubleword looked at to the next. */
const STEP = 37;
/** What each pass adds to the first doubleword. */
const CHANGE = 3n;

function expected(iterations: number, sizes: Sizes): bigint {
  const length = sizeOf(sizes, 'BYTES') / DOUBLEWORD_BYTES;
  const copy = Array.from({ length }, (_, i) => BigInt(i) * BigInt(i) + 1n);
  let result = 0n;
  for (let pass = 0; pass < iterations; pass++) {
    copy[0] = (copy[0] ?? 0n) + CHANGE;
    result = fold(result, (copy[(pass * STEP) % length] ?? 0n) + copy[0]);
  }
  return result;
}

export const memcpy: Workload = {
  name: 'memcpy',
  kind: 'kernel',
  title: 'copies of 16 KiB, 32 bytes a round',
  sources: ['start.s', 'memcpy.s', 'finish.s'],
  forms: ['machine', 'paging'],
  sizes: { BYTES: 16_384 },
  tinySizes: { BYTES: 1024 },
  iterations: 400_000,
  expected,
};
