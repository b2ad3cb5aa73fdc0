// IEEE 754 arithmetic over bigint: the plain form, by which every other one is judged.
// Each operation of operation.ts, as the chapters "F" and "D" of the unprivileged manual describe them.
// Left out: speed. The translator computes with the host's floating point where that is provably the same.

import { unreachable } from '../assert.ts';
import { add, divide, multiply, multiplyAdd, squareRoot, subtract } from './arithmetic.ts';
import { compare, extremum } from './comparison.ts';
import { fromInteger, type IntegerType, toFormat, toInteger } from './conversion.ts';
import { FORMATS } from './format.ts';
import type { FloatFormat, FloatOperation, FloatResult } from './operation.ts';

const INT32: IntegerType = { bits: 32, isSigned: true };
const UINT32: IntegerType = { bits: 32, isSigned: false };
const INT64: IntegerType = { bits: 64, isSigned: true };
const UINT64: IntegerType = { bits: 64, isSigned: false };

/** `rounding` is one of `Rounding`; operands that the operation lacks are ignored. */
export function softFloat(
  operation: FloatOperation,
  format: FloatFormat,
  rounding: number,
  a: bigint,
  b: bigint,
  c: bigint,
): FloatResult {
  const of = FORMATS[format];
  switch (operation) {
    case 'add':
      return add(of, rounding, a, b);
    case 'sub':
      return subtract(of, rounding, a, b);
    case 'mul':
      return multiply(of, rounding, a, b);
    case 'div':
      return divide(of, rounding, a, b);
    case 'sqrt':
      return squareRoot(of, rounding, a);
    case 'multiplyAdd':
      return multiplyAdd(of, rounding, [a, b, c]);
    case 'min':
    case 'max':
      return extremum(of, operation, a, b);
    case 'equal':
    case 'less':
    case 'lessOrEqual':
      return compare(of, operation, a, b);
    case 'toInt32':
      return toInteger(of, INT32, rounding, a);
    case 'toUint32':
      return toInteger(of, UINT32, rounding, a);
    case 'toInt64':
      return toInteger(of, INT64, rounding, a);
    case 'toUint64':
      return toInteger(of, UINT64, rounding, a);
    case 'fromInt32':
      return fromInteger(of, INT32, rounding, a);
    case 'fromUint32':
      return fromInteger(of, UINT32, rounding, a);
    case 'fromInt64':
      return fromInteger(of, INT64, rounding, a);
    case 'fromUint64':
      return fromInteger(of, UINT64, rounding, a);
    case 'toSingle':
      return toFormat(FORMATS.d, FORMATS.s, rounding, a);
    case 'toDouble':
      return toFormat(FORMATS.s, FORMATS.d, rounding, a);
    default:
      return unreachable(operation);
  }
}
