// What bad input gets: one clear line, or diagnostics, and the right exit code; never a stack trace.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeElf } from '../platform/make-elf.ts';
import { file, scratchFolder, trapeze } from '../support/cli.ts';

const folder = scratchFolder();
mkdirSync(join(folder, 'folder'));
const elf = (name: string, made: Parameters<typeof makeElf>[0]) => file(folder, name, makeElf(made));
const BASE = 0x8000_0000n;
const hello = makeElf();

const IMAGES: readonly (readonly [what: string, image: string, says: RegExp])[] = [
  ['a missing file', join(folder, 'nowhere.elf'), /no such file/],
  ['a directory', join(folder, 'folder'), /is a directory/],
  ['an empty file', file(folder, 'empty.bin', ''), /is empty/],
  ['an ELF of 32 bits', elf('class.elf', { patches: { 4: 1 } }), /not a 64-bit one/],
  ['an ELF of another machine', elf('machine.elf', { patches: { 18: 62, 19: 0 } }), /x86-64/],
  ['a truncated ELF', file(folder, 'truncated.elf', hello.subarray(0, 70)), /truncated/],
  ['an image that does not fit RAM', elf('low.elf', { segments: [{ address: 0x1000n }] }), /does not fit RAM/],
  ['overlapping segments', elf('overlap.elf', { segments: [{ address: BASE + 2n }, { address: BASE }] }), /overlap/],
  [
    'assembly with mistakes',
    file(folder, 'wrong.s', '_start: addi a0, a0, 5000\n bogus a0\n'),
    /wrong\.s:1:\d+: error[\s\S]*wrong\.s:2:\d+: error/,
  ],
];

test.each(IMAGES)('%s is refused with exit code 65', (_, image, says) => {
  for (const command of [['run'], ['run', '--bare'], ['verify']]) {
    const { code, stdout, stderr } = trapeze([...command, image]);
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(/^ +at /m);
    expect([code, stdout]).toEqual([65, '']);
  }
});

test.each([
  ['an unknown option', ['run', '--nonsense', 'hello']],
  ['an option that does not exist yet', ['run', '--network', 'user', 'hello']],
  ['no hart at all', ['run', '--smp', '0', 'hello']],
  ['more harts than a board has', ['run', '--smp', '65', 'hello']],
  ['a number of harts that is none', ['run', '--smp', 'two', 'hello']],
  ['more harts than the machine has room for', ['run', '--smp', '64', '-m', '1M', ...Array(8).fill('hello')]],
  ['an unknown command', ['fly']],
  ['no image', ['run']],
  ['no memory', ['run', '--memory', '0', 'hello']],
  ['memory that is no size', ['run', '-m', 'lots', 'hello']],
  ['more memory than there is', ['run', '-m', '5G', 'hello']],
  ['a limit of nothing', ['run', '--limit', '0', 'hello']],
  ['an unknown engine', ['run', '--engine', 'steam', 'hello']],
  ['an unknown log', ['run', '--log', 'dreams', 'hello']],
  ['two bare machines', ['run', '--bare', 'hello', 'hello']],
  ['input for nobody', ['run', 'hello', '--input', 'nobody=x']],
])('%s is a usage error with exit code 2', (_, args) => {
  const { code, stdout, stderr } = trapeze(args);
  expect(stderr).toMatch(/^(error|trapeze): /m);
  expect([code, stdout]).toEqual([2, '']);
});

test('help and version are no errors', () => {
  for (const args of [
    ['--help'],
    ['run', '--help'],
    ['asm', '--help'],
    ['verify', '--help'],
    ['disasm', '--help'],
    ['guests', '--help'],
  ]) {
    const { code, stdout } = trapeze(args);
    expect(stdout).toMatch(/Usage: trapeze/);
    expect(code).toBe(0);
  }
  expect(trapeze(['--version']).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
