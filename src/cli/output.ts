// A file that a run writes besides its console: opened before anything runs, so that a name that cannot be written to
// is told at once and no run is lost to it.

import { closeSync, openSync, writeSync } from 'node:fs';
import { ExitCode, Failure } from './failure.ts';
import { reasonOf } from './files.ts';

export interface OutputFile {
  write(text: string): void;
  close(): void;
}

/** @param option the option that names the file. */
export function openOutput(option: string, file: string): OutputFile {
  try {
    const descriptor = openSync(file, 'w');
    return { write: (text) => writeAll(descriptor, text), close: () => closeSync(descriptor) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'no such folder' : reasonOf(error as NodeJS.ErrnoException);
    throw new Failure(ExitCode.Usage, `trapeze: ${option} ${file}: ${reason}`);
  }
}

/** A write may take less than it was given. */
function writeAll(descriptor: number, text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
}
