// Ours against GNU objdump, word by word, for every 16-bit word and for random ones: without aliases the same text,
// with aliases the same but for what binutils 2.40 shows otherwise than the manual; and what one decodes, so does the
// other. Set TRAPEZE_RUNS to multiply the sizes.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csrName } from '../../isa/csr-names.ts';
import { decode } from '../../isa/decode.ts';
import { INSTRUCTIONS } from '../../isa/instructions.ts';
import { assemble } from '../../src/asm/assemble.ts';
import { disassemble } from '../../src/asm/disassemble.ts';
import { usualRounding } from '../../src/asm/slot.ts';
import { ARCHITECTURES, UNKNOWN_TO_BINUTILS } from './binutils/compare.ts';
import { disassembleWithGnu, readWithGnu, type ShownWord } from './binutils/run.ts';

const RUNS = Number(process.env['TRAPEZE_RUNS'] ?? 1);
const RANDOM_WORDS = 150_000 * RUNS;
const WORDS_PER_DEFINITION = 1000 * RUNS;
const CSR_SHIFT = 20;
const SEED = Number(process.env['TRAPEZE_SEED'] ?? Date.now() % 2 ** 31);
console.log(`disassembler corpus: seed ${SEED}`);

/** The one with C. */
const ARCH = ARCHITECTURES.at(-1) as string;
const bytesOf = (words: readonly number[]) => new Uint8Array(Uint32Array.from(words).buffer);
const random = fc.sample(fc.integer({ min: 0, max: 0xffffffff }), { numRuns: RANDOM_WORDS, seed: SEED });
/** Words of each definition: the bits that its pattern leaves open are random. */
const directed = INSTRUCTIONS.flatMap(({ pattern }) =>
  random.slice(0, WORDS_PER_DEFINITION).map((bits) => ((bits & ~pattern.mask) | pattern.match) >>> 0),
);
/** Every 16-bit word that is no beginning of a longer one, each in a word of its own with c.nop behind. */
const NOP = 0x0001_0000;
const short = Array.from({ length: 2 ** 16 }, (_, word) => word)
  .filter((word) => (word & 3) !== 3)
  .map((word) => NOP + word);

const CORPUS = [...short, ...directed, ...random];

/** Reserved fields are to be ignored, says the manual of fence and fence.i; binutils does not. */
const ignoresFields = (word: number) => {
  const name = decode(word)?.instruction.name;
  return name === 'fence' || name === 'fence.i';
};
/** What came after binutils 2.40: extensions, and rounding modes of conversions that never round. */
const isUnknown = (word: number) => {
  const { instruction, fields } = decode(word) ?? {};
  if (instruction === undefined) return false;
  const rounds = fields?.['rm'] !== undefined && usualRounding(instruction.name) === 0;
  return UNKNOWN_TO_BINUTILS.has(instruction.extension) || rounds;
};
/** Encodings that a definition takes and raises an illegal instruction for: no assembler writes them. */
const isReserved = (word: number) => [5, 6].includes(decode(word)?.fields['rm'] ?? 0);
/** Registers that only one of the two has a name for: RV32's halves, and what came after binutils 2.40. */
const csrOf = (word: number) => (decode(word)?.instruction.extension === 'Zicsr' ? word >>> CSR_SHIFT : undefined);
const namesDiffer = (word: number, theirs: string) => {
  const csr = csrOf(word);
  if (csr === undefined) return false;
  const own = csrName(csr);
  return own === undefined ? !theirs.includes(`0x${csr.toString(16)}`) : theirs.includes(`0x${csr.toString(16)}`);
};

const show = ({ word, address, text }: ShownWord, ours: string) =>
  `${word.toString(16)} at ${address}: ${ours} | ${text}`;

/** @param plain makes binutils' text ours where they differ for a reason. */
function compare(words: readonly number[], aliases: boolean, plain: (text: string) => string): number {
  const differences: string[] = [];
  let compared = 0;
  for (const shown of disassembleWithGnu(bytesOf(words), aliases, ARCH)) {
    const { word, address, text } = shown;
    if (decode(word) === undefined || namesDiffer(word, text)) continue;
    if (text.startsWith('.') && (ignoresFields(word) || isUnknown(word))) continue;
    compared += 1;
    const ours = disassemble(word, address, { aliases }).text;
    if (ours !== plain(text)) differences.push(show(shown, ours));
  }
  expect(differences).toEqual([]);
  return compared;
}

