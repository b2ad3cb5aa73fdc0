// Runs every contender on every job in turn, round after round, so that a slow moment of the host falls on all alike.
// A contender that fails once is out of that row: no time of a wrong result is kept. What a guest writes must be the
// same whoever runs it.

import type { Row, Times } from '../../src/bench/peers.ts';
import type { NamedContender } from './contenders.ts';
import { type Job, timeProcess } from './processes.ts';

export interface Lengths {
  readonly small?: Job;
  readonly large: Job;
  /** Makes another length, of so many times the passes of the large one. */
  readonly longer?: (times: number) => Job & { readonly passes: number };
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

/** A difference of two lengths that is shorter than this says little beside the noise of two starts, in nanoseconds. */
const LEAST_NET = 3e8;
const MOST_TIMES = 100;

export function runRounds(name: string, lengths: Lengths, plan: Plan): Row['results'] {
  const { contenders, rounds } = plan;
  const consoles = new Map<string, string>();
  const runs = contenders.map((contender) => new Runs(contender, lengths, consoles, plan));
  for (let round = 0; round < rounds; round++) {
    // Who goes first takes turns too.
    for (const [i] of runs.entries()) {
      const run = runs[(i + round) % runs.length] as Runs;
      plan.progress(`${name}: round ${round + 1} of ${rounds}, ${run.contender.name}`);
      run.round();
    }
  }
  return Object.fromEntries(runs.map((run) => [run.contender.name, run.result]));
}

/** The runs of one contender. */
class Runs {
  readonly contender: NamedContender;
  private readonly lengths: Lengths;
  private readonly consoles: Map<string, string>;
  private readonly plan: Plan;
  private readonly small: number[] = [];
  private readonly large: number[] = [];
  private readonly far: number[] = [];
  private farJob: (Job & { readonly passes: number }) | undefined;
  private failure: string | undefined;

  constructor(contender: NamedContender, lengths: Lengths, consoles: Map<string, string>, plan: Plan) {
    this.contender = contender;
    this.lengths = lengths;
    this.consoles = consoles;
    this.plan = plan;
  }

  round(): void {
    const { small, large } = this.lengths;
    if (small !== undefined) this.run(small, this.small);
    this.run(large, this.large);
    if (this.large.length === 1) this.farJob = this.longerJob();
    if (this.farJob !== undefined) this.run(this.farJob, this.far);
  }

  get result(): Row['results'][string] {
    if (this.failure !== undefined) return { failure: this.failure };
    const times: Times = {
      ...(this.lengths.small !== undefined && { small: this.small }),
      large: this.large,
      ...(this.farJob && { far: { passes: this.farJob.passes, nanoseconds: this.far } }),
    };
    return { times };
  }

  /** A longer job, where the two lengths are over too soon to tell them apart. */
  private longerJob(): Runs['farJob'] {
    const [small, large] = [this.small[0], this.large[0]];
    if (small === undefined || large === undefined || large - small >= LEAST_NET) return undefined;
    const times = Math.min(MOST_TIMES, (2 * LEAST_NET) / Math.max(large - small, 1));
    return this.lengths.longer?.(Math.ceil(times));
  }

  private run(job: Job, kept: number[]): void {
    if (this.failure !== undefined) return;
    const { prefix, timeout } = this.plan;
    const timed = timeProcess(this.contender.process, job, prefix, timeout);
    if ('failure' in timed) this.failure = timed.failure;
    else if (!this.sameConsole(job, timed.console)) this.failure = 'the console is not as with the first';
    else kept.push(timed.nanoseconds);
  }

  private sameConsole({ elf, input }: Job, text: string): boolean {
    const key = `${elf} ${input}`;
    const first = this.consoles.get(key) ?? text;
    this.consoles.set(key, first);
    return first === text;
  }
}
