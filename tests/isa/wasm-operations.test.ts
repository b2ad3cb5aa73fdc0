// Each instruction that the encoder knows, in an engine, against plain models on bigints.
// Left out: `global.get`, since a module here has no way to come by a global; control flow and calls (wasm.test.ts); floating
// point (wasm-floats.test.ts).

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ModuleBuilder } from '../../isa/emit/module-builder.ts';
import { OPCODES } from '../../isa/emit/opcodes.ts';
import { Code, type Operation } from '../../isa/emit/wasm.ts';
import { runs } from './support/runs.ts';
import { instantiate, memory, single, type } from './support/wasm.ts';

const bytes = new Uint8Array(memory.buffer);
const view = new DataView(memory.buffer);

type Integer = 'i32' | 'i64';
const BITS = { i32: 32, i64: 64 } as const;
const given = (kind: Integer, value: bigint) =>
  kind === 'i32' ? Number(BigInt.asIntN(32, value)) : BigInt.asIntN(64, value);
const unsigned = (kind: Integer, value: number | bigint | undefined) =>
  BigInt.asUintN(BITS[kind], BigInt(value as number | bigint));

/** Of any number of bits, with the edges of each width often among them. */
const word = fc
  .tuple(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.constantFrom(1, 6, 7, 8, 16, 31, 32, 63, 64), fc.boolean())
  .map(([value, width, isNegated]) =>
    BigInt.asUintN(64, isNegated ? -(value >> BigInt(64 - width)) : value >> BigInt(64 - width)),
  );

type Model = (a: bigint, b: bigint, bits: number) => bigint;
const s = (a: bigint, bits: number) => BigInt.asIntN(bits, a);
const digits = (a: bigint, bits: number) => a.toString(2).padStart(bits, '0');
const shift = (b: bigint, bits: number) => b & BigInt(bits - 1);
const rotl: Model = (a, b, bits) => (a << shift(b, bits)) | (a >> (BigInt(bits) - shift(b, bits)));

/** By the name behind the type: what it computes of unsigned operands, to be cut to the type's bits. */
const BINARY: Readonly<Record<string, Model>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div_s: (a, b, bits) => s(a, bits) / s(b, bits),
  div_u: (a, b) => a / b,
  rem_s: (a, b, bits) => s(a, bits) % s(b, bits),
  rem_u: (a, b) => a % b,
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  shl: (a, b, bits) => a << shift(b, bits),
  shr_s: (a, b, bits) => s(a, bits) >> shift(b, bits),
  shr_u: (a, b, bits) => a >> shift(b, bits),
  rotl,
  rotr: (a, b, bits) => rotl(a, -b, bits),
};
const COMPARISONS: Readonly<Record<string, (a: bigint, b: bigint, bits: number) => boolean>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt_s: (a, b, bits) => s(a, bits) < s(b, bits),
  lt_u: (a, b) => a < b,
  gt_s: (a, b, bits) => s(a, bits) > s(b, bits),
  gt_u: (a, b) => a > b,
  le_s: (a, b, bits) => s(a, bits) <= s(b, bits),
  le_u: (a, b) => a <= b,
  ge_s: (a, b, bits) => s(a, bits) >= s(b, bits),
  ge_u: (a, b) => a >= b,
};
const UNARY: Readonly<Record<string, (a: bigint, bits: number) => bigint>> = {
  clz: (a, bits) => BigInt(`${digits(a, bits)}1`.indexOf('1')),
  ctz: (a, bits) => BigInt([...`1${digits(a, bits)}`].reverse().indexOf('1')),
  popcnt: (a, bits) => BigInt(digits(a, bits).replaceAll('0', '').length),
  extend8_s: (a) => s(a, 8),
  extend16_s: (a) => s(a, 16),
  extend32_s: (a) => s(a, 32),
};
const CONVERSIONS: Readonly<Record<string, { from: Integer; model: (a: bigint) => bigint }>> = {
  'i32.wrap_i64': { from: 'i64', model: (a) => a },
  'i64.extend_i32_s': { from: 'i32', model: (a) => s(a, 32) },
  'i64.extend_i32_u': { from: 'i32', model: (a) => a },
};

const operations = (Object.keys(OPCODES) as Operation[]).map((operation) => {
  const [kind, name] = operation.split('.') as [string, string | undefined];
  return { operation, kind, name, immediate: OPCODES[operation][1] };
});
const integer = operations.filter(
  ({ kind, name, immediate }) =>
    (kind === 'i32' || kind === 'i64') && immediate === 'none' && !/_f(32|64)/.test(name ?? ''),
);

