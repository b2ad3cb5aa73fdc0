// Board time: one nanosecond a step, and mtime, which counts ticks of the 10 MHz timebase and can be written
// (norm:mtime_op, norm:mtime_sz). Time moves with the harts' steps, and jumps to the next event when all of them wait.
// Left out: the host's time, which no guest can see.

import { MASK64, unsigned } from '../../isa/bigints.ts';

export const TIMEBASE_HERTZ = 10_000_000;
/** Board steps in one tick of mtime. */
export const STEPS_PER_TICK = 100;

export class Clock {
  /** Board steps since reset; the harts' steps, and the time that all of them waited. */
  now = 0;
  /** What a write to mtime added, in ticks. */
  offset = 0n;
  /** Whether that is anything, and how often it was written: compared more often than a bigint should be. */
  isShifted = false;
  writes = 0;

  /** mtime: unsigned, 64 bits. */
  ticks(): bigint {
    return unsigned(this.whole() + this.offset);
  }
  setTicks(value: bigint): void {
    this.offset = unsigned(value - this.whole());
    this.isShifted = this.offset !== 0n;
    this.writes++;
  }
  private whole(): bigint {
    return BigInt(Math.floor(this.now / STEPS_PER_TICK));
  }

  /**
   * The step at which `mtime >= compare` changes next: when mtime reaches the comparison, or, if it already has,
   * when it wraps around. Infinity where that is further away than steps can count, or never.
   */
  stepOfChange(compare: bigint): number {
    if (compare === 0n) return Number.POSITIVE_INFINITY;
    const ticks = this.ticks();
    const away = ticks < compare ? compare - ticks : MASK64 + 1n - ticks;
    const step = (this.whole() + away) * BigInt(STEPS_PER_TICK);
    return step > BigInt(Number.MAX_SAFE_INTEGER) ? Number.POSITIVE_INFINITY : Number(step);
  }
}
