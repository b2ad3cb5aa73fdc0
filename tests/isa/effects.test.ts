// What definitions touch: pinned for all of them, checked against what a run of the reference really changes, and a few
// stated by hand. An effect that is listed may happen; one that is not listed never does.
// Registers of decoded instructions are what a debugger and the translator ask for.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode } from '../../isa/decode.ts';
import { type Effects, effectsOf, registersOf } from '../../isa/effects.ts';
import { FILE_WORDS, WORD_NAMES } from '../../isa/layout.ts';
import { extractFields, insertFields } from '../../isa/pattern.ts';
import { recordDefinition, recordInstruction } from '../../isa/recorder.ts';
import { Reference } from '../../isa/reference.ts';
import { type Form, forms, privileged } from './support/definitions.ts';
import { expectGolden } from './support/golden.ts';
import { encode, TestMemory } from './support/machine.ts';
import { assign, stateArbitrary } from './support/random-state.ts';
import { runs } from './support/runs.ts';

const effectsOfForm = ({ instruction, encoded }: Form) => effectsOf(recordInstruction(instruction, encoded));
const named = (title: string) => effectsOfForm(forms.find((form) => form.title === title) as Form);

function told(title: string, effects: Effects): string {
  const lists = Object.entries(effects).flatMap(([name, value]) => {
    if (value === false || (Array.isArray(value) && value.length === 0)) return [];
    const items = Array.isArray(value) ? value.map((item) => (item.kind ? `${item.kind} ${item.bytes}` : item)) : [];
    return [items.length > 0 ? `${name}: ${items.join(', ')}` : name];
  });
  return `${title}: ${lists.join('; ')}`;
}

test('the effects of every definition are the ones written down', () => {
  const rows = [
    ...forms.map((form) => told(form.title, effectsOfForm(form))),
    ...privileged.map((definition) => told(definition.name, effectsOf(recordDefinition(definition)))),
  ];
  expectGolden('effects.txt', `${rows.join('\n')}\n`);
});

describe('no instruction changes a word that is not among its effects', () => {
  const hart = new Reference(new TestMemory());
  test.each(forms)('$title', (form) => {
    const { instruction, encoded } = form;
    const effects = effectsOfForm(form);
    const mayWrite = new Set([...effects.writes.map((name) => name.split('.')[0]), 'pc']);
    const reserves = effects.memory.some(({ kind }) => kind === 'loadReserved' || kind === 'storeConditional');
    if (reserves) mayWrite.add('reservation');
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 32 - 1 }), stateArbitrary, (word, state) => {
        assign(hart, state);
        const fields = { ...extractFields(instruction.pattern, word), ...encoded };
        const bits = insertFields(instruction.pattern, fields);
        const before = hart.words.slice();
        const { reads, writes } = registersOf({ instruction, fields, bits, bytes: 4 }, effects);
        hart.execute({ instruction, fields, bits, bytes: 4 }, bits);
        for (const [index, value] of hart.words.entries()) {
          const name = WORD_NAMES[index] as string;
          if (value === before[index]) continue;
          const isResult = fields['fd'] !== undefined && index === FILE_WORDS.f + fields['fd'];
          expect(mayWrite.has(name) || writes.includes(index) || isResult, name).toBe(true);
        }
        expect(reads.every((register) => register > 0 && register < 32)).toBe(true);
      }),
      runs(10),
    );
  });
});

describe('stated by hand', () => {
  test('add reads both sources and nothing else', () => {
    expect(named('add')).toMatchObject({ parameters: ['rs1', 'rs2'], result: true, reads: [], writes: [], memory: [] });
  });
  test('sret', () => {
    expect(named('sret')).toMatchObject({
      reads: ['mode', 'mstatus', 'sepc'],
      writes: ['mode', 'mstatus.SIE', 'mstatus.SPIE', 'mstatus.SPP', 'mstatus.MPRV', 'pc'],
      raises: [2],
      jumps: true,
    });
  });
  test('loads, stores and atomics name their kind and width', () => {
    expect(named('lhu').memory).toEqual([{ kind: 'load', bytes: 2 }]);
    expect(named('sd').memory).toEqual([{ kind: 'store', bytes: 8 }]);
    expect(named('amoadd.w').memory).toEqual([{ kind: 'amo', bytes: 4 }]);
    expect(effectsOf(recordDefinition(privileged[2] as (typeof privileged)[number])).memory).toEqual([
      { kind: 'loadPhysical', bytes: 8 },
      { kind: 'storePhysical', bytes: 8 },
    ]);
  });
  test('csrrs with rs1 = x0 writes nothing, csrrw of sscratch one word', () => {
    expect(named('csrrs sscratch, rs1 = 0').writes).toEqual([]);
    expect(named('csrrw sscratch').writes).toEqual(['sscratch']);
  });
  test('registers of a decoded instruction leave x0 out', () => {
    const of = (word: number) => {
      const decoded = decode(word);
      if (decoded === undefined) throw new Error('it decodes');
      return registersOf(decoded, effectsOf(recordInstruction(decoded.instruction)));
    };
    expect(of(encode('add', { rd: 3, rs1: 7, rs2: 5 }))).toEqual({ reads: [5, 7], writes: [3] });
    expect(of(encode('add', { rd: 0, rs1: 0, rs2: 5 }))).toEqual({ reads: [5], writes: [] });
    expect(of(encode('c.swsp', { rs2: 9, uimm: 8 }))).toEqual({ reads: [2, 9], writes: [] });
    expect(of(encode('jal', { rd: 1, imm: 8 }))).toEqual({ reads: [], writes: [1] });
  });
});
