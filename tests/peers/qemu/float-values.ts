// Floating-point state that a random sequence starts with: singles in their boxes, doubles, what is neither, and values
// at which operations overflow, underflow or are invalid. Left out: what makes one operation hard, which the corpora of
// tests/isa/float have.

import type { Random } from './random.ts';

/** Significand bits, and the most that an exponent field holds. */
const FORMATS = { s: { fraction: 23n, exponents: 255 }, d: { fraction: 52n, exponents: 2047 } } as const;
const BOX = 0xffff_ffff_0000_0000n;
const SMALLEST_INTEGERS = 64;
const ROUNDING_SHIFT = 5n;

export function floatValue(random: Random): bigint {
  const kind = random.weighted({ single: 45, double: 45, any: 10 });
  if (kind === 'any') return random.double();
  return kind === 'single' ? BOX | formatted(random, 's') : formatted(random, 'd');
}

function formatted(random: Random, format: keyof typeof FORMATS): bigint {
  const { fraction: bits, exponents } = FORMATS[format];
  const bias = (exponents - 1) / 2;
  const kind = random.weighted({ near: 60, edge: 25, any: 15 });
  const exponent = {
    near: () => random.between(bias - SMALLEST_INTEGERS, bias + SMALLEST_INTEGERS),
    edge: () => random.pick([0, 0, 1, 2, exponents - 2, exponents - 1, exponents, exponents]),
    any: () => random.between(0, exponents),
  }[kind]();
  const all = (1n << bits) - 1n;
  const fraction = random.chance(50) ? random.double() & all : random.pick([0n, 1n, all, (all + 1n) >> 1n]);
  return (((BigInt(random.below(2)) * BigInt(exponents + 1)) | BigInt(exponent)) << bits) | fraction;
}

/** Of fcsr: any flags, and mostly a rounding mode that there is. */
export function floatControl(random: Random): bigint {
  const rounding = random.chance(90) ? random.below(5) : random.below(8);
  return (BigInt(rounding) << ROUNDING_SHIFT) | BigInt(random.below(32));
}
