// Runs GNU's assembler, linker and disassembler on texts and bytes, in a folder of their own that is removed again.
// The linker script lays out as src/asm/link.ts does, so that images can be compared byte by byte.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'riscv64-unknown-elf-';
const MOST_OUTPUT = 2 ** 30;

export interface Text {
  readonly name: string;
  readonly text: string;
}

const script = (base: bigint) => `
ENTRY(_start)
SECTIONS {
  . = 0x${base.toString(16)};
  .text : { *(.text .text.*) }
  etext = .; _etext = .;
  .rodata : { *(.rodata .rodata.* .srodata .srodata.*) }
  .data : { *(.data .data.* .sdata .sdata.*) }
  edata = .; _edata = .;
  .bss : { __bss_start = .; *(.bss .bss.* .sbss .sbss.*) *(COMMON) }
  end = .; _end = .;
}`;

/** What GNU makes of sources: the image's bytes, or what the tools say is wrong. */
export function assembleWithGnu(
  sources: readonly Text[],
  options: {
    readonly arch: string;
    readonly base: bigint;
    readonly includes?: readonly Text[];
    readonly folder?: string;
  },
): { readonly raw: Uint8Array; readonly entry: bigint } | { readonly errors: string } {
  return inFolder((folder) => {
    for (const { name, text } of options.includes ?? []) writeFileSync(join(folder, name), text);
    const objects: string[] = [];
    for (const [index, { text }] of sources.entries()) {
      const object = join(folder, `${index}.o`);
      writeFileSync(join(folder, `${index}.s`), text);
      const flags = [`-march=${options.arch}`, '-mno-relax', '-I', options.folder ?? folder];
      const run = spawnSync(`${PREFIX}as`, [...flags, '-o', object, `${index}.s`], { cwd: folder, encoding: 'utf8' });
      if (run.status !== 0) return { errors: run.stderr };
      objects.push(object);
    }
    writeFileSync(join(folder, 'layout.ld'), script(options.base));
    const linked = join(folder, 'image.elf');
    const flags = ['--no-relax', '--no-warn-rwx-segments', '-T', join(folder, 'layout.ld'), '-o', linked];
    const run = spawnSync(`${PREFIX}ld`, [...flags, ...objects], { cwd: folder, encoding: 'utf8' });
    if (run.status !== 0) return { errors: run.stderr };
    const binary = join(folder, 'image.bin');
    execFileSync(`${PREFIX}objcopy`, ['-O', 'binary', '--gap-fill', '0', linked, binary]);
    const header = execFileSync(`${PREFIX}readelf`, ['-h', linked], { encoding: 'utf8' });
    const entry = BigInt(/Entry point address:\s+(0x[0-9a-f]+)/.exec(header)?.[1] ?? '0');
    return { raw: new Uint8Array(readFileSync(binary)), entry };
  });
}

export interface ShownWord {
  readonly address: bigint;
  readonly word: number;
  readonly text: string;
}

/** What objdump prints for the instructions in these bytes, comments left out. */
export function disassembleWithGnu(bytes: Uint8Array, aliases: boolean, arch: string): ShownWord[] {
  return inFolder((folder) => {
    const words = join(folder, 'words.bin');
    writeFileSync(words, bytes);
    // The words alone would say nothing of the extensions that they are from.
    const object = join(folder, 'words.o');
    execFileSync(`${PREFIX}as`, [`-march=${arch}`, '-o', object, '/dev/null']);
    execFileSync(`${PREFIX}objcopy`, ['--update-section', `.text=${words}`, object]);
    const flags = ['-D', '-z', '-j', '.text', ...(aliases ? [] : ['-M', 'no-aliases'])];
    const output = execFileSync(`${PREFIX}objdump`, [...flags, object], { encoding: 'utf8', maxBuffer: MOST_OUTPUT });
    return output.split('\n').flatMap((line) => {
      const match = /^\s*([0-9a-f]+):\t([0-9a-f]+)\s*\t(.*)$/.exec(line);
      if (match === null) return [];
      const [, address = '', word = '', text = ''] = match;
      const shown = text.replace(/\s+#.*/, '').trim();
      return [{ address: BigInt(`0x${address}`), word: Number.parseInt(word, 16), text: shown }];
    });
  });
}

/** What a tool that reads ELF files says of one, warnings included. */
export function readWithGnu(tool: 'readelf' | 'objdump' | 'nm', flags: readonly string[], elf: Uint8Array) {
  return inFolder((folder) => {
    const file = join(folder, 'image.elf');
    writeFileSync(file, elf);
    const { status, stdout, stderr } = spawnSync(`${PREFIX}${tool}`, [...flags, file], {
      encoding: 'utf8',
      maxBuffer: MOST_OUTPUT,
    });
    return { status, stdout, stderr };
  });
}

function inFolder<T>(body: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'trapeze-binutils-'));
  try {
    return body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
