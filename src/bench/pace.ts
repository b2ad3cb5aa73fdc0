// How fast a workload runs in this process, start-up left out: it runs at two lengths, which grow until their difference
// is long enough, and that is passes alone. Compiling at first use falls out with the rest of the
// start, as far as it is over before the shorter run ends.

import { drive, type Host } from '../session/drive.ts';
import { type System, stepsOf } from '../session/system.ts';
import { type Spread, spreadOf } from './statistics.ts';

export class WrongResult extends Error {}

/** A system that runs a workload for so many passes. */
export type Make = (passes: number) => System;

export interface Effort {
  /** Milliseconds that the longer run takes at least beyond the shorter one. */
  readonly milliseconds: number;
  readonly rounds: number;
}

export interface Pace {
  /** Nanoseconds a pass. */
  readonly pass: Spread;
  readonly stepsPerPass: number;
  /** What the shortest run took, of a single pass, in nanoseconds: boot, set-up, and compiling what is hot at once. */
  readonly first: number;
}

const NANOSECONDS = 1e6;
/** The longer run is so many times the shorter one. */
const LONGER = 4;
const STEEPEST = 16;

export async function paceOf(name: string, make: Make, effort: Effort, host: Host): Promise<Pace> {
  const first = await timed(name, make(1), host);
  let passes = LONGER;
  const pair = async () => {
    const shorter = passes / LONGER;
    const small = await timed(name, make(shorter), host);
    const large = await timed(name, make(passes), host);
    const milliseconds = large.milliseconds - small.milliseconds;
    const steps = large.steps - small.steps;
    return { milliseconds, pass: (milliseconds * NANOSECONDS) / (passes - shorter), steps: steps / (passes - shorter) };
  };
  let pairs = [await pair()];
  for (let last = pairs[0]; last && last.milliseconds < effort.milliseconds; last = pairs[0]) {
    const missing = effort.milliseconds / Math.max(last.milliseconds, 1);
    passes *= Math.ceil(Math.min(STEEPEST, Math.max(2, missing)));
    pairs = [await pair()];
  }
  while (pairs.length < effort.rounds) pairs.push(await pair());
  return {
    pass: spreadOf(pairs.map(({ pass }) => pass)),
    stepsPerPass: pairs[0]?.steps ?? 0,
    first: first.milliseconds * NANOSECONDS,
  };
}

/** Runs a system to its end, which must be a good one. */
export async function timed(
  name: string,
  system: System,
  host: Host,
): Promise<{ milliseconds: number; steps: number }> {
  const start = host.milliseconds();
  await drive(system, host, { clock: 'virtual' });
  const milliseconds = host.milliseconds() - start;
  let steps = 0;
  for (const guest of system.guests) {
    const { outcome } = guest.board;
    if (outcome?.kind !== 'exit' || outcome.code !== 0) {
      throw new WrongResult(`${name}: ended with ${JSON.stringify(outcome)}`);
    }
    const { user, supervisor, machine } = stepsOf(guest);
    steps += user + supervisor + machine;
  }
  return { milliseconds, steps };
}
