// The machine's memory: one WebAssembly.Memory at its full size from the start (growing would detach every view;
// untouched pages cost nothing), laid out as memory-map.ts says. RAM starts at the physical address where QEMU's virt
// board has it. Each frame has flags, so that whoever derived something from its bytes hears of a store to it.

import type { SystemPhysical } from '../../isa/address.ts';
import { PAGE_BYTES } from '../../isa/address.ts';
import { assert } from '../../isa/assert.ts';
import type { Access, Width } from '../../isa/vocabulary.ts';
import { FRAME, RAM_AT, RAM_LIMIT_BYTES, STATE_BLOCKS, STATE_STRIDE, STATES_AT } from './memory-map.ts';

const WASM_PAGE_BYTES = 0x1_0000;

export const RAM_BASE = 0x8000_0000n as SystemPhysical;

/** What of a frame must be seen, as bits of its flags. Emitted code stores freely where all are 0. */
export const Watched = {
  /** A walk has read it: translations derive from it, and go with a store. */
  Table: 1,
  /** The holder of the door asked to hear of these. */
  Store: 2,
  Load: 4,
  Fetch: 8,
  /** Instructions in it were decoded. */
  Code: 16,
  /** It holds only zeros: nothing was ever stored. */
  Fresh: 32,
} as const;
/** The flags that keep a frame out of a TLB. */
export const KEPT_OUT: Readonly<Record<Access, number>> = {
  fetch: Watched.Fetch,
  load: Watched.Load,
  store: Watched.Store | Watched.Table | Watched.Code | Watched.Fresh,
};

export class Memory {
  /** What emitted code imports. */
  readonly shared: WebAssembly.Memory;
  readonly buffer: ArrayBuffer;
  readonly ramBytes: number;
  private readonly view: DataView;
  private readonly bytes: Uint8Array;
  private readonly all: Uint32Array;
  /** Bits of Watched, by frame. */
  readonly flags: Uint8Array;
  private states = 0;
  /** Called before a store to a watched frame: its number, and the place and size of what is stored in it. */
  onWatchedStore: (frame: number, place: number, bytes: number) => void = () => {};

  constructor(ramBytes: number) {
    assert(ramBytes > 0 && ramBytes <= RAM_LIMIT_BYTES && ramBytes % PAGE_BYTES === 0, `RAM of ${ramBytes} bytes`);
    const pages = Math.ceil((RAM_AT + ramBytes) / WASM_PAGE_BYTES);
    this.shared = new WebAssembly.Memory({ initial: pages, maximum: pages });
    this.buffer = this.shared.buffer;
    this.ramBytes = ramBytes;
    this.view = new DataView(this.buffer);
    this.bytes = new Uint8Array(this.buffer);
    this.all = new Uint32Array(this.buffer);
    this.flags = new Uint8Array(this.buffer, FRAME.flags, ramBytes / PAGE_BYTES).fill(Watched.Fresh);
  }

  /** Room for one more state block: where it starts in the buffer. */
  allocateState(): number {
    assert(this.states < STATE_BLOCKS, 'too many state blocks');
    return STATES_AT + this.states++ * STATE_STRIDE;
  }

  /** Whether `bytes` bytes at a physical address are RAM. */
  contains(address: bigint, bytes: number): boolean {
    if (address < RAM_BASE) return false;
    const offset = address - RAM_BASE;
    return offset <= BigInt(this.ramBytes) && Number(offset) + bytes <= this.ramBytes;
  }
  /** Place of a physical address of RAM in the buffer. */
  place(address: bigint): number {
    return Number(address - RAM_BASE) + RAM_AT;
  }
  /** How far behind the start of RAM a place is. */
  offsetOf(place: number): number {
    return place - RAM_AT;
  }
  frameOf(place: number): number {
    return ((place - RAM_AT) / PAGE_BYTES) >>> 0;
  }

