// Error-free transformations: what the host's addition, multiplication, division and square root, rounded to nearest,
// differ from the exact result by, as a double. Muller et al., Handbook of Floating-Point Arithmetic, 2nd ed., chapter 4.
// Left out: overflow and underflow on the way; callers keep operands where there is none (function.ts).

import type { Code } from '../wasm.ts';

/** Locals, f64 both: a rounded result, and the exact one less it. */
export interface Rounded {
  readonly value: number;
  readonly error: number;
}

/** Cuts 53 bits in two halves of 26, with the lower one's sign: 2^27 + 1 (Veltkamp). */
const SPLITTER = 2 ** 27 + 1;

const get = (code: Code, local: number): Code => code.op('local.get', local);

/** A f64 local with what is on the stack. */
export function keep(code: Code): number {
  const local = code.scratch('f64');
  code.op('local.set', local);
  return local;
}

/** a + b (Knuth, Møller). Exact for all doubles whose sum does not overflow, subnormal ones too: a sum has no underflow. */
export function twoSum(code: Code, a: number, b: number): Rounded {
  get(code, a).op('local.get', b).op('f64.add');
  const value = keep(code);
  get(code, value).op('local.get', a).op('f64.sub');
  const ofB = keep(code);
  get(code, a).op('local.get', value).op('local.get', ofB).op('f64.sub').op('f64.sub');
  get(code, b).op('local.get', ofB).op('f64.sub').op('f64.add');
  return { value, error: keep(code) };
}

/**
 * The same by a branch on which is the larger (Dekker): fewer additions one after the other, for sums on which the next
 * waits, and mostly one way.
 */
export function branchingSum(code: Code, a: number, b: number): Rounded {
  get(code, a).op('local.get', b).op('f64.add');
  const value = keep(code);
  const error = code.scratch('f64');
  const errorOf = (larger: number, smaller: number) => {
    get(code, smaller).op('local.get', value).op('local.get', larger).op('f64.sub').op('f64.sub');
    code.op('local.set', error);
  };
  get(code, a).op('f64.abs').op('local.get', b).op('f64.abs').op('f64.ge').open('if');
  errorOf(a, b);
  code.op('else');
  errorOf(b, a);
  code.end();
  return { value, error };
}

interface Halves {
  readonly high: number;
  readonly low: number;
}
function split(code: Code, x: number): Halves {
  get(code, x).f64(SPLITTER).op('f64.mul');
  const scaled = keep(code);
  get(code, scaled).op('local.get', scaled).op('local.get', x).op('f64.sub').op('f64.sub');
  const high = keep(code);
  get(code, x).op('local.get', high).op('f64.sub');
  return { high, low: keep(code) };
}

/** a · b (Dekker). Exact while no partial product underflows or overflows; 0 is a factor like others. */
export function twoProduct(code: Code, a: number, b: number): Rounded {
  get(code, a).op('local.get', b).op('f64.mul');
  const value = keep(code);
  const first = split(code, a);
  const second = a === b ? first : split(code, b);
  const product = (x: number, y: number) => get(code, x).op('local.get', y).op('f64.mul');
  product(first.high, second.high).op('local.get', value).op('f64.sub');
  product(first.high, second.low).op('f64.add');
  product(first.low, second.high).op('f64.add');
  product(first.low, second.low).op('f64.add');
  return { value, error: keep(code) };
}

/**
 * What `near · factor` lacks of a, where it is that but for rounding: `near` is a / factor, or factor is near and a root.
 * The remainder is a double (Boldo and Daumas 2003), the first difference is exact (Sterbenz), and so is the second.
 */
function remainder(code: Code, a: number, near: number, factor: number): number {
  const product = twoProduct(code, near, factor);
  get(code, a).op('local.get', product.value).op('f64.sub').op('local.get', product.error).op('f64.sub');
  return keep(code);
}

/** a / b; of the error only the sign and whether it is 0 are what they should be. */
export function quotient(code: Code, a: number, b: number): Rounded {
  get(code, a).op('local.get', b).op('f64.div');
  const value = keep(code);
  const rest = remainder(code, a, value, b);
  get(code, rest).op('f64.neg').op('local.get', rest).op('local.get', b).f64(0).op('f64.lt').op('select');
  return { value, error: keep(code) };
}

/** √a; of the error only the sign and whether it is 0 are what they should be. */
export function root(code: Code, a: number): Rounded {
  get(code, a).op('f64.sqrt');
  const value = keep(code);
  return { value, error: remainder(code, a, value, value) };
}

/**
 * Replaces a value rounded to nearest by the exact result rounded to odd: where it is no double, to that neighbour whose
 * last bit is 1. Rounded again to fewer bits by two, in any mode, that gives what the exact result would (Boldo and
 * Melquiond 2008, "Emulation of FMA and correctly rounded sums").
 */
export function toOdd(code: Code, { value, error }: Rounded): void {
  const bits = code.scratch('i64');
  get(code, error).f64(0).op('f64.ne');
  code.open('if');
  get(code, value).op('i64.reinterpret_f64').op('local.tee', bits);
  // One away from zero, or one towards it, where the last bit is 0.
  get(code, bits).i64(1n).op('i64.and').i64(1n).op('i64.xor');
  get(code, value).f64(0).op('f64.lt').op('local.get', error).f64(0).op('f64.lt').op('i32.ne');
  code.op('i64.extend_i32_u').i64(1n).op('i64.shl').i64(1n).op('i64.sub');
  code.op('i64.mul').op('i64.sub').op('f64.reinterpret_i64').op('local.set', value);
  code.end();
}
