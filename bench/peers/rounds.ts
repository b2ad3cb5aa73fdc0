// Runs every contender on every job in turn, round after round, so that a slow moment of the host falls on all alike.
// A contender that fails once is out of that row: no time of a wrong result is kept. What a guest writes must be the
// same whoever runs it.

import type { Row, Times } from '../../src/bench/peers.ts';
import type { NamedContender } from './contenders.ts';
import { type Job, timeProcess } from './processes.ts';

export interface Lengths {
  readonly small?: Job;
  readonly large: Job;
}

export interface Plan {
  readonly contenders: readonly NamedContender[];
  readonly rounds: number;
  /** Words that hold a process to a core. */
  readonly prefix: readonly string[];
  /** Seconds that one process may take. */
  readonly timeout: number;
  progress(text: string): void;
}

export function runRounds(name: string, lengths: Lengths, plan: Plan): Row['results'] {
  const { contenders, rounds, prefix, timeout, progress } = plan;
  const kept = new Map(
    contenders.map((contender) => [contender.name, { small: [] as number[], large: [] as number[] }]),
  );
  const failures = new Map<string, string>();
  const consoles = new Map<string, { readonly of: string; readonly text: string }>();
  for (let round = 0; round < rounds; round++) {
    // Who goes first takes turns too.
    const order = contenders.map((_, i) => contenders[(i + round) % contenders.length] as NamedContender);
    for (const contender of order) {
      for (const length of ['small', 'large'] as const) {
        const job = lengths[length];
        if (job === undefined || failures.has(contender.name)) continue;
        progress(`${name}: round ${round + 1} of ${rounds}, ${contender.name}`);
        const timed = timeProcess(contender.process, job, prefix, timeout);
        if ('failure' in timed) {
          failures.set(contender.name, timed.failure);
          continue;
        }
        const first = consoles.get(length) ?? { of: contender.name, text: timed.console };
        consoles.set(length, first);
        if (timed.console !== first.text) failures.set(contender.name, `the console is not as that of ${first.of}`);
        else kept.get(contender.name)?.[length].push(timed.nanoseconds);
      }
    }
  }
  return Object.fromEntries(
    [...kept].map(([contender, { small, large }]) => {
      const failure = failures.get(contender);
      const times: Times = lengths.small === undefined ? { large } : { small, large };
      return [contender, failure === undefined ? { times } : { failure }];
    }),
  );
}
