// Directives that put floating-point numbers into a section: decimal ones rounded to nearest, infinities and NaNs, in
// the words of IEEE 754 (GNU as's `.float`, `.single`, `.double`).
// Left out: hexadecimal numbers, NaNs with payloads, and formats of 16 and 128 bits.

import { FORMATS, infinity, zero } from '../../../isa/float/format.ts';
import { type FloatFormat, Rounding } from '../../../isa/float/operation.ts';
import { round, STICKY_BITS } from '../../../isa/float/round.ts';
import { littleEndian } from '../byte-buffer.ts';
import type { Directive, Directives } from './directive.ts';

const BYTES: Readonly<Record<FloatFormat, number>> = { s: 4, d: 8 };
const DECIMAL = /^(?<sign>[+-]?)(?<whole>\d*)(?:\.(?<fraction>\d*))?(?:e(?<exponent>[+-]?\d{1,9}))?$/i;
const SPECIAL = /^(?<sign>[+-]?)(?<what>inf|infinity|nan)$/i;
/** Powers of ten beyond which every number is 0 or infinite in any format. */
const FURTHEST = 400;

const floats =
  (format: FloatFormat): Directive =>
  (unit, cursor) => {
    if (cursor.atEnd) return;
    do {
      const start = cursor.peek();
      let text = '';
      while (!cursor.atEnd && !cursor.is(',')) text += cursor.next().text;
      const word = wordOf(format, text);
      if (word === undefined) return cursor.error(start, `'${text}' is no floating-point number`, 'as in 1.5 or -2e-3');
      if (!unit.emit(littleEndian(word, BYTES[format]), cursor.span(start))) return;
    } while (cursor.expectComma());
  };

/** The word of a number as it is written. */
function wordOf(format: FloatFormat, text: string): bigint | undefined {
  const { sign: special, what } = SPECIAL.exec(text)?.groups ?? {};
  if (what !== undefined) {
    const infinite = infinity(FORMATS[format], special === '-' ? 1n : 0n);
    // GNU as's NaN has all bits of its fraction set.
    return what.toLowerCase() === 'nan' ? infinite | ((1n << BigInt(FORMATS[format].fractionBits)) - 1n) : infinite;
  }
  const { sign, whole = '', fraction = '', exponent = '0' } = DECIMAL.exec(text)?.groups ?? {};
  if (sign === undefined || whole + fraction === '') return undefined;
  return decimal(format, sign === '-' ? 1n : 0n, BigInt(whole + fraction), Number(exponent) - fraction.length);
}

/** `digits` · 10^`power`, rounded. */
function decimal(format: FloatFormat, sign: bigint, digits: bigint, power: number): bigint {
  const leading = String(digits).length + power;
  if (digits === 0n || leading < -FURTHEST) return zero(FORMATS[format], sign);
  if (leading > FURTHEST) return infinity(FORMATS[format], sign);
  if (power >= 0) {
    const significand = digits * 10n ** BigInt(power);
    return round(FORMATS[format], Rounding.RNE, { sign, exponent: 0, significand }).value;
  }
  const divisor = 10n ** BigInt(-power);
  const shift = divisor.toString(2).length + STICKY_BITS;
  const scaled = digits << BigInt(shift);
  const exact = { sign, exponent: -shift, significand: scaled / divisor, sticky: scaled % divisor !== 0n };
  return round(FORMATS[format], Rounding.RNE, exact).value;
}

export const floatDirectives: Directives = { float: floats('s'), single: floats('s'), double: floats('d') };
