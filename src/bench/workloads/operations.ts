// bench/workloads/operations.s, a workload for each operation: what each adds to the result.

import { repeated, type Sizes, sizeOf, type Workload } from '../workload.ts';

const PAGES = 16;
const BYTE = 0xff;

/** @param adds what the operation adds when so many are left. */
function operation(name: string, title: string, iterations: number, adds: (left: number) => number): Workload {
  const symbol = name.toUpperCase();
  return {
    name,
    kind: 'operation',
    title,
    sources: ['kernel.s', 'operations.s', 'finish.s'],
    forms: ['paging'],
    sizes: { OPERATIONS: 1000, [symbol]: 1 },
    tinySizes: { OPERATIONS: 50, [symbol]: 1 },
    operationsPerPass: (sizes: Sizes) => sizeOf(sizes, 'OPERATIONS'),
    iterations,
    expected: (passes: number, sizes: Sizes) => {
      let sum = 0;
      for (let left = sizeOf(sizes, 'OPERATIONS'); left > 0; left--) sum += adds(left);
      return repeated(BigInt(sum), passes);
    },
  };
}

export const operations: readonly Workload[] = [
  operation('csr', 'sscratch written and read', 20_000, (left) => left),
  operation('sum', 'sstatus.SUM set and cleared', 300, () => 1),
  operation('satp', 'satp written, a fence, a load', 300, () => 1),
  operation('fence', 'a fence, a load from each of 16 pages', 300, () => (PAGES * (PAGES + 1)) / 2),
  operation('sret', 'sret from S-mode to S-mode', 2_000, () => 1),
  operation('mmio', 'a register of the UART written and read', 5_000, (left) => left & BYTE),
];
