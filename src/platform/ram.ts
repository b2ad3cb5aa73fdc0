// A board's RAM as its platform software sees it: image loading, SBI buffers and device DMA read and write it here.
// Everything is copied, never viewed, so that whoever derived something from the bytes hears of each change.
// Left out: which machine's memory it is, and where in it.

import type { Width } from '../devices/device.ts';

export interface Ram {
  /** Guest-physical address of its first byte. */
  readonly base: bigint;
  readonly bytes: number;
  /** Accesses within RAM; the caller has checked that. */
  read(address: bigint, width: Width): bigint;
  write(address: bigint, width: Width, value: bigint): void;
  copyIn(address: bigint, data: Uint8Array): void;
  copyOut(address: bigint, bytes: number): Uint8Array;
  /** All of it holds zeros, as at the start. */
  clear(): void;
}

/** Whether `bytes` bytes at a guest-physical address all lie in this RAM. */
export function inRam({ base, bytes: size }: Pick<Ram, 'base' | 'bytes'>, address: bigint, bytes: number): boolean {
  const offset = address - base;
  return offset >= 0n && offset + BigInt(bytes) <= BigInt(size);
}
