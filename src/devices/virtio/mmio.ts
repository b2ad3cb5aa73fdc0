// The MMIO transport of VirtIO 1.2 ("Virtio Over MMIO"), version 2, as QEMU's virt board has it in each of its slots;
// a slot without a device says so by its number. Requests are answered by an event, a fixed number of steps after the
// notification. Left out: the legacy version 1, shared memory regions, and the reset of a single queue.

import type { Device, RegisterView, Scheduler, Width } from '../device.ts';
import { type Chain, LONGEST_CHAIN } from './chain.ts';
import type { DeviceMemory } from './memory.ts';
import type { VirtioModel } from './model.ts';
import { ADDRESS, AT_EMPTY_SLOT, REGISTER, WRITE_ONLY } from './registers.ts';
import { Virtqueue } from './virtqueue.ts';

/** What QEMU's slots answer to; their neighbours begin at the next page. */
const WINDOW_BYTES = 0x200;
const MAGIC = 0x7472_6976; // 'virt'
const VERSION = 2;
const VENDOR = 0x554d_4551; // 'QEMU'
const ALL_ONES = 0xffff_ffff;
const WORD_BYTES = 4;
const WORD_BITS = 32;
const BYTE_BITS = 8;

const STATUS = { DRIVER_OK: 4, FEATURES_OK: 8, DEVICE_NEEDS_RESET: 0x40, driver: 0x8f } as const;
const INTERRUPT = { usedBuffer: 1, configuration: 2 } as const;
const FEATURE = { INDIRECT_DESC: 28, VERSION_1: 32 } as const;
export const QUEUE_SIZE_MAX = 256;
/** Bytes moved after which the rest of a queue waits for another event, so that no event takes long. */
const BYTES_PER_EVENT = 0x100_0000;
/** What a queue rests for, in steps, after its requests were answered: no driver keeps the host at work for nothing. */
const REST = { bytesPerStep: 16, stepsPerDescriptor: 64 } as const;

export interface VirtioHands {
  readonly now: () => number;
  readonly events: Scheduler;
  readonly interrupt: (level: boolean) => void;
  readonly memory: DeviceMemory;
}

/** What a driver says of a queue before it is ready. */
interface QueueSetup {
  size: number;
  readonly addresses: { desc: bigint; driver: bigint; device: bigint };
  queue: Virtqueue | undefined;
  /** Indices up to which requests are to be answered, each by an event. */
  readonly awaited: Set<number>;
}

export class VirtioMmio implements Device {
  readonly name: string;
  readonly size = WINDOW_BYTES;
  private readonly hands: VirtioHands;
  private readonly model: VirtioModel | undefined;
  /** By word: the bits that are offered. */
  private readonly offered: readonly number[];
  private accepted = [0, 0];
  private queues: readonly QueueSetup[] = [];
  private deviceFeaturesSel = 0;
  private driverFeaturesSel = 0;
  private queueSel = 0;
  private status = 0;
  private interrupts = 0;
  /** The step before which nothing more is answered; a driver's reset does not shorten it. */
  private restsUntil = 0;

  constructor(name: string, model: VirtioModel | undefined, hands: VirtioHands) {
    this.name = name;
    this.model = model;
    this.hands = hands;
    this.offered = wordsOf([FEATURE.INDIRECT_DESC, FEATURE.VERSION_1, ...(model?.features ?? [])]);
    this.reset();
    if (model !== undefined) model.onReady = (queue) => this.await(queue, this.queues[queue]?.queue?.end);
  }

  /** Every width is answered, as on QEMU: narrow accesses to registers read zero, wide ones are two. */
  accepts(): boolean {
    return true;
  }

  read(offset: number, width: Width): bigint {
    if (width > WORD_BYTES) {
      const high = this.read(offset + WORD_BYTES, WORD_BYTES);
      return this.read(offset, WORD_BYTES) | (high << BigInt(WORD_BITS));
    }
    return BigInt(this.readWord(offset, width));
  }

