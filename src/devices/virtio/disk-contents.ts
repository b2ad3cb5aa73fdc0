// What a disk holds, as a block device sees it: bytes at offsets, wherever the host keeps them. The command line keeps
// them in a file, a page in an ArrayBuffer; a comparison of runs lays changes over contents that it does not touch.

export interface DiskContents {
  /** A whole number of sectors. */
  readonly bytes: number;
  readonly isReadOnly: boolean;
  /** Reads bytes of which all are within the disk; undefined where the host fails. */
  read(offset: number, bytes: number): Uint8Array | undefined;
  /** Writes bytes of which all are within a disk that can be written; false where the host fails. */
  write(offset: number, data: Uint8Array): boolean;
  /** Returns when all that was written would survive a power failure of the host; false where that failed. */
  flush(): boolean;
}

export const SECTOR_BYTES = 512;

const BLOCK_BYTES = 4096;

/** Changes over a disk that stays as it is; they are kept in memory and go with this. */
export class OverlayDisk implements DiskContents {
  readonly bytes: number;
  readonly isReadOnly: boolean;
  private readonly below: DiskContents;
  /** Blocks that were written, by number; the last may be shorter. */
  private readonly blocks = new Map<number, Uint8Array>();

  /** @param below what is read where nothing was written. */
  constructor(below: DiskContents, { isReadOnly = false }: { readonly isReadOnly?: boolean } = {}) {
    this.below = below;
    this.bytes = below.bytes;
    this.isReadOnly = isReadOnly;
  }

  read(offset: number, bytes: number): Uint8Array | undefined {
    const data = this.below.read(offset, bytes);
    if (data === undefined || this.blocks.size === 0) return data;
    for (const { block, from, to, at } of pieces(offset, bytes)) {
      const written = this.blocks.get(block);
      if (written !== undefined) data.set(written.subarray(from, to), at);
    }
    return data;
  }
  write(offset: number, data: Uint8Array): boolean {
    for (const { block, from, to, at } of pieces(offset, data.length)) {
      const start = block * BLOCK_BYTES;
      const contents = this.blocks.get(block) ?? this.below.read(start, Math.min(BLOCK_BYTES, this.bytes - start));
      if (contents === undefined) return false;
      contents.set(data.subarray(at, at + to - from), from);
      this.blocks.set(block, contents);
    }
    return true;
  }
  flush(): boolean {
    return true;
  }
}

/** The blocks that a range touches: from where to where in each, and how far behind the range's start that is. */
function* pieces(offset: number, bytes: number) {
  for (let at = 0; at < bytes; ) {
    const block = Math.floor((offset + at) / BLOCK_BYTES);
    const from = (offset + at) % BLOCK_BYTES;
    const to = Math.min(BLOCK_BYTES, from + bytes - at);
    yield { block, from, to, at };
    at += to - from;
  }
}
