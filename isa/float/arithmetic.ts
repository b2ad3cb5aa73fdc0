// Addition, multiplication, division, square root and the fused multiply-add: the exact result, then one rounding.
// Chapter "F" of the unprivileged manual, by IEEE 754 clauses 5.4.1, 6 and 7: special operands first, then numbers.
// A quotient or root that has no end is cut behind more bits than any format has, and marked as sticky.

import { type Finite, type Format, infinity, type Unpacked, unpack, zero } from './format.ts';
import { Flag, type FloatResult, Rounding } from './operation.ts';
import { bitLength, type Exact, exactly, invalid, round, STICKY_BITS } from './round.ts';

const opposite = (sign: bigint): bigint => 1n - sign;
const isZero = (a: Unpacked): boolean => a.kind === 'finite' && a.significand === 0n;

/** A NaN among the operands makes the result one; only a signaling NaN is an invalid operation. */
function propagate(format: Format, operands: readonly Unpacked[]): FloatResult {
  const isSignaling = operands.some((operand) => operand.kind === 'nan' && operand.isSignaling);
  return { ...invalid(format), flags: isSignaling ? Flag.NV : 0 };
}

/** The sum of two numbers. One that is exactly zero is negative if both are, and where rounding is down unless none is. */
function sumOf(rounding: number, a: Exact, b: Exact): Exact {
  const exponent = Math.min(a.exponent, b.exponent);
  const aligned = (x: Exact): bigint => {
    const magnitude = x.significand << BigInt(x.exponent - exponent);
    return x.sign === 1n ? -magnitude : magnitude;
  };
  const sum = aligned(a) + aligned(b);
  if (sum !== 0n) return { sign: sum < 0n ? 1n : 0n, exponent, significand: sum < 0n ? -sum : sum };
  const sign = a.sign === b.sign ? a.sign : rounding === Rounding.RDN ? 1n : 0n;
  return { sign, exponent, significand: 0n };
}

const productOf = (a: Finite, b: Finite): Exact => ({
  sign: a.sign ^ b.sign,
  exponent: a.exponent + b.exponent,
  significand: a.significand * b.significand,
});

export function add(format: Format, rounding: number, first: bigint, second: bigint): FloatResult {
  const [a, b] = [unpack(format, first), unpack(format, second)];
  if (a.kind === 'nan' || b.kind === 'nan') return propagate(format, [a, b]);
  if (a.kind === 'infinite' && b.kind === 'infinite' && a.sign !== b.sign) return invalid(format);
  if (a.kind === 'infinite') return exactly(first);
  if (b.kind === 'infinite') return exactly(second);
  return round(format, rounding, sumOf(rounding, a, b));
}

/** Every b but a NaN has a negative. */
export function subtract(format: Format, rounding: number, first: bigint, second: bigint): FloatResult {
  if (unpack(format, second).kind === 'nan') return add(format, rounding, first, second);
  return add(format, rounding, first, second ^ zero(format, 1n));
}

export function multiply(format: Format, rounding: number, first: bigint, second: bigint): FloatResult {
  const [a, b] = [unpack(format, first), unpack(format, second)];
  if (a.kind === 'nan' || b.kind === 'nan') return propagate(format, [a, b]);
  if (a.kind === 'finite' && b.kind === 'finite') return round(format, rounding, productOf(a, b));
  if (isZero(a) || isZero(b)) return invalid(format);
  return exactly(infinity(format, a.sign ^ b.sign));
}

export function divide(format: Format, rounding: number, first: bigint, second: bigint): FloatResult {
  const [a, b] = [unpack(format, first), unpack(format, second)];
  if (a.kind === 'nan' || b.kind === 'nan') return propagate(format, [a, b]);
  const sign = a.sign ^ b.sign;
  if (a.kind === 'infinite') return b.kind === 'infinite' ? invalid(format) : exactly(infinity(format, sign));
  if (b.kind === 'infinite') return exactly(zero(format, sign));
  if (isZero(b)) return isZero(a) ? invalid(format) : { value: infinity(format, sign), flags: Flag.DZ };
  const shift = Math.max(0, STICKY_BITS + bitLength(b.significand) - bitLength(a.significand));
  const dividend = a.significand << BigInt(shift);
  return round(format, rounding, {
    sign,
    exponent: a.exponent - shift - b.exponent,
    significand: dividend / b.significand,
    sticky: dividend % b.significand !== 0n,
  });
}

export function squareRoot(format: Format, rounding: number, operand: bigint): FloatResult {
  const a = unpack(format, operand);
  if (a.kind === 'nan') return propagate(format, [a]);
  if (isZero(a)) return exactly(operand);
  if (a.sign === 1n) return invalid(format);
  if (a.kind === 'infinite') return exactly(operand);
  // Twice the bits of a root, and an exponent that can be halved.
  let shift = 2 * STICKY_BITS - bitLength(a.significand);
  if ((a.exponent - shift) % 2 !== 0) shift++;
  const square = a.significand << BigInt(shift);
  const root = integerRoot(square);
  const exponent = (a.exponent - shift) / 2;
  return round(format, rounding, { sign: 0n, exponent, significand: root, sticky: root * root !== square });
}

/** The greatest integer whose square is not above n, by Newton's method from above. */
function integerRoot(n: bigint): bigint {
  let root = 1n << BigInt(Math.ceil(bitLength(n) / 2));
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** ∞ · 0 is invalid even where a quiet NaN is added. */
export function multiplyAdd(format: Format, rounding: number, words: readonly [bigint, bigint, bigint]): FloatResult {
  const [a, b, c] = [unpack(format, words[0]), unpack(format, words[1]), unpack(format, words[2])];
  if ((a.kind === 'infinite' && isZero(b)) || (isZero(a) && b.kind === 'infinite')) return invalid(format);
  if (a.kind === 'nan' || b.kind === 'nan' || c.kind === 'nan') return propagate(format, [a, b, c]);
  if (a.kind === 'finite' && b.kind === 'finite') {
    if (c.kind === 'infinite') return exactly(words[2]);
    return round(format, rounding, sumOf(rounding, productOf(a, b), c));
  }
  const sign = a.sign ^ b.sign;
  if (c.kind === 'infinite' && c.sign === opposite(sign)) return invalid(format);
  return exactly(infinity(format, sign));
}