  write(offset: number, width: Width, value: bigint): void {
    this.writeWord(offset, Math.min(width, WORD_BYTES), Number(BigInt.asUintN(WORD_BITS, value)));
    if (width > WORD_BYTES) this.write(offset + WORD_BYTES, WORD_BYTES, value >> BigInt(WORD_BITS));
  }

  readWord(offset: number, width: number): number {
    if (this.model !== undefined && offset >= REGISTER.Config) return this.readConfig(offset - REGISTER.Config, width);
    return width === WORD_BYTES ? this.readRegister(offset) >>> 0 : 0;
  }
  writeWord(offset: number, width: number, value: number): void {
    if (this.model !== undefined && width === WORD_BYTES) this.writeRegister(offset, value);
  }

  registers(): readonly RegisterView[] {
    const { model } = this;
    const view = (name: string, offset: number): RegisterView => {
      const writeOnly = WRITE_ONLY.has(name);
      const value = BigInt((writeOnly ? this.held(offset) : this.readRegister(offset)) >>> 0);
      return { name, offset, width: WORD_BYTES, value, ...(writeOnly && { writeOnly }) };
    };
    const names = Object.entries(REGISTER).filter(([name]) => name !== 'Config');
    if (model === undefined) return names.filter(([name]) => AT_EMPTY_SLOT.has(name)).map((each) => view(...each));
    const words = Array.from({ length: Math.floor(model.config.length / WORD_BYTES) }, (_, word): RegisterView => {
      const at = word * WORD_BYTES;
      const value = BigInt(this.readConfig(at, WORD_BYTES));
      return { name: `Config[${word}]`, offset: REGISTER.Config + at, width: WORD_BYTES, value };
    });
    return [...names.map((each) => view(...each)), ...words];
  }

  handle(_kind: string, payload: number): void {
    const number = Math.floor(payload / INDICES);
    this.queues[number]?.awaited.delete(payload % INDICES);
    this.serve(number, payload % INDICES);
  }

  private readConfig(offset: number, width: number): number {
    const { config } = this.model as VirtioModel;
    if (offset + width > config.length) return ALL_ONES >>> (WORD_BITS - width * BYTE_BITS);
    let value = 0;
    for (let i = width - 1; i >= 0; i--) value = ((value << BYTE_BITS) | (config[offset + i] as number)) >>> 0;
    return value;
  }

  private readRegister(offset: number): number {
    switch (offset) {
      case REGISTER.MagicValue:
        return MAGIC;
      case REGISTER.Version:
        return VERSION;
      case REGISTER.VendorID:
        return VENDOR;
    }
    if (this.model === undefined) return 0;
    switch (offset) {
      case REGISTER.DeviceID:
        return this.model.deviceId;
      case REGISTER.DeviceFeatures:
        return this.offered[this.deviceFeaturesSel] ?? 0;
      case REGISTER.QueueNumMax:
        return this.selected === undefined ? 0 : QUEUE_SIZE_MAX;
      case REGISTER.QueueReady:
        return this.selected?.queue === undefined ? 0 : 1;
      case REGISTER.InterruptStatus:
        return this.interrupts;
      case REGISTER.Status:
        return this.status;
      case REGISTER.SHMLenLow: // there is no such region
      case REGISTER.SHMLenHigh:
      case REGISTER.SHMBaseLow:
      case REGISTER.SHMBaseHigh:
        return ALL_ONES;
      default:
        return 0;
    }
  }

  private writeRegister(offset: number, value: number): void {
    switch (offset) {
      case REGISTER.DeviceFeaturesSel:
        this.deviceFeaturesSel = value;
        break;
      case REGISTER.DriverFeaturesSel:
        this.driverFeaturesSel = value;
        break;
      case REGISTER.DriverFeatures:
        this.accept(value);
        break;
      case REGISTER.QueueSel:
        this.queueSel = value;
        break;
      case REGISTER.QueueNum:
        if (this.selected !== undefined) this.selected.size = value;
        break;
      case REGISTER.QueueReady:
        this.setReady(value === 1);
        break;
      case REGISTER.QueueNotify:
        this.notified(value);
        break;
      case REGISTER.InterruptACK:
        this.interrupts &= ~value;
        this.drive();
        break;
      case REGISTER.Status:
        if (value === 0) this.reset();
        else this.setStatus(value);
        break;
      default:
        this.setAddress(offset, BigInt(value));
    }
  }

