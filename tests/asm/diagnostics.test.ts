// What bad source gets: every mistake at once, each at its place, in words that say what would be right.

import { describe, expect, test } from 'vitest';
import { assemble } from '../../src/asm/assemble.ts';
import { renderDiagnostic } from '../../src/asm/diagnostic.ts';
import { mistakesIn, readerOf } from './support.ts';

/** A line, the column of the mistake from 1, what is said, and what is advised. */
const MISTAKES: readonly (readonly [line: string, column: number, message: RegExp, hint?: RegExp])[] = [
  ['adi a0, a0, 1', 1, /no instruction 'adi'/, /'addi'/],
  ['addi a0, a0, 5000', 14, /5000 is out of range: addi takes -2048 to 2047/, /li/],
  ['addi a0, a0', 1, /'addi' takes 3 operands, not 2/, /'addi rd, rs1, imm'/],
  ['addi a0, 5, a1', 10, /takes an integer register here/, /addi rd, rs1, imm/],
  ['addi t7, a0, 1', 6, /takes an integer register here/],
  ['ld a0, 4(b1)', 10, /'b1' is no register/],
  ['ld a0, 4[a1]', 9, /parentheses/, /8\(sp\)/],
  ['add a0, a1, aa2', 13, /'aa2' is not defined/, /'a2'/],
  ['csrr a0, mstatsu', 10, /no CSR 'mstatsu'/, /'mstatus'/],
  ['csrw 5000, a0', 6, /CSR number 5000 is out of range: 0 to 4095/],
  ['j nowhere', 3, /'nowhere' is not defined/],
  ['beq a0, a1, _strat', 13, /'_strat' is not defined/, /'_start'/],
  ['.wrod 5', 1, /no directive '.wrod'/, /'.word'/],
  ['.byte 1, 2,, 3', 12, /expected a number/],
  ['.asciz "abc', 8, /never closed/],
  ['li a0, unknown', 8, /known here/, /'unknown' is not defined above/],
  ['li a0, _start', 8, /known here/, /la/],
  ['li a0, (3 + 4', 14, /expected '\)', found the end of the line/],
  ['li a0, 3 + * 4', 12, /found '\*'/],
  ['.align 50', 1, /50 is no alignment/],
  ['.balign 3', 1, /power of two/],
  ['.section .text, ax', 17, /double quotes/],
  ['_start: nop', 1, /'_start' is already defined/, /text.s:2/],
  ['slli a0, a0, 64', 14, /slli takes 0 to 63/],
  ['slliw a0, a0, 32', 15, /slliw takes 0 to 31/],
  ['lui a0, 0x100000', 9, /lui takes 0 to 0xfffff/],
  ['lui a0, _start', 9, /lui needs a number/, /%hi/],
  ['lui a0, %hi(_start)', 9, /0x80000000 is out of reach/, /la reaches/],
  ['addi a0, a0, %hi(_start)', 14, /%hi is for lui/, /%lo/],
  ['addi a0, a0, %low(_start)', 15, /no function '%low'/, /'lo'/],
  ['lw a0, %pcrel_lo(_start)(a0)', 8, /matching %pcrel_hi/, /label of the auipc/],
  ['lw a0, 4', 8, /label or an offset with a register/, /8\(sp\)/],
  ['j %lo(_start)', 3, /whole address/],
  ['call %lo(_start)', 6, /whole address/],
  ['slli a0, a0, %lo(_start)', 14, /no room for %lo/],
  ['csrwi mstatus, 32', 16, /csrrwi takes 0 to 31/],
  ['lr.w a0, 4(a1)', 10, /no offset/],
  ['fence rw, wr', 11, /i, o, r, w/],
  ['amoadd.w.aqr a0, a1, (a2)', 1, /no instruction/],
  ['c.addi4spn a0, sp, 3', 20, /multiple of 4/],
  ['c.lw a6, 0(a0)', 6, /x8 to x15/],
  ['c.lui sp, 3', 7, /any register but x2/],
  ['c.lwsp a0, 0(a1)', 12, /memory operand/],
  ['j 1b', 3, /no label '1:' before/, /1f/],
  ['j 1f', 3, /no label '1:' after/],
  ['.word 1 / 0', 9, /division by zero/],
  ['.word 0x1ffffffffffffffff', 7, /64 bits/],
  ['.byte _start', 7, /does not fit in 1 byte/],
  ['j _start + 1', 3, /even addresses/],
  ['jal _start + 0x200000', 5, /reaches -1048576 to 1048574/, /call/],
  ['.org -1', 1, /cannot go back/],
  ['.fill -1', 1, /negative/],
  ['.zero 99999999999', 1, /grows beyond/],
  ['.include "none.inc"', 10, /no file 'none.inc'/, /-I/],
  ['.incbin "none.bin"', 9, /no file 'none.bin'/],
  ['.if 1', 1, /never closed/, /.endif/],
  ['.else', 1, /without an .if/],
  ['.rept 3', 1, /never ends/, /.endr/],
  ['.macro m', 1, /never ends/, /.endm/],
  ['.endm', 1, /without .macro/],
  ['.option rcv', 1, /no option/, /rvc/],
  ['.option pop', 1, /push/],
  ['.popsection', 1, /pushsection/],
  ['.error "not here"', 1, /not here/],
  ['/* open', 1, /never ends/],
  ['1b', 1, /expected a label/],
  ['nop nop', 1, /takes no operands/],
  ['.bss ; .word 1', 14, /no contents/, /.zero/],
];

