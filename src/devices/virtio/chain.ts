// One request of a driver: the chain of descriptors behind its head, as the bytes that the device may read and, behind
// them, those that it may write. A chain is checked whole before anything of it is used (VirtIO 1.2, "The Virtqueue
// Descriptor Table"). Left out: descriptors of the packed layout, which is not offered.

import type { DeviceMemory } from './memory.ts';

/** The most descriptors of a chain: a longer one is a loop, or no driver's. */
export const LONGEST_CHAIN = 256;

const DESCRIPTOR_BYTES = 16;
const DESCRIPTOR = { address: 0, length: 8, flags: 12, next: 14 } as const;
const FLAG = { NEXT: 1, WRITE: 2, INDIRECT: 4 } as const;

interface Segment {
  readonly address: bigint;
  readonly bytes: number;
}

/** A table of descriptors: the queue's own, or an indirect one. */
interface Table {
  readonly address: bigint;
  readonly size: number;
}

/** Bytes of the guest that lie in pieces. */
export class Pieces {
  private readonly memory: DeviceMemory;
  private readonly segments: readonly Segment[];
  readonly bytes: number;

  constructor(memory: DeviceMemory, segments: readonly Segment[]) {
    this.memory = memory;
    this.segments = segments;
    this.bytes = segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** A copy of bytes that are all there. */
  read(offset: number, bytes: number): Uint8Array {
    const data = new Uint8Array(bytes);
    this.drain({ offset, bytes, most: bytes }, (at, piece) => {
      data.set(piece, at);
      return true;
    });
    return data;
  }
  write(offset: number, data: Uint8Array): void {
    const { length } = data;
    this.fill({ offset, bytes: length, most: length }, (at, bytes) => data.subarray(at, at + bytes));
  }

  /** Hands over the bytes of a range, a piece at a time. @returns false where the receiver did, which ends it. */
  drain(range: Range, receive: (at: number, data: Uint8Array) => boolean): boolean {
    for (const { address, bytes, at } of this.pieces(range)) {
      if (!receive(at, this.memory.read(address, bytes))) return false;
    }
    return true;
  }
  /** Writes a range, a piece at a time. @returns false where the source had nothing, which ends it. */
  fill(range: Range, source: (at: number, bytes: number) => Uint8Array | undefined): boolean {
    for (const { address, bytes, at } of this.pieces(range)) {
      const data = source(at, bytes);
      if (data === undefined) return false;
      this.memory.write(address, data);
    }
    return true;
  }

  private *pieces({ offset, bytes, most }: Range): Generator<Segment & { readonly at: number }> {
    let start = 0;
    for (const segment of this.segments) {
      const to = Math.min(offset + bytes, start + segment.bytes);
      for (let at = Math.max(offset, start); at < to; at += most) {
        yield { address: segment.address + BigInt(at - start), bytes: Math.min(most, to - at), at: at - offset };
      }
      start += segment.bytes;
    }
  }
}

/** Bytes of a request, and the most of them that are moved at once. Where a piece is, is counted from `offset`. */
interface Range {
  readonly offset: number;
  readonly bytes: number;
  readonly most: number;
}

export interface Chain {
  /** The number of its first descriptor, by which the driver knows it. */
  readonly head: number;
  /** How many descriptors had to be read. */
  readonly descriptors: number;
  readonly readable: Pieces;
  readonly writable: Pieces;
}

/** Follows a chain to its end; undefined where the driver has broken a rule. */
export function readChain(memory: DeviceMemory, queue: Table, head: number): Chain | undefined {
  const readable: Segment[] = [];
  const writable: Segment[] = [];
  let table = queue;
  let index = head;
  for (let count = 0; count < LONGEST_CHAIN; ) {
    if (index >= table.size) return undefined;
    const descriptor = readDescriptor(memory, table, index);
    if (descriptor === undefined) return undefined;
    const { address, bytes, flags, next } = descriptor;
    if (flags & FLAG.INDIRECT) {
      // The table of an indirect one is the rest of the chain, and has no such descriptor itself.
      if (table !== queue || flags & FLAG.NEXT || bytes === 0 || bytes % DESCRIPTOR_BYTES !== 0) return undefined;
      table = { address, size: bytes / DESCRIPTOR_BYTES };
      index = 0;
      continue;
    }
    if (bytes === 0 || !memory.contains(address, bytes)) return undefined;
    if (flags & FLAG.WRITE) writable.push({ address, bytes });
    else if (writable.length > 0) return undefined;
    else readable.push({ address, bytes });
    if (!(flags & FLAG.NEXT)) {
      return {
        head,
        descriptors: count + 1,
        readable: new Pieces(memory, readable),
        writable: new Pieces(memory, writable),
      };
    }
    index = next;
    count++;
  }
  return undefined;
}

function readDescriptor(memory: DeviceMemory, table: Table, index: number) {
  const at = table.address + BigInt(index * DESCRIPTOR_BYTES);
  if (!memory.contains(at, DESCRIPTOR_BYTES)) return undefined;
  const view = new DataView(memory.read(at, DESCRIPTOR_BYTES).buffer);
  return {
    address: view.getBigUint64(DESCRIPTOR.address, true),
    bytes: view.getUint32(DESCRIPTOR.length, true),
    flags: view.getUint16(DESCRIPTOR.flags, true),
    next: view.getUint16(DESCRIPTOR.next, true),
  };
}
