// Floating point in the core: each operation in each format as a function, and one that goes to any of them by number,
// for regions. What the host's arithmetic cannot prove goes to the soft float, outside of wasm.
// Left out: what regions compute in line (region/floating.ts).

import { emitFloatFunction, FLOAT_FUNCTION } from '../../../isa/emit/float/function.ts';
import type { Code, FunctionType } from '../../../isa/emit/wasm.ts';
import { FLOAT_FORMS, type FloatFormat, type FloatOperation } from '../../../isa/float/operation.ts';
import { softFloat } from '../../../isa/float/soft.ts';
import { WORD } from '../../../isa/layout.ts';
import type { CoreFunction } from './core-module.ts';
import { BASE, word } from './steps.ts';

/** The same with the number of the operation, in the list of all, before the other parameters. */
export const NUMBERED_FLOAT: FunctionType = {
  parameters: ['i32', ...FLOAT_FUNCTION.parameters],
  results: FLOAT_FUNCTION.results,
};

export const floatName = (operation: FloatOperation, format: FloatFormat): string => `float.${operation}.${format}`;

const one = (operation: FloatOperation, format: FloatFormat, number: number): CoreFunction => ({
  type: FLOAT_FUNCTION,
  emit: (core, code) =>
    emitFloatFunction(code, operation, format, (slow) => {
      slow.i32(number);
      for (const parameter of FLOAT_FUNCTION.parameters.keys()) slow.op('local.get', parameter);
      slow.op('call', core.softFloat);
    }),
});

/** (number, …): goes to the operation of that number. */
const float: CoreFunction = {
  type: NUMBERED_FLOAT,
  emit(core, code) {
    const labels = FLOAT_FORMS.map(() => code.open('block')).reverse();
    code.op('local.get', 0);
    const [first] = labels;
    if (first !== undefined) code.leaveTable(labels, first);
    for (const { operation, format } of FLOAT_FORMS) {
      code.end();
      for (const parameter of FLOAT_FUNCTION.parameters.keys()) code.op('local.get', parameter + 1);
      code.op('return_call', core.function(floatName(operation, format)));
    }
  },
};

export const FLOATS: Readonly<Record<string, CoreFunction>> = {
  ...Object.fromEntries(
    FLOAT_FORMS.map(({ operation, format }, number) => [floatName(operation, format), one(operation, format, number)]),
  ),
  float,
};

/** The import behind them: value and flags of an operation by number. Its i64 are signed. */
export function softFloatByNumber(number: number, rounding: number, ...words: readonly bigint[]): [bigint, number] {
  const form = FLOAT_FORMS[number];
  const [a = 0n, b = 0n, c = 0n] = words.map((each) => BigInt.asUintN(64, each));
  if (form === undefined) return [0n, 0];
  const { value, flags } = softFloat(form.operation, form.format, rounding, a, b, c);
  return [value, flags];
}

/** Accrues the flags in an i32 local. */
export function raiseFlags(code: Code, flags: number): void {
  code.op('local.get', flags).open('if');
  code.op('local.get', BASE).op('local.get', BASE).op('i32.load8_u', word(WORD.fcsr)).op('local.get', flags);
  code.op('i32.or').op('i32.store8', word(WORD.fcsr)).end();
}
