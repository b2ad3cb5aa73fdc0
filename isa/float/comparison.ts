// Comparisons, and the lesser and the greater of two: orders of numbers that never round.
// Chapter "F" of the unprivileged manual: feq is quiet, flt and fle signal; fmin and fmax prefer numbers to NaNs.
// Left out: total order and classes; fclass is a matter of bits.

import { canonicalNaN, type Format, type Unpacked, unpack, zero } from './format.ts';
import { Flag, type FloatOperation, type FloatResult } from './operation.ts';

export type Comparison = Extract<FloatOperation, 'equal' | 'less' | 'lessOrEqual'>;

const isNotANumber = (a: Unpacked): boolean => a.kind === 'nan';
const signals = (a: Unpacked): boolean => a.kind === 'nan' && a.isSignaling;

/** Words in the order of their numbers, as integers; a negative zero comes before a positive one. */
function rank(format: Format, word: bigint): bigint {
  const sign = zero(format, 1n);
  return word & sign ? sign - word - 1n : word;
}
const isZero = (format: Format, word: bigint): boolean => (word & ~zero(format, 1n)) === 0n;

export function compare(format: Format, operation: Comparison, first: bigint, second: bigint): FloatResult {
  const operands = [unpack(format, first), unpack(format, second)];
  if (operands.some(isNotANumber)) {
    const isInvalid = operation !== 'equal' || operands.some(signals);
    return { value: 0n, flags: isInvalid ? Flag.NV : 0 };
  }
  const isEqual = first === second || (isZero(format, first) && isZero(format, second));
  const isLess = !isEqual && rank(format, first) < rank(format, second);
  const holds = { equal: isEqual, less: isLess, lessOrEqual: isLess || isEqual }[operation];
  return { value: holds ? 1n : 0n, flags: 0 };
}

/** Of two NaNs the canonical one; of a NaN and a number the number, even where the NaN signals. */
export function extremum(format: Format, operation: 'min' | 'max', first: bigint, second: bigint): FloatResult {
  const [a, b] = [unpack(format, first), unpack(format, second)];
  const flags = signals(a) || signals(b) ? Flag.NV : 0;
  if (isNotANumber(a)) return { value: isNotANumber(b) ? canonicalNaN(format) : second, flags };
  if (isNotANumber(b)) return { value: first, flags };
  const firstIsLess = rank(format, first) < rank(format, second);
  return { value: firstIsLess === (operation === 'min') ? first : second, flags };
}
