// The operators of expressions: GNU as's ranks and meanings, on values of 64 bits that wrap.
// A comparison that holds is all ones, `&&` and `||` give 1, `>>` shifts zeros in, `!` between values is or-not.

import { unsigned } from './values.ts';

const SHIFT_LIMIT = 64n;
const all = (holds: boolean) => (holds ? -1n : 0n);
const one = (holds: boolean) => (holds ? 1n : 0n);

interface Operator {
  /** Higher binds tighter. */
  readonly rank: number;
  /** Of two values; undefined where there is none (division by zero). */
  readonly apply: (left: bigint, right: bigint) => bigint | undefined;
}

const shift = (by: bigint, result: (by: bigint) => bigint) => (unsigned(by) >= SHIFT_LIMIT ? 0n : result(unsigned(by)));

export const BINARY: Readonly<Record<string, Operator>> = {
  '*': { rank: 6, apply: (a, b) => a * b },
  '/': { rank: 6, apply: (a, b) => (b === 0n ? undefined : a / b) },
  '%': { rank: 6, apply: (a, b) => (b === 0n ? undefined : a % b) },
  '<<': { rank: 6, apply: (a, b) => shift(b, (by) => a << by) },
  '>>': { rank: 6, apply: (a, b) => shift(b, (by) => unsigned(a) >> by) },
  '|': { rank: 5, apply: (a, b) => a | b },
  '!': { rank: 5, apply: (a, b) => a | ~b },
  '^': { rank: 5, apply: (a, b) => a ^ b },
  '&': { rank: 5, apply: (a, b) => a & b },
  '+': { rank: 4, apply: (a, b) => a + b },
  '-': { rank: 4, apply: (a, b) => a - b },
  '==': { rank: 3, apply: (a, b) => all(a === b) },
  '!=': { rank: 3, apply: (a, b) => all(a !== b) },
  '<>': { rank: 3, apply: (a, b) => all(a !== b) },
  '<': { rank: 3, apply: (a, b) => all(a < b) },
  '<=': { rank: 3, apply: (a, b) => all(a <= b) },
  '>': { rank: 3, apply: (a, b) => all(a > b) },
  '>=': { rank: 3, apply: (a, b) => all(a >= b) },
  '&&': { rank: 2, apply: (a, b) => one(a !== 0n && b !== 0n) },
  '||': { rank: 1, apply: (a, b) => one(a !== 0n || b !== 0n) },
};

/** Operators that compare, which two places in one section can be too. */
export const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<>', '<', '<=', '>', '>=']);

export const UNARY: Readonly<Record<string, (value: bigint) => bigint>> = {
  '-': (a) => -a,
  '+': (a) => a,
  '~': (a) => ~a,
  '!': (a) => one(a === 0n),
};
