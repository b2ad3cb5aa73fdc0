// Runs the command line as a user does, in a process of its own, from the sources.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const LOADER = import.meta.resolve('tsx');

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What to spawn for a command line. */
export function command(args: readonly string[]): [program: string, args: string[]] {
  return [process.execPath, ['--import', LOADER, MAIN, ...args]];
}

/** @param input what standard input holds. */
export function trapeze(args: readonly string[], input: string | Uint8Array = ''): Finished {
  const { status, stdout, stderr } = spawnSync(...command(args), {
    input,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { code: status, stdout, stderr };
}

/** A new folder for files that a test hands to the command line. */
export function scratchFolder(): string {
  return mkdtempSync(join(tmpdir(), 'trapeze-'));
}

/** Writes a file in a scratch folder. @returns its path. */
export function file(folder: string, name: string, contents: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, contents);
  return path;
}
