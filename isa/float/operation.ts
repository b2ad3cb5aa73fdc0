// The arithmetic of the F and D extensions as a list of operations: what a back end must be able to compute.
// Chapters "F" and "D" of the unprivileged manual say what each means; fflags and frm have their numbers from there.
// Left out: sign injection, fclass, moves and NaN boxing, which are bits and no arithmetic: the definitions write them.

/** binary32 and binary64. A value of format `s` is in the low 32 bits, zero-extended. */
export type FloatFormat = 's' | 'd';

/**
 * By name: how many operands it has.
 * `multiplyAdd` is a · b + c, rounded once; its negated forms flip signs of operands.
 * `min` and `max` are IEEE 754-2019's minimumNumber and maximumNumber.
 * `equal`, `less` and `lessOrEqual` yield 0 or 1; the last two signal every NaN.
 * `toInt32` and its like yield the register's 64 bits, those of 32 sign-extended, saturated where out of range.
 * `fromInt32` and its like read as many bits of their operand.
 * `format` is that of the operands; of the result, where operands are integers.
 * `toSingle` has format `d` and yields `s`, `toDouble` the other way round.
 */
export const FLOAT_OPERANDS = {
  add: 2,
  sub: 2,
  mul: 2,
  div: 2,
  sqrt: 1,
  multiplyAdd: 3,
  min: 2,
  max: 2,
  equal: 2,
  less: 2,
  lessOrEqual: 2,
  toInt32: 1,
  toUint32: 1,
  toInt64: 1,
  toUint64: 1,
  fromInt32: 1,
  fromUint32: 1,
  fromInt64: 1,
  fromUint64: 1,
  toSingle: 1,
  toDouble: 1,
} as const;
export const MOST_FLOAT_OPERANDS = 3;
export type FloatOperation = keyof typeof FLOAT_OPERANDS;

/** Every operation in every format that it has. */
export const FLOAT_FORMS: readonly { readonly operation: FloatOperation; readonly format: FloatFormat }[] = (
  Object.keys(FLOAT_OPERANDS) as FloatOperation[]
).flatMap((operation) =>
  (['s', 'd'] as const)
    .filter((format) => (operation === 'toSingle' ? 'd' : operation === 'toDouble' ? 's' : format) === format)
    .map((format) => ({ operation, format })),
);
/** The number of one of them in that list. */
export const floatForm = (operation: FloatOperation, format: FloatFormat): number =>
  FLOAT_FORMS.findIndex((form) => form.operation === operation && form.format === format);

/** frm's values: to nearest, ties to even; towards zero; down; up; to nearest, ties away from zero. */
export const Rounding = { RNE: 0, RTZ: 1, RDN: 2, RUP: 3, RMM: 4 } as const;

/** fflags' bits: inexact, underflow, overflow, division by zero, invalid. */
export const Flag = { NX: 1, UF: 2, OF: 4, DZ: 8, NV: 16 } as const;

/** What an operation yields, and the flags that it raises. */
export interface FloatResult {
  readonly value: bigint;
  readonly flags: number;
}
