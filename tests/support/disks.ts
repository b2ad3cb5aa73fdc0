// Disks for tests: contents in an array, and what was asked of them.

import type { DiskContents } from '../../src/devices/virtio/disk-contents.ts';

export interface MemoryDisk extends DiskContents {
  readonly array: Uint8Array;
  /** Offsets and lengths of what was asked, in order. */
  readonly log: string[];
  /** From now on the host fails. */
  fails: boolean;
}

/** @param contents a copy of which it holds, or how many zeros. */
export function memoryDisk(contents: number | Uint8Array, { isReadOnly = false } = {}): MemoryDisk {
  const array = typeof contents === 'number' ? new Uint8Array(contents) : contents.slice();
  const log: string[] = [];
  return {
    bytes: array.length,
    isReadOnly,
    array,
    log,
    fails: false,
    read(offset, length) {
      log.push(`read ${offset} ${length}`);
      return this.fails ? undefined : array.slice(offset, offset + length);
    },
    write(offset, data) {
      log.push(`write ${offset} ${data.length}`);
      if (!this.fails) array.set(data, offset);
      return !this.fails;
    },
    flush() {
      log.push('flush');
      return !this.fails;
    },
  };
}
