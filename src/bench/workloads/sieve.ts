// bench/workloads/sieve.s: how many primes there are, by trial division.

import { repeated, type Sizes, sizeOf, type Workload } from '../workload.ts';

function primesBelow(limit: number): number {
  const primes: number[] = [];
  for (let n = 2; n < limit; n++) {
    if (primes.every((prime) => n % prime > 0 || prime * prime > n)) primes.push(n);
  }
  return primes.length;
}

export const sieve: Workload = {
  name: 'sieve',
  kind: 'kernel',
  title: 'primes below 32,768, a byte each',
  sources: ['start.s', 'sieve.s', 'finish.s'],
  forms: ['machine', 'paging'],
  sizes: { LIMIT: 32_768 },
  tinySizes: { LIMIT: 256 },
  iterations: 10_000,
  expected: (iterations: number, sizes: Sizes) => repeated(BigInt(primesBelow(sizeOf(sizes, 'LIMIT'))), iterations),
};
