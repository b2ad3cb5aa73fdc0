// A virtio block device (VirtIO 1.2, "Block Device"): reads, writes, flush, discard, write zeroes and its name. What a
// request writes is handed to the host before the request completes, in the order of the queue, and a flush completes
// when the host says that all of it is safe; so a host process that dies never loses what a guest was told is written.
// Left out: several queues, zones, secure erase; a discard leaves the data as it is, the same on every host.

import type { Chain, Pieces } from './chain.ts';
import { type DiskContents, SECTOR_BYTES } from './disk-contents.ts';
import type { Answer, VirtioModel } from './model.ts';

const DEVICE_ID = 2;
const FEATURE = { SEG_MAX: 2, RO: 5, BLK_SIZE: 6, FLUSH: 9, DISCARD: 13, WRITE_ZEROES: 14 } as const;
/** Where fields of the configuration space are, and how long it is. */
const CONFIG = {
  capacity: 0,
  seg_max: 12,
  blk_size: 20,
  max_discard_sectors: 36,
  max_discard_seg: 40,
  discard_sector_alignment: 44,
  max_write_zeroes_sectors: 48,
  max_write_zeroes_seg: 52,
  bytes: 60,
} as const;
/** A request's header and status are descriptors too. */
const SEG_MAX = 254;
/** The most that one request may discard or fill with zeros: 16 MiB. */
const MOST_SECTORS = 0x8000;

const REQUEST = { IN: 0, OUT: 1, FLUSH: 4, GET_ID: 8, DISCARD: 11, WRITE_ZEROES: 13 } as const;
const STATUS = { OK: 0, IOERR: 1, UNSUPP: 2 } as const;
type Status = (typeof STATUS)[keyof typeof STATUS];
const HEADER = { type: 0, sector: 8, bytes: 16 } as const;
/** What a discard or a write of zeros asks for: one range, as max_discard_seg says. */
const RANGE = { sector: 0, sectors: 8, flags: 12, bytes: 16 } as const;
const UNMAP = 1;
const ID_BYTES = 20;
/** More than any driver asks for at once: such a request fails. */
const MOST_BYTES = 0x4000_0000;
/** Data is moved in pieces of this size at most. */
const PIECE_BYTES = 0x10_0000;

/** Steps from the notification of a request to its completion, whatever the host does: 10 µs of board time. */
export const DISK_LATENCY = 10_000;

interface Request {
  readonly type: number;
  /** As the driver says; not checked. */
  readonly sector: bigint;
  /** What comes with it, behind the header. */
  readonly out: { readonly data: Pieces; readonly bytes: number };
  /** Room for what is asked for; the status is behind it. */
  readonly in: { readonly data: Pieces; readonly bytes: number };
}

interface Result {
  readonly status: Status;
  /** Bytes of data that were given. */
  readonly written: number;
  /** Bytes that the host moved, and for a flush as much as that is worth. */
  readonly moved: number;
}
const FLUSH_WORTH = 0x1_0000;

export class BlockDevice implements VirtioModel {
  readonly deviceId = DEVICE_ID;
  readonly features: readonly number[];
  readonly queues = 1;
  readonly latency = DISK_LATENCY;
  readonly config: Uint8Array;
  private readonly disk: DiskContents;
  private readonly id: string;

  /** @param id at most 20 characters of ASCII, which drivers show. */
  constructor(disk: DiskContents, id: string) {
    this.disk = disk;
    this.id = id;
    const { SEG_MAX: segments, RO, BLK_SIZE, FLUSH, DISCARD, WRITE_ZEROES } = FEATURE;
    this.features = [segments, BLK_SIZE, FLUSH, ...(disk.isReadOnly ? [RO] : [DISCARD, WRITE_ZEROES])];
    this.config = configOf(disk);
  }

  answer(_queue: number, { readable, writable }: Chain, negotiated: (feature: number) => boolean): Answer {
    if (readable.bytes < HEADER.bytes || writable.bytes === 0) return 'broken';
    const header = viewOf(readable.read(0, HEADER.bytes));
    const inBytes = writable.bytes - 1;
    const { status, written, moved } = this.perform(
      {
        type: header.getUint32(HEADER.type, true),
        sector: header.getBigUint64(HEADER.sector, true),
        out: { data: readable, bytes: readable.bytes - HEADER.bytes },
        in: { data: writable, bytes: inBytes },
      },
      negotiated(FEATURE.FLUSH),
    );
    // The status is the last byte, and the length counts up to the first that was not written.
    writable.write(inBytes, Uint8Array.of(status));
    return { written: written === inBytes ? inBytes + 1 : written, moved };
  }

