// What lies behind a hart's translation: the physical address space as its board lays it out, RAM and devices, and
// the time. The bare machine answers from its own memory and board, a virtual CPU from its VM's.

import type { GuestPhysical } from './address.ts';
import type { Width } from './vocabulary.ts';

export interface Physical {
  /** Whether these bytes are main memory: what can hold code and page tables and takes atomics. */
  isMemory(address: GuestPhysical, bytes: number): boolean;
  /** Zero-extended; undefined where the bus has no answer, which is an access fault. */
  read(address: GuestPhysical, bytes: Width): bigint | undefined;
  /** False where the bus does not take it. */
  write(address: GuestPhysical, bytes: Width, value: bigint): boolean;
  /** mtime, in ticks. */
  time(): bigint;
}
