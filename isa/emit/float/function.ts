// Each operation of floating point as a wasm function that computes with the host's arithmetic where the result and
// its flags are provably those of IEEE 754, in every rounding mode, and goes the slow way elsewhere.
// Cota and Carloni (VEE 2019) do so in QEMU for one mode; here the error of an operation is computed with it, as in the
// Handbook of Floating-Point Arithmetic (error-free.ts), which tells inexactness and serves all modes (finish.ts).
// Left out: NaNs, infinities, overflow, tiny inexact results, and what is too large or small for an error to be exact.

import { unreachable } from '../../assert.ts';
import { type FloatFormat, type FloatOperation, Rounding } from '../../float/operation.ts';
import type { Code, FunctionType, Label } from '../wasm.ts';
import { pushInteger, pushIntegral } from './conversion.ts';
import { keep, quotient, type Rounded, root, toOdd, twoProduct, twoSum } from './error-free.ts';
import {
  finish,
  finishDouble,
  finishExactDouble,
  finishSingle,
  isRounding,
  leaveUnlessBelow,
  PARAMETER,
} from './finish.ts';

/**
 * Parameters: rounding (one of `Rounding`, never a reserved number), operands a, b, c.
 * Results: the value, and the flags that were raised. Operands that an operation lacks may be anything.
 */
export const FLOAT_FUNCTION: FunctionType = { parameters: ['i32', 'i64', 'i64', 'i64'], results: ['i64', 'i32'] };

/**
 * What operands are so that each step of an error-free transformation is exact. Singles, computed with as doubles,
 * need only be finite. For doubles: sums stay below 2^1024; products, quotients and what Veltkamp's splitting makes of
 * them are below 2^928, and their errors are multiples of 2^-1006, above the least double.
 */
const BOUNDS = {
  s: { addend: 2 ** 128, factor: 2 ** 128, least: 2 ** -149 },
  d: { addend: 2 ** 1000, factor: 2 ** 450, least: 2 ** -450 },
} as const;

/**
 * Emits the body of a function of that type.
 * @param slow leaves the value and the flags on the stack, for operands in the locals `PARAMETER` (an i32, three i64):
 *   calls what computes with `softFloat`.
 */
export function emitFloatFunction(
  code: Code,
  operation: FloatOperation,
  format: FloatFormat,
  slow: (code: Code) => void,
): void {
  const label = code.open('block');
  new FloatFunction(code, format, label).emit(operation);
  code.end();
  slow(code);
}

class FloatFunction {
  private readonly code: Code;
  private readonly format: FloatFormat;
  /** Where it goes that is not proven. */
  private readonly slow: Label;

  constructor(code: Code, format: FloatFormat, slow: Label) {
    this.code = code;
    this.format = format;
    this.slow = slow;
  }

  emit(operation: FloatOperation): void {
    const { code, slow } = this;
    switch (operation) {
      case 'add':
      case 'sub':
        this.sum(operation);
        return;
      case 'mul':
        this.product();
        return;
      case 'div':
        this.quotient();
        return;
      case 'sqrt':
        this.root();
        return;
      case 'multiplyAdd':
        this.multiplyAdd();
        return;
      case 'min':
      case 'max':
        this.extremum(operation);
        return;
      case 'equal':
        this.comparison('f64.eq');
        return;
      case 'less':
        this.comparison('f64.lt');
        return;
      case 'lessOrEqual':
        this.comparison('f64.le');
        return;
      case 'toInt32':
      case 'toUint32':
      case 'toInt64':
      case 'toUint64':
        this.toInteger(operation);
        return;
      case 'fromInt32':
      case 'fromUint32':
        code.op('local.get', PARAMETER.a).op('i32.wrap_i64');
        code.op(operation === 'fromInt32' ? 'f64.convert_i32_s' : 'f64.convert_i32_u');
        this.exact(keep(code));
        return;
      case 'fromInt64':
      case 'fromUint64':
        this.fromLong(operation);
        return;
      case 'toSingle': {
        const a = this.operand(PARAMETER.a, 'd');
        leaveUnlessBelow(code, a, Number.POSITIVE_INFINITY, slow);
        finishSingle(code, a, undefined, slow);
        return;
      }
      case 'toDouble': {
        const a = this.operand(PARAMETER.a, 's');
        this.leaveIfNaN(a);
        finishExactDouble(code, a);
        return;
      }
      default:
        unreachable(operation);
    }
  }

  /** An operand as a double, which every single is. */
  private operand(parameter: number, format = this.format): number {
    const { code } = this;
    code.op('local.get', parameter);
    if (format === 'd') code.op('f64.reinterpret_i64');
    else code.op('i32.wrap_i64').op('f32.reinterpret_i32').op('f64.promote_f32');
    return keep(code);
  }
  private addend(parameter: number): number {
    const local = this.operand(parameter);
    leaveUnlessBelow(this.code, local, BOUNDS[this.format].addend, this.slow);
    return local;
  }
  /** 0 is one, where the operation is exact then. */
  private factor(parameter: number, mayBeZero = true): number {
    const { code } = this;
    const local = this.operand(parameter);
    const { factor, least } = BOUNDS[this.format];
    leaveUnlessBelow(code, local, factor, this.slow);
    code.op('local.get', local).op('f64.abs').f64(least).op('f64.lt');
    if (mayBeZero) code.op('local.get', local).f64(0).op('f64.ne').op('i32.and');
    code.leaveIf(this.slow);
    return local;
  }
  private leaveIfNaN(local: number): void {
    this.code.op('local.get', local).op('local.get', local).op('f64.ne').leaveIf(this.slow);
  }