  private perform(request: Request, knowsFlush: boolean): Result {
    const { type } = request;
    switch (type) {
      case REQUEST.IN: {
        const status = this.read(request);
        const written = status === STATUS.OK ? request.in.bytes : 0;
        return { status, written, moved: written };
      }
      case REQUEST.OUT:
        return this.durably(this.write(request), request.out.bytes, knowsFlush);
      case REQUEST.FLUSH:
        return this.durably(STATUS.OK, 0, false);
      case REQUEST.GET_ID: {
        const written = this.giveId(request);
        return { status: STATUS.OK, written, moved: written };
      }
      case REQUEST.DISCARD:
      case REQUEST.WRITE_ZEROES: {
        const { status, zeroed } = this.clear(request);
        return this.durably(status, zeroed, knowsFlush);
      }
      default:
        return { status: STATUS.UNSUPP, written: 0, moved: 0 };
    }
  }

  /** The result of a change; where the driver does not know of flushes, each change is flushed. */
  private durably(status: Status, bytes: number, knowsFlush: boolean): Result {
    if (status !== STATUS.OK || knowsFlush) return { status, written: 0, moved: status === STATUS.OK ? bytes : 0 };
    return { status: this.disk.flush() ? STATUS.OK : STATUS.IOERR, written: 0, moved: bytes + FLUSH_WORTH };
  }

  private isOnDisk(sector: bigint, bytes: number): boolean {
    if (bytes % SECTOR_BYTES !== 0 || bytes > MOST_BYTES) return false;
    return sector * BigInt(SECTOR_BYTES) + BigInt(bytes) <= BigInt(this.disk.bytes);
  }

  private read({ sector, in: { data, bytes } }: Request): Status {
    if (!this.isOnDisk(sector, bytes)) return STATUS.IOERR;
    const start = Number(sector) * SECTOR_BYTES;
    const range = { offset: 0, bytes, most: PIECE_BYTES };
    return data.fill(range, (at, length) => this.disk.read(start + at, length)) ? STATUS.OK : STATUS.IOERR;
  }

  private write({ sector, out: { data, bytes } }: Request): Status {
    if (this.disk.isReadOnly || !this.isOnDisk(sector, bytes)) return STATUS.IOERR;
    const start = Number(sector) * SECTOR_BYTES;
    const range = { offset: HEADER.bytes, bytes, most: PIECE_BYTES };
    return data.drain(range, (at, piece) => this.disk.write(start + at, piece)) ? STATUS.OK : STATUS.IOERR;
  }

  private clear({ type, out: { data, bytes } }: Request): { readonly status: Status; readonly zeroed: number } {
    const refused = (status: Status) => ({ status, zeroed: 0 });
    if (this.disk.isReadOnly) return refused(STATUS.IOERR);
    if (bytes !== RANGE.bytes) return refused(STATUS.UNSUPP);
    const range = viewOf(data.read(HEADER.bytes, RANGE.bytes));
    const isZeroing = type === REQUEST.WRITE_ZEROES;
    if (range.getUint32(RANGE.flags, true) & ~(isZeroing ? UNMAP : 0)) return refused(STATUS.UNSUPP);
    const sectors = range.getUint32(RANGE.sectors, true);
    const sector = range.getBigUint64(RANGE.sector, true);
    if (sectors > MOST_SECTORS || !this.isOnDisk(sector, sectors * SECTOR_BYTES)) return refused(STATUS.IOERR);
    if (!isZeroing) return { status: STATUS.OK, zeroed: 0 };
    const zeroed = sectors * SECTOR_BYTES;
    return { status: this.zero(Number(sector) * SECTOR_BYTES, zeroed), zeroed };
  }

  private zero(start: number, bytes: number): Status {
    for (let at = 0; at < bytes; at += PIECE_BYTES) {
      if (!this.disk.write(start + at, new Uint8Array(Math.min(PIECE_BYTES, bytes - at)))) return STATUS.IOERR;
    }
    return STATUS.OK;
  }

  private giveId({ in: { data, bytes } }: Request): number {
    const id = new Uint8Array(Math.min(bytes, ID_BYTES));
    id.set(new TextEncoder().encode(this.id).subarray(0, id.length));
    data.write(0, id);
    return id.length;
  }
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function configOf(disk: DiskContents): Uint8Array {
  const config = new Uint8Array(CONFIG.bytes);
  const view = viewOf(config);
  view.setBigUint64(CONFIG.capacity, BigInt(disk.bytes / SECTOR_BYTES), true);
  view.setUint32(CONFIG.seg_max, SEG_MAX, true);
  view.setUint32(CONFIG.blk_size, SECTOR_BYTES, true);
  if (disk.isReadOnly) return config;
  view.setUint32(CONFIG.max_discard_sectors, MOST_SECTORS, true);
  view.setUint32(CONFIG.max_discard_seg, 1, true);
  view.setUint32(CONFIG.discard_sector_alignment, 1, true);
  view.setUint32(CONFIG.max_write_zeroes_sectors, MOST_SECTORS, true);
  view.setUint32(CONFIG.max_write_zeroes_seg, 1, true);
  return config;
}
