// The account of a virtual machine: every exit under one reason, with the host's time where it was asked for, and
// what the shadow page tables cost. Steps by privilege are kept in the virtual CPU itself, as a bare hart keeps them.
// `check` states what must hold between the two: each guest step ran natively or is exactly one exit.

import { assert } from '../../isa/assert.ts';
import { EXIT_REASONS, type ExitReason } from './reason.ts';
import type { Stages } from './stages.ts';

export interface ExitCount {
  readonly reason: ExitReason;
  readonly count: number;
  readonly hostNanoseconds: number;
}

/** What became of the shadow page tables. */
export interface ShadowCounts {
  /** Leaves that were filled, and that were taken away for whatever reason. */
  readonly fills: number;
  /** Of those: neighbours of a page that faulted. */
  readonly prefetched: number;
  readonly dropped: number;
  /** Guest entries that were found changed and brought up to date, and pages of them that were put out of sync. */
  readonly synced: number;
  readonly outOfSync: number;
  readonly contexts: number;
  readonly evictions: number;
}

export const newShadowCounts = (): ShadowCounts => ({
  fills: 0,
  prefetched: 0,
  dropped: 0,
  synced: 0,
  outOfSync: 0,
  contexts: 0,
  evictions: 0,
});

const noneOfEach = () => Object.fromEntries(EXIT_REASONS.map((reason) => [reason, 0])) as Record<ExitReason, number>;

export class Ledger {
  /** The host's time in nanoseconds, where it was asked for: reading it costs more than many an exit. */
  clock: (() => number) | undefined;
  /** Where the time of exits goes, likewise. */
  stages: Stages | undefined;
  /** Instructions that the guest retired on the real hart. */
  nativeSteps = 0;
  readonly shadow: { -readonly [What in keyof ShadowCounts]: number } = newShadowCounts();
  /** Brings it up to date before it is read, where exits are counted elsewhere. */
  update: () => void = () => {};
  private readonly counts = noneOfEach();
  private readonly times = noneOfEach();

  record(reason: ExitReason, hostNanoseconds: number): void {
    this.add(reason, 1);
    if (hostNanoseconds > 0) this.times[reason] += hostNanoseconds;
  }
  /** One that was handled in the middle of a run, which counts its step as native. */
  recordInRun(reason: ExitReason, hostNanoseconds: number): void {
    this.record(reason, hostNanoseconds);
    this.nativeSteps--;
  }

  /** Exits that were counted as native steps until now: they were handled without leaving the guest's code. */
  recordInPlace(reason: ExitReason, count: number): void {
    this.add(reason, count);
    this.nativeSteps -= count;
  }
  private add(reason: ExitReason, count: number): void {
    this.counts[reason] += count;
  }

  count(reason: ExitReason): number {
    this.update();
    return this.counts[reason];
  }

  /** Every reason, in the order of the list, those that never came included. */
  exits(): ExitCount[] {
    return EXIT_REASONS.map((reason) => ({
      reason,
      count: this.count(reason),
      hostNanoseconds: Math.round(this.times[reason]),
    }));
  }

  /** For whoever takes steps again that it has already. @returns what puts back the account as it is now. */
  keep(): () => void {
    this.update();
    const { nativeSteps } = this;
    const [counts, times, shadow] = [{ ...this.counts }, { ...this.times }, { ...this.shadow }];
    return () => {
      this.update();
      this.nativeSteps = nativeSteps;
      Object.assign(this.counts, counts);
      Object.assign(this.times, times);
      Object.assign(this.shadow, shadow);
    };
  }

  /** The ledger's invariant: `steps`, what the virtual CPUs counted, is native steps and exits but hidden ones. */
  check(steps: number): void {
    this.update();
    const visible = EXIT_REASONS.filter((reason) => reason !== 'shadow-fill');
    const emulated = visible.reduce((sum, reason) => sum + this.count(reason), 0);
    assert(
      steps === this.nativeSteps + emulated,
      `${steps} steps, but ${this.nativeSteps} native and ${emulated} exits`,
    );
  }
}
