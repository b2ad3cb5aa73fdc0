// bench/workloads/switches.s: two programs that count, the first by 1 and the second by 3, a step each in turn.

import { unsigned } from '../../../isa/bigints.ts';
import { fold, type Sizes, sizeOf, type Workload } from '../workload.ts';

function expected(iterations: number, sizes: Sizes): bigint {
  const yields = BigInt(sizeOf(sizes, 'YIELDS'));
  let result = 0n;
  for (let pass = 1n; pass <= iterations; pass++) result = fold(result, pass * yields);
  return unsigned(result + 3n * yields * BigInt(iterations));
}

export const switches: Workload = {
  name: 'switches',
  kind: 'system',
  title: 'a switch of address spaces and of 31 registers',
  sources: ['kernel.s', 'switches.s', 'finish.s'],
  forms: ['paging'],
  sizes: { YIELDS: 500 },
  tinySizes: { YIELDS: 16 },
  // There and back.
  operationsPerPass: (sizes: Sizes) => 2 * sizeOf(sizes, 'YIELDS'),
  iterations: 300,
  expected,
};
