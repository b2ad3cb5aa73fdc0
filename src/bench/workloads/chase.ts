// bench/workloads/chase.s twice: with all nodes in a cache of the first level, and in none, nor under the TLB's reach.

import { fold, type Sizes, sizeOf, type Workload } from '../workload.ts';

const MULTIPLIER = 1_664_525n;
const INCREMENT = 1_013_904_223n;

function expected(iterations: number, sizes: Sizes): bigint {
  const nodes = BigInt(sizeOf(sizes, 'NODES'));
  // All links of a pass at once: the composition of n steps x -> a x + c is one such step.
  let [a, c] = [1n, 0n];
  for (let link = 0; link < sizeOf(sizes, 'LINKS'); link++) {
    [a, c] = [(a * MULTIPLIER) % nodes, (c * MULTIPLIER + INCREMENT) % nodes];
  }
  let [node, result] = [0n, 0n];
  for (let pass = 0; pass < iterations; pass++) {
    node = (node * a + c) % nodes;
    result = fold(result, node);
  }
  return result;
}

const common = {
  kind: 'kernel',
  sources: ['start.s', 'chase.s', 'finish.s'],
  forms: ['machine', 'paging'],
  tinySizes: { NODES: 64, LINKS: 400 },
  expected,
} as const;

export const chaseNear: Workload = {
  ...common,
  name: 'chase-near',
  title: 'pointers through 16 KiB',
  sizes: { NODES: 256, LINKS: 10_000 },
  iterations: 30_000,
};

export const chaseFar: Workload = {
  ...common,
  name: 'chase-far',
  title: 'pointers through 64 MiB',
  // 33 tables: the nodes and what is before them.
  sizes: { NODES: 1_048_576, LINKS: 10_000, LEAF_TABLES: 33 },
  iterations: 500,
};
