// Reads the tokens of one statement from left to right. The first mistake of a statement is the one that is reported:
// what follows it is mostly its consequence.

import type { Diagnostic } from './diagnostic.ts';
import { type Token, tokenize } from './lexer.ts';
import { diagnosticAt, type Span, type Statement, spanOf } from './source.ts';

export class Cursor {
  readonly statement: Statement;
  readonly tokens: readonly Token[];
  #at = 0;
  readonly #report: (diagnostic: Diagnostic) => void;
  failed = false;

  constructor(statement: Statement, report: (diagnostic: Diagnostic) => void) {
    this.statement = statement;
    this.tokens = tokenize(statement.text);
    this.#report = report;
  }

  peek(ahead = 0): Token {
    return (this.tokens[this.#at + ahead] ?? this.tokens[this.tokens.length - 1]) as Token;
  }

  next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.#at += 1;
    return token;
  }

  /** A spot to come back to with `return`. */
  get position(): number {
    return this.#at;
  }
  set position(at: number) {
    this.#at = at;
  }

  get atEnd(): boolean {
    return this.peek().kind === 'end';
  }

  is(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'operator' && token.text === text;
  }

  accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.#at += 1;
    return true;
  }

  /** A comma, or the end of the list. */
  expectComma(): boolean {
    if (this.accept(',')) return true;
    if (!this.atEnd) this.unexpected('a comma or the end of the line');
    return false;
  }

  /** A name, or an error and nothing. */
  expectName(what: string): (Token & { kind: 'name' }) | undefined {
    const token = this.peek();
    if (token.kind === 'name') {
      this.#at += 1;
      return token;
    }
    this.unexpected(what);
    return undefined;
  }

  /** Reports what is left over of a statement that should be complete. */
  expectEnd(): boolean {
    if (this.atEnd) return true;
    this.unexpected('the end of the line');
    return false;
  }

  unexpected(expected: string, hint?: string): void {
    const token = this.peek();
    const found = token.kind === 'end' ? 'the end of the line' : `'${shorten(token.text)}'`;
    this.error(token, `expected ${expected}, found ${found}`, hint);
  }

  error(at: Token | Span, message: string, hint?: string): void {
    if (this.failed) return;
    this.failed = true;
    this.#report(diagnosticAt(this.#span(at), 'error', message, hint));
  }

  warn(at: Token | Span, message: string, hint?: string): void {
    this.#report(diagnosticAt(this.#span(at), 'warning', message, hint));
  }

  #span(at: Token | Span): Span {
    return 'origin' in at ? at : this.span(at);
  }

  /** From one token to another, the last not included. */
  span(from: Token, to?: Token): Span {
    const end = to === undefined ? from.at + from.length : Math.max(to.at, from.at + from.length);
    return spanOf(this.statement, from.at, this.statement.text.slice(from.at, end).trimEnd().length || 1);
  }

  /** From a token to where the cursor is. */
  spanFrom(token: Token): Span {
    return this.span(token, this.peek());
  }

  /** The text that has not been read. */
  get rest(): string {
    return this.statement.text.slice(this.peek().at);
  }
}

const SHOWN = 40;
export const shorten = (text: string) => (text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