/** Binutils 2.40 shows immediate forms by the name of the register form. */
const TWIN =
  /^(add|addw|and|or|xor|slt|sltu|sll|srl|sra|sllw|srlw|sraw|csrrw|csrrs|csrrc|csrw|csrs|csrc)\t(.*,(?:-?[0-9]+|0x[0-9a-f]+))$/;
function inManualNames(text: string): string {
  const [, name, operands] = TWIN.exec(text) ?? [];
  if (name === undefined) return text;
  return `${name === 'sltu' ? 'sltiu' : name.endsWith('w') && !name.startsWith('csr') ? name.replace(/w$/, 'iw') : `${name}i`}\t${operands}`;
}

describe('the same text as objdump', () => {
  test('without aliases', () => {
    const compared = compare(CORPUS, false, (text) => text);
    expect(compared).toBeGreaterThan(100_000);
    console.log(`disassembler without aliases: ${compared} words compared`);
  });

  test('with aliases, in the names of the manual', () => {
    const compared = compare(CORPUS, true, inManualNames);
    expect(compared).toBeGreaterThan(100_000);
    console.log(`disassembler with aliases: ${compared} words compared`);
  });
});

test('what ours does not decode is no instruction of rv64gc to binutils either', () => {
  // Other extensions' names, as binutils 2.40 has them for words that are none of ours.
  const ours = new Set(INSTRUCTIONS.map(({ name }) => name));
  const wrong: string[] = [];
  let refused = 0;
  for (const shown of disassembleWithGnu(bytesOf(CORPUS), false, ARCH)) {
    if (decode(shown.word) !== undefined) continue;
    refused += 1;
    const [name = ''] = shown.text.split(/[\t.]/);
    const plain = shown.text.split('\t')[0]?.replace(/\.(aq|rl|aqrl)$/, '') ?? '';
    // c.addi16sp of nothing is reserved; binutils shows it all the same.
    if (shown.word === 0x6101) continue;
    if (ours.has(plain) || (name === 'c' && !/^c\.unimp/.test(shown.text))) wrong.push(show(shown, 'undecoded'));
  }
  expect(wrong).toEqual([]);
  console.log(`disassembler: ${refused} words refused`);
});

test('GNU tools read our ELF files without a word of warning', () => {
  const text = `
    .globl _start, main
    .type main, @function
    _start: call main
    main: la a0, message ; ret
    .size main, . - main
    .section .rodata ; message: .asciz "hello" ; .data ; .dword main ; .bss ; room: .zero 64 ; .equ CONSTANT, 5
    .section .text.far, "ax" ; far: ret ; .section .note.own ; .word 1`;
  const { image } = assemble([{ name: 'image.s', text }], {});
  expect(image).toBeDefined();
  const elf = image?.elf ?? new Uint8Array();
  for (const [tool, flags] of [
    ['readelf', ['-aW']],
    ['objdump', ['-dxs']],
    ['nm', []],
  ] as const) {
    const { status, stdout, stderr } = readWithGnu(tool, flags, elf);
    expect({ tool, status, stderr }).toEqual({ tool, status: 0, stderr: '' });
    expect(stdout).toContain('main');
    expect(stdout.toLowerCase()).not.toContain('warning');
  }
});

test('what ours disassembles, ours assembles to the same word', () => {
  const texts: string[] = [];
  const words: number[] = [];
  for (const word of directed) {
    const { text } = disassemble(word, 0n, { aliases: false });
    const decoded = decode(word);
    if (decoded === undefined || ignoresFields(word) || isReserved(word) || decoded.instruction.pcRelative) continue;
    texts.push(text);
    words.push(word);
  }
  const source = { name: 'again.s', text: `_start:\n${texts.join('\n')}` };
  const { image, diagnostics } = assemble([source], { arch: ARCH.replace('c_', '_') });
  expect(diagnostics).toEqual([]);
  expect(Buffer.from(image?.raw ?? []).equals(Buffer.from(bytesOf(words)))).toBe(true);
});
