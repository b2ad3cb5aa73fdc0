// Directives that move the place where the next byte goes: alignment and origin. Code is padded with no-ops.

import { littleEndian } from '../byte-buffer.ts';
import type { Cursor } from '../cursor.ts';
import { parseExpression } from '../expression-parser.ts';
import type { Token } from '../lexer.ts';
import { spanOf } from '../source.ts';
import type { Unit } from '../unit.ts';
import { lowByte } from '../values.ts';
import type { Directive, Directives } from './directive.ts';

const MOST_BOUNDARY_BITS = 31;
const INSTRUCTION_BYTES = 4;

/** @param power the number is the boundary's power of two, as in .align and .p2align. @param width of the fill value. */
const align =
  (power: boolean, width: number): Directive =>
  (unit, cursor, token) => {
    const number = cursor.atEnd ? 0n : unit.constant(cursor, 'the alignment');
    if (number === undefined) return;
    const boundary = boundaryOf(cursor, token, number, power);
    if (boundary === undefined) return;
    let fill: bigint | undefined;
    let most = 0n;
    if (cursor.accept(',')) {
      if (!cursor.is(',') && !cursor.atEnd) {
        fill = unit.constant(cursor, 'the value to fill with');
        if (fill === undefined) return;
      }
      if (cursor.accept(',')) {
        const given = unit.constant(cursor, 'the most bytes to skip');
        if (given === undefined) return;
        most = given;
      }
    }
    if (cursor.expectEnd()) place(unit, cursor, token, { boundary, fill, most: Number(most), width });
  };

function boundaryOf(cursor: Cursor, token: Token, number: bigint, power: boolean): number | undefined {
  if (power && number >= 0n && number <= MOST_BOUNDARY_BITS) return 2 ** Number(number);
  const isPower = number >= 0n && (number & (number - 1n)) === 0n && number < 2n ** BigInt(MOST_BOUNDARY_BITS + 1);
  if (!power && isPower) return Math.max(1, Number(number));
  const expected = power ? `a power of two's exponent, 0 to ${MOST_BOUNDARY_BITS}` : 'a power of two';
  cursor.error(token, `${number} is no alignment: ${token.text} takes ${expected}`);
  return undefined;
}

interface Alignment {
  readonly boundary: number;
  readonly fill: bigint | undefined;
  readonly most: number;
  readonly width: number;
}

function place(unit: Unit, cursor: Cursor, token: Token, { boundary, fill, most, width }: Alignment): void {
  const { section } = unit;
  section.align(boundary);
  if (boundary === 1) return;
  const inCode = section.flags.executable && fill === undefined;
  // GNU as trusts instructions to keep the alignment that they have.
  if (inCode && boundary <= (unit.options.compressed ? INSTRUCTION_BYTES / 2 : INSTRUCTION_BYTES)) return;
  const pattern = inCode ? 'nops' : Uint8Array.from(littleEndian(fill ?? 0n, width));
  section.close({ kind: 'align', boundary, fill: pattern, most, span: spanOf(cursor.statement, token.at) });
}

/** `.org target, fill`: forward to an offset in the section. */
const org: Directive = (unit, cursor, token) => {
  const target = parseExpression(cursor, unit.scope);
  if (target === undefined) return;
  const fill = cursor.accept(',') ? unit.constant(cursor, 'the byte to fill with') : 0n;
  if (fill === undefined || !cursor.expectEnd()) return;
  const span = spanOf(cursor.statement, token.at);
  unit.section.close({ kind: 'org', target, fill: lowByte(fill), span });
};

export const placementDirectives: Directives = {
  align: align(true, 1),
  p2align: align(true, 1),
  p2alignw: align(true, 2),
  p2alignl: align(true, INSTRUCTION_BYTES),
  balign: align(false, 1),
  balignw: align(false, 2),
  balignl: align(false, INSTRUCTION_BYTES),
  org,
};
