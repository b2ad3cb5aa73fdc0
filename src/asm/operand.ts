// The operands of instructions as they are written: registers, memory operands, and expressions with or without one of
// the functions %hi, %lo, %pcrel_hi, %pcrel_lo. What an expression means (immediate, label, CSR) is the slot's affair.

import { ABI_NAMES, type RegisterFile, registerNumber } from '../../isa/registers.ts';
import type { Cursor } from './cursor.ts';
import { parseExpression, type Scope } from './expression-parser.ts';
import type { Expression, Modifier } from './model.ts';
import { suggestion } from './nearest.ts';
import type { Span } from './source.ts';

/** An expression and the part of it that is meant. */
export interface Immediate {
  readonly expression: Expression;
  readonly modifier: Modifier;
}

export type Operand = { readonly span: Span } & (
  | { readonly kind: 'register'; readonly file: RegisterFile; readonly number: number }
  | ({ readonly kind: 'immediate' } & Immediate)
  | { readonly kind: 'memory'; readonly offset: Immediate; readonly base: number }
);

const ZERO: Immediate = { expression: { kind: 'number', value: 0n }, modifier: 'whole' };
const FUNCTIONS: readonly string[] = ['hi', 'lo', 'pcrel_hi', 'pcrel_lo'] satisfies Modifier[];
const MOST_OPERANDS = 16;

/**
 * All operands of a statement, or an error reported and nothing.
 * @param files whose registers' names are names of registers here: to `call`, `f1` is a function.
 */
export function parseOperands(cursor: Cursor, scope: Scope, files: readonly RegisterFile[]): Operand[] | undefined {
  const operands: Operand[] = [];
  if (cursor.atEnd) return operands;
  do {
    const operand = parseRegister(cursor, files) ?? parseOperand(cursor, scope);
    if (operand === undefined) return undefined;
    operands.push(operand);
  } while (operands.length < MOST_OPERANDS && cursor.accept(','));
  if (!cursor.atEnd) cursor.unexpected('a comma or the end of the line');
  return cursor.failed ? undefined : operands;
}

function parseRegister(cursor: Cursor, files: readonly RegisterFile[]): Operand | undefined {
  const token = cursor.peek();
  if (token.kind !== 'name') return undefined;
  const file = files.find((each) => registerNumber(token.text, each) !== undefined);
  const number = file && registerNumber(token.text, file);
  if (file === undefined || number === undefined) return undefined;
  cursor.next();
  return { kind: 'register', file, number, span: cursor.span(token) };
}

function parseOperand(cursor: Cursor, scope: Scope): Operand | undefined {
  const token = cursor.peek();
  const offset = isBase(cursor) ? ZERO : parseImmediate(cursor, scope);
  if (offset === undefined) return undefined;
  if (!isBase(cursor)) {
    if (refuseBase(cursor)) return undefined;
    return { kind: 'immediate', ...offset, span: cursor.spanFrom(token) };
  }
  cursor.next();
  const base = registerNumber(cursor.next().text) as number;
  cursor.next();
  return { kind: 'memory', offset, base, span: cursor.spanFrom(token) };
}

/** Reports what stands where a base register in parentheses should. */
function refuseBase(cursor: Cursor): boolean {
  const name = cursor.peek(1);
  if (cursor.is('[')) cursor.error(cursor.peek(), "a base register stands in parentheses, not in '['", 'as in 8(sp)');
  else if (cursor.is('(') && name.kind === 'name') {
    cursor.error(name, `'${name.text}' is no register`, suggestion(name.text, ABI_NAMES) ?? 'as in 8(sp)');
  }
  return cursor.failed;
}

/** Whether '(register)' comes next. */
function isBase(cursor: Cursor): boolean {
  const name = cursor.peek(1);
  return cursor.is('(') && name.kind === 'name' && registerNumber(name.text) !== undefined && cursor.is(')', 2);
}

function parseImmediate(cursor: Cursor, scope: Scope): Immediate | undefined {
  if (!cursor.is('%')) {
    const expression = parseExpression(cursor, scope);
    return expression && { expression, modifier: 'whole' };
  }
  cursor.next();
  const name = cursor.expectName('hi, lo, pcrel_hi or pcrel_lo');
  if (name === undefined) return undefined;
  if (!FUNCTIONS.includes(name.text)) {
    const hint = suggestion(name.text, FUNCTIONS) ?? 'there are %hi, %lo, %pcrel_hi and %pcrel_lo';
    cursor.error(name, `there is no function '%${name.text}'`, hint);
    return undefined;
  }
  if (!cursor.accept('(')) cursor.unexpected("'('");
  const expression = cursor.failed ? undefined : parseExpression(cursor, scope);
  if (expression !== undefined && !cursor.accept(')')) cursor.unexpected("')'");
  return cursor.failed || expression === undefined ? undefined : { expression, modifier: name.text as Modifier };
}
