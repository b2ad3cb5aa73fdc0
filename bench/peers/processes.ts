// Starts a contender's process on an ELF and times it, from before it is started until it has ended. A run counts only
// where the guest says that its result is right, which is an exit code of 0.

import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

export interface Command {
  readonly name: string;
  /** Words of the command line; {elf} and {input} stand for files. */
  readonly words: readonly string[];
  /** Whether the guest's console input comes on standard input; otherwise {input} has it. */
  readonly typesOnStandardInput: boolean;
  /** More words where there is console input. */
  readonly inputWords?: readonly string[];
}

export interface Job {
  readonly elf: string;
  /** A file with what is typed on the console. */
  readonly input?: string;
}

export type Timed = { readonly nanoseconds: number; readonly console: string } | { readonly failure: string };

const SECOND = 1000;
const NANOSECONDS = 1e6;
const LAST_LINES = 3;
const MOST_CONSOLE_BYTES = 2 ** 26;

export function timeProcess(command: Command, { elf, input }: Job, prefix: readonly string[], timeout: number): Timed {
  const words = [...prefix, ...command.words, ...((input !== undefined && command.inputWords) || [])].map((word) =>
    word.replace('{elf}', elf).replace('{input}', input ?? ''),
  );
  const typed = input !== undefined && command.typesOnStandardInput ? openSync(input, 'r') : undefined;
  const start = performance.now();
  const { status, signal, stdout, stderr, error } = spawnSync(words[0] as string, words.slice(1), {
    stdio: [typed ?? 'ignore', 'pipe', 'pipe'],
    encoding: 'latin1',
    maxBuffer: MOST_CONSOLE_BYTES,
    timeout: timeout * SECOND,
    killSignal: 'SIGKILL',
  });
  const nanoseconds = (performance.now() - start) * NANOSECONDS;
  if (typed !== undefined) closeSync(typed);
  if (status === 0) return { nanoseconds, console: stdout };
  if (error && 'code' in error && error.code === 'ETIMEDOUT') return { failure: `no end after ${timeout} s` };
  if (error) return { failure: error.message };
  const said = stderr.trim().split('\n').slice(-LAST_LINES).join('; ');
  return { failure: `${signal === null ? `exit code ${status}` : signal}${said === '' ? '' : `: ${said}`}` };
}

/** What a process prints, or nothing where it cannot run. */
export function printed(words: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(words[0] as string, words.slice(1), { encoding: 'utf8' });
  return status === 0 ? stdout : undefined;
}
