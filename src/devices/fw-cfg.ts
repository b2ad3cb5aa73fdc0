// QEMU's firmware configuration device (QEMU's docs/specs/fw_cfg): items of bytes that a boot loader selects by key
// and reads through a register, or has copied to its memory, and a directory of those that have a name instead of a
// key. A copy is made by an event, a number of steps after its request that grows with it, so that no guest can make
// the host work long in one step. Left out: items that a guest may write, and partial copies at the end of RAM.

import type { Access, Device, RegisterView, Scheduler, Width } from './device.ts';
import type { DeviceMemory } from './virtio/memory.ts';

/** The registers are big-endian; that of data has the item's bytes in the order of memory. */
const REGISTER = { data: 0x00, selector: 0x08, dma: 0x10 } as const;
const SELECTOR_BYTES = 2;
const WINDOW_BYTES = 0x18;
const HALF_WORD_BYTES = 4;
const DOUBLEWORD_BYTES = 8;
const BYTE_BITS = 8;
const WORD_BITS = 32n;

/** The keys that a guest finds anything by; those of files are told in the directory. */
export const KEY = { signature: 0x00, id: 0x01, harts: 0x05, directory: 0x19, firstFile: 0x20 } as const;
/** A key's bits that choose an item; the others ask for writing, and for items of one architecture. */
const ITEM_MASK = 0x3fff;
const ARCHITECTURE = 0x8000;
const SIGNATURE = text('QEMU');
/** The traditional registers, and the copying. */
const FEATURES = Uint8Array.of(0x03, 0, 0, 0);
const DMA_SIGNATURE = text('QEMU CFG');

/** What a request in memory says: control, length and address, all big-endian. */
const REQUEST = { control: 0, length: 4, address: 8, bytes: 16 } as const;
const CONTROL = { error: 0x01, read: 0x02, skip: 0x04, select: 0x08, write: 0x10 } as const;
const KEY_SHIFT = 16;
/** What a copy moves in a step, and the most that is written to memory in one piece. */
const BYTES_PER_STEP = 16;
const CHUNK_BYTES = 0x1_0000;
const COPY = 'copy';

const DIRECTORY_COUNT_BYTES = 4;
const ENTRY = { size: 0, key: 4, name: 8, bytes: 64 } as const;

export interface ConfigFile {
  /** At most 55 characters. */
  readonly name: string;
  readonly contents: Uint8Array;
}

export interface FwCfgHands {
  readonly harts: number;
  /** In the order of their keys. */
  readonly files: readonly ConfigFile[];
  readonly now: () => number;
  readonly events: Scheduler;
  readonly memory: DeviceMemory;
}

interface Request {
  readonly control: number;
  readonly length: number;
  readonly address: bigint;
}

export class FwCfg implements Device {
  readonly name = 'fw-cfg';
  readonly size = WINDOW_BYTES;
  private readonly hands: FwCfgHands;
  private readonly items: ReadonlyMap<number, Uint8Array>;
  private key = 0;
  private offset = 0;
  /** Upper half of the next request's address. */
  private high = 0n;
  /** The request that is under way; without its fields where they are not in RAM. */
  private pending: { readonly at: bigint; readonly request: Request | undefined } | undefined;

  constructor(hands: FwCfgHands) {
    this.hands = hands;
    const { harts, files } = hands;
    this.items = new Map([
      [KEY.signature, SIGNATURE],
      [KEY.id, FEATURES],
      [KEY.harts, Uint8Array.of(harts & 0xff, harts >> BYTE_BITS)],
      [KEY.directory, directory(files)],
      ...files.map(({ contents }, index): [number, Uint8Array] => [KEY.firstFile + index, contents]),
    ]);
  }

  accepts(offset: number, width: Width, access: Access): boolean {
    if (offset < REGISTER.selector) return offset === REGISTER.data;
    if (offset < REGISTER.dma) return offset === REGISTER.selector && width === SELECTOR_BYTES && access === 'write';
    return access === 'read' || width >= HALF_WORD_BYTES;
  }

  read(offset: number, width: Width): bigint {
    if (offset !== REGISTER.data) return number(DMA_SIGNATURE.subarray(offset - REGISTER.dma), width);
    const value = this.next(width);
    this.advance(width);
    return value;
  }
  /** Of the data, the bytes that come next, as many as a read can take. */
  registers(): readonly RegisterView[] {
    const { data, selector, dma } = REGISTER;
    const [bytes, selected] = [DOUBLEWORD_BYTES, BigInt(this.key)] as const;
    return [
      { name: 'data', offset: data, width: bytes, value: this.next(bytes) },
      { name: 'selector', offset: selector, width: SELECTOR_BYTES, value: selected, writeOnly: true },
      { name: 'dma', offset: dma, width: bytes, value: number(DMA_SIGNATURE, bytes) },
    ];
  }