  /** Reads at a place in the buffer; zero-extended. */
  readAt(place: number, bytes: Width): bigint {
    switch (bytes) {
      case 1:
        return BigInt(this.view.getUint8(place));
      case 2:
        return BigInt(this.view.getUint16(place, true));
      case 4:
        return BigInt(this.view.getUint32(place, true));
      case 8:
        return this.view.getBigUint64(place, true);
    }
  }
  /** The aligned word at a place. */
  wordAt(place: number): number {
    return this.all[place >>> 2] as number;
  }
  /** Writes two aligned words in a row, to a frame that is known to be unwatched and touched. */
  setWordsAt(place: number, low: number, high: number): void {
    this.all[place >>> 2] = low;
    this.all[(place >>> 2) + 1] = high;
  }
  /** A parcel of an instruction. */
  halfAt(place: number): number {
    return this.view.getUint16(place, true);
  }
  /** Writes to a frame that is known to be unwatched and touched. */
  writeAt(place: number, bytes: Width, value: bigint): void {
    switch (bytes) {
      case 1:
        this.view.setUint8(place, Number(value & 0xffn));
        return;
      case 2:
        this.view.setUint16(place, Number(value & 0xffffn), true);
        return;
      case 4:
        this.view.setUint32(place, Number(value & 0xffff_ffffn), true);
        return;
      case 8:
        this.view.setBigUint64(place, value, true);
        return;
    }
  }

  /** Says that these bytes change: watchers of their frames hear of it first. */
  touch(place: number, bytes: number): void {
    const last = this.frameOf(place + bytes - 1);
    for (let frame = this.frameOf(place); frame <= last; frame++) {
      const flags = this.flags[frame] as number;
      if (flags === 0) continue;
      this.flags[frame] = flags & ~Watched.Fresh;
      if (flags === Watched.Fresh) continue;
      const start = Math.max(place, RAM_AT + frame * PAGE_BYTES);
      this.onWatchedStore(frame, start, Math.min(place + bytes, RAM_AT + (frame + 1) * PAGE_BYTES) - start);
    }
  }

  read(address: bigint, bytes: Width): bigint {
    return this.readAt(this.place(address), bytes);
  }
  write(address: bigint, bytes: Width, value: bigint): void {
    const place = this.place(address);
    this.touch(place, bytes);
    this.writeAt(place, bytes, value);
  }
  copyIn(address: bigint, data: Uint8Array): void {
    if (data.length === 0) return;
    const place = this.place(address);
    this.touch(place, data.length);
    this.bytes.set(data, place);
  }
  /** A copy of these bytes, never a view. */
  copyOut(address: bigint, bytes: number): Uint8Array {
    const place = this.place(address);
    return this.bytes.slice(place, place + bytes);
  }
  zero(address: bigint, bytes: number): void {
    if (bytes === 0) return;
    const place = this.place(address);
    this.touch(place, bytes);
    this.bytes.fill(0, place, place + bytes);
  }

  /** Numbers, counted from `address`, of the frames in a range that hold something else than zeros. */
  frames(address: bigint, bytes: number): number[] {
    const first = this.frameOf(this.place(address));
    const found: number[] = [];
    for (let i = 0; i < bytes / PAGE_BYTES; i++) {
      if (((this.flags[first + i] as number) & Watched.Fresh) === 0 && !this.isZero(first + i)) found.push(i);
    }
    return found;
  }
  private words(frame: number): Uint32Array {
    return new Uint32Array(this.buffer, RAM_AT + frame * PAGE_BYTES, PAGE_BYTES / 4);
  }
  private isZero(frame: number): boolean {
    return this.words(frame).every((word) => word === 0);
  }

  /** A hash of the contents of a range, the same wherever the range lies: FNV-1a over its words, by frame. */
  digest(address: bigint, bytes: number): number {
    const first = this.frameOf(this.place(address));
    let hash = FNV_OFFSET;
    for (const frame of this.frames(address, bytes)) {
      hash = Math.imul(hash ^ frame, FNV_PRIME);
      for (const word of this.words(first + frame)) hash = Math.imul(hash ^ word, FNV_PRIME);
    }
    return hash >>> 0;
  }
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
