// The expression of an `#if`: integers and operators as in C, `defined`, and macros; names that are left are 0.

import { expandMacros, type PreMacro } from './macros.ts';
import { type PreToken, preTokens, textOf } from './tokens.ts';

const RANKS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '>', '<=', '>='],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];
const one = (holds: boolean) => (holds ? 1n : 0n);
const BITS = 64;
const MOST_SHIFT = 63n;

const APPLY: Readonly<Record<string, (a: bigint, b: bigint) => bigint | undefined>> = {
  '||': (a, b) => one(a !== 0n || b !== 0n),
  '&&': (a, b) => one(a !== 0n && b !== 0n),
  '|': (a, b) => a | b,
  '^': (a, b) => a ^ b,
  '&': (a, b) => a & b,
  '==': (a, b) => one(a === b),
  '!=': (a, b) => one(a !== b),
  '<': (a, b) => one(a < b),
  '>': (a, b) => one(a > b),
  '<=': (a, b) => one(a <= b),
  '>=': (a, b) => one(a >= b),
  '<<': (a, b) => (b < 0n || b > MOST_SHIFT ? 0n : a << b),
  '>>': (a, b) => (b < 0n || b > MOST_SHIFT ? 0n : a >> b),
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => (b === 0n ? undefined : a / b),
  '%': (a, b) => (b === 0n ? undefined : a % b),
};
const DEEPEST = 100;

/** The value of a condition; a problem is told, and the condition then does not hold. */
export function evaluateCondition(
  text: string,
  macros: ReadonlyMap<string, PreMacro>,
  problem: (message: string) => void,
): boolean {
  const expanded = expandMacros(replaceDefined(text, macros), macros, problem);
  const reader = new ConditionReader(preTokens(expanded));
  const value = reader.read(0, 0);
  if (value === undefined || !reader.atEnd) problem(`'${text.trim()}' is no condition`);
  return value !== undefined && reader.atEnd && value !== 0n;
}

/** `defined NAME` and `defined(NAME)`, whose names are not expanded. */
function replaceDefined(text: string, macros: ReadonlyMap<string, PreMacro>): string {
  return textOf(preTokens(text)).replace(
    /\bdefined\s*(?:\(\s*([A-Za-z_$][\w$]*)\s*\)|([A-Za-z_$][\w$]*))/g,
    (_, inside: string | undefined, bare: string | undefined) => (macros.has(inside ?? bare ?? '') ? '1' : '0'),
  );
}

class ConditionReader {
  readonly #tokens: readonly PreToken[];
  #at = 0;

  constructor(tokens: readonly PreToken[]) {
    this.#tokens = tokens;
  }

  get atEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  read(rank: number, depth: number): bigint | undefined {
    const operators = RANKS[rank];
    if (depth > DEEPEST) return undefined;
    if (operators === undefined) return this.#primary(depth);
    let left = this.read(rank + 1, depth);
    for (let text = this.#text; left !== undefined && operators.includes(text); text = this.#text) {
      this.#at += 1;
      const right = this.read(rank + 1, depth);
      const value = right === undefined ? undefined : APPLY[text]?.(left, right);
      left = value === undefined ? undefined : BigInt.asIntN(BITS, value);
    }
    return left;
  }

  get #text(): string {
    return this.#tokens[this.#at]?.text ?? '';
  }

  #primary(depth: number): bigint | undefined {
    const token = this.#tokens[this.#at];
    if (token === undefined || depth > DEEPEST) return undefined;
    this.#at += 1;
    if (token.kind === 'number') return numberOf(token.text);
    if (token.kind === 'name') return 0n;
    if (token.kind === 'string' && /^'[^\\]'$/.test(token.text)) return BigInt(token.text.charCodeAt(1));
    if (token.text === '(') {
      const value = this.read(0, depth + 1);
      if (this.#text !== ')') return undefined;
      this.#at += 1;
      return value;
    }
    const operand = '!~-+'.includes(token.text) ? this.#primary(depth + 1) : undefined;
    if (operand === undefined) return undefined;
    if (token.text === '!') return one(operand === 0n);
    return token.text === '~' ? ~operand : token.text === '-' ? -operand : operand;
  }
}

function numberOf(text: string): bigint | undefined {
  const digits = text.replace(/[uUlL]+$/, '');
  if (/^0[0-7]+$/.test(digits)) return BigInt(`0o${digits}`);
  return /^(0[xX][0-9a-fA-F]+|0[bB][01]+|[0-9]+)$/.test(digits) ? BigInt(digits) : undefined;
}
