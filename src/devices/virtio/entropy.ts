// A virtio entropy device (VirtIO 1.2, "Entropy Device"): bytes that look random and are a function of a seed and of
// what was asked for before, so that a run repeats. They are no secret: left out is randomness of the host's.

import type { Chain } from './chain.ts';
import type { Answer, VirtioModel } from './model.ts';

const DEVICE_ID = 4;
/** The most that is given at once; a driver asks again. */
const MOST_BYTES = 4096;
const WORD_BYTES = 4;
const WORD_BITS = 32n;
/** Chris Doty-Humphrey's sfc32: its shifts, its rotation, and how many words are thrown away at first. */
const SFC = { right: 9, left: 3, rotation: 21, first: 12 } as const;

export class EntropyDevice implements VirtioModel {
  readonly deviceId = DEVICE_ID;
  readonly features = [];
  readonly queues = 1;
  readonly latency = 0;
  readonly config = new Uint8Array();
  private readonly state: Uint32Array;

  /** @param seed of which 64 bits count. */
  constructor(seed: bigint) {
    this.state = Uint32Array.of(0, Number(BigInt.asUintN(32, seed)), Number(BigInt.asUintN(32, seed >> WORD_BITS)), 1);
    for (let i = 0; i < SFC.first; i++) this.next();
  }

  answer(_queue: number, { writable }: Chain): Answer {
    const bytes = Math.min(writable.bytes, MOST_BYTES);
    if (bytes === 0) return 'broken';
    const words = new DataView(new ArrayBuffer(Math.ceil(bytes / WORD_BYTES) * WORD_BYTES));
    for (let at = 0; at < bytes; at += WORD_BYTES) words.setUint32(at, this.next(), true);
    writable.write(0, new Uint8Array(words.buffer, 0, bytes));
    return { written: bytes, moved: bytes };
  }

  private next(): number {
    const [a = 0, b = 0, c = 0, counter = 0] = this.state;
    const word = (a + b + counter) >>> 0;
    const turned = (c << SFC.rotation) | (c >>> (Number(WORD_BITS) - SFC.rotation));
    this.state.set([b ^ (b >>> SFC.right), c + (c << SFC.left), turned + word, counter + 1]);
    return word;
  }
}
