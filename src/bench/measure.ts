// Times whole runs of guests that have one length. A result is checked before a time counts: each run must end as the
// guest ends, and bare and virtual runs must take the same number of guest steps. Runs alternate, and medians are taken,
// since the machine is shared and noisy.

import type { Host } from '../session/drive.ts';
import type { System } from '../session/system.ts';
import { timed, WrongResult } from './pace.ts';
import { median } from './statistics.ts';

/** A way to run a guest, to be compared with others. */
export interface Contender {
  readonly name: string;
  readonly make: () => System;
}

export interface Timing {
  readonly name: string;
  readonly steps: number;
  /** Of each run, in nanoseconds, in order. */
  readonly nanoseconds: readonly number[];
  readonly median: number;
}

const NANOSECONDS = 1e6;

/** Runs each contender `rounds` times in turn. */
export async function compare(contenders: readonly Contender[], rounds: number, host: Host): Promise<Timing[]> {
  const times = contenders.map((): number[] => []);
  const steps = contenders.map(() => 0);
  for (let round = 0; round < rounds; round++) {
    for (const [index, { name, make }] of contenders.entries()) {
      const run = await timed(name, make(), host);
      times[index]?.push(run.milliseconds * NANOSECONDS);
      steps[index] = run.steps;
    }
  }
  if (new Set(steps).size > 1) throw new WrongResult(`different numbers of steps: ${steps.join(', ')}`);
  return contenders.map(({ name }, index) => {
    const nanoseconds = times[index] ?? [];
    return { name, steps: steps[index] ?? 0, nanoseconds, median: median(nanoseconds) };
  });
}
