// bench/workloads/interrupts.s: how many came, pass by pass.

import { fold, type Sizes, sizeOf, type Workload } from '../workload.ts';

function expected(iterations: number, sizes: Sizes): bigint {
  const interrupts = BigInt(sizeOf(sizes, 'INTERRUPTS'));
  let result = 0n;
  for (let pass = 1n; pass <= iterations; pass++) result = fold(result, pass * interrupts);
  return result;
}

export const interrupts: Workload = {
  name: 'interrupts',
  kind: 'system',
  title: 'a timer interrupt, the next one due at once',
  sources: ['kernel.s', 'interrupts.s', 'finish.s'],
  forms: ['machine', 'paging'],
  sizes: { INTERRUPTS: 1000 },
  tinySizes: { INTERRUPTS: 50 },
  operationsPerPass: (sizes: Sizes) => sizeOf(sizes, 'INTERRUPTS'),
  iterations: 2_000,
  expected,
};
