// Doubles as integers: rounded to a double that is one, in any mode, and that cut to bits where the type has it.
// WebAssembly's rounding instructions are IEEE 754's roundToIntegral operations, exact; ties away from zero it lacks.
// Left out: saturation, which NaNs and numbers out of range need; callers leave.

import { type FloatOperation, Rounding } from '../../float/operation.ts';
import type { Code, Label } from '../wasm.ts';
import { isRounding } from './finish.ts';

export type ToInteger = Extract<FloatOperation, 'toInt32' | 'toUint32' | 'toInt64' | 'toUint64'>;

const HALF = 0.5;

/** The f64 local rounded to an integer in frm's mode. */
export function pushIntegral(code: Code, a: number): void {
  const rounded = (operation: 'f64.nearest' | 'f64.trunc' | 'f64.floor' | 'f64.ceil') => () =>
    code.op('local.get', a).op(operation);
  // Away from zero: one further than cut where at least half was cut off.
  const away = () => {
    const cut = code.scratch('f64');
    code.op('local.get', a).op('f64.trunc').op('local.tee', cut);
    code.f64(1).f64(0).op('local.get', a).op('local.get', cut).op('f64.sub').op('f64.abs').f64(HALF).op('f64.ge');
    code.op('select').op('local.get', a).op('f64.copysign').op('f64.add');
  };
  const modes = [
    [Rounding.RTZ, rounded('f64.trunc')],
    [Rounding.RNE, rounded('f64.nearest')],
    [Rounding.RDN, rounded('f64.floor')],
    [Rounding.RUP, rounded('f64.ceil')],
  ] as const;
  for (const [mode, push] of modes) {
    isRounding(code, mode);
    code.open('if', 'f64');
    push();
    code.op('else');
  }
  away();
  for (const _ of modes) code.end();
}

/** First not below, first above: doubles both. */
const RANGES: Readonly<Record<ToInteger, readonly [least: number, end: number]>> = {
  toInt32: [-(2 ** 31), 2 ** 31],
  toUint32: [0, 2 ** 32],
  toInt64: [-(2 ** 63), 2 ** 63],
  toUint64: [0, 2 ** 64],
};

/** An integer in a f64 local as the register holds it; leaves where it is out of the type's range. */
export function pushInteger(code: Code, operation: ToInteger, integral: number, slow: Label): void {
  const [least, end] = RANGES[operation];
  const get = () => code.op('local.get', integral);
  get().f64(least).op('f64.ge');
  get().f64(end).op('f64.lt').op('i32.and').op('i32.eqz').leaveIf(slow);
  get().op(operation === 'toUint64' ? 'i64.trunc_sat_f64_u' : 'i64.trunc_sat_f64_s');
  if (operation === 'toUint32') code.op('i64.extend32_s');
}
