// bench/workloads/faults.s: what the program reads and counts up in the pages that come and go.

import { fold, type Sizes, sizeOf, type Workload } from '../workload.ts';

const PAGES = 16;

function expected(iterations: number, sizes: Sizes): bigint {
  const words = Array.from({ length: PAGES }, (_, page) => page * page);
  let result = 0n;
  for (let pass = 0; pass < iterations; pass++) {
    let sum = 0;
    for (let fault = 0; fault < sizeOf(sizes, 'FAULTS'); fault++) {
      const page = fault % PAGES;
      const word = words[page] ?? 0;
      sum += word;
      words[page] = word + 1;
    }
    result = fold(result, BigInt(sum));
  }
  return result;
}

export const faults: Workload = {
  name: 'faults',
  kind: 'system',
  title: 'a page fault of U-mode: map, unmap, fence, retry',
  sources: ['kernel.s', 'faults.s', 'finish.s'],
  forms: ['paging'],
  // A multiple of the pages, so that the first touch of a pass is a fault too.
  sizes: { FAULTS: 800 },
  tinySizes: { FAULTS: 32 },
  operationsPerPass: (sizes: Sizes) => sizeOf(sizes, 'FAULTS'),
  iterations: 300,
  expected,
};
