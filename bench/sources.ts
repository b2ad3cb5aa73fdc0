// The files of bench/workloads, for whoever assembles them.

import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('workloads', import.meta.url));

/** @param path as written in a catalogue or in an `.include`; all files are in one folder. */
export function readWorkload(path: string): Uint8Array | undefined {
  try {
    return new Uint8Array(readFileSync(join(FOLDER, basename(path))));
  } catch {
    return undefined;
  }
}
