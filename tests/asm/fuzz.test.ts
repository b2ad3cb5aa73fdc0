// Any text comes to an end without an exception: diagnostics or an image, and in bounded time, whatever it repeats,
// includes or expands. Set TRAPEZE_RUNS to multiply the sizes; fast-check prints seed and path of a failure.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assemble } from '../../src/asm/assemble.ts';
import { renderDiagnostics } from '../../src/asm/diagnostic.ts';
import { disassemble } from '../../src/asm/disassemble.ts';
import { MNEMONICS } from '../../src/asm/instruction.ts';
import { readerOf } from './support.ts';

const RUNS = Number(process.env['TRAPEZE_RUNS'] ?? 1);

const WORDS =
  'a0 sp zero x31 label 1f 1b 1 0 -1 0x7fffffff 99999999999 2048 . .+4 label-. %hi(label) %lo(label) %pcrel_lo(1b) 8(sp) (a0) mstatus rw iorw "text" "open \'x \\a \\@ \\() , , , : ; = == + - * / % << >> ( ) [ ] { } @ # // /* */ \\ ! ~ $ \u00e9 \ud83d\ude00'.split(
    ' ',
  );
const DIRECTIVES =
  'text data bss section globl local weak set equ equiv byte half word dword ascii asciz string zero skip space fill org align balign p2align macro endm rept irp irpc endr if ifdef ifndef elseif else endif include incbin option type size comm lcomm pushsection popsection previous exitm purgem error end file unknown'
    .split(' ')
    .map((name) => `.${name}`);
const PREPROCESSOR =
  '#define #undef #include #if #ifdef #ifndef #elif #else #endif #error F(a,b) F(F(1,2),F(3)) defined(F) a##b #a'.split(
    ' ',
  );

const word = fc.oneof(
  fc.constantFrom(...WORDS),
  fc.integer({ min: -5, max: 5000 }).map(String),
  fc.string({ maxLength: 6 }),
);
const line = fc
  .tuple(
    fc.constantFrom('', '', 'label:', '1:', 'a = '),
    fc.oneof(fc.constantFrom(...MNEMONICS), fc.constantFrom(...DIRECTIVES), fc.constantFrom(...PREPROCESSOR), word),
    fc.array(word, { maxLength: 5 }),
    fc.constantFrom(' ', ', '),
  )
  .map(([label, head, words, separator]) => `${label} ${head} ${words.join(separator)}`);
const text = fc.array(line, { maxLength: 40 }).map((lines) => lines.join('\n'));

function ends(source: string, name: string): void {
  const files = { x: source, 'self.inc': '.include "self.inc"\n.include "self.inc"\n' };
  const { image, diagnostics } = assemble([{ name, text: source }], { readFile: readerOf(files) });
  renderDiagnostics(diagnostics);
  if (image === undefined) expect(diagnostics.some(({ severity }) => severity === 'error')).toBe(true);
  else image.listing();
}

test('random lines never throw', () => {
  fc.assert(
    fc.property(text, fc.constantFrom('text.s', 'text.S'), (source, name) => ends(source, name)),
    { numRuns: 600 * RUNS },
  );
});

test('random characters never throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.constantFrom('text.s', 'text.S'), (source, name) =>
      ends(source, name),
    ),
    { numRuns: 600 * RUNS },
  );
});

test('random words never throw in the disassembler', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffffff }), fc.boolean(), (bits, aliases) => {
      const { text: shown, bytes } = disassemble(bits, 0x80000000n, { aliases });
      expect(shown).not.toBe('');
      expect([2, 4]).toContain(bytes);
    }),
    { numRuns: 5000 * RUNS },
  );
});

describe('what would never end is ended', () => {
  const deep = (open: string, close: string, count: number) => `${open.repeat(count)}1${close.repeat(count)}`;
  const ENDLESS: readonly (readonly [name: string, text: string])[] = [
    ['a macro that calls itself', '.macro m\nm\n.endm\nm\n'],
    ['a macro that calls itself twice', '.macro m\nm\nm\n.endm\nm\n'],
    ['a macro whose argument doubles', '.macro m x\nm \\x\\x\n.endm\nm a\n'],
    ['a file that includes itself', '.include "x"\n'],
    ['a file that includes itself twice', '.include "self.inc"\n'],
    ['repetitions inside each other', '.rept 9999999\n.rept 9999999\nnop\n.endr\n.endr\n'],
    ['more repetitions than time', '.rept 0x7fffffffffffffff\n.endr\n'],
    ['more bytes than memory', '.fill 0x7fffffff, 8, 1\n.fill 0x7fffffff, 8, 1\n'],
    ['room that is larger than memory', '.bss\n.zero 0x7fffffff\n.zero 0x7fffffff\n.zero 0x7fffffffffffffff\n'],
    ['an alignment of gigabytes', '.byte 1\n.align 31\n.byte 1\n.align 31\n.byte 1\n'],
    ['an origin beyond the world', '.org 0x7fffffffffffffff\n.org 0x70000000\n'],
    ['space whose size is unknown', '.space later - .\n.data\nlater:\n'],
    ['parentheses inside each other', `.word ${deep('(', ')', 100_000)}\n`],
    ['minus signs without end', `.word ${deep('-', '', 100_000)}\n`],
    ['a sum of very many terms', `.word ${'x+'.repeat(30_000)}1\n`],
    [
      'symbols that double',
      `${Array.from({ length: 300 }, (_, i) => `.set s${i}, s${i + 1} + s${i + 1}`).join('\n')}\n.word s0\n`,
    ],
    ['symbols that mean each other', '.set a, b + 1\n.set b, a + 1\n.word a\nj b\n'],
    ['conditions inside each other', '.if 1\n'.repeat(5000)],
    ['pushed options and sections', '.option push\n.pushsection .data\n'.repeat(5000)],
    ['a very long line', `.byte ${'1,'.repeat(100_000)}1\n`],
    ['a number of very many digits', `.word ${'9'.repeat(60_000)}\n`],
    ['space that depends on itself', 'a: .space b - a\nb: .space a - b + 4\n'],
    ['branches that depend on each other', 'a: beq a0, a1, b\n.space b - a\nb: beq a0, a1, a\n'],
  ];
  test.each(ENDLESS)('%s', (_, source) => ends(source, 'text.s'), 20_000);

  const DOUBLING: readonly (readonly [name: string, text: string])[] = [
    [
      'a definition that doubles',
      `${Array.from({ length: 60 }, (_, i) => `#define m${i} m${i + 1} m${i + 1}`).join('\n')}\nm0\n`,
    ],
    ['a definition of itself', '#define f(x) f(f(x)) f(x)\nf(f(f(f(1))))\n'],
    ['a header that includes itself', '#include "x"\n#include "x"\n'],
    ['conditions of the preprocessor', `#if ${deep('(', ')', 10_000)}\n#endif\n`],
    ['a call without an end', '#define f(x) x\nf(((((\n'],
  ];
  test.each(DOUBLING)('%s', (_, source) => ends(source, 'text.S'), 20_000);
});
