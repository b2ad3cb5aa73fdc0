// Expressions by precedence climbing, over the ranks of operators.ts. Symbols are looked up as they appear, so each
// use holds the symbol that its name meant there.

import { type Cursor, shorten } from './cursor.ts';
import { evaluate, whileParsing } from './evaluate.ts';
import type { Token } from './lexer.ts';
import type { Expression, Place } from './model.ts';
import { BINARY, UNARY } from './operators.ts';
import type { SymbolTable } from './symbols.ts';
import { wrap } from './values.ts';

/** What an expression may refer to. */
export interface Scope {
  readonly symbols: SymbolTable;
  /** The meaning of `.`. */
  readonly here: Place;
}

const DEEPEST = 100;
const MOST_TERMS = 1000;
const LARGEST = 2n ** 64n;

/** An expression, or an error reported and nothing. */
export function parseExpression(cursor: Cursor, scope: Scope): Expression | undefined {
  return new ExpressionParser(cursor, scope).parse(0, 0);
}

class ExpressionParser {
  readonly #cursor: Cursor;
  readonly #scope: Scope;
  #terms = 0;

  constructor(cursor: Cursor, scope: Scope) {
    this.#cursor = cursor;
    this.#scope = scope;
  }

  parse(above: number, depth: number): Expression | undefined {
    const start = this.#cursor.peek();
    let left = this.#primary(depth);
    while (left !== undefined) {
      const token = this.#cursor.peek();
      const operator = token.kind === 'operator' ? BINARY[token.text] : undefined;
      if (operator === undefined || operator.rank <= above) break;
      this.#cursor.next();
      // `!!` is exclusive or, as in Motorola's assemblers, and since as drops spaces so is `! !`.
      const text = token.text === '!' && this.#cursor.accept('!') ? '^' : token.text;
      const right = this.parse(operator.rank, depth + 1);
      if (right === undefined) return undefined;
      if (operator === BINARY['/'] || operator === BINARY['%']) {
        if (right.kind === 'number' && right.value === 0n) {
          this.#cursor.error(this.#cursor.spanFrom(token), 'division by zero');
          return undefined;
        }
      }
      left = fold({ kind: 'binary', operator: text, left, right, span: this.#cursor.spanFrom(start) });
    }
    return left;
  }

  #primary(depth: number): Expression | undefined {
    const cursor = this.#cursor;
    const token = cursor.peek();
    this.#terms += 1;
    if (depth > DEEPEST || this.#terms > MOST_TERMS) {
      cursor.error(token, 'this expression is too long', 'split it with .set');
      return undefined;
    }
    switch (token.kind) {
      case 'number':
        cursor.next();
        if (token.value >= LARGEST) cursor.error(token, `${shorten(token.text)} does not fit in 64 bits`);
        return cursor.failed ? undefined : { kind: 'number', value: wrap(token.value) };
      case 'name':
        cursor.next();
        if (token.text === '.') return { kind: 'place', place: this.#scope.here };
        return { kind: 'symbol', symbol: this.#scope.symbols.refer(token.text), span: cursor.span(token) };
      case 'local':
        cursor.next();
        return this.#local(token);
      case 'operator':
        if (token.text === '(') return this.#parenthesised(depth);
        if (token.text in UNARY) return this.#unary(token, depth);
    }
    cursor.unexpected('a number, a symbol or an expression');
    return undefined;
  }

  #local(token: Token & { kind: 'local' }): Expression | undefined {
    const { symbols } = this.#scope;
    const symbol = token.forward ? symbols.localAfter(token.number) : symbols.localBefore(token.number);
    if (symbol !== undefined) return { kind: 'symbol', symbol, span: this.#cursor.span(token) };
    const hint = `put '${token.number}:' above, or write ${token.number}f for the next one below`;
    this.#cursor.error(token, `there is no label '${token.number}:' before this line`, hint);
    return undefined;
  }

  #parenthesised(depth: number): Expression | undefined {
    const cursor = this.#cursor;
    cursor.next();
    const inner = this.parse(0, depth + 1);
    if (inner !== undefined && !cursor.accept(')')) cursor.unexpected("')'");
    return cursor.failed ? undefined : inner;
  }

  #unary(token: Token, depth: number): Expression | undefined {
    this.#cursor.next();
    const operand = this.#primary(depth + 1);
    return operand && fold({ kind: 'unary', operator: token.text, operand, span: this.#cursor.spanFrom(token) });
  }
}

/** Numbers and known distances at once, so that trees stay small. */
function fold(expression: Expression & { kind: 'unary' | 'binary' }): Expression {
  const parts = expression.kind === 'unary' ? [expression.operand] : [expression.left, expression.right];
  if (!parts.every((part) => part.kind === 'number')) return expression;
  const value = evaluate(expression, whileParsing);
  return value === undefined ? expression : { kind: 'number', value: value.offset };
}
