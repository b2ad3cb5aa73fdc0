// Lines to statements: comments are blanked (`#`, `//` and `/* */`, the last across lines), a semicolon ends a
// statement as a line does, and strings and character constants keep whatever they hold.
// GNU as knows `//` only in preprocessed files; here it is a comment everywhere, since it means nothing else.

import type { Line, Span, Statement } from './source.ts';

export interface Split {
  readonly statements: readonly Statement[];
  /** A comment that never ends starts here. */
  readonly unclosed?: Span;
}

export function statementsOf(lines: readonly Line[]): Split {
  const statements: Statement[] = [];
  let comment: Span | undefined;
  /** A statement that goes on behind a comment that goes over lines. */
  let begun: Line | undefined;
  for (const line of lines) {
    const { text } = line;
    let { origin } = begun ?? line;
    let kept = begun?.text ?? '';
    if (begun !== undefined) origin = { ...origin, text: kept + text };
    begun = undefined;
    let start = 0;
    const end = (at: number) => {
      const indent = kept.length - kept.trimStart().length;
      const trimmed = kept.trim();
      // An empty statement counts once a line, for the listing.
      if (trimmed !== '' || start === 0) statements.push({ text: trimmed, column: start + indent, origin });
      kept = '';
      start = at;
    };
    let at = 0;
    while (at < text.length) {
      if (comment !== undefined) {
        const close = text.indexOf('*/', at);
        const next = close < 0 ? text.length : close + 2;
        kept += ' '.repeat(next - at);
        at = next;
        if (close >= 0) comment = undefined;
        continue;
      }
      const character = text[at] as string;
      const pair = text.slice(at, at + 2);
      if (character === '#' || pair === '//') break;
      if (pair === '/*') {
        comment = { origin, column: at, length: 2 };
        kept += '  ';
        at += 2;
      } else if (character === ';') {
        end(at + 1);
        at += 1;
      } else {
        const length = character === '"' ? stringLength(text, at) : character === "'" ? quoteLength(text, at) : 1;
        kept += text.slice(at, at + length);
        at += length;
      }
    }
    if (comment !== undefined && kept.trim() !== '') begun = { text: `${kept.trimEnd()} `, origin };
    else end(text.length);
  }
  return comment === undefined ? { statements } : { statements, unclosed: comment };
}

/** Characters of the string that starts at `at`, both quotes included where there are two. */
export function stringLength(text: string, at: number): number {
  let end = at + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  return Math.min(end + 1, text.length) - at;
}

/** Characters of a character constant: 'a, 'a' or '\n'. */
function quoteLength(text: string, at: number): number {
  const content = text[at + 1] === '\\' ? 2 : 1;
  const closed = text[at + 1 + content] === "'";
  return Math.min(1 + content + (closed ? 1 : 0), text.length - at);
}
