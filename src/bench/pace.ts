// How fast a workload runs in this process, start-up left out: it runs at two lengths, the longer one found by doubling
// until it takes long enough, and the difference is passes alone. Compiling at first use falls out with the rest of the
// start, as far as it is over before the shorter run ends.

import { drive, type Host } from '../session/drive.ts';
import { type System, stepsOf } from '../session/system.ts';
import { type Spread, spreadOf } from './statistics.ts';

export class WrongResult extends Error {}

/** A system that runs a workload for so many passes. */
export type Make = (passes: number) => System;

export interface Effort {
  /** Milliseconds that the longer run takes at least, beyond what one pass takes. */
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
  for (;;) {
    // What a workload sets up once may take longer than all its passes.
    const milliseconds = (await timed(name, make(passes), host)).milliseconds - first.milliseconds;
    if (milliseconds >= effort.milliseconds) break;
    const missing = effort.milliseconds / Math.max(milliseconds, 1);
    passes *= Math.ceil(Math.min(STEEPEST, Math.max(2, missing)));
  }
  const shorter = Math.floor(passes / LONGER);
  const paces: number[] = [];
  let stepsPerPass = 0;
  for (let round = 0; round < effort.rounds; round++) {
    const small = await timed(name, make(shorter), host);
    const large = await timed(name, make(passes), host);
    paces.push(((large.milliseconds - small.milliseconds) / (passes - shorter)) * NANOSECONDS);
    stepsPerPass = (large.steps - small.steps) / (passes - shorter);
  }
  return { pass: spreadOf(paces), stepsPerPass, first: first.milliseconds * NANOSECONDS };
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
