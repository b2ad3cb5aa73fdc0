// The page docs/conformance.md: for each rule of the two chapters its tests by name, or why it has none.
// Everything in it comes from tags.tsv, reasons.tsv and the sources of the tests.
// Left out: whether the tests pass, which a run of the suite says.

import type { Citation } from './citations.ts';
import { CHAPTERS, LISTED, type Rule } from './rules.ts';

const INTRODUCTION = `# Conformance

What proves each rule of the machine and supervisor chapters of the RISC-V privileged manual, by the manual's own names of its rules:
a test, by its title, or in italics the reason why there is none.
A test that is named here fails if its rule is broken. Reasons say that a rule is about what this machine does not have, permits
without requiring, defines a word, or is for software or a platform.

This page is generated; [tests/conformance](../tests/conformance/README.md) says how, and where the names are from.
`;

export function renderTable(citations: readonly Citation[], reasons: ReadonlyMap<string, string>): string {
  const byTag = groupBy(citations, ({ tag }) => tag);
  const answer = ({ tag }: Rule) => {
    const tests = byTag.get(tag);
    return tests === undefined ? `*${cell(reasons.get(tag) ?? '')}*` : tests.map(testCell).join('<br>');
  };
  const count = (rules: readonly Rule[], wanted: (tag: string) => boolean) =>
    String(rules.filter(({ tag }) => wanted(tag)).length);
  const tested = (tag: string) => byTag.has(tag);
  const totals = Object.entries(CHAPTERS).map(([chapter, title]) => {
    const rules = LISTED.filter((rule) => rule.chapter === chapter);
    const reasoned = count(rules, (tag) => !tested(tag) && reasons.has(tag));
    return row([title, String(rules.length), count(rules, tested), reasoned]);
  });
  const lines = [
    INTRODUCTION,
    row(['chapter', 'rules', 'tested', 'with a reason']),
    row(['---', '---', '---', '---']),
    ...totals,
  ];
  for (const [chapter, title] of Object.entries(CHAPTERS)) {
    lines.push('', `## ${title}`);
    const sections = groupBy(
      LISTED.filter((rule) => rule.chapter === chapter),
      ({ section }) => section,
    );
    for (const [section, rules] of sections) {
      lines.push('', `### ${section}`, '', row(['rule', 'proof']), row(['---', '---']));
      for (const rule of rules) lines.push(row([`\`${rule.tag.replace('norm:', '')}\``, answer(rule)]));
    }
  }
  return `${lines.join('\n')}\n`;
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');
const testCell = ({ file, title }: Citation) => `[${file.replace('.test.ts', '')}](../tests/${file}): ${cell(title)}`;
