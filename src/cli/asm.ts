// `trapeze asm`: assembly to an ELF, or to the bytes of memory, and a listing of addresses, bytes and source.

import { writeFileSync } from 'node:fs';
import { extname } from 'node:path';
import { ExitCode, Failure } from './failure.ts';
import { reasonOf } from './files.ts';
import { assembleFiles } from './images.ts';

interface AsmOptions {
  readonly output?: string;
  readonly I?: readonly string[];
  readonly D?: readonly string[];
  readonly base: bigint;
  readonly listing?: boolean;
  readonly raw?: boolean;
}

export function asmCommand(files: readonly string[], options: AsmOptions): void {
  const { I: includePaths = [], D: definitions = [], base, listing = false, raw = false } = options;
  const image = assembleFiles(files, { base, includePaths, defines: Object.fromEntries(definitions.map(definition)) });
  const first = files[0] as string;
  const output = options.output ?? first.slice(0, first.length - extname(first).length) + (raw ? '.bin' : '.elf');
  if (listing) process.stdout.write(image.listing());
  try {
    writeFileSync(output, raw ? image.raw : image.elf);
  } catch (error) {
    throw new Failure(ExitCode.Usage, `trapeze: ${output}: ${reasonOf(error as NodeJS.ErrnoException)}`);
  }
}

/** `NAME` or `NAME=VALUE`; without a value it is 1, as with cpp. */
function definition(text: string): [name: string, value: string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, '1'] : [text.slice(0, at), text.slice(at + 1)];
}