test.each(MISTAKES.map(([line, ...rest]) => ({ line, rest })))('$line', ({ line, rest: [column, message, hint] }) => {
  const [mistake, ...others] = mistakesIn(`.globl _start\n_start: nop\n${line}\n`);
  expect(others).toEqual([]);
  expect(mistake).toMatchObject({ severity: 'error', file: 'text.s', line: 3, column });
  expect(mistake?.message).toMatch(message);
  if (hint !== undefined) expect(mistake?.hint).toMatch(hint);
});

test('all mistakes are found at once, in the order of the lines', () => {
  const lines = ['_start: adi a0, a0, 1', 'j nowhere', 'addi a0, a0, 4096', 'nop', '.wrod 1', 'j nowhere'];
  const mistakes = mistakesIn(lines.join('\n'));
  expect(mistakes.map(({ line }) => line)).toEqual([1, 2, 3, 5]);
});

test('a message shows the line, a caret under the mistake, and the hint', () => {
  const [mistake] = mistakesIn('_start:\n\taddi\ta0, a0, 5000 # too far\n');
  expect(mistake && renderDiagnostic(mistake)).toBe(
    [
      'text.s:2:15: error: 5000 is out of range: addi takes -2048 to 2047',
      '  \taddi\ta0, a0, 5000 # too far',
      '  \t    \t        ^^^^',
      '  hint: put it in a register with li, or split an address with %hi and %lo',
    ].join('\n'),
  );
});

test('a mistake in a macro shows the expanded line, and where the macro was used', () => {
  const text =
    '.macro add_to register, what\n  addi \\register, \\register, \\what\n.endm\n_start:\n  add_to a0, 9999\n';
  const [mistake] = mistakesIn(text);
  expect(mistake).toMatchObject({ line: 2, text: 'addi a0, a0, 9999', column: 14 });
  expect(mistake?.notes).toEqual(["in macro 'add_to', used at text.s:5"]);
});

test('a mistake in an included file is in that file', () => {
  const [mistake] = mistakesIn('_start:\n.include "more.inc"\n', { files: { 'more.inc': 'nop\n bogus\n' } });
  expect(mistake).toMatchObject({ file: 'more.inc', line: 2, column: 2 });
  expect(mistake?.notes).toEqual(['in a file, used at text.s:2']);
});

describe('between files', () => {
  const two = (first: string, second: string) =>
    assemble(
      [
        { name: 'one.s', text: first },
        { name: 'two.s', text: second },
      ],
      { readFile: readerOf({}) },
    ).diagnostics;

  test('a symbol that another file keeps to itself is said to need .globl', () => {
    const [mistake] = two('_start: call print\n', 'print: ret\n');
    expect(mistake).toMatchObject({ file: 'one.s', line: 1, message: "'print' is not defined" });
    expect(mistake?.hint).toMatch(/two\.s defines it.*\.globl print/);
  });

  test('a symbol that two files define is told at the second, with the place of the first', () => {
    const [mistake] = two('.globl _start, x\n_start: nop\nx: nop\n', '.globl x\nx: ret\n');
    expect(mistake).toMatchObject({ file: 'two.s', line: 2, message: "'x' is defined in two files" });
    expect(mistake?.hint).toMatch(/one\.s:3/);
  });
});

test('an image without an entry is made, with a warning', () => {
  const { image, diagnostics } = assemble([{ name: 'text.s', text: 'nop\n' }], {});
  expect(image?.entry).toBe(0x80000000n);
  expect(diagnostics).toMatchObject([{ severity: 'warning', message: expect.stringContaining('_start') }]);
});
