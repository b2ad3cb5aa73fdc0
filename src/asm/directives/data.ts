// Directives that put bytes into a section: numbers of each width, strings, runs of a value, and the bytes of a file.
// Left out: LEB128 and numbers of 128 bits.

import { littleEndian } from '../byte-buffer.ts';
import type { Cursor } from '../cursor.ts';
import { evaluateNumber, whileParsing } from '../evaluate.ts';
import { parseExpression } from '../expression-parser.ts';
import { findFile } from '../find-file.ts';
import { spanOf } from '../source.ts';
import type { Unit } from '../unit.ts';
import { lowByte } from '../values.ts';
import type { Directive, Directives } from './directive.ts';

const WIDTHS: Readonly<Record<string, number>> = {
  byte: 1,
  half: 2,
  short: 2,
  hword: 2,
  '2byte': 2,
  word: 4,
  long: 4,
  int: 4,
  '4byte': 4,
  dword: 8,
  quad: 8,
  '8byte': 8,
};

/** Of a .fill's value, the bytes that GNU as keeps. */
const FILL_VALUE_BYTES = 4;
const MOST_FILL_WIDTH = 8;

const numbers =
  (width: number): Directive =>
  (unit, cursor) => {
    if (cursor.atEnd) return;
    do {
      const start = cursor.peek();
      // Each number has its own `.`.
      const expression = parseExpression(cursor, unit.scope);
      if (expression === undefined) return;
      unit.datum(expression, width, cursor.spanFrom(start));
    } while (cursor.expectComma());
  };

const strings =
  (terminated: boolean): Directive =>
  (unit, cursor) => {
    if (cursor.atEnd) return;
    do {
      // Strings side by side are one, but each of .string keeps its zero in GNU as only at the end of the run.
      if (cursor.peek().kind !== 'string') {
        cursor.unexpected('a string in double quotes');
        return;
      }
      for (let token = cursor.peek(); token.kind === 'string'; token = cursor.peek()) {
        cursor.next();
        if (!token.closed) return cursor.error(token, 'this string is never closed', 'end it with "');
        if (!unit.emit(token.bytes, cursor.span(token))) return;
      }
      if (terminated) unit.emit([0], spanOf(cursor.statement));
    } while (cursor.expectComma());
  };

/** `.zero`, `.skip`, `.space`: a count, and the byte to fill with. */
const space: Directive = (unit, cursor, token) => {
  const count = parseExpression(cursor, unit.scope);
  if (count === undefined) return;
  const fill = cursor.accept(',') ? unit.constant(cursor, 'the byte to fill with') : 0n;
  if (fill === undefined || !cursor.expectEnd()) return;
  const span = spanOf(cursor.statement, token.at);
  const known = evaluateNumber(count, whileParsing);
  const byte = lowByte(fill);
  if (known === undefined) unit.section.close({ kind: 'space', count, fill: byte, span });
  else if (known < 0n) cursor.error(token, `there cannot be ${known} bytes`);
  else unit.fill(Number(known), Uint8Array.of(byte), span);
};

/** `.fill repeat, size, value`. */
const fill: Directive = (unit, cursor, token) => {
  const repeat = unit.constant(cursor, 'how often to repeat');
  if (repeat === undefined) return;
  const size = optional(unit, cursor, 'the size of the value', 1n);
  const value = size === undefined ? undefined : optional(unit, cursor, 'the value', 0n);
  if (size === undefined || value === undefined || !cursor.expectEnd()) return;
  if (size < 0n || repeat < 0n) return cursor.error(token, 'size and repetition cannot be negative');
  const width = Math.min(Number(size), MOST_FILL_WIDTH);
  const pattern = fillPattern(value, width);
  unit.fill(Number(repeat), pattern, spanOf(cursor.statement, token.at));
};

function fillPattern(value: bigint, width: number): Uint8Array {
  const pattern = new Uint8Array(width);
  pattern.set(littleEndian(value, Math.min(width, FILL_VALUE_BYTES)));
  return pattern;
}

/** The next of a list of numbers, which may be left out. */
export function optional(unit: Unit, cursor: Cursor, what: string, otherwise: bigint): bigint | undefined {
  if (!cursor.accept(',')) return otherwise;
  return cursor.is(',') || cursor.atEnd ? otherwise : unit.constant(cursor, what);
}

/** `.incbin "file", skip, count`. */
const incbin: Directive = (unit, cursor, token) => {
  const name = cursor.next();
  if (name.kind !== 'string') return cursor.error(name, 'expected a file name in double quotes');
  const skip = optional(unit, cursor, 'how many bytes to skip', 0n);
  const count = skip === undefined ? undefined : optional(unit, cursor, 'how many bytes to take', -1n);
  if (skip === undefined || count === undefined || !cursor.expectEnd()) return;
  const path = new TextDecoder().decode(name.bytes);
  const found = findFile(unit.surroundings, path, cursor.statement.origin.file);
  if (found === undefined) return cursor.error(name, `there is no file '${path}'`, 'name its folder with -I');
  const end = count < 0n ? found.bytes.length : Number(skip + count);
  unit.emit(found.bytes.subarray(Number(skip), end), spanOf(cursor.statement, token.at));
};

export const dataDirectives: Directives = {
  ...Object.fromEntries(Object.entries(WIDTHS).map(([name, width]) => [name, numbers(width)])),
  ascii: strings(false),
  asciz: strings(true),
  string: strings(true),
  zero: space,
  skip: space,
  space,
  fill,
  incbin,
};
