// The formats of IEEE 754 taken apart: a word is a finite number, an infinity or a NaN; a number is a sign and a
// significand times a power of two. Zero is a number whose significand is 0, a subnormal one has fewer bits than others.
// Left out: payloads of NaNs. No operation of RISC-V propagates them: every NaN that it makes is the canonical one.

import { ones } from '../bigints.ts';
import type { FloatFormat } from './operation.ts';

/** (−1)^sign · significand · 2^exponent. */
export interface Finite {
  readonly kind: 'finite';
  readonly sign: bigint;
  readonly exponent: number;
  readonly significand: bigint;
}
export interface Infinite {
  readonly kind: 'infinite';
  readonly sign: bigint;
}
export interface NotANumber {
  readonly kind: 'nan';
  readonly isSignaling: boolean;
}
export type Unpacked = Finite | Infinite | NotANumber;

/** What makes a format: widths of its fields. */
export interface Format {
  readonly exponentBits: number;
  /** Bits that a significand has in a word: one less than the precision. */
  readonly fractionBits: number;
}
export const FORMATS: Readonly<Record<FloatFormat, Format>> = {
  s: { exponentBits: 8, fractionBits: 23 },
  d: { exponentBits: 11, fractionBits: 52 },
};

/** The exponent field of infinities and NaNs. */
const special = ({ exponentBits }: Format): number => 2 ** exponentBits - 1;
export const bias = ({ exponentBits }: Format): number => 2 ** (exponentBits - 1) - 1;
/** The exponent of the last bit of a subnormal number, and of the least normal ones. */
export const leastExponent = (format: Format): number => 1 - bias(format) - format.fractionBits;

const fields = (format: Format, sign: bigint, exponent: number, fraction: bigint): bigint =>
  (((sign << BigInt(format.exponentBits)) | BigInt(exponent)) << BigInt(format.fractionBits)) | fraction;

export const infinity = (format: Format, sign: bigint): bigint => fields(format, sign, special(format), 0n);
export const zero = (format: Format, sign: bigint): bigint => fields(format, sign, 0, 0n);
/** The number of greatest magnitude. */
export const greatest = (format: Format, sign: bigint): bigint => infinity(format, sign) - 1n;
/** Quiet, positive, no payload. */
export const canonicalNaN = (format: Format): bigint =>
  fields(format, 0n, special(format), 1n << BigInt(format.fractionBits - 1));

export function unpack(format: Format, word: bigint): Unpacked {
  const { exponentBits, fractionBits } = format;
  const fraction = word & (ones[fractionBits] as bigint);
  const exponent = Number((word >> BigInt(fractionBits)) & (ones[exponentBits] as bigint));
  const sign = (word >> BigInt(fractionBits + exponentBits)) & 1n;
  if (exponent === special(format)) {
    if (fraction === 0n) return { kind: 'infinite', sign };
    return { kind: 'nan', isSignaling: fraction >> BigInt(fractionBits - 1) === 0n };
  }
  const least = leastExponent(format);
  if (exponent === 0) return { kind: 'finite', sign, exponent: least, significand: fraction };
  const significand = fraction | (1n << BigInt(fractionBits));
  return { kind: 'finite', sign, exponent: least + exponent - 1, significand };
}

/**
 * The word of a number whose exponent is that of its last bit in the format.
 * The significand's leading bit carries into the exponent field; so does one that rounding made a bit longer.
 */
export function pack(format: Format, sign: bigint, exponent: number, significand: bigint): bigint {
  const magnitude = (BigInt(exponent - leastExponent(format)) << BigInt(format.fractionBits)) + significand;
  return fields(format, sign, 0, 0n) + magnitude;
}
