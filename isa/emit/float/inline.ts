// Floating point in line, for code that is run often: the host's operation, and a look at its result.
// It holds where rounding is to nearest, ties to even, and fflags.NX is already set, so that nobody can tell whether
// a result is exact. What is left to see is a result that is not finite, or may be tiny: the host rounds as IEEE 754
// does, and a finite result has finite operands, but for what is said at an operation.
// Cota and Carloni, "Cross-ISA machine instrumentation using fast and scalable dynamic binary translation" (VEE 2019).
// Left out: what is not proven here, which function.ts has.

import { assert, unreachable } from '../../assert.ts';
import { bias, FORMATS } from '../../float/format.ts';
import { type FloatFormat, type FloatOperation, Rounding } from '../../float/operation.ts';
import type { Code, Operation } from '../wasm.ts';
import type { ToInteger } from './conversion.ts';
import { branchingSum, keep, twoProduct, twoSum } from './error-free.ts';

/** What instructions of both formats are called behind the type. */
type Shared<O> = O extends `f64.${infer Name}` ? (`f32.${Name}` extends Operation ? Name : never) : never;
type Host = Shared<Operation>;
const HOST_TYPE = { s: 'f32', d: 'f64' } as const;

const EXACT: readonly FloatOperation[] = ['min', 'max', 'equal', 'less', 'lessOrEqual', 'toDouble'];
const EXACT_AS_DOUBLE: readonly FloatOperation[] = ['fromInt32', 'fromUint32'];

/** Whether neither frm nor fflags.NX matters to what `emitInline` makes. */
export function isAlwaysExact(operation: FloatOperation, format: FloatFormat): boolean {
  return EXACT.includes(operation) || (format === 'd' && EXACT_AS_DOUBLE.includes(operation));
}

/** Whether `emitInline` knows the operation in a rounding mode, which is RNE where the instruction leaves it to frm. */
export function hasInline(operation: FloatOperation, format: FloatFormat, rounding: number): boolean {
  if (rounding === Rounding.RNE || isAlwaysExact(operation, format)) return true;
  return rounding === Rounding.RTZ && isToInteger(operation);
}
const isToInteger = (operation: FloatOperation): operation is ToInteger => operation in INTEGER_BITS;

/**
 * Leaves the result, an i64, on the stack. It raises no flag but NX.
 * @param operands i64 locals: as many as the operation has.
 * @param whenNot emits what leaves where the result is not proven: a branch. It is emitted once, inside an `if`.
 */
export function emitInline(
  code: Code,
  operation: FloatOperation,
  format: FloatFormat,
  rounding: number,
  operands: readonly number[],
  whenNot: () => void,
): void {
  assert(hasInline(operation, format, rounding), `${operation}.${format} is not computed in line in mode ${rounding}`);
  const mark = code.mark();
  new Inline(code, format, operands, whenNot).emit(operation, rounding);
  code.reset(mark);
}

/** Below which power of two a number fits, and whether it may be negative. */
const INTEGER_BITS = {
  toInt32: { bits: 31, isSigned: true },
  toUint32: { bits: 32, isSigned: false },
  toInt64: { bits: 63, isSigned: true },
  toUint64: { bits: 63, isSigned: false }, // one less than there are: as a signed integer, which the host makes faster
} as const satisfies Record<ToInteger, object>;

/** How far to the left a word's sign goes out of 64 bits; then how far to the right the rest of its fields. */
const SIGN_SHIFT = { s: 33n, d: 1n } as const;
const EXPONENT_SHIFT = { s: 56n, d: 53n } as const;
/** The exponent field of infinities and NaNs. */
const SPECIAL = { s: 0xffn, d: 0x7ffn } as const;
/** A number with the exponent field 1 may have been a tiny one before the host rounded it. */
const LEAST_FIELD = 2n;

/** Leaves the lower 29 bits of a double, which a single lacks, and the word where they are half of its last bit. */
const CUT_SHIFT = 3;
const HALF = 0x8000_0000;

/** Powers of two between which a product of doubles may lie: its error is a double then. */
const PRODUCT_RANGE = 900;
/** More than what rounding makes of a number, as a part of it, three times over. */
const REST_ERROR = 2 ** -51;

class Inline {
  private readonly code: Code;
  private readonly format: FloatFormat;
  private readonly operands: readonly number[];
  private readonly whenNot: () => void;

  constructor(code: Code, format: FloatFormat, operands: readonly number[], whenNot: () => void) {
    this.code = code;
    this.format = format;
    this.operands = operands;
    this.whenNot = whenNot;
  }

