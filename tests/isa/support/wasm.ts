// A module of encoded functions in an engine, on a memory of its own.

import { expect } from 'vitest';
import { ModuleBuilder } from '../../../isa/emit/module-builder.ts';
import { Code, type FunctionType, type ValueType } from '../../../isa/emit/wasm.ts';

export const memory = new WebAssembly.Memory({ initial: 1 });

export type Run = (...parameters: (number | bigint)[]) => number | bigint | undefined;
type Imports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export function instantiate(module: ModuleBuilder, imports: Imports = {}): Readonly<Record<string, Run>> {
  const encoded = module.bytes();
  expect(WebAssembly.validate(encoded)).toBe(true);
  const host = { memory, ...imports['host'] };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(encoded), { ...imports, host });
  return exports as Record<string, Run>; // every export of such a module is a function
}

/** A module of one function. */
export function single(type: FunctionType, emit: (code: Code) => void): Run {
  const module = new ModuleBuilder();
  const code = new Code(type.parameters.length);
  emit(code);
  module.define(module.declare('it', type), code);
  return instantiate(module)['it'] as Run;
}
export const type = (parameters: readonly ValueType[], results: readonly ValueType[]): FunctionType => ({
  parameters,
  results,
});
