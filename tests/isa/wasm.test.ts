// The encoder by itself: each instruction that it knows, each form of control flow and each part of a module, in an
// engine. What instructions compute is compared with plain models on bigints.
// Left out: `global.get`, since a module here has no way to come by a global; what emitters make of all this.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ModuleBuilder } from '../../isa/emit/module-builder.ts';
import { OPCODES } from '../../isa/emit/opcodes.ts';
import { Code, type FunctionType, type Operation, type ValueType } from '../../isa/emit/wasm.ts';
import { runs } from './support/runs.ts';

const memory = new WebAssembly.Memory({ initial: 1 });
const bytes = new Uint8Array(memory.buffer);
const view = new DataView(memory.buffer);

type Run = (...parameters: (number | bigint)[]) => number | bigint | undefined;
type Imports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

function instantiate(module: ModuleBuilder, imports: Imports = {}): Readonly<Record<string, Run>> {
  const encoded = module.bytes();
  expect(WebAssembly.validate(encoded)).toBe(true);
  const host = { memory, ...imports['host'] };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(encoded), { ...imports, host });
  return exports as Record<string, Run>; // every export of such a module is a function
}

/** A module of one function. */
function single(type: FunctionType, emit: (code: Code) => void): Run {
  const module = new ModuleBuilder();
  const code = new Code(type.parameters.length);
  emit(code);
  module.define(module.declare('it', type), code);
  return instantiate(module)['it'] as Run;
}
const type = (parameters: readonly ValueType[], results: readonly ValueType[]): FunctionType => ({
  parameters,
  results,
});

const BITS = { i32: 32, i64: 64 } as const;
const given = (kind: ValueType, value: bigint) =>
  kind === 'i32' ? Number(BigInt.asIntN(32, value)) : BigInt.asIntN(64, value);
const unsigned = (kind: ValueType, value: number | bigint | undefined) =>
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
const CONVERSIONS: Readonly<Record<string, { from: ValueType; model: (a: bigint) => bigint }>> = {
  'i32.wrap_i64': { from: 'i64', model: (a) => a },
  'i64.extend_i32_s': { from: 'i32', model: (a) => s(a, 32) },
  'i64.extend_i32_u': { from: 'i32', model: (a) => a },
};

const operations = (Object.keys(OPCODES) as Operation[]).map((operation) => {
  const [kind, name] = operation.split('.') as [string, string | undefined];
  return { operation, kind, name, immediate: OPCODES[operation][1] };
});
const integer = operations.filter(
  ({ kind, name, immediate }) => (kind === 'i32' || kind === 'i64') && immediate === 'none' && !name?.includes('f64'),
);

