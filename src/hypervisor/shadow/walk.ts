// What a walk of the guest's page tables has read: the entries on the way, root first, and where it ended. It is kept
// by numbers, since each fill reads one. Left out: the walk itself, which is the virtual CPU's or the hardware's.

import type { ContextWalk } from '../../machine/hardware.ts';

/** Sv48 has this many levels. */
const MOST_LEVELS = 4;
const HALF_BITS = 32n;
const HALF_MASK = 0xffff_ffffn;

export class GuestWalk implements ContextWalk {
  count = 0;
  readonly addresses = new Float64Array(MOST_LEVELS);
  readonly low = new Uint32Array(MOST_LEVELS);
  readonly high = new Uint32Array(MOST_LEVELS);
  physical = 0;

  /** One more entry has been read. */
  push(address: bigint, bits: bigint): void {
    if (this.count === MOST_LEVELS) this.count = 0; // another walk of the same step
    this.addresses[this.count++] = Number(address);
    this.setLast(bits);
  }
  /** The last entry has been given accessed and dirty bits. */
  setLast(bits: bigint): void {
    if (this.count === 0) return;
    this.low[this.count - 1] = Number(bits & HALF_MASK);
    this.high[this.count - 1] = Number(bits >> HALF_BITS);
  }
}