  /** What a register that only takes writes holds. */
  private held(offset: number): number {
    switch (offset) {
      case REGISTER.DeviceFeaturesSel:
        return this.deviceFeaturesSel;
      case REGISTER.DriverFeaturesSel:
        return this.driverFeaturesSel;
      case REGISTER.DriverFeatures:
        return this.accepted[this.driverFeaturesSel] ?? 0;
      case REGISTER.QueueSel:
        return this.queueSel;
      case REGISTER.QueueNum:
        return this.selected?.size ?? 0;
    }
    for (const name of ['desc', 'driver', 'device'] as const) {
      const address = this.selected?.addresses[name] ?? 0n;
      if (offset === ADDRESS[name].low) return Number(address & LOW_WORD);
      if (offset === ADDRESS[name].high) return Number(address >> BigInt(WORD_BITS));
    }
    return 0;
  }

  private get selected(): QueueSetup | undefined {
    return this.queues[this.queueSel];
  }

  /** Words of features behind the second have no bits that are offered: what is written to them is lost. */
  private accept(bits: number): void {
    if (this.driverFeaturesSel < this.accepted.length && !(this.status & STATUS.FEATURES_OK)) {
      this.accepted[this.driverFeaturesSel] = bits;
    }
  }

  private setAddress(offset: number, value: bigint): void {
    const addresses = this.selected?.addresses;
    if (addresses === undefined) return;
    for (const name of ['desc', 'driver', 'device'] as const) {
      const { low, high } = ADDRESS[name];
      if (offset === low) addresses[name] = (addresses[name] & HIGH_WORD) | value;
      if (offset === high) addresses[name] = (addresses[name] & LOW_WORD) | (value << BigInt(WORD_BITS));
    }
  }

  /** From here on the queue is where its registers say; what is written to them later waits for the next time. */
  private setReady(isReady: boolean): void {
    const { selected } = this;
    if (selected === undefined || isReady === (selected.queue !== undefined)) return;
    this.forget(this.queueSel);
    selected.queue = undefined;
    if (!isReady) return;
    const { size, addresses } = selected;
    const isPowerOfTwo = size > 0 && (size & (size - 1)) === 0;
    if (!isPowerOfTwo || size > QUEUE_SIZE_MAX) {
      this.needReset();
      return;
    }
    const { desc: descriptors, driver, device } = addresses;
    selected.queue = new Virtqueue(this.hands.memory, { size, descriptors, driver, device });
  }

  private setStatus(value: number): void {
    const isRefused = this.accepted.some((word, i) => (word & ~(this.offered[i] as number)) !== 0);
    const kept = this.status & STATUS.DEVICE_NEEDS_RESET;
    const isSet = (value & STATUS.driver) | kept;
    this.status = isRefused && !(this.status & STATUS.FEATURES_OK) ? isSet & ~STATUS.FEATURES_OK : isSet;
  }

  private reset(): void {
    for (const number of this.queues.keys()) this.forget(number);
    this.queues = Array.from({ length: this.model?.queues ?? 0 }, () => ({
      size: QUEUE_SIZE_MAX,
      addresses: { desc: 0n, driver: 0n, device: 0n },
      queue: undefined,
      awaited: new Set<number>(),
    }));
    this.accepted = [0, 0];
    this.deviceFeaturesSel = 0;
    this.driverFeaturesSel = 0;
    this.queueSel = 0;
    this.status = 0;
    this.interrupts = 0;
    this.drive();
  }