  emit(operation: FloatOperation, rounding: number): void {
    const { code, format } = this;
    switch (operation) {
      case 'add':
      case 'sub':
        // A sum has no underflow: a tiny one is exact.
        this.binary(operation);
        this.finite();
        return;
      case 'mul':
        this.binary(operation);
        this.normal(format, () => {
          this.isZero(this.operand(0));
          this.isZero(this.operand(1));
          code.op('i32.or');
        });
        return;
      case 'div':
        // 0 / 0 is no zero.
        this.binary(operation);
        this.normal(format, () => this.isZero(this.operand(0)));
        return;
      case 'sqrt':
        // Only a NaN comes of what is invalid; a root is never tiny, and that of infinity is exact.
        this.float(0);
        this.host('sqrt');
        this.unlessNaN();
        return;
      case 'multiplyAdd':
        if (format === 'd') this.fused();
        else this.multiplyAdd();
        return;
      case 'min':
      case 'max':
        this.binary(operation);
        this.unlessNaN();
        return;
      case 'equal':
        this.compare('eq');
        return;
      case 'less':
        this.compare('lt');
        return;
      case 'lessOrEqual':
        this.compare('le');
        return;
      case 'toInt32':
      case 'toUint32':
      case 'toInt64':
      case 'toUint64':
        this.toInteger(operation, rounding);
        return;
      case 'fromInt32':
        code.op('local.get', this.operand(0)).op('i32.wrap_i64');
        this.host('convert_i32_s');
        this.done();
        return;
      case 'fromUint32':
        code.op('local.get', this.operand(0)).op('i32.wrap_i64');
        this.host('convert_i32_u');
        this.done();
        return;
      case 'fromInt64':
        code.op('local.get', this.operand(0));
        this.host('convert_i64_s');
        this.done();
        return;
      case 'fromUint64':
        code.op('local.get', this.operand(0));
        this.host('convert_i64_u');
        this.done();
        return;
      case 'toSingle':
        this.float(0);
        code.op('f32.demote_f64');
        this.normal('s', () => this.isZero(this.operand(0)));
        return;
      case 'toDouble':
        this.double(0);
        this.unlessNaN('d');
        return;
      default:
        unreachable(operation);
    }
  }

  private operand(index: number): number {
    return this.operands[index] as number; // as many as the operation has
  }
  /** An operand in its own format. */
  private float(index: number): void {
    const { code } = this;
    code.op('local.get', this.operand(index));
    if (this.format === 'd') code.op('f64.reinterpret_i64');
    else code.op('i32.wrap_i64').op('f32.reinterpret_i32');
  }
  /** A single as a double. */
  private double(index: number): void {
    this.float(index);
    this.code.op('f64.promote_f32');
  }
  private host(name: Host): void {
    this.code.op(`${HOST_TYPE[this.format]}.${name}`);
  }
  private binary(name: Host): void {
    this.float(0);
    this.float(1);
    this.host(name);
  }

  /** A number of a format as the register's value. */
  private done(format = this.format): void {
    if (format === 'd') this.code.op('i64.reinterpret_f64');
    else this.code.op('i32.reinterpret_f32').op('i64.extend_i32_u');
  }
  /** The same, and its word in a local. */
  private word(format: FloatFormat): number {
    const { code } = this;
    const local = code.scratch('i64');
    this.done(format);
    code.op('local.tee', local);
    return local;
  }
  /** The i32 on the stack says that it is not proven. */
  private leaveIf(): void {
    this.code.open('if');
    this.whenNot();
    this.code.end();
  }

  /** Ends with the number on the stack, if it is one. */
  private unlessNaN(format = this.format): void {
    const { code } = this;
    const type = HOST_TYPE[format];
    const local = code.scratch(type);
    code.op('local.tee', local).op('local.get', local).op('local.get', local).op(`${type}.ne`);
    this.leaveIf();
    this.done(format);
  }

  /** The exponent field of the word on the stack. */
  private exponent(format: FloatFormat): void {
    this.code.i64(SIGN_SHIFT[format]).op('i64.shl').i64(EXPONENT_SHIFT[format]).op('i64.shr_u');
  }

  /** Ends with the number on the stack, if it is finite. */
  private finite(): void {
    const { code, format } = this;
    const word = this.word(format);
    this.exponent(format);
    code.i64(SPECIAL[format]).op('i64.eq');
    this.leaveIf();
    code.op('local.get', word);
  }

