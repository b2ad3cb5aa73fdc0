// Emitted wasm against the reference, over every definition, random operands and random states: the handlers of a
// pre-decoded interpreter, regions whose operands are known, and the privileged architecture as functions.
// Virtual accesses go to a reference on the same state block and memory, so they are not what is tested here.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Decoded } from '../../isa/decode.ts';
import { value } from '../../isa/definition.ts';
import { EmittedModule } from '../../isa/emit/module.ts';
import { RECORD_BYTES, SINK_WORD, writeRecord } from '../../isa/emit/record.ts';
import { type HostFunctions, NO_CAUSE } from '../../isa/emit/services.ts';
import { insertFields } from '../../isa/pattern.ts';
import { recordInstruction } from '../../isa/recorder.ts';
import { translate } from '../../isa/translation.ts';
import type { Definition, Raised } from '../../isa/vocabulary.ts';
import { type Form, fieldsOfForm, forms, parameterArbitrary, privileged } from './support/definitions.ts';
import { expectGolden } from './support/golden.ts';
import { Hart } from './support/hart.ts';
import { RAM, RAM_BYTES } from './support/machine.ts';
import { place, situation } from './support/page-tables.ts';
import { assign, type RandomState, stateArbitrary } from './support/random-state.ts';
import { runs } from './support/runs.ts';

// The linear memory: a guard, the state block, a record, and RAM in pages of its own.
const STATE = 1024;
const RECORD = 8192;
const RAM_OFFSET = 0x1_0000;
const memory = new WebAssembly.Memory({ initial: 2 });
const main = { address: RAM, bytes: RAM_BYTES, offset: RAM_OFFSET };

const reference = new Hart();
const emitted = new Hart({ buffer: memory.buffer, state: STATE, ram: RAM_OFFSET });

/** What emitted code imports: accesses of the reference on the emitted side's own state. */
function host(hart: Hart): HostFunctions {
  let amoAddress = 0n;
  const outcome = (value: bigint | undefined | Raised): [bigint, number] =>
    typeof value === 'object' ? [hart.tval, Number(hart.cause)] : [value ?? 0n, NO_CAUSE];
  const unsigned = (value: bigint) => BigInt.asUintN(64, value);
  const access = (run: (to: Hart) => bigint | undefined) => outcome(hart.attempt(() => run(hart)));
  const nothing = (run: () => void) => {
    run();
    return undefined;
  };
  return {
    load: (address, bytes) => access((to) => to.load(unsigned(address), bytes)),
    store: (address, value, bytes) =>
      access((to) => nothing(() => to.store(unsigned(address), bytes, unsigned(value)))),
    loadReserved: (address, bytes) => access((to) => to.loadReserved(unsigned(address), bytes)),
    storeConditional: (address, value, bytes) =>
      access((to) => to.storeConditional(unsigned(address), bytes, unsigned(value))),
    amoLoad: (address, bytes) => {
      amoAddress = unsigned(address);
      return access((to) => to.amo(amoAddress, bytes, (old) => old));
    },
    amoStore: (value, bytes) => hart.store(amoAddress, bytes, unsigned(value)),
    time: () => hart.time(),
    wait: () => undefined,
    fence: () => undefined,
  };
}

type Emitted = (...parameters: (number | bigint)[]) => [bigint, number];

function instantiate(module: EmittedModule): (name: string) => Emitted {
  const imports = { host: { memory, ...host(emitted) } };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.bytes()), imports);
  return (name) => exports[name] as Emitted; // every export of such a module is one
}

function prepare(state: RandomState, bytes: Uint8Array): void {
  for (const hart of [reference, emitted]) {
    hart.memory.bytes.fill(0);
    for (const at of [0x4000, 0x4800, 0x6000, 0xffc0]) hart.memory.bytes.set(bytes, at);
    assign(hart, state);
  }
}
function expectSame(): void {
  expect(emitted.words).toEqual(reference.words);
  expect(Buffer.compare(emitted.memory.bytes, reference.memory.bytes)).toBe(0);
}
/** The reference's outcome of an instruction, as emitted functions give theirs. */
function executed(decoded: Decoded): [bigint, number] {
  const retired = reference.execute(decoded, decoded.bits);
  return retired ? [0n, NO_CAUSE] : [reference.tval, Number(reference.cause)];
}
const unsignedPair = ([value, cause]: [bigint, number]) => [BigInt.asUintN(64, value), cause];

const content = fc.uint8Array({ minLength: 64, maxLength: 64 });
const length = fc.constantFrom(2 as const, 4 as const);
const decodedOf = (form: Form): fc.Arbitrary<Decoded> =>
  fc.tuple(fieldsOfForm(form), length).map(([fields, bytes]) => {
    const { instruction } = form;
    return { instruction, fields, bits: insertFields(instruction.pattern, fields), bytes };
  });

describe('a handler of the pre-decoded interpreter does what the reference does', () => {
  const module = new EmittedModule(main);
  for (const { title, instruction, encoded } of forms) {
    module.handler(title, recordInstruction(instruction, encoded), instruction.pattern.fields);
  }
  const handler = instantiate(module);
  const view = new DataView(memory.buffer);

  test.each(forms)('$title', (form) => {
    const run = handler(form.title);
    fc.assert(
      fc.property(decodedOf(form), stateArbitrary, content, (decoded, state, bytes) => {
        prepare(state, bytes);
        writeRecord(view, RECORD, decoded, 0);
        const outcome = unsignedPair(run(STATE, RECORD));
        expect(outcome).toEqual(executed(decoded));
        expectSame();
      }),
      runs(20),
    );
  });
  test('records fit their bytes, and the sink lies behind the block', () => {
    expect([RECORD_BYTES, SINK_WORD]).toEqual([16, reference.words.length]);
    expect(SINK_WORD).toBeLessThan(256);
  });
});

