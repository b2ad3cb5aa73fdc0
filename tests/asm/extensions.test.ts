// What the assembler makes of mnemonics that extensions gave a second meaning, and of those that they added.

import { expect, test } from 'vitest';
import { bytesOf } from './support.ts';

const little = (word: number) => Buffer.from(Uint32Array.of(word).buffer).toString('hex');

test('pause is a fence of nothing after it', () => {
  expect(bytesOf('pause')).toBe(little(0x0100000f));
});

test.each([
  ['sext.b a0, a1', 'zbb', 0x60459513],
  ['sext.h a0, a1', 'zbb', 0x60559513],
  ['zext.h a0, a1', 'zbb', 0x0805c53b],
  ['zext.w a0, a1', 'zba', 0x0805853b],
])('%s is one instruction with %s, and two shifts without', (text, extension, word) => {
  const shifts = bytesOf(text);
  expect(shifts).not.toBe(little(word));
  expect(bytesOf(`.option push; .option arch, +${extension}; ${text}; .option pop; ${text}`)).toBe(
    `${little(word)}${shifts}`,
  );
  expect(bytesOf(text, { arch: `rv64imac_${extension}` })).toBe(little(word));
  expect(bytesOf(text, { arch: 'rv64imacb' })).toBe(little(word));
});

test('others need no architecture', () => {
  expect(bytesOf('rev8 a0, a1; bset a0, a1, 5')).toBe(`${little(0x6b85d513)}${little(0x28559513)}`);
});
