// bench/workloads/quicksort.s: the same numbers, sorted by the host's own sort.

import { unsigned } from '../../../isa/bigints.ts';
import { fold, repeated, type Sizes, sizeOf, type Workload } from '../workload.ts';

const LCG_MULTIPLIER = 6_364_136_223_846_793_005n;
const LCG_INCREMENT = 1_442_695_040_888_963_407n;

function pass(elements: number): bigint {
  const array = new BigInt64Array(elements);
  let value = 1n;
  for (let i = 0; i < elements; i++) {
    value = unsigned(value * LCG_MULTIPLIER + LCG_INCREMENT);
    array[i] = value;
  }
  return array.sort().reduce(fold, 0n);
}

export const quicksort: Workload = {
  name: 'quicksort',
  kind: 'kernel',
  title: '2,000 integers of 64 bits',
  sources: ['start.s', 'quicksort.s', 'finish.s'],
  forms: ['machine', 'paging'],
  sizes: { ELEMENTS: 2000 },
  tinySizes: { ELEMENTS: 60 },
  iterations: 10_000,
  expected: (iterations: number, sizes: Sizes) => repeated(pass(sizeOf(sizes, 'ELEMENTS')), iterations),
};
