// Every rule of the machine and supervisor chapters has a test that cites it or a reason why not, and the page that
// says so is up to date. See README.md beside this file.
// Left out: that a test which cites a rule would fail without it, which only breaking the machine shows.

import { describe, expect, test } from 'vitest';
import { goldenFolder } from '../support/golden.ts';
import { citations, citationsIn } from './support/citations.ts';
import { LISTED, REASONS, RULES } from './support/rules.ts';
import { renderTable } from './support/table.ts';

const cited = citations();
const tested = new Set(cited.map(({ tag }) => tag));
const reasons = new Map(REASONS);
const listed = new Set(LISTED.map(({ tag }) => tag));
const DOCS = new URL('../../docs/', import.meta.url);

describe('each rule of the machine and supervisor chapters', () => {
  test('is tested or has a reason', () => {
    expect([...listed].filter((tag) => !tested.has(tag) && !reasons.has(tag))).toEqual([]);
  });
  test('has no reason if it is tested', () => {
    expect(REASONS.map(([tag]) => tag).filter((tag) => tested.has(tag))).toEqual([]);
  });
});

describe('the reasons', () => {
  test('are about rules of these chapters, one each, and say something', () => {
    expect(reasons.size).toBe(REASONS.length);
    for (const [tag, reason] of REASONS) {
      expect(listed.has(tag), tag).toBe(true);
      expect(reason.length, tag).toBeGreaterThan(5);
      expect(reason, tag).not.toMatch(/not tested|not yet/i);
    }
  });
});

describe('the citations', () => {
  test('are of rules that the manual has', () => {
    const known = new Set(RULES.map(({ tag }) => tag));
    expect(cited.filter(({ tag }) => !known.has(tag))).toEqual([]);
  });
  test('are found in titles, in rows and comments inside a test, and in titles of groups, and nowhere else', () => {
    const source = `
// norm:outside
const rows: readonly string[] = [
  'norm:f',
];
describe.each(ENGINES)('group (norm:group)', () => {
  // norm:between
  test('one (norm:a, norm:b)', () => expect(1).toBe(1));
  test.each([
    ['row', 'norm:c'],
  ])('it\\'s %s (%s)', (row) => {
    expect(row).toBe(1); // norm:d
  });
});
test.each(rows)('%s', (tag) => {
  expect(tag).toBe('');
});
law('law', ['norm:e'], \`
test:   pass
\`);
`;
    expect(citationsIn('file', source).map(({ tag, title }) => [tag, title])).toEqual([
      ['norm:group', 'group'],
      ['norm:a', 'group: one'],
      ['norm:b', 'group: one'],
      ['norm:c', "group: it's %s"],
      ['norm:d', "group: it's %s"],
      ['norm:f', '%s'],
      ['norm:e', 'law'],
    ]);
  });
});

test('docs/conformance.md is what tests and reasons say now', () => {
  goldenFolder(DOCS)('conformance.md', renderTable(cited, reasons));
});
