// Disks of the command line: files, read and written in place as the guest asks, never read whole. Each write is the
// host's before the guest hears that it is done, in the guest's order, and a flush waits for the host's storage; so the
// death of this process loses nothing. Left out: locks against other processes that use the same file.

import { closeSync, fdatasyncSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import { type DiskContents, OverlayDisk, SECTOR_BYTES } from '../devices/virtio/disk-contents.ts';
import { MOST_DISKS } from '../platform/virtio-slots.ts';
import { badImage, badUsage } from './failure.ts';
import { isSystemError, reasonOf } from './files.ts';

const WAYS = ['readonly', 'snapshot'] as const;

/** `[NAME=]FILE[,readonly|,snapshot]` of --disk. */
export interface DiskOption {
  /** The machine that has it; each, where none is named. */
  readonly machine?: string;
  readonly file: string;
  /** Whether what is written is refused, dropped at the end, or goes to the file. */
  readonly way: (typeof WAYS)[number] | 'write';
}

export function parseDisk(text: string, before: readonly DiskOption[] = []): readonly DiskOption[] {
  const [, machine, rest = text] = /^([A-Za-z0-9_.-]+)=(.+)$/s.exec(text) ?? [];
  const way = WAYS.find((known) => rest.endsWith(`,${known}`));
  const file = way === undefined ? rest : rest.slice(0, -way.length - 1);
  if (file === '') throw new InvalidArgumentError('a file is wanted, alone or with ,readonly or ,snapshot behind it.');
  return [...before, { ...(machine !== undefined && { machine }), file, way: way ?? 'write' }];
}

/**
 * Opens the disks of each machine.
 * @param changes `dropped`: nothing reaches a file, whatever the options say.
 * @returns by machine: for each disk, what makes it anew (the same file, or a new snapshot).
 */
export function planDisks(
  names: readonly string[],
  options: readonly DiskOption[],
  changes: 'kept' | 'dropped',
): readonly (readonly (() => DiskContents)[])[] {
  const opened: Opened[] = [];
  const disks = options.map((option): { readonly option: DiskOption; readonly make: () => DiskContents } => {
    const { machine, file, way } = option;
    if (machine !== undefined && !names.includes(machine)) {
      throw badUsage(`--disk ${machine}=${file}: no machine is called ${machine}; there is ${names.join(', ')}`);
    }
    const isWritten = way === 'write' && changes === 'kept';
    if (isWritten && machine === undefined && names.length > 1) {
      throw badUsage(
        `--disk ${file}: ${names.length} machines cannot write to one disk: name one (${names[0]}=${file}), or add ,readonly or ,snapshot`,
      );
    }
    const disk = openDisk(file, isWritten);
    refuseSharing(file, disk, opened);
    opened.push(disk);
    const isReadOnly = way === 'readonly';
    return { option, make: () => (isWritten || isReadOnly ? disk.contents : new OverlayDisk(disk.contents)) };
  });
  return names.map((name) => {
    const own = disks.filter(({ option }) => option.machine === undefined || option.machine === name);
    if (own.length > MOST_DISKS)
      throw badUsage(`--disk: a machine has at most ${MOST_DISKS}, ${name} has ${own.length}`);
    return own.map(({ make }) => make);
  });
}

interface Opened {
  readonly contents: FileDisk;
  readonly isWritten: boolean;
  /** Which file it is, however it was named. */
  readonly identity: string;
}

/** A file that one disk writes cannot be another disk too. */
function refuseSharing(file: string, disk: Opened, others: readonly Opened[]): void {
  const shared = others.some((other) => other.identity === disk.identity && (other.isWritten || disk.isWritten));
  if (shared)
    throw badUsage(`--disk ${file}: given twice, and written by one of them: make both ,readonly or ,snapshot`);
}

function openDisk(file: string, isWritten: boolean): Opened {
  try {
    const descriptor = openSync(file, isWritten ? 'r+' : 'r');
    const { size, dev, ino } = fstatSync(descriptor);
    const refusal = refusalOf(descriptor);
    if (refusal !== undefined) {
      closeSync(descriptor);
      throw badImage(file, refusal, 'a disk is a file, for example one of `truncate -s 64M disk.img`');
    }
    return { contents: new FileDisk(file, descriptor, size, isWritten), isWritten, identity: `${dev}:${ino}` };
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const hint = error.code === 'ENOENT' ? '`truncate -s 64M FILE` makes an empty disk' : undefined;
    throw badImage(
      file,
      reasonOf(error),
      isWritten && error.code !== 'ENOENT' ? 'add ,readonly to only read it' : hint,
    );
  }
}

function refusalOf(descriptor: number): string | undefined {
  const stat = fstatSync(descriptor);
  if (stat.isDirectory()) return 'is a directory';
  if (!stat.isFile()) return 'is no regular file';
  return stat.size === 0 ? 'is empty' : undefined;
}

/** A file whose end is filled up to a whole sector; it stays open until the process ends. */
class FileDisk implements DiskContents {
  readonly bytes: number;
  readonly isReadOnly: boolean;
  private readonly file: string;
  private readonly descriptor: number;
  /** How long the file is at least, if nobody else shortens it. */
  private fileBytes: number;
  private hasFailed = false;

  constructor(file: string, descriptor: number, size: number, isWritten: boolean) {
    this.file = file;
    this.descriptor = descriptor;
    this.fileBytes = size;
    this.bytes = Math.ceil(size / SECTOR_BYTES) * SECTOR_BYTES;
    this.isReadOnly = !isWritten;
  }

  read(offset: number, bytes: number): Uint8Array | undefined {
    const data = new Uint8Array(bytes);
    const done = this.attempt(() => {
      for (let at = 0; at < bytes; ) {
        const count = readSync(this.descriptor, data, at, bytes - at, offset + at);
        if (count === 0) {
          // What fills the last sector up is no part of the file.
          if (offset + at < this.fileBytes) throw new Shrunk(this.fileBytes, offset + at);
          return;
        }
        at += count;
      }
    });
    return done ? data : undefined;
  }
  write(offset: number, data: Uint8Array): boolean {
    return this.attempt(() => {
      for (let at = 0; at < data.length; ) {
        at += writeSync(this.descriptor, data, at, data.length - at, offset + at);
        this.fileBytes = Math.max(this.fileBytes, offset + at);
      }
    });
  }
  flush(): boolean {
    return this.isReadOnly || this.attempt(() => fdatasyncSync(this.descriptor));
  }

  /** The guest is told that its request failed; the user, the first time, why. */
  private attempt(operation: () => void): boolean {
    try {
      operation();
      return true;
    } catch (error) {
      if (!(error instanceof Shrunk) && !isSystemError(error)) throw error;
      const reason = error instanceof Shrunk ? error.message : reasonOf(error);
      if (!this.hasFailed) process.stderr.write(`trapeze: ${this.file}: ${reason}; the guest sees a failing disk\n`);
      this.hasFailed = true;
      return false;
    }
  }
}

/** Someone else has cut the file off. */
class Shrunk extends Error {
  constructor(bytes: number, end: number) {
    super(`has shrunk from ${bytes} bytes to no more than ${end} while it was in use`);
  }
}