  write(offset: number, width: Width, value: bigint): void {
    const swapped = swap(value, width);
    if (offset === REGISTER.selector) this.select(Number(swapped));
    if (offset < REGISTER.dma) return;
    if (width === HALF_WORD_BYTES && offset === REGISTER.dma) {
      this.high = swapped << WORD_BITS;
      return;
    }
    const at = width === DOUBLEWORD_BYTES ? swapped : this.high | swapped;
    this.high = 0n;
    this.start(at);
  }

  handle(): void {
    if (this.pending === undefined) return;
    const { at, request } = this.pending;
    this.pending = undefined;
    this.answer(at, request !== undefined && this.copy(request) ? 0 : CONTROL.error);
  }

  private select(key: number): void {
    this.key = key;
    this.offset = 0;
  }
  private item(): Uint8Array {
    return this.key & ARCHITECTURE ? NOTHING : (this.items.get(this.key & ITEM_MASK) ?? NOTHING);
  }
  /** What the next bytes of the item come to. */
  private next(width: Width): bigint {
    return number(this.item().subarray(this.offset), width);
  }
  private advance(bytes: number): void {
    this.offset = Math.min(this.offset + bytes, this.item().length);
  }

  /** Takes a request, unless one is under way: a loader waits for the end of its last. */
  private start(at: bigint): void {
    const { events, now } = this.hands;
    if (this.pending !== undefined) return;
    const request = this.requestAt(at);
    this.pending = { at, request };
    events.schedule(now() + Math.floor((request?.length ?? 0) / BYTES_PER_STEP), COPY, 0);
  }
  private requestAt(at: bigint): Request | undefined {
    const { memory } = this.hands;
    if (!memory.contains(at, REQUEST.bytes)) return undefined;
    const fields = new DataView(memory.read(at, REQUEST.bytes).buffer);
    return {
      control: fields.getUint32(REQUEST.control),
      length: fields.getUint32(REQUEST.length),
      address: fields.getBigUint64(REQUEST.address),
    };
  }
  /** @returns whether all that was asked for was done. */
  private copy({ control, length, address }: Request): boolean {
    if (control & CONTROL.select) this.select(control >>> KEY_SHIFT);
    if (control & CONTROL.read) return this.fill(address, length);
    if (control & CONTROL.write) return length === 0;
    if (control & CONTROL.skip) this.advance(length);
    return true;
  }
  /** The rest of the item, and zeros behind it. */
  private fill(address: bigint, length: number): boolean {
    const { memory } = this.hands;
    const data = this.item().slice(this.offset, this.offset + length);
    this.advance(length);
    if (!memory.contains(address, length)) return false;
    if (data.length > 0) memory.write(address, data);
    for (let at = data.length; at < length; at += CHUNK_BYTES) {
      memory.write(address + BigInt(at), new Uint8Array(Math.min(CHUNK_BYTES, length - at)));
    }
    return true;
  }
  private answer(at: bigint, control: number): void {
    const { memory } = this.hands;
    const field = new DataView(new ArrayBuffer(REQUEST.length - REQUEST.control));
    field.setUint32(0, control);
    if (memory.contains(at, field.byteLength)) memory.write(at, new Uint8Array(field.buffer));
  }
}

const NOTHING = new Uint8Array();

function directory(files: readonly ConfigFile[]): Uint8Array {
  const bytes = new Uint8Array(DIRECTORY_COUNT_BYTES + files.length * ENTRY.bytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, files.length);
  for (const [index, { name, contents }] of files.entries()) {
    const at = DIRECTORY_COUNT_BYTES + index * ENTRY.bytes;
    view.setUint32(at + ENTRY.size, contents.length);
    view.setUint16(at + ENTRY.key, KEY.firstFile + index);
    bytes.set(text(name), at + ENTRY.name);
  }
  return bytes;
}

function text(characters: string): Uint8Array {
  return new TextEncoder().encode(characters);
}

/** The first bytes as a number in the order of memory, zeros where there are no more. */
function number(bytes: Uint8Array, width: Width): bigint {
  return bytes.subarray(0, width).reduceRight((value, byte) => (value << BigInt(BYTE_BITS)) | BigInt(byte), 0n);
}

function swap(value: bigint, width: Width): bigint {
  let swapped = 0n;
  for (let at = 0; at < width; at++)
    swapped = (swapped << BigInt(BYTE_BITS)) | ((value >> BigInt(BYTE_BITS * at)) & 0xffn);
  return swapped;
}
