// bench/workloads/calls.s: what the kernel answers, folded by the program.

import { fold, repeated, type Sizes, sizeOf, type Workload } from '../workload.ts';

function pass(calls: number): bigint {
  let result = 0n;
  for (let call = calls; call > 0; call--) result = fold(result, BigInt(2 * call + 7));
  return result;
}

export const calls: Workload = {
  name: 'calls',
  kind: 'system',
  title: 'a system call from U-mode and back',
  sources: ['kernel.s', 'calls.s', 'finish.s'],
  forms: ['machine', 'paging'],
  sizes: { CALLS: 1000 },
  tinySizes: { CALLS: 50 },
  operationsPerPass: (sizes: Sizes) => sizeOf(sizes, 'CALLS'),
  iterations: 2_500,
  expected: (iterations: number, sizes: Sizes) => repeated(pass(sizeOf(sizes, 'CALLS')), iterations),
};
