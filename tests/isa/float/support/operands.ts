// Operands that are likely to be hard: exponents at the edges of a format or near another operand's, significands of
// few bits, of many, or next to those; a second operand that cancels the first; an addend that cancels a product.
// Left out: NaNs with payloads, but for some.

import fc from 'fast-check';
import { FORMATS } from '../../../../isa/float/format.ts';
import { type FloatFormat, type FloatOperation, Rounding } from '../../../../isa/float/operation.ts';
import { softFloat } from '../../../../isa/float/soft.ts';

export type Operands = readonly [bigint, bigint, bigint];

const widths = (format: FloatFormat) => {
  const { exponentBits, fractionBits } = FORMATS[format];
  const all = 2 ** exponentBits - 1;
  return { exponentBits, fractionBits, all, bias: (all - 1) / 2, bits: exponentBits + fractionBits + 1 };
};

/** Few ones, few zeros, or any, with what lies next to it. */
function fraction(bits: number): fc.Arbitrary<bigint> {
  const all = (1n << BigInt(bits)) - 1n;
  const place = fc.integer({ min: 0, max: bits }).map((n) => 1n << BigInt(n));
  const sparse = fc.array(place, { maxLength: 3 }).map((places) => places.reduce((sum, one) => sum ^ one, 0n));
  const run = fc.tuple(place, place).map(([a, b]) => a - b);
  return fc
    .tuple(fc.oneof(sparse, run, fc.bigInt({ min: 0n, max: all })), fc.constantFrom(0n, 0n, 0n, 1n, -1n), fc.boolean())
    .map(([value, step, isInverted]) => ((isInverted ? ~value : value) + step) & all);
}

function exponent(format: FloatFormat): fc.Arbitrary<number> {
  const { all, bias, fractionBits } = widths(format);
  const near = (to: number, by: number) => fc.integer({ min: Math.max(0, to - by), max: Math.min(all, to + by) });
  const edges = fc.oneof(near(0, 3), near(all, 3), near(fractionBits, 3), near(all - fractionBits, 3));
  // Products and quotients at the edges, and integers.
  const halves = fc.oneof(near(bias >> 1, 4), near(bias + (bias >> 1), 4), near(bias + 31, 3), near(bias + 63, 3));
  return fc.oneof(near(bias, 3), near(bias, 60), near(bias, 60), edges, halves, fc.integer({ min: 0, max: all }));
}

export function word(format: FloatFormat): fc.Arbitrary<bigint> {
  const { exponentBits, fractionBits } = widths(format);
  return fc
    .tuple(fc.bigInt({ min: 0n, max: 1n }), exponent(format), fraction(fractionBits))
    .map(([s, e, f]) => (((s << BigInt(exponentBits)) | BigInt(e)) << BigInt(fractionBits)) | f);
}

/** Three words, the later ones often near to what makes the operation hard. */
export function operands(format: FloatFormat): fc.Arbitrary<Operands> {
  const { bits, fractionBits } = widths(format);
  const sign = 1n << BigInt(bits - 1);
  const mask = sign * 2n - 1n;
  const step = fc.bigInt({ min: -2n, max: 2n });
  return fc
    .tuple(word(format), word(format), word(format), fc.nat(4), step, fc.integer({ min: -60, max: 60 }))
    .map(([a, b, c, kind, by, apart]): Operands => {
      const shift = BigInt(apart) << BigInt(fractionBits);
      const product = (second: bigint) => softFloat('mul', format, 0, a, second, 0n).value;
      switch (kind) {
        case 0:
          return [a, b, c];
        case 1:
          return [a, ((a ^ sign) + by) & mask, a];
        case 2:
          return [a, (a + shift + (b & (sign >> 9n))) & mask, (product(a) + shift + by) & mask];
        case 3:
          return [a, b, ((product(b) ^ sign) + by) & mask];
        default:
          return [a, b, (product(b) + shift + (c & ((1n << BigInt(fractionBits)) - 1n))) & mask];
      }
    });
}

/** Integers of any number of bits, of few ones, and next to those. */
export const integer: fc.Arbitrary<bigint> = fc
  .tuple(fraction(64), fc.integer({ min: 0, max: 63 }), fc.boolean())
  .map(([value, by, isSigned]) =>
    isSigned ? BigInt.asUintN(64, BigInt.asIntN(64, value) >> BigInt(by)) : value >> BigInt(by),
  );

const ORDINARY = [0, 1, 2, 3, 10, 1000, 0.5, 0.1, 123456.789];

function bitsOf(x: number): bigint {
  const view = new DataView(new ArrayBuffer(Float64Array.BYTES_PER_ELEMENT));
  view.setFloat64(0, x);
  return view.getBigUint64(0);
}

/** Operands as programs have them, for which no operation should be slow: what is invalid is not among them. */
export function ordinary(operation: FloatOperation, format: FloatFormat): Operands[] {
  const numbers = /^toUint|sqrt/.test(operation) ? ORDINARY : ORDINARY.flatMap((x) => [x, -x]);
  const single = (x: number) => softFloat('toSingle', 'd', Rounding.RNE, bitsOf(x), 0n, 0n).value;
  const whole = (x: number) => BigInt.asUintN(64, BigInt(Math.trunc(x)));
  const words = numbers.map(operation.startsWith('from') ? whole : format === 's' ? single : bitsOf);
  const seconds = words.filter((_, index) => operation !== 'div' || numbers[index] !== 0);
  return words.flatMap((a) => seconds.map((b): Operands => [a, b, words[1] as bigint]));
}
