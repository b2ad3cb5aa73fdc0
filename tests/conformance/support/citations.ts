// Which tests cite which rules, read from their sources: a tag in the text of a test, or in the title of a group.
// Relies on the formatter: a call that starts a line ends at the first line of the same indentation that ends in `);`.
// Left out: tags elsewhere in a file, which prove nothing.

import { readdirSync, readFileSync } from 'node:fs';

const TESTS = new URL('../../', import.meta.url);
/** Shows by examples what a citation is. */
const OWN_TEST = 'conformance/table.test.ts';

export interface Citation {
  readonly tag: string;
  /** Path below `tests/`. */
  readonly file: string;
  /** The titles of the groups around it and its own, without tags. */
  readonly title: string;
}

const TAG = /norm:[A-Za-z0-9][A-Za-z0-9_-]*/g;
const START = /^( *)(?<kind>test|law|describe)(?<plain>\(|\.)/;
/** The first string of the arguments: of `test(…)`, or behind `test.each(…)(`. */
const PLAIN_TITLE = /\(\s*(?<quote>['"`])(?<title>(?:\\.|(?!\k<quote>)[^\\])*)\k<quote>/;
const LATER_TITLE = /\)\(\s*(?<quote>['"`])(?<title>(?:\\.|(?!\k<quote>)[^\\])*)\k<quote>/;

/** A table by name. */
const TABLE = /^ *test\.each\((\w+)\)/;

/** Every citation in the test files, by file and place. */
export function citations(): Citation[] {
  const files = readdirSync(TESTS, { recursive: true, encoding: 'utf8' }).filter(isTest);
  return files.sort().flatMap((file) => citationsIn(file, readFileSync(new URL(file, TESTS), 'utf8')));
}

const isTest = (name: string) => name.endsWith('.test.ts') && name !== OWN_TEST;

export function citationsIn(file: string, source: string): Citation[] {
  const found: Citation[] = [];
  const groups: { readonly indent: number; readonly title: string }[] = [];
  const lines = source.split('\n');
  for (const [at, line] of lines.entries()) {
    const start = START.exec(line);
    if (start === null) continue;
    const indent = start[1]?.length ?? 0;
    while ((groups.at(-1)?.indent ?? -1) >= indent) groups.pop();
    const block = blockAt(lines, at, indent);
    const title = titleOf(block, start.groups?.['plain'] === '(');
    if (title === undefined) throw new Error(`${file}:${at + 1}: a test without a title`);
    const isGroup = start.groups?.['kind'] === 'describe';
    const whole = [...groups.map((group) => group.title), title].map(withoutTags).join(': ');
    const text = isGroup ? title : `${block}${rowsOf(block, lines)}`;
    const tags = new Set(text.match(TAG) ?? []);
    for (const tag of tags) found.push({ tag, file, title: whole });
    if (isGroup) groups.push({ indent, title });
  }
  return found;
}

/** The table of `test.each(table)`, where it is declared in the same file. */
function rowsOf(block: string, lines: readonly string[]): string {
  const name = TABLE.exec(block)?.[1];
  const from = lines.findIndex(
    (line) => line.trimStart().startsWith(`const ${name}:`) || line.trimStart().startsWith(`const ${name} =`),
  );
  return from < 0 ? '' : blockAt(lines, from, lines[from]?.search(/\S/) ?? 0, ';');
}

function blockAt(lines: readonly string[], from: number, indent: number, end = ');'): string {
  const isEnd = (line: string) => line.endsWith(end) && line.search(/\S/) === indent;
  const length = lines.slice(from).findIndex(isEnd);
  return lines.slice(from, length < 0 ? undefined : from + length + 1).join('\n');
}

const titleOf = (block: string, plain: boolean): string | undefined =>
  (plain ? PLAIN_TITLE : LATER_TITLE).exec(block)?.groups?.['title'];

/** A title without the parenthesis that holds its tags, escapes undone. */
const withoutTags = (title: string) =>
  title
    .replaceAll(/ ?\([^()]*norm:[^()]*\)/g, '')
    .replaceAll(/ \((?:%s|\$tag)\)$/g, '')
    .replaceAll(/\\(.)/g, '$1');
