// The normative rules of the manual by their tags, and the reasons why some of them have no test.
// tests/conformance/README.md says where the list is from.
// Left out: the rules' text, which is the manual's.

import { readFileSync } from 'node:fs';

/** The chapters of which every rule has a test or a reason. */
export const CHAPTERS = { machine: 'Machine-Level ISA', supervisor: 'Supervisor-Level ISA' } as const;

export interface Rule {
  readonly chapter: string;
  readonly tag: string;
  /** The title of its section, in the chapters above. */
  readonly section: string;
}

const rowsOf = (name: string): string[][] =>
  readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split('\t'));

/** Every rule of every chapter, in the manual's order. */
export const RULES: readonly Rule[] = rowsOf('tags.tsv').map(([chapter = '', tag = '', section = '']) => ({
  chapter,
  tag,
  section,
}));

/** The rules that the table lists. */
export const LISTED = RULES.filter(({ chapter }) => chapter in CHAPTERS);

/** Why a rule has no test: tag and reason. */
export const REASONS: readonly (readonly [tag: string, reason: string])[] = rowsOf('reasons.tsv').map(
  ([tag = '', reason = '']) => [tag, reason],
);