  /** Ends with the exact result in a double and its error. */
  private rounded(result: Rounded, isScaled = true): void {
    if (this.format === 'd') finishDouble(this.code, result, isScaled);
    else finishSingle(this.code, result.value, result.error, this.slow);
  }
  private exact(value: number): void {
    if (this.format === 'd') finishExactDouble(this.code, value);
    else finishSingle(this.code, value, undefined, this.slow);
  }

  private sum(operation: 'add' | 'sub'): void {
    const { code } = this;
    const a = this.addend(PARAMETER.a);
    const b = this.addend(PARAMETER.b);
    if (operation === 'sub') code.op('local.get', b).op('f64.neg').op('local.set', b);
    const sum = twoSum(code, a, b);
    this.zeroDown(sum.value, a, b);
    this.rounded(sum);
  }

  /** An exact sum that is zero, rounded down: negative but for two positive zeros, so the negative of -a + -b. */
  private zeroDown(sum: number, a: number, b: number): void {
    const { code } = this;
    code.op('local.get', sum).f64(0).op('f64.eq');
    isRounding(code, Rounding.RDN).op('i32.and');
    code.open('if');
    code.op('local.get', a).op('f64.neg').op('local.get', b).op('f64.neg').op('f64.add').op('f64.neg');
    code.op('local.set', sum);
    code.end();
  }

  private product(): void {
    const { code } = this;
    const a = this.factor(PARAMETER.a);
    const b = this.factor(PARAMETER.b);
    if (this.format === 'd') this.rounded(twoProduct(code, a, b));
    else {
      code.op('local.get', a).op('local.get', b).op('f64.mul'); // 48 bits
      this.exact(keep(code));
    }
  }

  private quotient(): void {
    const a = this.factor(PARAMETER.a);
    const b = this.factor(PARAMETER.b, false);
    this.rounded(quotient(this.code, a, b), false);
  }

  private root(): void {
    const { code } = this;
    const a = this.factor(PARAMETER.a);
    code.op('local.get', a).f64(0).op('f64.lt').leaveIf(this.slow);
    this.rounded(root(code, a), false);
  }

  /**
   * Singles: the product is exact, the sum's error is known.
   * Doubles: Boldo and Melquiond 2008. The product is high + low, and low + c = u + v; high + u = t + w; then the result is
   * t + (w + v), the inner sum rounded to odd. No underflow: a low part is a multiple of 2^-1006, and c may be any.
   * The sum's error has the sign of the exact one, since an inner sum that is inexact lies far below t: its last bit,
   * which is 1, is below half of the result's, so the error is no less than that bit, and there is no tie.
   */
  private multiplyAdd(): void {
    const { code } = this;
    const a = this.factor(PARAMETER.a);
    const b = this.factor(PARAMETER.b);
    const c = this.addend(PARAMETER.c);
    let sum: Rounded;
    let high: number;
    if (this.format === 'd') {
      const product = twoProduct(code, a, b);
      high = product.value;
      const lower = twoSum(code, c, product.error);
      const upper = twoSum(code, high, lower.value);
      const rest = twoSum(code, upper.error, lower.error);
      toOdd(code, rest);
      sum = twoSum(code, upper.value, rest.value);
    } else {
      code.op('local.get', a).op('local.get', b).op('f64.mul');
      high = keep(code);
      sum = twoSum(code, high, c);
    }
    // Zero only if exactly; then the product is high alone, and its sign counts.
    code.op('local.get', sum.value).f64(0).op('f64.eq');
    code.open('if');
    code.op('local.get', high).op('local.get', c).op('f64.add').op('local.set', sum.value);
    code.end();
    this.zeroDown(sum.value, high, c);
    this.rounded(sum);
  }

  /** wasm's own are IEEE 754's minimum and maximum, which differ by NaNs alone. */
  private extremum(operation: 'min' | 'max'): void {
    const { code } = this;
    const a = this.operand(PARAMETER.a);
    const b = this.operand(PARAMETER.b);
    code
      .op('local.get', a)
      .op('local.get', b)
      .op(operation === 'min' ? 'f64.min' : 'f64.max');
    const value = keep(code);
    this.leaveIfNaN(value);
    if (this.format === 'd') finishExactDouble(code, value);
    else {
      code.op('local.get', value).op('f32.demote_f64').op('i32.reinterpret_f32').op('i64.extend_i32_u');
      finish(code, 0);
    }
  }

  private comparison(operation: 'f64.eq' | 'f64.lt' | 'f64.le'): void {
    const { code } = this;
    const a = this.operand(PARAMETER.a);
    const b = this.operand(PARAMETER.b);
    this.leaveIfNaN(a);
    this.leaveIfNaN(b);
    code.op('local.get', a).op('local.get', b).op(operation).op('i64.extend_i32_u');
    finish(code, 0);
  }

  private toInteger(operation: 'toInt32' | 'toUint32' | 'toInt64' | 'toUint64'): void {
    const { code } = this;
    const a = this.operand(PARAMETER.a);
    pushIntegral(code, a);
    const integral = keep(code);
    pushInteger(code, operation, integral, this.slow);
    code.op('local.get', integral).op('local.get', a).op('f64.ne'); // that is NX
    code.op('return');
  }

  /** Both halves are doubles, and so is the error of their sum. */
  private fromLong(operation: 'fromInt64' | 'fromUint64'): void {
    const { code } = this;
    code.op('local.get', PARAMETER.a).i64(32n).op('i64.shr_u').op('i32.wrap_i64');
    code
      .op(operation === 'fromInt64' ? 'f64.convert_i32_s' : 'f64.convert_i32_u')
      .f64(2 ** 32)
      .op('f64.mul');
    const high = keep(code);
    code.op('local.get', PARAMETER.a).op('i32.wrap_i64').op('f64.convert_i32_u');
    this.rounded(twoSum(code, high, keep(code)));
  }
}
