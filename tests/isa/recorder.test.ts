// The recorder: its trees mean what the bodies mean, for every definition; how large they are; what it refuses.
// What simplification of expressions does is covered by running the trees on random states.
// Generators have tests of their own, in emit.test.ts, explain.test.ts and effects.test.ts.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Cause } from '../../isa/causes.ts';
import { effect, instructionsOf, value } from '../../isa/definition.ts';
import { FILE_WORDS, WORD } from '../../isa/layout.ts';
import { insertFields } from '../../isa/pattern.ts';
import { MOST_PATHS, type Recording, recordDefinition, recordInstruction } from '../../isa/recorder.ts';
import { translate } from '../../isa/translation.ts';
import { nodesOf } from '../../isa/tree.ts';
import type { Definition } from '../../isa/vocabulary.ts';
import { type Form, fieldsOfForm, forms, parameterArbitrary, privileged } from './support/definitions.ts';
import { runTree } from './support/evaluate.ts';
import { expectGolden } from './support/golden.ts';
import { Hart } from './support/hart.ts';
import { RAM } from './support/machine.ts';
import { place, situation } from './support/page-tables.ts';
import { assign, type RandomState, stateArbitrary } from './support/random-state.ts';
import { runs } from './support/runs.ts';

const reference = new Hart();
const host = new Hart();
const content = fc.uint8Array({ minLength: 64, maxLength: 64 });

/** The same state and memory for both. */
function prepare(state: RandomState, bytes: Uint8Array): void {
  for (const hart of [reference, host]) {
    hart.memory.bytes.fill(0);
    for (const at of [0x4000, 0x4800, 0x6000, 0xffc0]) hart.memory.bytes.set(bytes, at);
    assign(hart, state);
  }
}
function expectSame(): void {
  expect(host.words).toEqual(reference.words);
  expect(Buffer.compare(host.memory.bytes, reference.memory.bytes)).toBe(0);
}

describe('a tree does what the body does', () => {
  test.each(forms)('$title', (form) => {
    const { instruction, encoded } = form;
    const recording = recordInstruction(instruction, encoded);
    const length = fc.constantFrom(2 as const, 4 as const);
    fc.assert(
      fc.property(fieldsOfForm(form), stateArbitrary, content, length, (fields, state, contents, bytes) => {
        prepare(state, contents);
        const bits = insertFields(instruction.pattern, fields);
        const inputs: Record<string, bigint> = { instruction: BigInt(bits), nextPc: RAM + BigInt(bytes) };
        for (const { name, register } of instruction.pattern.fields) {
          const number = fields[name] as number;
          inputs[name] = register ? host.word(FILE_WORDS[register] + number) : BigInt.asUintN(64, BigInt(number));
        }
        const retired = reference.execute({ instruction, fields, bits, bytes }, bits);
        const { raised, result, jumped } = runTree(recording, host, inputs);
        expect(raised).toEqual(retired ? undefined : { cause: reference.cause, tval: reference.tval });
        if (result !== undefined && fields['rd'] !== undefined) host.setX(fields['rd'], result);
        if (result !== undefined && fields['fd'] !== undefined) host.setWord(FILE_WORDS.f + fields['fd'], result);
        if (retired && jumped !== true) host.pc = inputs['nextPc'] as bigint;
        expectSame();
      }),
      runs(40),
    );
  });

  const same = (definition: Definition, values: Readonly<Record<string, bigint>>) => {
    const expected = reference.attempt((hart) => definition.body<bigint>(hart, values));
    const { raised, result } = runTree(recordDefinition(definition), host, values);
    if (typeof expected === 'object') expect(raised).toEqual({ cause: reference.cause, tval: reference.tval });
    else expect([raised, result]).toEqual([undefined, typeof expected === 'boolean' ? BigInt(expected) : expected]);
    expectSame();
    return raised === undefined;
  };

  test.each(privileged)('$name', (definition) => {
    const inputs = definition.parameters.map((name) => [name, parameterArbitrary(name)] as const);
    fc.assert(
      fc.property(fc.record(Object.fromEntries(inputs)), stateArbitrary, content, (values, state, contents) => {
        prepare(state, contents);
        same(definition, values);
      }),
      runs(200),
    );
  });

  test.each(Object.entries(translate))('the walk for a %s, on random tables', (_access, definition) => {
    fc.assert(
      fc.property(situation, stateArbitrary, (s, state) => {
        prepare(state, new Uint8Array(0));
        for (const hart of [reference, host]) place(hart, hart.memory, s);
        same(definition, { va: s.va });
      }),
      runs(400),
    );
  });
});

