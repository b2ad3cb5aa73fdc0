// `trapeze asm`, `disasm`, `guests` and `verify`: what they write and print.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadImage } from '../../src/platform/image.ts';
import { file, scratchFolder, trapeze } from '../support/cli.ts';

const folder = scratchFolder();
const program = file(folder, 'program.s', '.globl _start\n_start: li a0, 42\n ret\n .data\nnumber: .word 7\n');

describe('asm', () => {
  test('writes an ELF beside the first file, or where -o says', () => {
    expect(trapeze(['asm', program])).toEqual({ code: 0, stdout: '', stderr: '' });
    const loaded = loadImage(new Uint8Array(readFileSync(join(folder, 'program.elf'))));
    expect(loaded).toMatchObject({ ok: true, image: { format: 'elf', entry: 0x8000_0000n, mode: 'm' } });
    const elsewhere = join(folder, 'elsewhere.elf');
    expect(trapeze(['asm', program, '-o', elsewhere, '--base', '0x80200000']).code).toBe(0);
    expect(loadImage(new Uint8Array(readFileSync(elsewhere)))).toMatchObject({
      image: { entry: 0x8020_0000n, mode: 's' },
    });
  });
  test('--raw writes the bytes of memory', () => {
    const output = join(folder, 'program.raw');
    expect(trapeze(['asm', program, '--raw', '-o', output]).code).toBe(0);
    expect([...readFileSync(output).subarray(0, 6)]).toEqual([0x13, 0x05, 0xa0, 0x02, 0x82, 0x80]);
  });
  test('--listing prints address, bytes and source', () => {
    const { code, stdout } = trapeze(['asm', program, '--listing']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/0000000080000000 +1305a002 +_start: li a0, 42/);
  });
  test('-D and -I reach the preprocessor of .S files', () => {
    file(folder, 'value.h', '#define VALUE (BASE + 2)\n');
    const source = file(
      folder,
      'with-macros.S',
      '#include "value.h"\n#ifdef TWICE\n .word VALUE * 2\n#else\n .word VALUE\n#endif\n',
    );
    const output = join(folder, 'macros.bin');
    expect(trapeze(['asm', source, '--raw', '-o', output, '-I', folder, '-D', 'BASE=5', '-D', 'TWICE']).code).toBe(0);
    expect(readFileSync(output).readUInt32LE()).toBe(14);
  });
  test('several files are linked, and mistakes in any of them write nothing', () => {
    const main = file(folder, 'main.s', '.globl _start\n_start: call other\n');
    const other = file(folder, 'other.s', '.globl other\nother: ret\n');
    expect(trapeze(['asm', main, other]).code).toBe(0);
    const { code, stderr } = trapeze(['asm', main, '-o', join(folder, 'never.elf')]);
    expect(code).toBe(65);
    expect(stderr).toMatch(/main\.s:2:\d+: error: .*other/);
    expect(existsSync(join(folder, 'never.elf'))).toBe(false);
  });
});

test('disasm prints symbols, addresses, bytes and instructions, with aliases or without', () => {
  const elf = join(folder, 'disasm.elf');
  trapeze(['asm', program, '-o', elf]);
  const { code, stdout } = trapeze(['disasm', elf]);
  expect(code).toBe(0);
  expect(stdout).toContain('0000000080000000 <_start>:\n80000000:\t02a00513\tli\ta0,42\n80000004:\t8082    \tret\n');
  expect(trapeze(['disasm', elf, '--no-aliases']).stdout).toMatch(/\taddi\ta0,zero,42\n.*\tc\.jr\tra\n/);
});

test('guests lists what is bundled, for people and for programs', () => {
  expect(trapeze(['guests']).stdout).toMatch(
    /^crew +S-mode[\s\S]*^hello +M-mode +\S[\s\S]*^lilliput +M-mode[\s\S]*^ticks +S-mode/m,
  );
  const { guests } = JSON.parse(trapeze(['guests', '--json']).stdout) as { guests: { name: string }[] };
  expect(guests.map(({ name }) => name)).toEqual(['crew', 'hello', 'lilliput', 'ticks']);
});

describe('verify', () => {
  test('says how far bare and virtual agree, with exit code 0, at a limit too', () => {
    expect(trapeze(['verify', 'hello'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^hello: no divergence .* in 982 steps, to the end\n$/),
    });
    expect(trapeze(['verify', 'ticks', '--limit', '5000'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/in 5000 steps, up to the limit/),
    });
  });
  test('--json is a document', () => {
    expect(JSON.parse(trapeze(['verify', 'hello', '--json', '--engine', 'auto']).stdout)).toEqual({
      schema: 'trapeze/verify/1',
      name: 'hello',
      sides: ['reference bare', 'auto bare', 'auto virtual'],
      agrees: true,
      steps: 982,
      ended: true,
    });
  });
});
