// Files that the user names: read whole, with one clear line where that cannot be done.

import { readFileSync, statSync } from 'node:fs';
import { badImage } from './failure.ts';

/** The largest file that is read: more than the whole memory of the machine could not be used. */
const LARGEST_BYTES = 2 ** 32;

/** @param hint what to do where the file cannot be read. */
export function readFile(path: string, hint?: string): Uint8Array {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) throw badImage(path, 'is a directory', 'name a file in it');
    if (stat.size > LARGEST_BYTES) throw badImage(path, 'is larger than the 4 GiB that a machine can hold');
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    throw isSystemError(error) ? badImage(path, reasonOf(error), hint) : error;
  }
}

/** The same for a file that may be missing. */
export function readIfThere(path: string): Uint8Array | undefined {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

export function reasonOf(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOENT':
      return 'no such file';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'ENOSPC':
    case 'EDQUOT':
      return 'no space is left for it';
    case 'EFBIG':
      return 'it may not be written that far';
    default:
      return error.message;
  }
}