  /**
   * Ends with the number on the stack, if it is normal and not the least one, or zero where it is exact: `isExact`
   * pushes whether it is then.
   */
  private normal(format: FloatFormat, isExact: () => void): void {
    const { code } = this;
    const word = this.word(format);
    this.exponent(format);
    code
      .i64(LEAST_FIELD)
      .op('i64.sub')
      .i64(SPECIAL[format] - LEAST_FIELD)
      .op('i64.ge_u');
    code.open('if');
    this.isZero(word, format);
    isExact();
    code.op('i32.and').op('i32.eqz');
    this.leaveIf();
    code.end();
    code.op('local.get', word);
  }
  /** Whether the word in a local is a zero's. */
  private isZero(local: number, format = this.format): void {
    this.code.op('local.get', local).i64(SIGN_SHIFT[format]).op('i64.shl').op('i64.eqz');
  }

  /**
   * Of singles: the product is exact in a double, and the sum rounded twice, which differs from once only where the double
   * is half way between two singles. It is zero only if the sum is.
   */
  private multiplyAdd(): void {
    const { code } = this;
    this.double(0);
    this.double(1);
    code.op('f64.mul');
    this.double(2);
    code.op('f64.add');
    const sum = code.scratch('f64');
    code.op('local.tee', sum).op('i64.reinterpret_f64').op('i32.wrap_i64');
    code.i32(CUT_SHIFT).op('i32.shl').i32(HALF).op('i32.eq');
    this.leaveIf();
    code.op('local.get', sum).op('f32.demote_f64');
    this.normal('s', () => code.op('local.get', sum).f64(0).op('f64.eq'));
  }

  /**
   * Of doubles: the product is h + l and h + c is s + t, both exactly; r is t + l, rounded. Where s + r comes to the same
   * for all that the exact t + l may be, that is the sum rounded once. No step before r is inexact while a factor is 0, or the
   * product is far from the ends of its range; where one overflows all the same, as splitting a factor may, NaNs follow, which are
   * no proof. r is exact where it is tiny, as sums are.
   */
  private fused(): void {
    const { code } = this;
    const [a, b, c] = [0, 1, 2].map((index) => {
      this.float(index);
      return keep(code);
    }) as [number, number, number];
    const product = twoProduct(code, a, b);
    code.op('local.get', product.value).op('i64.reinterpret_f64');
    this.exponent('d');
    code.i64(BigInt(bias(FORMATS.d) - PRODUCT_RANGE)).op('i64.sub');
    code
      .i64(BigInt(2 * PRODUCT_RANGE))
      .op('i64.ge_u')
      .open('if');
    code.op('local.get', product.value).f64(0).op('f64.ne');
    for (const factor of [a, b]) code.op('local.get', factor).f64(0).op('f64.ne');
    code.op('i32.and').op('i32.or');
    this.leaveIf();
    code.end();
    const sum = branchingSum(code, product.value, c);
    code.op('local.get', sum.error).op('local.get', product.error).op('f64.add');
    const rest = keep(code);
    code.op('local.get', rest).f64(REST_ERROR).op('f64.mul');
    const margin = keep(code);
    for (const operation of ['f64.add', 'f64.sub'] as const) {
      code.op('local.get', sum.value).op('local.get', rest).op('local.get', margin).op(operation).op('f64.add');
    }
    code.op('f64.ne').open('if');
    // Half way between two doubles it may be, where r is no rounding.
    code
      .op('local.get', twoSum(code, sum.error, product.error).error)
      .f64(0)
      .op('f64.ne');
    this.leaveIf();
    code.end();
    // Nothing added to a zero would cost it its sign.
    code.op('local.get', sum.value);
    code.op('local.get', sum.value).op('local.get', rest).op('f64.add');
    code.op('local.get', rest).f64(0).op('f64.eq').op('select');
    this.normal('d', () => code.i32(1));
  }

  /** Ends with the answer, if there is an order. */
  private compare(name: Host): void {
    const { code } = this;
    for (const index of [0, 1]) {
      this.float(index);
      this.float(index);
      this.host('ne');
    }
    code.op('i32.or');
    this.leaveIf();
    this.binary(name);
    code.op('i64.extend_i32_u');
  }

  /** Ends with an integer, if its magnitude is below a power of two; a negative one where there are none is above. */
  private toInteger(operation: ToInteger, rounding: number): void {
    const { code, format } = this;
    const { bits, isSigned } = INTEGER_BITS[operation];
    this.float(0);
    if (rounding === Rounding.RNE) this.host('nearest');
    const number = code.scratch(HOST_TYPE[format]);
    code.op('local.tee', number);
    this.done();
    // The sign is the highest bit above the exponent field.
    if (isSigned) this.exponent(format);
    else code.i64(BigInt(FORMATS[format].fractionBits)).op('i64.shr_u');
    code.i64(BigInt(bias(FORMATS[format]) + bits)).op('i64.ge_u');
    this.leaveIf();
    code.op('local.get', number).op(`i64.trunc_sat_${HOST_TYPE[format]}_s`);
    if (operation === 'toUint32') code.op('i64.extend32_s');
  }
}
