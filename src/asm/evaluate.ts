// The value of an expression, at one of three times: while parsing, when only distances inside a run of fragments are
// known; once a section is laid out; and once everything has an address. They differ in what a place counts from.

import type { AsmSymbol, Expression, Place } from './model.ts';
import { BINARY, COMPARISONS, UNARY } from './operators.ts';
import type { Span } from './source.ts';
import { wrap } from './values.ts';

/** A number where `base` is missing, else so many bytes from it. */
export interface Value {
  readonly base?: object;
  readonly offset: bigint;
}

export type Locate = (place: Place) => Value;
/** What a symbol that this file does not define stands for. */
export type Lookup = (symbol: AsmSymbol) => Value | undefined;

export const whileParsing: Locate = ({ fragment, offset }) => ({
  base: fragment.run,
  offset: BigInt(fragment.runOffset + offset),
});
export const laidOut: Locate = ({ fragment, offset }) => ({
  base: fragment.section,
  offset: BigInt(fragment.address + offset),
});

const NOWHERE: Lookup = () => undefined;
/** Symbols defined by symbols, so deep, and terms in all: what a person writes stays far below. */
const DEEPEST = 200;
const MOST_TERMS = 100_000;

/** The value, where it can be known: an undefined symbol and the sum of two places have none. */
export function evaluate(expression: Expression, locate: Locate, lookup = NOWHERE): Value | undefined {
  return new Evaluation(locate, lookup).value(expression, 0);
}

/** The number, where it is one. */
export function evaluateNumber(expression: Expression, locate: Locate, lookup = NOWHERE): bigint | undefined {
  const value = evaluate(expression, locate, lookup);
  return value?.base === undefined ? value?.offset : undefined;
}

class Evaluation {
  readonly #locate: Locate;
  readonly #lookup: Lookup;
  #terms = 0;

  constructor(locate: Locate, lookup: Lookup) {
    this.#locate = locate;
    this.#lookup = lookup;
  }

  value(expression: Expression, depth: number): Value | undefined {
    this.#terms += 1;
    if (this.#terms > MOST_TERMS) return undefined;
    switch (expression.kind) {
      case 'number':
        return { offset: expression.value };
      case 'place':
        return this.#locate(expression.place);
      case 'symbol':
        return this.#symbol(expression.symbol, depth);
      case 'unary': {
        const operand = this.value(expression.operand, depth);
        if (operand === undefined || (operand.base !== undefined && expression.operator !== '+')) return undefined;
        const apply = UNARY[expression.operator];
        return apply && { ...operand, offset: wrap(apply(operand.offset)) };
      }
      case 'binary': {
        const left = this.value(expression.left, depth);
        const right = left && this.value(expression.right, depth);
        return right && combine(expression.operator, left, right);
      }
    }
  }

  #symbol(symbol: AsmSymbol, depth: number): Value | undefined {
    const { definition } = symbol;
    if (definition?.kind === 'label') return this.#locate(definition.place);
    if (definition?.kind !== 'value') return this.#lookup(symbol);
    if (symbol.visiting || depth > DEEPEST) return undefined;
    symbol.visiting = true;
    const value = this.value(definition.value, depth + 1);
    symbol.visiting = false;
    return value;
  }
}

function combine(operator: string, left: Value, right: Value): Value | undefined {
  const result = BINARY[operator]?.apply(left.offset, right.offset);
  if (result === undefined) return undefined;
  const offset = wrap(result);
  const subtracts = operator === '-' || COMPARISONS.has(operator);
  if (left.base === right.base && (left.base === undefined || subtracts)) return { offset };
  const base = left.base ?? right.base;
  const moves = operator === '+' ? left.base === undefined || right.base === undefined : right.base === undefined;
  return base !== undefined && moves && (operator === '+' || operator === '-') ? { base, offset } : undefined;
}

/** The symbols in an expression, and those that define them. */
export function symbolsIn(expression: Expression, found = new Map<AsmSymbol, Span>()): Map<AsmSymbol, Span> {
  if (expression.kind === 'symbol') {
    const { symbol, span } = expression;
    if (found.has(symbol)) return found;
    found.set(symbol, span);
    if (symbol.definition?.kind === 'value' && found.size < DEEPEST) symbolsIn(symbol.definition.value, found);
  } else if (expression.kind === 'unary') symbolsIn(expression.operand, found);
  else if (expression.kind === 'binary') {
    symbolsIn(expression.left, found);
    symbolsIn(expression.right, found);
  }
  return found;
}