describe('instructions compute what WebAssembly says', () => {
  test.each(integer)('$operation', ({ operation, kind: result, name = '' }) => {
    const kind = result as Integer; // the filter above
    const bits = BITS[kind];
    const conversion = CONVERSIONS[operation];
    const [unary, binary, comparison] = [UNARY[name], BINARY[name], COMPARISONS[name]];
    const isTest = comparison !== undefined || name === 'eqz';
    const isBinary = binary !== undefined || comparison !== undefined;
    const from = conversion?.from ?? kind;
    const run = single(type(isBinary ? [from, from] : [from], [isTest ? 'i32' : kind]), (code) => {
      code.op('local.get', 0);
      if (isBinary) code.op('local.get', 1);
      code.op(operation);
    });
    const expected = (a: bigint, b: bigint): bigint => {
      if (name === 'eqz') return BigInt(a === 0n);
      if (comparison !== undefined) return BigInt(comparison(a, b, bits));
      const value = conversion?.model(a) ?? unary?.(a, bits) ?? binary?.(a, b, bits);
      if (value === undefined) throw new Error(`${operation} has no model`);
      return BigInt.asUintN(bits, value);
    };
    fc.assert(
      fc.property(word, word, fc.boolean(), (first, second, isSame) => {
        const a = unsigned(from, first);
        const b = isSame ? a : unsigned(from, second);
        const divides = /^(div|rem)/.test(name);
        fc.pre(!divides || b !== 0n);
        fc.pre(name !== 'div_s' || b !== unsigned(from, -1n)); // the least number by -1 traps
        const value = run(given(from, a), given(from, b));
        expect(unsigned(isTest ? 'i32' : kind, value)).toBe(expected(a, b));
      }),
      runs(50),
    );
  });

  const CONSTANT = ['i32', 'i64'] as const;
  test.each(CONSTANT)('%s.const, of every length of its encoding', (kind) => {
    const edges = Array.from({ length: BITS[kind] }, (_, n) => 1n << BigInt(n));
    const values = edges.flatMap((edge) => [edge, edge - 1n, -edge, -edge - 1n]).map((value) => given(kind, value));
    const module = new ModuleBuilder();
    for (const [index, value] of values.entries()) {
      const code = new Code(0);
      if (typeof value === 'number') code.i32(value);
      else code.i64(value);
      module.define(module.declare(`${index}`, type([], [kind])), code);
    }
    const constants = instantiate(module);
    for (const [index, value] of values.entries()) expect(constants[`${index}`]?.()).toBe(value);
  });
  test('a constant may be given unsigned', () => {
    expect(single(type([], ['i64']), (code) => code.i64((1n << 64n) - 1n))()).toBe(-1n);
    expect(single(type([], ['i32']), (code) => code.i32(0xffff_ffff))()).toBe(-1);
    expect(single(type([], ['i64']), (code) => code.op('i64.const', 5))()).toBe(5n);
  });

  test('select, drop, nop and return', () => {
    const run = single(type(['i32'], ['i64']), (code) => {
      code.i64(1n).op('drop').op('nop').i64(2n).i64(3n).op('local.get', 0).op('select').op('return');
    });
    expect([run(1), run(0)]).toEqual([2n, 3n]);
  });
  test('unreachable traps', () => {
    expect(single(type([], []), (code) => code.op('unreachable'))).toThrow('unreachable');
  });
});

describe('memory', () => {
  const AT = 0x100;
  const OFFSET = 0x1234;
  const accesses = operations.flatMap(({ operation, kind, name = '', immediate }) => {
    const [, direction, width, sign] = /^(load|store)(\d+)?(_[su])?$/.exec(name) ?? [];
    if (immediate !== 'memory' || kind === 'f32' || kind === 'f64') return [];
    return [{ operation, kind: kind as Integer, direction, width: Number(width ?? kind.slice(1)), sign }];
  });
  const loads = accesses.filter(({ direction }) => direction === 'load');
  const stores = accesses.filter(({ direction }) => direction === 'store');

  test.each(loads)('$operation', ({ operation, kind, width, sign }) => {
    const run = single(type(['i32'], [kind]), (code) => code.op('local.get', 0).op(operation, OFFSET));
    fc.assert(
      fc.property(word, (value) => {
        view.setBigUint64(AT + OFFSET, value, true);
        const extended = sign === '_s' ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value);
        expect(run(AT)).toBe(given(kind, extended));
      }),
      runs(20),
    );
  });
  test.each(stores)('$operation', ({ operation, kind, width }) => {
    const run = single(type(['i32', kind], []), (code) =>
      code.op('local.get', 0).op('local.get', 1).op(operation, OFFSET),
    );
    fc.assert(
      fc.property(word, word, (before, value) => {
        view.setBigUint64(AT + OFFSET, before, true);
        run(AT, given(kind, value));
        const mask = (1n << BigInt(width)) - 1n;
        expect(view.getBigUint64(AT + OFFSET, true)).toBe((before & ~mask) | (value & mask));
      }),
      runs(20),
    );
  });

  test('counters that JavaScript holds as numbers', () => {
    const read = single(type([], ['i64']), (code) => code.i32(AT).op('f64.load', 8).op('i64.trunc_sat_f64_u'));
    const write = single(type(['i64'], []), (code) =>
      code.i32(AT).op('local.get', 0).op('f64.convert_i64_u').op('f64.store', 8),
    );
    for (const value of [0, 1, 2 ** 32, Number.MAX_SAFE_INTEGER, 2 ** 63]) {
      view.setFloat64(AT + 8, value, true);
      expect(unsigned('i64', read())).toBe(BigInt(value));
      view.setFloat64(AT + 8, 0, true);
      write(BigInt.asIntN(64, BigInt(value)));
      expect(view.getFloat64(AT + 8, true)).toBe(value);
    }
    view.setFloat64(AT + 8, Number.NaN, true);
    expect(read()).toBe(0n);
  });

  test('memory.fill and memory.copy', () => {
    const three = (operation: Operation) =>
      single(type(['i32', 'i32', 'i32'], []), (code) =>
        code.op('local.get', 0).op('local.get', 1).op('local.get', 2).op(operation),
      );
    bytes.fill(0, 0, 0x40);
    three('memory.fill')(0x10, 0xa5, 3);
    three('memory.copy')(0x20, 0x0f, 4);
    expect([...bytes.subarray(0x0f, 0x14)]).toEqual([0, 0xa5, 0xa5, 0xa5, 0]);
    expect([...bytes.subarray(0x20, 0x25)]).toEqual([0, 0xa5, 0xa5, 0xa5, 0]);
  });
  test('offsets are unsigned, up to the last byte of four gigabytes', () => {
    const far = single(type([], ['i32']), (code) => code.i32(0).op('i32.load', 0xffff_fffc));
    expect(far).toThrow('out of bounds');
  });
});
