// bench/workloads/matrix.s: the product of two matrices of 64-bit integers.

import { fold, repeated, type Sizes, sizeOf, type Workload } from '../workload.ts';

function pass(size: number): bigint {
  const left = (k: bigint) => k * k + 3n * k + 1n;
  const right = (k: bigint) => 7n * k - 5n;
  let result = 0n;
  const n = BigInt(size);
  for (let row = 0n; row < n; row++) {
    for (let column = 0n; column < n; column++) {
      let sum = 0n;
      for (let k = 0n; k < n; k++) sum += left(row * n + k) * right(k * n + column);
      result = fold(result, sum);
    }
  }
  return result;
}

export const matrix: Workload = {
  name: 'matrix',
  kind: 'kernel',
  title: 'product of 40 x 40 integers of 64 bits',
  sources: ['start.s', 'matrix.s', 'finish.s'],
  forms: ['machine', 'paging'],
  sizes: { SIZE: 40 },
  tinySizes: { SIZE: 6 },
  iterations: 10_000,
  expected: (iterations: number, sizes: Sizes) => repeated(pass(sizeOf(sizes, 'SIZE')), iterations),
};
