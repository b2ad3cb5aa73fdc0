// Each floating-point instruction that the encoder knows, in an engine, against JavaScript's arithmetic.
// Operands are edges of both formats, each with each; NaNs are one value here, since engines may make any.
// Left out: whether JavaScript's own arithmetic is IEEE 754's, which float/soft.test.ts looks at.

import { describe, expect, test } from 'vitest';
import { OPCODES } from '../../isa/emit/opcodes.ts';
import { Code, type Operation, type ValueType } from '../../isa/emit/wasm.ts';
import { memory, single, type } from './support/wasm.ts';

const positive = [
  0,
  5e-324,
  2 ** -149,
  2 ** -126,
  0.5,
  1,
  1.5,
  2.5,
  3,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 53,
  2 ** 63,
  2 ** 64,
];
const edges = [...positive, 2 ** 128, Number.MAX_VALUE, Number.POSITIVE_INFINITY].flatMap((x) => [x, -x]);
const DOUBLES = [...edges, Number.NaN];
const SINGLES = DOUBLES.map(Math.fround);
const OPERANDS = { f32: SINGLES, f64: DOUBLES };

/** To nearest, ties to even. */
const nearest = (x: number) => {
  const below = Math.floor(x);
  const chosen = x - below > 0.5 || (x - below === 0.5 && below % 2 !== 0) ? below + 1 : below;
  return x < 0 || Object.is(x, -0) ? -Math.abs(chosen) : chosen;
};
const MODELS: Readonly<Record<string, (a: number, b: number) => number | boolean>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  gt: (a, b) => a > b,
  le: (a, b) => a <= b,
  ge: (a, b) => a >= b,
  abs: Math.abs,
  neg: (a) => -a,
  ceil: Math.ceil,
  floor: Math.floor,
  trunc: Math.trunc,
  nearest,
  sqrt: Math.sqrt,
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  min: Math.min,
  max: Math.max,
  copysign: (a, b) => (b < 0 || Object.is(b, -0) ? -Math.abs(a) : Math.abs(a)),
};
const UNARY = ['abs', 'neg', 'ceil', 'floor', 'trunc', 'nearest', 'sqrt'];
const operations = (Object.keys(OPCODES) as Operation[]).map((operation) => {
  const [kind = '', name = ''] = operation.split('.');
  return { operation, kind, name };
});

describe('floating-point instructions compute what WebAssembly says', () => {
  const plain = operations.filter(({ kind, name }) => /^f/.test(kind) && name in MODELS);
  test.each(plain)('$operation', ({ operation, kind: from, name }) => {
    const kind = from as 'f32' | 'f64'; // the filter above
    const isUnary = UNARY.includes(name);
    const isQuestion = MODELS[name]?.(0, 0) === true || MODELS[name]?.(0, 0) === false;
    const result: ValueType = isQuestion ? 'i32' : kind;
    const run = single(type(isUnary ? [kind] : [kind, kind], [result]), (code) => {
      code.op('local.get', 0);
      if (!isUnary) code.op('local.get', 1);
      code.op(operation);
    });
    const round = kind === 'f32' ? Math.fround : (x: number) => x;
    for (const a of OPERANDS[kind]) {
      for (const b of isUnary ? [0] : OPERANDS[kind]) {
        const made = run(...(isUnary ? [a] : [a, b]));
        if (name === 'copysign' && (Number.isNaN(a) || Number.isNaN(b))) continue; // a NaN's sign, which JavaScript hides
        expect(made, `${a}, ${b}`).toBe(round(Number(MODELS[name]?.(a, b))));
      }
    }
  });

  const LIMITS = { i32_s: [-(2n ** 31n), 2n ** 31n - 1n], i32_u: [0n, 2n ** 32n - 1n] } as const;
  const LONG_LIMITS = { i64_s: [-(2n ** 63n), 2n ** 63n - 1n], i64_u: [0n, 2n ** 64n - 1n] } as const;
  const limits: Readonly<Record<string, readonly [bigint, bigint]>> = { ...LIMITS, ...LONG_LIMITS };
  const truncations = operations.filter(({ name }) => name.startsWith('trunc_sat'));
  test.each(truncations)('$operation', ({ operation, kind: to, name }) => {
    const [, , from, sign] = name.split('_');
    const kind = from as 'f32' | 'f64'; // what the instructions' names end in
    const [least, greatest] = limits[`${to}_${sign}`] as readonly [bigint, bigint];
    const run = single(type([kind], [to as ValueType]), (code) => code.op('local.get', 0).op(operation));
    for (const a of OPERANDS[kind]) {
      const saturated = Number.isNaN(a)
        ? 0n
        : a <= Number(least)
          ? least
          : a >= Number(greatest)
            ? greatest
            : undefined;
      const expected = saturated ?? BigInt(Math.trunc(a));
      expect(BigInt.asIntN(64, BigInt(run(a) ?? 0n)), `${a}`).toBe(BigInt.asIntN(to === 'i32' ? 32 : 64, expected));
    }
  });

  const conversions = operations.filter(({ name }) => name.startsWith('convert_'));
  test.each(conversions)('$operation', ({ operation, kind: to, name }) => {
    const [, kind, sign] = name.split('_');
    const from = kind as 'i32' | 'i64'; // what the instructions' names end in
    const bits = from === 'i32' ? 32 : 64;
    const run = single(type([from], [to as ValueType]), (code) => code.op('local.get', 0).op(operation));
    for (const a of [0n, 1n, -1n, 2n ** 31n, 2n ** 53n, 2n ** 62n, -(2n ** 63n), -(2n ** 31n), 1n << 24n]) {
      const value = sign === 's' ? BigInt.asIntN(bits, a) : BigInt.asUintN(bits, a);
      const expected = to === 'f32' ? Math.fround(Number(value)) : Number(value);
      const given = BigInt.asIntN(bits, a);
      expect(run(from === 'i32' ? Number(given) : given), `${a}`).toBe(expected);
    }
  });

  test('f32.demote_f64 and f64.promote_f32', () => {
    const demote = single(type(['f64'], ['f32']), (code) => code.op('local.get', 0).op('f32.demote_f64'));
    const promote = single(type(['f32'], ['f64']), (code) => code.op('local.get', 0).op('f64.promote_f32'));
    for (const a of DOUBLES) expect(demote(a)).toBe(Math.fround(a));
    for (const a of SINGLES) expect(promote(a)).toBe(a);
  });

  test('reinterpretation, loads, stores and constants keep every bit', () => {
    const view = new DataView(memory.buffer);
    const double = single(type(['i64'], ['i64']), (code) => {
      code.i32(0).op('local.get', 0).op('f64.reinterpret_i64').op('f64.store', 8);
      code.i32(0).op('f64.load', 8).op('i64.reinterpret_f64');
    });
    const float = single(type(['i32'], ['i32']), (code) => {
      code.i32(0).op('local.get', 0).op('f32.reinterpret_i32').op('f32.store', 8);
      code.i32(0).op('f32.load', 8).op('i32.reinterpret_f32');
    });
    for (const value of DOUBLES) {
      view.setFloat64(16, value);
      expect(double(view.getBigInt64(16))).toBe(view.getBigInt64(16));
      expect(float(view.getInt32(16))).toBe(view.getInt32(16));
      expect(single(type([], ['f64']), (code) => code.f64(value))()).toBe(value);
    }
  });

  test('constants are shown as numbers', () => {
    expect(new Code(0).f64(0.5).f64(Number.NEGATIVE_INFINITY).text()).toBe('  f64.const 0.5\n  f64.const -Infinity');
  });
});
