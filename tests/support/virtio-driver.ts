// A driver of a virtio device, in TypeScript, on a board without a machine: it sets queues up, offers chains, lets time
// pass and takes what comes back. It can also be as wrong as a test wants it to be.

import { VIRTIO_BASE, VIRTIO_STRIDE } from '../../src/platform/memory-map.ts';
import type { fakeBoard } from '../platform/fake-board.ts';

export const REGISTER = {
  MagicValue: 0x000,
  Version: 0x004,
  DeviceID: 0x008,
  VendorID: 0x00c,
  DeviceFeatures: 0x010,
  DeviceFeaturesSel: 0x014,
  DriverFeatures: 0x020,
  DriverFeaturesSel: 0x024,
  QueueSel: 0x030,
  QueueNumMax: 0x034,
  QueueNum: 0x038,
  QueueReady: 0x044,
  QueueNotify: 0x050,
  InterruptStatus: 0x060,
  InterruptACK: 0x064,
  Status: 0x070,
  QueueDescLow: 0x080,
  QueueDescHigh: 0x084,
  QueueDriverLow: 0x090,
  QueueDriverHigh: 0x094,
  QueueDeviceLow: 0x0a0,
  QueueDeviceHigh: 0x0a4,
  Config: 0x100,
} as const;
export const STATUS = { ACKNOWLEDGE: 1, DRIVER: 2, DRIVER_OK: 4, FEATURES_OK: 8, NEEDS_RESET: 0x40 } as const;
export const NEXT = 1;
export const WRITE = 2;
export const INDIRECT = 4;

export interface Descriptor {
  readonly address: bigint;
  readonly bytes: number;
  readonly flags: number;
  readonly next: number;
}
export interface Buffer {
  readonly address: bigint;
  readonly bytes: number;
  readonly isWritable?: boolean;
}

const DESCRIPTOR_BYTES = 16n;
/** Where a queue's parts are, from a base in RAM; behind them is room for data. */
const QUEUE_BYTES = 0x4000n;
const AVAILABLE = 0x1000n;
const USED = 0x2000n;

export class Driver {
  readonly board: ReturnType<typeof fakeBoard>['board'];
  private readonly base: bigint;
  /** The first byte of RAM that no queue of it uses. */
  readonly data: bigint;
  readonly size: number;
  private readonly offered = new Map<number, number>();
  private readonly taken = new Map<number, number>();

  constructor(board: Driver['board'], slot: number, size = 8) {
    this.board = board;
    this.base = VIRTIO_BASE + BigInt(slot) * VIRTIO_STRIDE;
    this.size = size;
    this.data = board.ram.base + QUEUE_BYTES * 2n;
  }

  read(offset: number): number {
    return Number(this.board.read(this.base + BigInt(offset), 4));
  }
  write(offset: number, value: number): void {
    this.board.write(this.base + BigInt(offset), 4, BigInt(value));
  }
  get status(): number {
    return this.read(REGISTER.Status);
  }
  get needsReset(): boolean {
    return (this.status & STATUS.NEEDS_RESET) !== 0;
  }

