// The page's Korean: told wherever English is, in one word for each notion. What it says is for readers to judge.

import { expect, test } from 'vitest';
import { REASONS } from '../../src/debug/exit-texts.ts';
import { LANGUAGES } from '../../src/web/texts.ts';

/** Each text with the way to it; of one that is made from an argument, what it makes. */
function textsIn(of: object, way = ''): [string, string][] {
  return Object.entries(of).flatMap(([name, text]): [string, string][] => {
    if (typeof text === 'function') return [[`${way}${name}`, text(1)]];
    return typeof text === 'string' ? [[`${way}${name}`, text]] : textsIn(text, `${way}${name}.`);
  });
}
/** The same in both languages. */
const NAMES = ['languageCode', 'cpu'];
const korean = [...textsIn(LANGUAGES.ko), ...textsIn(REASONS.ko)];

test('whatever is told in English is told in Korean', () => {
  const english = [...textsIn(LANGUAGES.en), ...textsIn(REASONS.en)];
  expect(korean.map(([way]) => way).sort()).toEqual(english.map(([way]) => way).sort());
  for (const [way, text] of korean) if (!NAMES.includes(way)) expect(text, way).toMatch(/[가-힣]/);
});

test('a notion has one name: an exit is no escape, a mode has no hyphen, an entry is an entry', () => {
  for (const [way, text] of korean) expect(text, way).not.toMatch(/탈출|[USM]-모드|항목|명령(?!어)/);
});
