// 64-bit arithmetic on bigint: each function takes and yields unsigned values of 64 bits. They are what the reference
// evaluator computes with and what the recorder folds constants with, so that both agree by construction.

const BITS = 64;
export const MASK64 = (1n << 64n) - 1n;
const SHIFT_MASK = 63n;

export const unsigned = (a: bigint): bigint => BigInt.asUintN(BITS, a);
export const signed = (a: bigint): bigint => BigInt.asIntN(BITS, a);

export const arithmetic = {
  add: (a, b) => unsigned(a + b),
  sub: (a, b) => unsigned(a - b),
  mul: (a, b) => unsigned(a * b),
  mulHigh: (a, b) => unsigned((signed(a) * signed(b)) >> 64n),
  mulHighUnsigned: (a, b) => (a * b) >> 64n,
  mulHighSignedUnsigned: (a, b) => unsigned((signed(a) * b) >> 64n),
  divide: (a, b) => unsigned(signed(a) / signed(b)),
  divideUnsigned: (a, b) => a / b,
  remainder: (a, b) => unsigned(signed(a) % signed(b)),
  remainderUnsigned: (a, b) => a % b,
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  shiftLeft: (a, by) => unsigned(a << (by & SHIFT_MASK)),
  shiftRight: (a, by) => a >> (by & SHIFT_MASK),
  shiftRightArithmetic: (a, by) => unsigned(signed(a) >> (by & SHIFT_MASK)),
  rotateLeft: (a, by) => unsigned((a << (by & SHIFT_MASK)) | (a >> (-by & SHIFT_MASK))),
  rotateRight: (a, by) => unsigned((a >> (by & SHIFT_MASK)) | (a << (-by & SHIFT_MASK))),
  lessThan: (a, b) => (signed(a) < signed(b) ? 1n : 0n),
  lessThanUnsigned: (a, b) => (a < b ? 1n : 0n),
} as const satisfies Record<string, (a: bigint, b: bigint) => bigint>;
export type BinaryOperation = keyof typeof arithmetic;

const binary = (a: bigint): string => a.toString(2).padStart(BITS, '0');
const bytewise = (a: bigint, change: (bytes: string[]) => string[]): bigint =>
  BigInt(
    `0x${change(
      a
        .toString(16)
        .padStart(BITS / 4, '0')
        .match(/../g) ?? [],
    ).join('')}`,
  );

export const unaryArithmetic = {
  countLeadingZeros: (a) => BigInt(`${binary(a)}1`.indexOf('1')),
  countTrailingZeros: (a) => BigInt(BITS - `1${binary(a)}`.lastIndexOf('1')),
  populationCount: (a) => BigInt(binary(a).replaceAll('0', '').length),
  reverseBytes: (a) => bytewise(a, (bytes) => bytes.reverse()),
  orCombineBytes: (a) => bytewise(a, (bytes) => bytes.map((byte) => (byte === '00' ? '00' : 'ff'))),
} as const satisfies Record<string, (a: bigint) => bigint>;
export type UnaryOperation = keyof typeof unaryArithmetic;

/** `ones[n]` has the low n bits set; `1n << n` at each use would double the reference's time. */
export const ones: readonly bigint[] = Array.from({ length: BITS + 1 }, (_, n) => (1n << BigInt(n)) - 1n);
