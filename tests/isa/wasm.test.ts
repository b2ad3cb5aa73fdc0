// The encoder by itself: each form of control flow, locals, and each part of a module, in an engine; and its text.
// What instructions compute is wasm-operations.test.ts; what emitters make of them is emit.test.ts.

import { describe, expect, test } from 'vitest';
import { ModuleBuilder } from '../../isa/emit/module-builder.ts';
import { Code } from '../../isa/emit/wasm.ts';
import { instantiate, type Run, single, type } from './support/wasm.ts';

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
