// Drives a system to its end: rounds of the scheduler, idle time skipped or waited for, limits kept, and the host let
// through now and then for what is typed. All that it knows of the host is handed in, so a page drives one as well.

import { Scheduler } from '../hypervisor/scheduler.ts';
import type { Outcome } from '../platform/outcome.ts';
import type { System } from './system.ts';

/** The host as a run sees it. */
export interface Host {
  /** Milliseconds since some start. */
  milliseconds(): number;
  /** Lets other work of the host happen, input among it. */
  breathe(): Promise<void>;
  /** Resolves after so many milliseconds (Infinity: never by itself), or as soon as something is typed. */
  sleep(milliseconds: number): Promise<void>;
}

export interface DriveOptions {
  /** `virtual`: idle time is skipped; `wall`: it is waited for. */
  readonly clock: 'virtual' | 'wall';
  /** Guest steps in all. */
  readonly limit?: number;
  /** Host seconds. */
  readonly timeout?: number;
  /** Ends the run from outside. */
  readonly signal?: { readonly aborted: boolean };
  /** Called between rounds with the steps so far. */
  onProgress?(steps: number): void;
}

/** Steps between looks at the host's clock: at first, and as many as take about so many milliseconds at most. */
const FIRST_ROUND_STEPS = 50_000;
const ROUND = 10;
const NANOSECONDS = 1e6;
const SECOND = 1000;
/** The longest that the host is kept from other work, in milliseconds. */
const HOLD = 20;

export async function drive(system: System, host: Host, options: DriveOptions): Promise<void> {
  const { limit = Number.POSITIVE_INFINITY, timeout = Number.POSITIVE_INFINITY } = options;
  const scheduler = new Scheduler(system.guests);
  const start = host.milliseconds();
  let breath = start;
  let steps = 0;
  let roundSteps = FIRST_ROUND_STEPS;
  for (let before = start; ; ) {
    const round = scheduler.run(Math.min(roundSteps, limit - steps));
    steps += round.steps;
    const now = host.milliseconds();
    if (now - before < ROUND / 2) roundSteps *= 2;
    else if (now - before > ROUND) roundSteps = Math.max(FIRST_ROUND_STEPS, roundSteps / 2);
    before = now;
    const end =
      round.status === 'ended' ? undefined : endOf({ steps, limit, elapsed: (now - start) / SECOND, timeout });
    if (system.guests.some(({ board }) => board.outcome?.kind === 'until')) scheduler.end({ kind: 'until' });
    else if (options.signal?.aborted) scheduler.end({ kind: 'interrupted' });
    else if (end !== undefined) scheduler.end(end);
    else if (round.status === 'idle') await passIdle(system, scheduler, host, options, round.until, start);
    if (system.guests.every(({ board }) => board.outcome !== undefined)) return;
    if (now - breath >= HOLD) {
      options.onProgress?.(steps);
      await host.breathe();
      breath = host.milliseconds();
    }
  }
}

function endOf(run: { steps: number; limit: number; elapsed: number; timeout: number }): Outcome | undefined {
  if (run.steps >= run.limit) return { kind: 'limit' };
  return run.elapsed >= run.timeout ? { kind: 'timeout' } : undefined;
}

/** Every guest waits: for `until` steps of time, or, where that is for ever, for the console. */
async function passIdle(
  system: System,
  scheduler: Scheduler,
  host: Host,
  { clock, timeout = Number.POSITIVE_INFINITY }: DriveOptions,
  until: number,
  start: number,
): Promise<void> {
  if (until !== Number.POSITIVE_INFINITY && clock === 'virtual') {
    scheduler.skip(until);
    return;
  }
  const listening = system.guests.some(
    ({ board }) => board.outcome === undefined && board.console.input.open && !board.isStopped(),
  );
  if (until === Number.POSITIVE_INFINITY && !listening) {
    scheduler.end({ kind: 'idle' });
    return;
  }
  // Each wait is paced from its own start: time that the guests spent working is never caught up.
  const from = host.milliseconds();
  const left = timeout * SECOND - (from - start);
  await host.sleep(Math.min(until / NANOSECONDS, left));
  const elapsed = Math.floor((host.milliseconds() - from) * NANOSECONDS);
  scheduler.skip(until === Number.POSITIVE_INFINITY ? 0 : Math.min(until, elapsed));
}
