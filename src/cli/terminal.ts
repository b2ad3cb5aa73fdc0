// The terminal, or what stands for it: keys typed go to a console, Ctrl-A first makes a command of the next key, as in
// QEMU. A pipe that has ended by the time the machine starts is a script, typed the same way in every run; one that
// stays open is typed as it comes.

import { setTimeout as delay } from 'node:timers/promises';
import { ConsoleInput } from '../devices/console-input.ts';

const ESCAPE = 1; // Ctrl-A
const HELP = `
Ctrl-A x   quit
Ctrl-A c   type on the next console
Ctrl-A h   this help
Ctrl-A Ctrl-A   send Ctrl-A
`;
/** How long an open pipe is waited for, in milliseconds. */
const GRACE = 100;

export interface TerminalActions {
  /** Types a byte on console `index`. */
  type(index: number, byte: number): void;
  /** No more will be typed. */
  end(): void;
  quit(): void;
  show(text: string): void;
  readonly consoles: number;
}

/** Reads standard input, if it is a pipe that ends soon or a file: the whole of it, else undefined. */
export async function readWholeInput(): Promise<{ whole: Uint8Array } | { chunks: Uint8Array[] }> {
  const chunks: Uint8Array[] = [];
  const { stdin } = process;
  let ended = false;
  const keep = (chunk: Buffer) => chunks.push(chunk);
  stdin.on('data', keep);
  const end = new Promise<void>((resolve) => {
    stdin.once('end', () => {
      ended = true;
      resolve();
    });
    stdin.once('error', () => {
      ended = true;
      resolve();
    });
  });
  const over = new AbortController();
  // A timer that goes on would keep the process from ending.
  await Promise.race([end, delay(GRACE, undefined, { signal: over.signal }).catch(() => {})]);
  over.abort();
  stdin.off('data', keep);
  stdin.pause();
  return ended ? { whole: Buffer.concat(chunks) } : { chunks };
}

/** Passes on what is typed from now on. @returns what undoes it. */
export function listen(actions: TerminalActions, first: readonly Uint8Array[] = []): () => void {
  const { stdin } = process;
  let current = 0;
  let escaped = false;
  const key = (byte: number) => {
    if (!stdin.isTTY) return actions.type(0, byte);
    if (!escaped) {
      escaped = byte === ESCAPE;
      return escaped ? undefined : actions.type(current, byte);
    }
    escaped = false;
    const command = String.fromCharCode(byte).toLowerCase();
    if (command === 'x') actions.quit();
    else if (command === 'c') current = (current + 1) % actions.consoles;
    else if (command === 'h') actions.show(HELP);
    else if (byte === ESCAPE) actions.type(current, byte);
    return undefined;
  };
  const take = (chunk: Uint8Array) => {
    for (const byte of chunk) key(byte);
  };
  for (const chunk of first) take(chunk);
  if (stdin.isTTY) stdin.setRawMode(true);
  stdin.on('data', take);
  stdin.on('end', actions.end);
  stdin.resume();
  return () => {
    stdin.off('data', take);
    stdin.off('end', actions.end);
    if (stdin.isTTY) stdin.setRawMode(false);
    stdin.pause();
    stdin.unref?.();
  };
}

/** A console on which nothing is typed but the Ctrl-D at the end. */
export const noInput = (): ConsoleInput => ConsoleInput.script([]);
