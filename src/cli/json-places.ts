// JSON (RFC 8259) with the place of each value, so that whatever is wrong with a file that the user wrote can be shown
// where it stands. A mistake of syntax ends the reading: what follows it could mean anything.
// Left out: comments and trailing commas, which the format does not have, and numbers beyond what JavaScript holds.

interface Span {
  /** Offset of the first character, and of the first behind it. */
  readonly at: number;
  readonly end: number;
}
export interface JsonObject extends Span {
  readonly kind: 'object';
  readonly members: readonly JsonMember[];
}
export interface JsonMember {
  readonly key: JsonScalar;
  readonly value: JsonValue;
}
export interface JsonArray extends Span {
  readonly kind: 'array';
  readonly items: readonly JsonValue[];
}
export interface JsonScalar extends Span {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
}
export type JsonValue = JsonObject | JsonArray | JsonScalar;

export interface JsonMistake extends Span {
  readonly kind: 'mistake';
  readonly message: string;
  readonly hint: string;
}

/** A string (that its line ends cannot be in it), a number or a word; what is none of them is one character. */
const SCALAR = /"(?:[^"\\\n]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|[a-zA-Z]+/y;
const BLANK = /[ \t\r\n]*/y;
/** Deeper than any file that means something here, and far from what recursion can take. */
const DEEPEST = 50;

export function parseJson(text: string): JsonValue | JsonMistake {
  const reader = new Reader(text);
  const value = reader.value(0);
  if (value.kind === 'mistake') return value;
  reader.skipBlanks();
  return reader.isAtEnd ? value : reader.mistake('something follows the end', 'a file holds one value');
}

class Reader {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get isAtEnd(): boolean {
    return this.at === this.text.length;
  }
  skipBlanks(): void {
    BLANK.lastIndex = this.at;
    BLANK.test(this.text);
    this.at = BLANK.lastIndex;
  }
  mistake(message: string, hint: string, end = this.at + 1): JsonMistake {
    const told = this.isAtEnd ? `the file ends where ${message}` : message;
    return { kind: 'mistake', at: this.at, end, message: told, hint };
  }

  value(depth: number): JsonValue | JsonMistake {
    this.skipBlanks();
    if (depth > DEEPEST) return this.mistake('brackets are too deep', `at most ${DEEPEST} are in one another`);
    const next = this.text[this.at];
    if (next === '{') return this.object(depth);
    if (next === '[') return this.array(depth);
    return this.scalar();
  }

  private object(depth: number): JsonObject | JsonMistake {
    const at = this.at;
    const members: JsonMember[] = [];
    const mistake = this.list('}', () => {
      this.skipBlanks();
      if (this.text[this.at] !== '"') return this.mistake('a name is wanted', 'names stand in double quotes');
      const key = this.scalar();
      if (key.kind === 'mistake') return key;
      if (!this.take(':')) return this.mistake('a colon is wanted', 'a name, a colon, a value');
      const value = this.value(depth + 1);
      if (value.kind === 'mistake') return value;
      members.push({ key, value });
      return undefined;
    });
    return mistake ?? { kind: 'object', at, end: this.at, members };
  }
  private array(depth: number): JsonArray | JsonMistake {
    const at = this.at;
    const items: JsonValue[] = [];
    const mistake = this.list(']', () => {
      const item = this.value(depth + 1);
      if (item.kind === 'mistake') return item;
      items.push(item);
      return undefined;
    });
    return mistake ?? { kind: 'array', at, end: this.at, items };
  }
  /** From an opening bracket to its closing one, commas between the elements. */
  private list(closing: string, element: () => JsonMistake | undefined): JsonMistake | undefined {
    this.at++;
    if (this.take(closing)) return undefined;
    for (;;) {
      const mistake = element();
      if (mistake !== undefined) return mistake;
      if (this.take(closing)) return undefined;
      if (!this.take(','))
        return this.mistake(`a comma or ${closing} is wanted`, 'commas separate what a bracket holds');
    }
  }

  private scalar(): JsonScalar | JsonMistake {
    SCALAR.lastIndex = this.at;
    const [token] = SCALAR.exec(this.text) ?? [];
    const at = this.at;
    const end = at + (token?.length ?? 1);
    const value = token === undefined ? undefined : scalarOf(token);
    if (value === undefined) {
      return this.mistake('a value is wanted', 'text stands in double quotes; numbers are decimal, as 2 or 1.5', end);
    }
    this.at = end;
    return { kind: 'scalar', at, end, value };
  }
  private take(character: string): boolean {
    this.skipBlanks();
    const isThere = this.text[this.at] === character;
    if (isThere) this.at++;
    return isThere;
  }
}

function scalarOf(token: string): JsonScalar['value'] | undefined {
  try {
    return JSON.parse(token);
  } catch {
    return undefined;
  }
}
