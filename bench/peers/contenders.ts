// Who is compared: the built command line, bare and virtual, QEMU, and whatever else a user names.

import { basename, isAbsolute, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Contender, YARDSTICK } from '../../src/bench/peers.ts';
import { version } from '../../src/cli/version.ts';
import { type Command, printed } from './processes.ts';

const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
export const QEMU = 'qemu-system-riscv64';

export interface NamedContender extends Contender {
  readonly process: Command;
}

/** @param engine of `trapeze run`; its default where not given. @param main the built command line to measure. */
export function trapeze(engine: string | undefined, main = MAIN): NamedContender[] {
  const run = [process.execPath, main, 'run', '{elf}', ...(engine === undefined ? [] : ['--engine', engine])];
  return [
    { name: 'bare', words: [...run, '--bare'] },
    { name: 'virtual', words: run },
  ].map(({ name, words }) => {
    const command: Command = { name, words, typesOnStandardInput: false, inputWords: ['--input', '{input}'] };
    return described(command, `Trapeze ${version()}, Node ${process.version}`);
  });
}

/** QEMU's translator; undefined where it is not installed. */
export function qemu(): NamedContender | undefined {
  const said = printed([QEMU, '--version']);
  if (said === undefined) return undefined;
  const words = [QEMU, '-machine', 'virt', '-bios', 'none', '-nographic', '-kernel', '{elf}'];
  return described({ name: YARDSTICK, words, typesOnStandardInput: true }, said.split('\n')[0] as string);
}

/** `NAME=COMMAND` of --peer; the ELF comes last where the command does not say {elf}. */
export function namedPeer(text: string): NamedContender | undefined {
  const match = /^([A-Za-z0-9_.-]+)=(\S.*)$/.exec(text);
  if (match === null) return undefined;
  const [, name, command] = match as unknown as [string, string, string];
  const given = command.trim().split(/\s+/);
  const words = given.some((word) => word.includes('{elf}')) ? given : [...given, '{elf}'];
  return described({ name, words, typesOnStandardInput: true }, 'as named');
}

/** What is kept of a command says nothing of where on this host things are. */
function described(process: Command, said: string): NamedContender {
  const words = process.words.map((word) => (isAbsolute(word) ? shown(word) : word));
  return { name: process.name, command: words.join(' '), version: said, process };
}
function shown(file: string): string {
  const path = relative('.', file);
  return path.startsWith('..') ? basename(file) : path;
}
