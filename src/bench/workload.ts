// What a workload is: assembly that the runners in bench/ read, sizes, and its result by other means than by running
// it. A workload runs ITERATIONS passes, so that two runs of different length differ by passes alone: the rest, from
// process start to page tables, falls out of their difference.

import { unsigned } from '../../isa/bigints.ts';

/** `machine`: all in M-mode, untranslated. `paging`: in U-mode, or U and S, under Sv39. */
export const FORMS = ['machine', 'paging'] as const;
export type Form = (typeof FORMS)[number];

export const KINDS = ['kernel', 'system', 'operation'] as const;
export type Kind = (typeof KINDS)[number];

/** Symbols of the assembly by name. */
export type Sizes = Readonly<Record<string, number>>;

export interface Workload {
  readonly name: string;
  /**
   * `kernel`: computes; `system`: what an operating system does to a machine all day; `operation`: a single privileged
   * operation, over and over.
   */
  readonly kind: Kind;
  /** What a pass does, in a few words. */
  readonly title: string;
  /** Files of the folder of workloads, in link order. */
  readonly sources: readonly string[];
  readonly forms: readonly Form[];
  readonly sizes: Sizes;
  /** The same for tests on the reference engine: a pass is some thousand steps. */
  readonly tinySizes: Sizes;
  /** What a system's pass is counted in: calls, faults. */
  readonly operationsPerPass?: (sizes: Sizes) => number;
  /** Passes that take a translator of the year 2025 about a second. */
  readonly iterations: number;
  /** The word that the guest must come to. */
  readonly expected: (iterations: number, sizes: Sizes) => bigint;
}

const FACTOR = 31n;

/** What bench/workloads/start.s and many a pass make of several results: one word. */
export const fold = (folded: bigint, next: bigint) => unsigned(folded * FACTOR + next);

/** The folded results of `iterations` passes that all come to the same. */
export function repeated(result: bigint, iterations: number): bigint {
  // Squaring: after n passes the word is factor * before + sum.
  let [factor, sum] = [1n, 0n];
  let [stepFactor, stepSum] = [FACTOR, unsigned(result)];
  for (let left = iterations; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) [factor, sum] = [unsigned(factor * stepFactor), unsigned(sum * stepFactor + stepSum)];
    [stepFactor, stepSum] = [unsigned(stepFactor * stepFactor), unsigned(stepSum * stepFactor + stepSum)];
  }
  return sum;
}

/** A size that the assembly is given too. */
export function sizeOf(sizes: Sizes, name: string): number {
  const size = sizes[name];
  if (size === undefined) throw new RangeError(`a workload without its size ${name}`);
  return size;
}