describe('the size of trees', () => {
  const row = ({ paths, tree, canRaise }: Recording, title: string) =>
    `${title}: ${paths} paths, ${nodesOf(tree).length} nodes${canRaise ? '' : ', never raises'}`;

  test('is the one written down, and no definition comes near the limit of paths', () => {
    const recordings = [
      ...forms.map((form) => [form.title, recordInstruction(form.instruction, form.encoded)] as const),
      ...privileged.map((definition) => [definition.name, recordDefinition(definition)] as const),
    ];
    expectGolden('trees.txt', `${recordings.map(([title, recording]) => row(recording, title)).join('\n')}\n`);
    expect(Math.max(...recordings.map(([, { paths }]) => paths))).toBeLessThan(MOST_PATHS / 2);
  });
  test('sret is one test, one exception and one assignment', () => {
    const sret = forms.find((form) => form.title === 'sret') as Form;
    expect(nodesOf(recordInstruction(sret.instruction).tree).map((node) => node.kind)).toEqual(['if', 'leaf', 'leaf']);
  });
});

test('a jump to where it is is a jump, while another word that gets its own value is left alone', () => {
  const stays = effect('stays', [], (m) => {
    const { mscratch, pc } = m;
    m.mscratch = mscratch;
    m.pc = pc;
  });
  const [leaf] = nodesOf(recordDefinition(stays).tree);
  expect(leaf).toMatchObject({ end: { writes: [{ word: WORD.pc }] } });
});

describe('the recorder refuses', () => {
  test('a definition that goes on after raise()', () => {
    const writes = effect('writes', [], (m) => {
      m.raise(Cause.Breakpoint, m.k(0));
      m.pc = m.k(0);
    });
    const returns = value('returns', ['a'], (m, { a }) => {
      m.raise(Cause.Breakpoint, m.k(0));
      return a;
    });
    expect(() => recordDefinition(writes)).toThrow('goes on after raise()');
    expect(() => recordDefinition(returns)).toThrow('goes on after raise()');
  });
  test('a definition with too many paths', () => {
    const forks = value('forks', ['a'], (m, { a }) => {
      let sum = m.k(0);
      for (let bit = 0; bit < 16; bit++) if (m.isSet(m.bits(a, bit, bit))) sum = m.add(m.shiftLeft(sum, m.k(1)), a);
      return sum;
    });
    expect(() => recordDefinition(forks)).toThrow('more than 512 paths');
  });
  test('a body that is not pure', () => {
    let calls = 0;
    const counts = value('counts', ['a'], (m, { a }) => m.k(m.is(a, calls++) ? 1 : 2));
    expect(() => recordDefinition(counts)).toThrow('is its body pure?');
  });
  test('a word written before memory is touched, or before an exception', () => {
    const early = effect('early', ['a'], (m, { a }) => {
      m.mepc = a;
      m.storePhysical(a, a);
    });
    const torn = effect('torn', ['a'], (m, { a }) => {
      m.mepc = a;
      return m.raise(Cause.Breakpoint, a);
    });
    expect(() => recordDefinition(early)).toThrow('writes a word and then touches memory');
    expect(() => recordDefinition(torn)).toThrow('raises after it wrote a word');
  });
  test('an instruction that depends on an encoded field which was not given', () => {
    const [peeks] = [
      instructionsOf('I')('peeks rd, rs1', '000000000000 rs1 000 rd 0001011', (m, { rs1 }, { rd }) =>
        m.add(rs1, m.k(rd)),
      ),
    ];
    expect(() => recordInstruction(peeks)).toThrow('depends on the encoded field rd');
    expect(recordInstruction(peeks, { rd: 3 }).encoded).toEqual(['rd']);
  });
});