describe('a region does what the reference does', () => {
  test.each(forms)('$title, with its operands known', (form) => {
    const samples = fc.sample(decodedOf(form), 3);
    const module = new EmittedModule(main);
    for (const [i, decoded] of samples.entries()) module.region(`${i}`, [decoded], RAM);
    const region = instantiate(module);
    fc.assert(
      fc.property(fc.nat({ max: samples.length - 1 }), stateArbitrary, content, (index, state, bytes) => {
        prepare(state, bytes);
        const decoded = samples[index] as Decoded;
        expect(unsignedPair(region(`${index}`)(STATE)), JSON.stringify(decoded.fields)).toEqual(executed(decoded));
        expectSame();
      }),
      runs(8),
    );
  });

  test('of several instructions, up to the first that jumps or raises', () => {
    const plain = forms.filter((form) => form.instruction.extension !== 'Zicsr');
    const anyDecoded = fc.nat({ max: plain.length - 1 }).chain((i) => decodedOf(plain[i] as Form));
    fc.assert(
      fc.property(
        fc.array(anyDecoded, { minLength: 2, maxLength: 12 }),
        stateArbitrary,
        content,
        (list, state, bytes) => {
          const module = new EmittedModule(main);
          module.region('region', list, RAM);
          prepare(state, bytes);
          const outcome = unsignedPair(instantiate(module)('region')(STATE));
          let expected: [bigint, number] = [0n, NO_CAUSE];
          for (const decoded of list) {
            const next = reference.pc + BigInt(decoded.bytes);
            expected = executed(decoded);
            if (expected[1] !== NO_CAUSE || reference.pc !== next) break;
          }
          expect(outcome).toEqual(expected);
          expectSame();
        },
      ),
      runs(300),
    );
  });
});

describe('the privileged architecture as wasm functions', () => {
  const module = new EmittedModule(main);
  for (const definition of privileged) module.definition(definition);
  const run = instantiate(module);

  function expectEqual(definition: Definition, values: Readonly<Record<string, bigint>>): void {
    const expected = reference.attempt((hart) => definition.body<bigint>(hart, values));
    const inputs = definition.parameters.map((name) => BigInt.asIntN(64, values[name] as bigint));
    const outcome = unsignedPair(run(definition.name)(STATE, ...inputs));
    if (typeof expected === 'object') expect(outcome).toEqual([reference.tval, Number(reference.cause)]);
    else expect(outcome).toEqual([BigInt(expected ?? 0n), NO_CAUSE]);
    expectSame();
  }

  test.each(privileged)('$name', (definition) => {
    const inputs = definition.parameters.map((name) => [name, parameterArbitrary(name)] as const);
    fc.assert(
      fc.property(fc.record(Object.fromEntries(inputs)), stateArbitrary, content, (values, state, bytes) => {
        prepare(state, bytes);
        expectEqual(definition, values);
      }),
      runs(200),
    );
  });

  test.each(Object.entries(translate))('the Sv39 walk for a %s, on random tables', (_access, definition) => {
    fc.assert(
      fc.property(situation, stateArbitrary, (s, state) => {
        prepare(state, new Uint8Array(0));
        for (const hart of [reference, emitted]) place(hart, hart.memory, s);
        expectEqual(definition, { va: s.va });
      }),
      runs(800),
    );
  });

  test('main memory begins and ends where the reference has it', () => {
    const probe = value('probe', ['address'], (m, { address }) => m.k(m.isMemory(address) ? 1 : 0));
    const single = new EmittedModule(main);
    single.definition(probe);
    const ask = instantiate(single)('probe');
    const end = RAM + BigInt(RAM_BYTES);
    for (const edge of [0n, RAM, end]) {
      for (let offset = -16n; offset <= 16n; offset++) {
        const address = BigInt.asUintN(64, edge + offset);
        expect(ask(STATE, BigInt.asIntN(64, address))).toEqual([reference.isMemory(address) ? 1n : 0n, NO_CAUSE]);
      }
    }
  });

  test('all of it is small', () => {
    expectGolden(
      'wasm-sizes.txt',
      `${privileged.map(({ name }) => `${name}: ${module.sizeOf(name)} bytes`).join('\n')}\n`,
    );
  });
});

test('the text of a few, as handler and as region', () => {
  const shown = ['add', 'addi', 'beq', 'jal', 'lw', 'sret'];
  const rows = shown.flatMap((title) => {
    const { instruction, encoded } = forms.find((form) => form.title === title) as Form;
    const operands = { rd: 10, rs1: 11, rs2: 12, imm: 16 };
    const bits = insertFields(instruction.pattern, operands);
    const fields = Object.fromEntries(
      instruction.pattern.fields.map(({ name }) => [name, operands[name as keyof typeof operands]]),
    );
    const module = new EmittedModule(main);
    module.handler('handler', recordInstruction(instruction, encoded), instruction.pattern.fields);
    module.region('region', [{ instruction, fields, bits, bytes: 4 }], RAM);
    return ['handler', 'region'].map((form) => `;; ${title}, ${form}\n${module.text(form)}\n`);
  });
  expectGolden('wasm.txt', rows.join('\n'));
});