  /** The driver has broken a rule. Nothing more is done for it until it resets the device, and no one else notices. */
  private needReset(): void {
    if (this.status & STATUS.DRIVER_OK) this.interrupts |= INTERRUPT.configuration;
    this.status |= STATUS.DEVICE_NEEDS_RESET;
    for (const number of this.queues.keys()) this.forget(number);
    this.drive();
  }

  private get isLive(): boolean {
    return (this.status & (STATUS.DRIVER_OK | STATUS.DEVICE_NEEDS_RESET)) === STATUS.DRIVER_OK;
  }

  private notified(number: number): void {
    const queue = this.queues[number]?.queue;
    if (queue === undefined || !this.isLive) return;
    const index = queue.notified();
    if (index === undefined) this.needReset();
    else if (index !== 'nothing') this.await(number, index);
  }

  /** Answers what the queue has below an index, by an event. */
  private await(number: number, index: number | undefined): void {
    const setup = this.queues[number];
    if (setup === undefined || index === undefined || setup.awaited.has(index)) return;
    setup.awaited.add(index);
    const step = Math.max(this.hands.now() + (this.model?.latency ?? 0), this.restsUntil);
    this.hands.events.schedule(step, QUEUE, number * INDICES + index);
  }
  private forget(number: number): void {
    const awaited = this.queues[number]?.awaited;
    for (const index of awaited ?? []) this.hands.events.cancel(QUEUE, number * INDICES + index);
    awaited?.clear();
  }

  private serve(number: number, index: number): void {
    const queue = this.queues[number]?.queue;
    if (queue === undefined || !this.isLive) return;
    if (this.hands.now() < this.restsUntil) {
      this.await(number, index);
      return;
    }
    const served = this.serveSome(number, queue, index);
    const rest = Math.ceil(served.moved / REST.bytesPerStep) + served.descriptors * REST.stepsPerDescriptor;
    this.restsUntil = this.hands.now() + rest;
    if (served.isBroken) {
      this.needReset();
      return;
    }
    if (served.moved >= BYTES_PER_EVENT && queue.hasUpTo(index)) this.await(number, index);
    if (served.given > 0 && queue.wantsInterrupt()) this.interrupts |= INTERRUPT.usedBuffer;
    this.drive();
  }
  /** Answers requests of a queue, in their order, as many as one event may. */
  private serveSome(number: number, queue: Virtqueue, index: number) {
    const served = { given: 0, moved: 0, descriptors: 0, isBroken: false };
    while (queue.hasUpTo(index) && served.moved < BYTES_PER_EVENT) {
      const chain = queue.peek();
      const answer = chain === undefined ? 'broken' : this.answer(number, chain);
      served.descriptors += chain?.descriptors ?? LONGEST_CHAIN;
      if (answer === 'later') break;
      served.isBroken = chain === undefined || answer === 'broken' || !queue.give(chain, answer.written);
      if (served.isBroken || answer === 'broken') break;
      served.given++;
      served.moved += answer.moved;
    }
    return served;
  }
  private answer(number: number, chain: Chain) {
    const negotiated = (feature: number) => {
      const word = this.accepted[Math.floor(feature / WORD_BITS)] ?? 0;
      return ((word >>> (feature % WORD_BITS)) & 1) === 1;
    };
    return (this.model as VirtioModel).answer(number, chain, negotiated);
  }

  private drive(): void {
    this.hands.interrupt(this.interrupts !== 0);
  }
}

/** The kind of event by which a queue's requests are answered; its payload is the queue and an index in its ring. */
const QUEUE = 'queue';
const INDICES = 0x1_0000;

const LOW_WORD = 0xffff_ffffn;
const HIGH_WORD = LOW_WORD << BigInt(WORD_BITS);

/** Feature bits as two words. */
function wordsOf(bits: readonly number[]): number[] {
  const words = [0, 0];
  for (const bit of bits)
    words[Math.floor(bit / WORD_BITS)] = (words[Math.floor(bit / WORD_BITS)] ?? 0) | (1 << (bit % WORD_BITS));
  return words;
}
