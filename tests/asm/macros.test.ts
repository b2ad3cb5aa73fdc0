// Macros and repetitions, on texts whose bytes are known.

import { expect, test } from 'vitest';
import { bytesOf, mistakesIn } from './support.ts';

const KNOWN: readonly (readonly [name: string, text: string, bytes: string])[] = [
  [
    'arguments by place and by name, and defaults',
    '.macro m a, b=7\n.byte \\a, \\b\n.endm\nm 1\nm 1, 2\nm b=4, a=3',
    '010701020304',
  ],
  ['arguments between spaces', '.macro m a b\n.byte \\a, \\b\n.endm\nm 1 2', '0102'],
  ['arguments with operators between spaces stay one', '.macro m a\n.byte \\a\n.endm\nm 1 + 2', '03'],
  ['all that is left', '.macro m a, rest:vararg\n.byte \\a\n.byte \\rest\n.endm\nm 1, 2, 3', '010203'],
  ['a counter', '.macro m\n.byte \\@\n.endm\nm\nm', '0001'],
  ['a separator', '.macro m a\nl\\a\\()x: .byte \\a\n.endm\nm 5\n.byte l5x - _start', '0500'],
  ['recursion', '.macro m n\n.byte \\n\n.if \\n\nm "(\\n - 1)"\n.endif\n.endm\nm 2', '020100'],
  ['leaving early', '.macro m n\n.byte 1\n.if \\n\n.exitm\n.endif\n.byte 2\n.endm\nm 0\nm 1', '010201'],
  ['macros in macros', '.macro m n\n.macro m\\n x\n.byte \\x + \\n\n.endm\n.endm\nm 3\nm3 4', '07'],
  ['strings, but not character constants', '.macro m c\n.ascii "\\c"\n.endm\nm x', '78'],
  ['repetition', '.rept 2\n.byte 1\n.rept 2\n.byte 2\n.endr\n.endr', '010202010202'],
  ['each of a list', '.irp x, 1, 2\n.irp y, 3, 4\n.byte \\x * \\y\n.endr\n.endr', '03040608'],
  ['each letter', '.irpc c, 123\n.byte 0x\\c\n.endr', '010203'],
  ['nothing of a list', '.irp x\n.byte 5\\x\n.endr', '05'],
];

test.each(KNOWN)('%s', (_, text, bytes) => {
  expect(bytesOf(text)).toBe(bytes);
});

test.each([
  ['.macro m a:req\n.endm\nm', /needs its argument 'a'/],
  ['.macro m a\n.endm\nm 1, 2', /takes 1 argument, not 2/],
  ['.macro m\n.endm\n.macro m\n.endm', /already/],
  ['.macro m a, a\n.endm', /two parameters 'a'/],
  ['.purgem m', /no macro 'm'/],
  ['.exitm', /outside of a macro/],
])('%s is a mistake', (text, message) => {
  expect(mistakesIn(`_start: nop\n${text}\n`)[0]?.message).toMatch(message);
});