describe('instructions compute what WebAssembly says', () => {
  test.each(integer)('$operation', ({ operation, kind: result, name = '' }) => {
    const kind = result as ValueType; // the filter above
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
    if (immediate !== 'memory' || kind === 'f64') return [];
    return [{ operation, kind: kind as ValueType, direction, width: Number(width ?? kind.slice(1)), sign }];
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

describe('control flow', () => {
  test('blocks and ifs with a result, left early', () => {
    const run = single(type(['i32'], ['i64']), (code) => {
      const label = code.open('block', 'i64');
      code.i64(7n).op('local.get', 0);
      code.leaveIf(label);
      code.op('drop');
      code.op('local.get', 0).op('i32.eqz').open('if', 'i64');
      code.i64(8n).op('else').i64(9n);
      code.end();
      code.end();
    });
    expect([run(1), run(0)]).toEqual([7n, 8n]);
  });
  test('to leave to a loop is to go round again', () => {
    const run = single(type(['i64'], ['i64']), (code) => {
      const sum = code.local('i64');
      const loop = code.open('loop');
      code.op('local.get', sum).op('local.get', 0).op('i64.add').op('local.set', sum);
      code.op('local.get', 0).i64(1n).op('i64.sub').op('local.tee', 0).op('i64.eqz').op('i32.eqz');
      code.leaveIf(loop);
      code.end();
      code.op('local.get', sum);
    });
    expect(run(100n)).toBe(5050n);
  });
  test('leave from within other blocks counts those between', () => {
    const run = single(type(['i32'], ['i32']), (code) => {
      const outer = code.open('block');
      code.open('loop');
      code.open('block');
      code.op('local.get', 0).open('if');
      code.leave(outer);
      code.end();
      code.end();
      code.end();
      code.i32(1).op('return');
      code.end();
      code.i32(2);
    });
    expect([run(0), run(1)]).toEqual([1, 2]);
  });
  test('a table of labels, and the one for all other numbers', () => {
    const run = single(type(['i32'], ['i32']), (code) => {
      const otherwise = code.open('block');
      const labels = Array.from({ length: 200 }, () => code.open('block')).reverse();
      code.op('local.get', 0);
      code.leaveTable(labels, otherwise);
      for (const index of labels.keys()) {
        code.end();
        code.i32(index * 3).op('return');
      }
      code.end();
      code.i32(-1);
    });
    expect([0, 1, 127, 128, 199, 200, -1].map((index) => run(index))).toEqual([0, 3, 381, 384, 597, -1, -1]);
  });
  test('blocks are opened by their own method, and closed before the end', () => {
    expect(() => new Code(0).op('loop')).toThrow('a method of its own');
    const open = new Code(0);
    const label = open.open('block');
    const module = new ModuleBuilder();
    module.define(module.declare('open', type([], [])), open);
    expect(() => module.bytes()).toThrow('every block is closed');
    open.end();
    expect(() => open.end()).toThrow('a block is open');
    expect(() => open.leave(label)).toThrow('what is left is open');
  });
});

describe('locals', () => {
  test('scratch ones are given back and used again, by type', () => {
    const code = new Code(2);
    const own = code.local('i64');
    const first = code.scratch('i64');
    const mark = code.mark();
    const [second, narrow] = [code.scratch('i64'), code.scratch('i32')];
    expect(new Set([0, 1, own, first, second, narrow]).size).toBe(6);
    code.reset(mark);
    const later = code.local('i64');
    expect([code.scratch('i64'), code.scratch('i32')]).toEqual([second, narrow]);
    expect([own, first, second, narrow, later]).not.toContain(code.scratch('i64'));
  });
  test('many regions of code need no more of them than the neediest', () => {
    const code = new Code(0);
    for (let round = 0; round < 1000; round++) {
      const mark = code.mark();
      for (let index = 0; index <= round % 3; index++) code.i64(0n).op('local.set', code.scratch('i64'));
      code.reset(mark);
    }
    expect(code.text().split('\n')[0]).toBe('  (local i64 i64 i64)');
  });
  test('keep their types in runs, behind the parameters', () => {
    const run = single(type(['i32', 'i64'], ['i64']), (code) => {
      const kinds = ['i64', 'i64', 'i32', 'i64', 'i32', 'i32'] as const;
      const locals = kinds.map((kind) => ({ kind, local: code.local(kind) }));
      expect(locals.map(({ local }) => local)).toEqual([2, 3, 4, 5, 6, 7]);
      for (const { kind, local } of locals) {
        if (kind === 'i32') code.op('local.get', 0).op('local.set', local);
        else code.op('local.get', 1).op('local.set', local);
      }
      code.i64(0n);
      for (const { kind, local } of locals) {
        code.op('local.get', local);
        if (kind === 'i32') code.op('i64.extend_i32_u');
        code.op('i64.add');
      }
    });
    expect(run(10, 1000n)).toBe(3030n);
    const alike = new Code(0);
    const before = alike.size;
    for (let index = 0; index < 100; index++) alike.local('i64');
    expect(alike.size - before).toBe(2); // a count and a type
  });
});

describe('modules', () => {
  const UNARY_TYPE = type(['i64'], ['i64']);
  const adding = (constant: bigint) => new Code(1).op('local.get', 0).i64(constant).op('i64.add');

  test('import functions from any namespace, and number them before their own', () => {
    const module = new ModuleBuilder();
    const twice = module.importFunction('twice', UNARY_TYPE);
    const thrice = module.importFunction('thrice', UNARY_TYPE, 'elsewhere');
    const own = module.declare('own', UNARY_TYPE);
    expect([twice, thrice, own]).toEqual([0, 1, 2]);
    module.define(own, new Code(1).op('local.get', 0).op('call', twice).op('call', thrice));
    const run = instantiate(module, {
      host: { twice: (a: bigint) => 2n * a },
      elsewhere: { thrice: (a: bigint) => 3n * a },
    });
    expect(run['own']?.(7n)).toBe(42n);
    expect(() => module.importFunction('late', UNARY_TYPE)).toThrow('imports come before functions');
  });

  test('export what is to be exported, in whatever order it is defined', () => {
    const module = new ModuleBuilder();
    const hidden = module.declare('hidden', UNARY_TYPE, false);
    const shown = module.declare('shown', UNARY_TYPE);
    module.define(shown, new Code(1).op('local.get', 0).op('call', hidden));
    expect(() => module.bytes()).toThrow('function hidden has no code');
    module.define(hidden, adding(1n));
    expect(() => module.define(hidden, adding(2n))).toThrow('defined once');
    const exports = instantiate(module);
    expect(Object.keys(exports)).toEqual(['shown']);
    expect(exports['shown']?.(1n)).toBe(2n);
  });

  test('put functions into an imported table, and call what is in it', () => {
    const table = new WebAssembly.Table({ element: 'anyfunc', initial: 200 });
    const imports = { core: { table } };
    const filling = new ModuleBuilder();
    filling.importTable('table', 'core');
    const added = [10n, 20n, 30n].map((constant) => {
      const index = filling.declare('unnamed', UNARY_TYPE, false);
      filling.define(index, adding(constant));
      return index;
    });
    filling.elements(100, added.slice(0, 2)); // a signed number whose encoding is longer than an unsigned one's
    filling.elements(7, added.slice(2));
    expect(Object.keys(instantiate(filling, imports))).toEqual([]);
    expect([100, 101, 7].map((index) => (table.get(index) as Run)(1n))).toEqual([11n, 21n, 31n]);
    expect(table.get(102)).toBe(null);

    const calling = new ModuleBuilder();
    calling.importTable('table', 'core');
    const call = calling.declare('call', type(['i64', 'i32'], ['i64']));
    const code = new Code(2).op('local.get', 0).op('local.get', 1);
    calling.define(call, code.op('call_indirect', calling.typeIndex(UNARY_TYPE)));
    const run = instantiate(calling, imports)['call'] as Run;
    expect([100, 101, 7].map((index) => run(5n, index))).toEqual([15n, 25n, 35n]);
    expect(() => run(5n, 102)).toThrow();
    expect(() => new ModuleBuilder().elements(0, [])).toThrow('a table to put functions into');
  });

  test('calls in tail position take no stack, direct and indirect, across modules', () => {
    const table = new WebAssembly.Table({ element: 'anyfunc', initial: 2 });
    const imports = { host: { table } };
    const STEP = type(['i32', 'i64'], ['i64']);
    const hop = (module: ModuleBuilder, slot: number, go: (code: Code) => void) => {
      module.importTable('table');
      const index = module.declare('hop', STEP);
      const code = new Code(2);
      code.op('local.get', 0).op('i32.eqz').open('if');
      code.op('local.get', 1).op('return');
      code.end();
      code.op('local.get', 0).i32(1).op('i32.sub').op('local.get', 1).i64(1n).op('i64.add');
      go(code);
      module.define(index, code);
      module.elements(slot, [index]);
      return instantiate(module, imports)['hop'] as Run;
    };
    const HOPS = 1_000_000;
    const direct = new ModuleBuilder();
    expect(hop(direct, 0, (code) => code.op('return_call', 0))(HOPS, 0n)).toBe(BigInt(HOPS));
    const goTo = (module: ModuleBuilder, slot: number) => (code: Code) =>
      code.i32(slot).op('return_call_indirect', module.typeIndex(STEP));
    const [first, second] = [new ModuleBuilder(), new ModuleBuilder()];
    const run = hop(first, 0, goTo(first, 1));
    hop(second, 1, goTo(second, 0));
    expect(run(HOPS, 0n)).toBe(BigInt(HOPS));
  });

  test('types are listed once', () => {
    const module = new ModuleBuilder();
    const again = [type(['i64'], ['i64']), type(['i64', 'i64'], []), type(['i64'], ['i64'])];
    expect(again.map((each) => module.typeIndex(each))).toEqual([0, 1, 0]);
  });

  test('of many large functions, with names beyond ASCII', () => {
    const module = new ModuleBuilder();
    const names = Array.from({ length: 150 }, (_, index) => `größe ${index}`);
    for (const [index, name] of names.entries()) {
      const code = new Code(1).op('local.get', 0);
      for (let round = 0; round < 20 * index; round++) code.i64(0x1_0000_0000n).op('i64.add');
      module.define(module.declare(name, UNARY_TYPE), code);
    }
    const run = instantiate(module);
    for (const [index, name] of names.entries()) expect(run[name]?.(1n)).toBe(1n + BigInt(20 * index) * 0x1_0000_0000n);
  });
});

test('the text of a body says each instruction with what follows it', () => {
  const code = new Code(1);
  const outer = code.open('block', 'i64');
  const loop = code.open('loop');
  code.op('local.get', 0).op('i64.load8_s', 300).i64(-1n).op('i64.add').op('local.set', code.local('i64'));
  code.op('local.get', 0).i32(-200).op('i32.rotl').open('if');
  code.leave(loop);
  code.op('else').i64(1n << 63n);
  code.leave(outer);
  code.end();
  code.i32(1);
  code.leaveTable([loop, outer], loop);
  code.end();
  code.op('global.get', 130).op('return_call', 9).op('return_call_indirect', 2);
  code.op('memory.copy').op('memory.fill').op('i64.trunc_sat_f64_u');
  code.end();
  expect(code.text()).toBe(
    `  (local i64)
  block (result i64)
    loop
      local.get 0
      i64.load8_s offset=300
      i64.const -1
      i64.add
      local.set 1
      local.get 0
      i32.const -200
      i32.rotl
      if
        br 1
      else
        i64.const -9223372036854775808
        br 2
      end
      i32.const 1
      br_table 0 1 0
    end
    global.get 130
    return_call 9
    return_call_indirect (type 2)
    memory.copy
    memory.fill
    i64.trunc_sat_f64_u
  end`,
  );
});
