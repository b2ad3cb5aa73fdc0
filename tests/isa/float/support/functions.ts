// Every wasm function of floating point, in one module whose slow way is counted and computed by softFloat.

import { emitFloatFunction, FLOAT_FUNCTION } from '../../../../isa/emit/float/function.ts';
import { ModuleBuilder } from '../../../../isa/emit/module-builder.ts';
import { Code } from '../../../../isa/emit/wasm.ts';
import {
  FLOAT_FORMS,
  type FloatFormat,
  type FloatOperation,
  type FloatResult,
} from '../../../../isa/float/operation.ts';
import { softFloat } from '../../../../isa/float/soft.ts';
import { instantiate } from '../../support/wasm.ts';

export interface Computed extends FloatResult {
  /** Whether it went the slow way. */
  readonly isSlow: boolean;
}
export type Compute = (rounding: number, a: bigint, b: bigint, c: bigint) => Computed;

export function functions(): (operation: FloatOperation, format: FloatFormat) => Compute {
  let slow = 0;
  const soft = (index: number, rounding: number, a: bigint, b: bigint, c: bigint): [bigint, number] => {
    slow++;
    const { operation, format } = FLOAT_FORMS[index] as (typeof FLOAT_FORMS)[number];
    const words = [a, b, c].map((word) => BigInt.asUintN(64, word)) as [bigint, bigint, bigint];
    const { value, flags } = softFloat(operation, format, rounding, ...words);
    return [BigInt.asIntN(64, value), flags];
  };
  const module = new ModuleBuilder();
  const { parameters, results } = FLOAT_FUNCTION;
  const imported = module.importFunction('soft', { parameters: ['i32', ...parameters], results });
  for (const [index, { operation, format }] of FLOAT_FORMS.entries()) {
    const code = new Code(parameters.length);
    emitFloatFunction(code, operation, format, (at) => {
      at.i32(index);
      for (const parameter of parameters.keys()) at.op('local.get', parameter);
      at.op('call', imported);
    });
    module.define(module.declare(`${operation}.${format}`, FLOAT_FUNCTION), code);
  }
  const made = instantiate(module, { host: { soft } });
  return (operation, format) => {
    const run = made[`${operation}.${format}`] as unknown as (...parameters: (number | bigint)[]) => [bigint, number];
    return (rounding, a, b, c) => {
      const before = slow;
      const [value, flags] = run(rounding, ...[a, b, c].map((word) => BigInt.asIntN(64, word)));
      return { value: BigInt.asUintN(64, value), flags, isSlow: slow > before };
    };
  };
}
