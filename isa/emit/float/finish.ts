// The last step of an operation: from the host's result and what it lacks to the result in frm's mode, and its flags.
// The host rounds to nearest, ties to even; the exact result lies between that double and the next in the error's
// direction, so every other mode takes one of these two. IEEE 754 clause 4.3 says which.
// Left out: results that overflow or may be tiny, which are left to the slow way.

import { Flag, Rounding } from '../../float/operation.ts';
import type { Code, Label } from '../wasm.ts';
import { keep, type Rounded, toOdd } from './error-free.ts';

/** Where a function finds its parameters. */
export const PARAMETER = { rounding: 0, a: 1, b: 2, c: 3 } as const;

/** Between these, rounding to a single neither overflows in any mode nor is tiny. */
const LEAST_SINGLE = 2 ** -125;
const GREATEST_SINGLE = 2 ** 127;

/** The function's value is on the stack. */
export function finish(code: Code, flags: number): void {
  code.i32(flags).op('return');
}

/** Whether frm is what the code behind this is for. */
export function isRounding(code: Code, rounding: number): Code {
  code.op('local.get', PARAMETER.rounding);
  return rounding === 0 ? code.op('i32.eqz') : code.i32(rounding).op('i32.eq');
}

/** Leaves where the f64 local's magnitude is not below a bound. A NaN's is not. */
export function leaveUnlessBelow(code: Code, local: number, bound: number, slow: Label): void {
  code.op('local.get', local).op('f64.abs').f64(bound).op('f64.lt').op('i32.eqz').leaveIf(slow);
}

/**
 * Ends with a double that is normal, or exact. `isScaled`: the error is the true one, not only its sign, so that it
 * tells a tie; quotients and roots are never ties (Handbook, 2nd ed., 4.6.2 and 4.8).
 */
export function finishDouble(code: Code, { value, error }: Rounded, isScaled: boolean): void {
  const bits = code.scratch('i64');
  code.op('local.get', value).op('i64.reinterpret_f64').op('local.set', bits);
  code.op('local.get', error).f64(0).op('f64.eq');
  code.open('if');
  code.op('local.get', bits);
  finish(code, 0);
  code.end();
  const next = () => code.op('local.get', bits).i64(1n).op('i64.add').op('f64.reinterpret_i64');
  redirect(code, bits, { value, error }, isScaled ? next : undefined);
  code.op('local.get', bits);
  finish(code, Flag.NX);
}

/** Ends with a double that is the exact result. */
export function finishExactDouble(code: Code, value: number): void {
  code.op('local.get', value).op('i64.reinterpret_f64');
  finish(code, 0);
}

/**
 * Ends with the single nearest to an exact result of which a double and the sign of the error are known.
 * Rounded to odd, the double stands for the exact result in all that follows: 53 bits are more than 24 + 2.
 */
export function finishSingle(code: Code, value: number, error: number | undefined, slow: Label): void {
  if (error !== undefined) toOdd(code, { value, error });
  const bits = code.scratch('i64');
  const asWord = () => code.op('i32.reinterpret_f32').op('i64.extend_i32_u');
  const single = code.scratch('f32');
  code.op('local.get', value).op('f32.demote_f64').op('local.tee', single);
  asWord().op('local.set', bits);
  code.op('local.get', single).op('f64.promote_f32');
  const rounded = keep(code);
  code.op('local.get', value).op('local.get', rounded).op('f64.sub');
  const lacking = keep(code); // exact: both have at most 53 bits there, and one is the other rounded
  code.op('local.get', lacking).f64(0).op('f64.eq');
  code.open('if');
  code.op('local.get', bits);
  finish(code, 0);
  code.end();
  leaveUnlessBelow(code, rounded, GREATEST_SINGLE, slow);
  code.op('local.get', rounded).op('f64.abs').f64(LEAST_SINGLE).op('f64.lt').leaveIf(slow);
  const next = () => {
    code.op('local.get', bits).op('i32.wrap_i64').i32(1).op('i32.add');
    code.op('f32.reinterpret_i32').op('f64.promote_f32');
  };
  redirect(code, bits, { value: rounded, error: lacking }, next);
  code.op('local.get', bits);
  finish(code, Flag.NX);
}

/**
 * Takes the neighbour of an inexact result, in frm's modes other than to the nearest even: in a word, one more is away
 * from zero and one less is towards it. `next` pushes the neighbour away from zero, where there may be a tie.
 */
function redirect(code: Code, bits: number, { value, error }: Rounded, next: (() => void) | undefined): void {
  const [isBelow, isTowards] = [code.scratch('i32'), code.scratch('i32')];
  isRounding(code, Rounding.RNE).op('i32.eqz');
  code.open('if');
  code.op('local.get', error).f64(0).op('f64.lt').op('local.tee', isBelow);
  code.op('local.get', value).f64(0).op('f64.lt').op('i32.ne').op('local.set', isTowards);
  code.op('local.get', bits);
  // Whether the neighbour is taken.
  isRounding(code, Rounding.RMM);
  code.open('if', 'i32');
  if (next === undefined) code.i32(0);
  else {
    // Twice the error is the distance to the neighbour away from zero.
    code.op('local.get', error).op('local.get', error).op('f64.add');
    next();
    code.op('local.get', value).op('f64.sub').op('f64.eq');
    code.op('local.get', isTowards).op('i32.eqz').op('i32.and');
  }
  code.op('else');
  code.op('local.get', isTowards).op('local.get', isBelow);
  isRounding(code, Rounding.RDN).op('i32.eq');
  isRounding(code, Rounding.RTZ).op('select');
  code.end();
  // Which neighbour: one more, or one less.
  code.i32(1).op('local.get', isTowards).i32(1).op('i32.shl').op('i32.sub');
  code.op('i32.mul').op('i64.extend_i32_s').op('i64.add').op('local.set', bits);
  code.end();
}
