// What the bytes under a guest's watchpoints hold, compared around each step, so that a change is seen whoever makes it: a
// device by DMA, the SBI, a walk that marks page-table entries, a guest that starts again. Left out: what is written and
// changes nothing, unless a hart writes it, and what lies behind the first bytes of a long watchpoint.

import type { GuestPhysical } from '../../../isa/address.ts';
import type { Watchpoint } from './stop-points.ts';

/** Of a watchpoint, the bytes that are compared: each step looks at all of them. */
export const MOST_COMPARED = 4096;

interface Memory {
  copyOut(address: GuestPhysical, bytes: number): Uint8Array;
}

export class WatchedMemory {
  private readonly ram: Memory;
  private readonly watchpoints: readonly Watchpoint[];
  /** What they held when this was asked last, or noted. */
  held: readonly (readonly Uint8Array[])[] = [];

  /** @param watchpoints as they are now, and are changed while guests stand still. */
  constructor(ram: Memory, watchpoints: readonly Watchpoint[]) {
    this.ram = ram;
    this.watchpoints = watchpoints;
  }

  /** From now on changes are told. */
  note(): void {
    this.held = this.watchpoints.map((watchpoint) => this.bytesOf(watchpoint));
  }
  /** The first watchpoint whose bytes are others than when this was asked last, or noted. */
  changed(): Watchpoint | undefined {
    if (this.watchpoints.length === 0) return undefined;
    const { held } = this;
    this.note();
    return this.watchpoints.find((_, index) => !areEqual(this.held[index] ?? [], held[index] ?? []));
  }
  /** Whether the bytes are what they were once. */
  holds(held: typeof this.held): boolean {
    return this.watchpoints.every((watchpoint, index) => areEqual(this.bytesOf(watchpoint), held[index] ?? []));
  }

  /** Of one that is about reads alone, none. */
  private bytesOf({ kind, places }: Watchpoint): Uint8Array[] {
    return kind === 'read' ? [] : places.map(({ address, bytes }) => this.ram.copyOut(address, bytes));
  }
}

function areEqual(some: readonly Uint8Array[], others: readonly Uint8Array[]): boolean {
  for (const [index, one] of some.entries()) {
    const other = others[index] as Uint8Array;
    for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  }
  return true;
}
