// Conversions between formats, and between a format and integers.
// Chapter "F" of the unprivileged manual: out of range, an integer is the nearest there is, and the operation is
// invalid, not inexact; a NaN counts as above all.
// Left out: fcvtmod.w.d, which is another extension's.

import { unsigned } from '../bigints.ts';
import { canonicalNaN, type Format, infinity, unpack } from './format.ts';
import { Flag, type FloatResult } from './operation.ts';
import { exactly, round, roundTo } from './round.ts';

export interface IntegerType {
  readonly bits: number;
  readonly isSigned: boolean;
}

const leastOf = ({ bits, isSigned }: IntegerType): bigint => (isSigned ? -(1n << BigInt(bits - 1)) : 0n);
const greatestOf = ({ bits, isSigned }: IntegerType): bigint => (1n << BigInt(isSigned ? bits - 1 : bits)) - 1n;
/** As a register holds it: 32 bits are sign-extended, unsigned ones too. */
const inRegister = ({ bits }: IntegerType, value: bigint): bigint => unsigned(BigInt.asIntN(bits, value));

export function toInteger(format: Format, type: IntegerType, rounding: number, word: bigint): FloatResult {
  const out = (value: bigint): FloatResult => ({ value: inRegister(type, value), flags: Flag.NV });
  const a = unpack(format, word);
  if (a.kind === 'nan') return out(greatestOf(type));
  if (a.kind === 'infinite') return out(a.sign === 1n ? leastOf(type) : greatestOf(type));
  const { multiple, isExact } = roundTo(a, 0, rounding);
  const value = a.sign === 1n ? -multiple : multiple;
  if (value < leastOf(type)) return out(leastOf(type));
  if (value > greatestOf(type)) return out(greatestOf(type));
  return { value: inRegister(type, value), flags: isExact ? 0 : Flag.NX };
}

export function fromInteger(format: Format, { bits, isSigned }: IntegerType, rounding: number, a: bigint): FloatResult {
  const value = isSigned ? BigInt.asIntN(bits, a) : BigInt.asUintN(bits, a);
  const sign = value < 0n ? 1n : 0n;
  return round(format, rounding, { sign, exponent: 0, significand: value < 0n ? -value : value });
}

export function toFormat(from: Format, to: Format, rounding: number, word: bigint): FloatResult {
  const a = unpack(from, word);
  if (a.kind === 'nan') return { value: canonicalNaN(to), flags: a.isSignaling ? Flag.NV : 0 };
  if (a.kind === 'infinite') return exactly(infinity(to, a.sign));
  return round(to, rounding, a);
}
