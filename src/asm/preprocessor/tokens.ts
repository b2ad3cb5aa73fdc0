// The preprocessor's tokens: words, numbers, strings and single characters, with the white space before them, so that
// what is not replaced comes out as it was.

export interface PreToken {
  readonly text: string;
  /** White space before it. */
  readonly before: string;
  readonly kind: 'name' | 'number' | 'string' | 'other';
  /** Macros that must not be expanded in it again: it came out of them. */
  readonly hidden: ReadonlySet<string>;
}

const TOKEN =
  /(?<name>[A-Za-z_$][\w$]*)|(?<number>\.?[0-9](?:[\w.]|[eEpP][+-])*)|(?<string>"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)')|##|&&|\|\||<<|>>|[<>=!]=|\.\.\.|./suy;

const NONE: ReadonlySet<string> = new Set();

export function preTokens(text: string): PreToken[] {
  const tokens: PreToken[] = [];
  let at = 0;
  while (at < text.length) {
    const before = /^\s*/.exec(text.slice(at, at + LONGEST_SPACE))?.[0] ?? '';
    at += before.length;
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) break;
    const { name, number, string } = match.groups ?? {};
    const kind =
      name !== undefined ? 'name' : number !== undefined ? 'number' : string !== undefined ? 'string' : 'other';
    tokens.push({ text: match[0], before, kind, hidden: NONE });
    at += match[0].length;
  }
  return tokens;
}
const LONGEST_SPACE = 4096;

export function textOf(tokens: readonly PreToken[]): string {
  return tokens.map(({ before, text }) => before + text).join('');
}
