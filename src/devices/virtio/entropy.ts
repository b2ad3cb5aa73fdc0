// A virtio entropy device (VirtIO 1.2, "Entropy Device"): bytes that look random and are a function of a seed and of
// what was asked for before, so that a run repeats. They are no secret: left out is randomness of the host's.

import type { Chain } from './chain.ts';
import type { Answer, VirtioModel } from './model.ts';

const DEVICE_ID = 4;
/** The most that is given at once; a driver asks again. */
const MOST_BYTES = 4096;
const WORD_BYTES = 8;
const MASK64 = (1n << 64n) - 1n;
/** Steele, Lea and Flood's SplitMix64. */
const SPLIT_MIX = {
  step: 0x9e37_79b9_7f4a_7c15n,
  first: { shift: 30n, factor: 0xbf58_476d_1ce4_e5b9n },
  second: { shift: 27n, factor: 0x94d0_49bb_1331_11ebn },
  last: 31n,
} as const;

export class EntropyDevice implements VirtioModel {
  readonly deviceId = DEVICE_ID;
  readonly features = [];
  readonly queues = 1;
  readonly latency = 0;
  readonly config = new Uint8Array();
  private state: bigint;

  /** @param seed of which 64 bits count. */
  constructor(seed: bigint) {
    this.state = seed & MASK64;
  }

  answer(_queue: number, { writable }: Chain): Answer {
    const bytes = Math.min(writable.bytes, MOST_BYTES);
    if (bytes === 0) return 'broken';
    const words = new DataView(new ArrayBuffer(Math.ceil(bytes / WORD_BYTES) * WORD_BYTES));
    for (let at = 0; at < bytes; at += WORD_BYTES) words.setBigUint64(at, this.next(), true);
    writable.write(0, new Uint8Array(words.buffer, 0, bytes));
    return bytes;
  }

  private next(): bigint {
    const { step, first, second, last } = SPLIT_MIX;
    this.state = (this.state + step) & MASK64;
    let word = this.state;
    for (const { shift, factor } of [first, second]) word = ((word ^ (word >> shift)) * factor) & MASK64;
    return word ^ (word >> last);
  }
}