  /** Up to FEATURES_OK, with these features by number. */
  negotiate(features: readonly number[]): void {
    this.write(REGISTER.Status, 0);
    this.write(REGISTER.Status, STATUS.ACKNOWLEDGE | STATUS.DRIVER);
    for (const word of [0, 1]) {
      const bits = features
        .filter((bit) => Math.floor(bit / 32) === word)
        .reduce((sum, bit) => sum + 2 ** (bit % 32), 0);
      this.write(REGISTER.DriverFeaturesSel, word);
      this.write(REGISTER.DriverFeatures, bits);
    }
    this.write(REGISTER.Status, STATUS.ACKNOWLEDGE | STATUS.DRIVER | STATUS.FEATURES_OK);
  }
  /** All that a good driver does before its first request. */
  start(features: readonly number[] = [32], queues = 1): void {
    this.negotiate(features);
    for (let queue = 0; queue < queues; queue++) this.setUp(queue);
    this.write(REGISTER.Status, this.status | STATUS.DRIVER_OK);
  }
  setUp(queue: number, { size = this.size, at = this.queueAt(queue) }: { size?: number; at?: bigint } = {}): void {
    this.write(REGISTER.QueueSel, queue);
    this.write(REGISTER.QueueNum, size);
    const halves = (value: bigint) => [Number(value & 0xffff_ffffn), Number((value >> 32n) & 0xffff_ffffn)] as const;
    for (const [low, high, place] of [
      [REGISTER.QueueDescLow, REGISTER.QueueDescHigh, at],
      [REGISTER.QueueDriverLow, REGISTER.QueueDriverHigh, at + AVAILABLE],
      [REGISTER.QueueDeviceLow, REGISTER.QueueDeviceHigh, at + USED],
    ] as const) {
      this.write(low, halves(place)[0]);
      this.write(high, halves(place)[1]);
    }
    this.write(REGISTER.QueueReady, 1);
    this.offered.set(queue, 0);
    this.taken.set(queue, 0);
  }
  queueAt(queue: number): bigint {
    return this.board.ram.base + BigInt(queue) * QUEUE_BYTES;
  }

  /** Writes a descriptor as it is told, right or wrong. */
  describe(table: bigint, index: number, { address, bytes, flags, next }: Descriptor): void {
    const { ram } = this.board;
    const at = table + BigInt(index) * DESCRIPTOR_BYTES;
    ram.write(at, 8, BigInt.asUintN(64, address));
    ram.write(at + 8n, 4, BigInt(bytes));
    ram.write(at + 12n, 2, BigInt(flags));
    ram.write(at + 14n, 2, BigInt(next));
  }
  /** Buffers as a chain from descriptor `first` on. */
  chain(table: bigint, first: number, buffers: readonly Buffer[]): void {
    for (const [i, { address, bytes, isWritable = false }] of buffers.entries()) {
      const isLast = i === buffers.length - 1;
      const flags = (isLast ? 0 : NEXT) | (isWritable ? WRITE : 0);
      this.describe(table, first + i, { address, bytes, flags, next: isLast ? 0 : first + i + 1 });
    }
  }
  /** Puts a head into the available ring, without telling. */
  offer(queue: number, head: number): void {
    const { ram } = this.board;
    const index = this.offered.get(queue) ?? 0;
    const ring = this.queueAt(queue) + AVAILABLE;
    ram.write(ring + 4n + BigInt((index % this.size) * 2), 2, BigInt(head));
    ram.write(ring + 2n, 2, BigInt((index + 1) & 0xffff));
    this.offered.set(queue, (index + 1) & 0xffff);
  }
  notify(queue: number): void {
    this.write(REGISTER.QueueNotify, queue);
  }
  /** Offers one chain that begins at a descriptor, and tells. */
  submit(queue: number, buffers: readonly Buffer[], first = 0): void {
    this.chain(this.queueAt(queue), first, buffers);
    this.offer(queue, first);
    this.notify(queue);
  }

  /** Lets so many steps pass, with all events of theirs. */
  pass(steps: number): void {
    const { board } = this;
    const end = board.clock.now + steps;
    for (board.advance(); board.horizon() <= end; board.advance()) board.clock.now = board.horizon();
    board.clock.now = end;
  }
  /** What has come back since the last look: heads, and how many bytes were written. */
  used(queue: number): { head: number; written: number }[] {
    const { ram } = this.board;
    const ring = this.queueAt(queue) + USED;
    const end = Number(ram.read(ring + 2n, 2));
    const entries: { head: number; written: number }[] = [];
    for (let i = this.taken.get(queue) ?? 0; i !== end; i = (i + 1) & 0xffff) {
      const at = ring + 4n + BigInt((i % this.size) * 8);
      entries.push({ head: Number(ram.read(at, 4)), written: Number(ram.read(at + 4n, 4)) });
    }
    this.taken.set(queue, end);
    return entries;
  }
}
