// A split virtqueue (VirtIO 1.2, "Split Virtqueues"): the driver offers chains in the available ring, the device gives
// them back in the used ring. Nothing here trusts the driver: what breaks a rule answers undefined or false, and the
// transport then asks for a reset. Left out: the packed layout and notification by event index, which are not offered.

import { type Chain, readChain } from './chain.ts';
import type { DeviceMemory } from './memory.ts';

export interface QueueLayout {
  /** Descriptors, and entries of each ring: a power of two. */
  readonly size: number;
  readonly descriptors: bigint;
  /** The available ring. */
  readonly driver: bigint;
  /** The used ring. */
  readonly device: bigint;
}

/** Both rings start with flags and an index, 16 bits each. */
const INDEX_AT = 2n;
const RING_AT = 4n;
const HALF_BYTES = 2;
const USED_BYTES = 8;
const USED_LENGTH_AT = 4;
const NO_INTERRUPT = 1;
const INDEX_MASK = 0xffff;

export class Virtqueue {
  private readonly memory: DeviceMemory;
  private readonly layout: QueueLayout;
  /** Index of the next chain to take. */
  private next = 0;
  /** Index up to which the driver has said that chains are there. */
  private told = 0;
  private used = 0;

  constructor(memory: DeviceMemory, layout: QueueLayout) {
    this.memory = memory;
    this.layout = layout;
  }

  /**
   * The driver has notified the queue: looks at its index.
   * @returns the index up to which there are chains now; 'nothing' where none is new.
   */
  notified(): number | 'nothing' | undefined {
    const index = this.half(this.layout.driver + INDEX_AT);
    if (index === undefined || distance(this.next, index) > this.layout.size) return undefined;
    if (index === this.told) return 'nothing';
    this.told = index;
    return index;
  }
  /** The index up to which the driver has said that chains are there. */
  get end(): number {
    return this.told;
  }
  /** Whether chains below this index are still to be taken. */
  hasUpTo(index: number): boolean {
    const left = distance(this.next, index);
    return left !== 0 && left <= this.layout.size;
  }

  /** The next chain, which stays until `give`. */
  peek(): Chain | undefined {
    const { memory, layout } = this;
    const slot = BigInt((this.next % layout.size) * HALF_BYTES);
    const head = this.half(layout.driver + RING_AT + slot);
    return head === undefined ? undefined : readChain(memory, { address: layout.descriptors, size: layout.size }, head);
  }
  /** Gives the chain that was looked at back to the driver, with how many bytes were written to it. */
  give({ head }: Chain, written: number): boolean {
    const { memory, layout } = this;
    const at = layout.device + RING_AT + BigInt((this.used % layout.size) * USED_BYTES);
    const indexAt = layout.device + INDEX_AT;
    if (!memory.contains(at, USED_BYTES) || !memory.contains(indexAt, HALF_BYTES)) return false;
    const entry = new DataView(new ArrayBuffer(USED_BYTES));
    entry.setUint32(0, head, true);
    entry.setUint32(USED_LENGTH_AT, written, true);
    memory.write(at, new Uint8Array(entry.buffer));
    this.next = (this.next + 1) & INDEX_MASK;
    this.used = (this.used + 1) & INDEX_MASK;
    const index = new DataView(new ArrayBuffer(HALF_BYTES));
    index.setUint16(0, this.used, true);
    memory.write(indexAt, new Uint8Array(index.buffer));
    return true;
  }
  /** Whether the driver wants an interrupt for what it is given back. */
  wantsInterrupt(): boolean {
    return ((this.half(this.layout.driver) ?? 0) & NO_INTERRUPT) === 0;
  }

  private half(at: bigint): number | undefined {
    if (!this.memory.contains(at, HALF_BYTES)) return undefined;
    const [low = 0, high = 0] = this.memory.read(at, HALF_BYTES);
    return low | (high << 8);
  }
}

const distance = (from: number, to: number) => (to - from) & INDEX_MASK;
