// Disks for tests: contents in an array, and what was asked of them.

import type { DiskContents } from '../../src/devices/virtio/disk-contents.ts';

export interface MemoryDisk extends DiskContents {
  readonly array: Uint8Array;
  /** Offsets and lengths of what was asked, in order. */
  readonly log: string[];
  /** From now on the host fails. */
  fails: boolean;
}

export function memoryDisk(bytes: number, { isReadOnly = false } = {}): MemoryDisk {
  const array = new Uint8Array(bytes);
  const log: string[] = [];
  return {
    bytes,
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
