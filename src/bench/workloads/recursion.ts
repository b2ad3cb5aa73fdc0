// bench/workloads/recursion.s: Fibonacci's numbers by addition, and Ackermann's function of 2 and n, which is 2 n + 3.

import { repeated, type Sizes, sizeOf, type Workload } from '../workload.ts';

function pass(depth: number, ackermann: number): bigint {
  let [number, next] = [0n, 1n];
  for (let i = 0; i < depth; i++) [number, next] = [next, number + next];
  return number + 2n * BigInt(ackermann) + 3n;
}

export const recursion: Workload = {
  name: 'recursion',
  kind: 'kernel',
  title: 'Fibonacci of 18, Ackermann of 2 and 30',
  sources: ['start.s', 'recursion.s', 'finish.s'],
  forms: ['machine', 'paging'],
  sizes: { DEPTH: 18, ACKERMANN: 30 },
  tinySizes: { DEPTH: 7, ACKERMANN: 3 },
  iterations: 6_000,
  expected: (iterations: number, sizes: Sizes) =>
    repeated(pass(sizeOf(sizes, 'DEPTH'), sizeOf(sizes, 'ACKERMANN')), iterations),
};
