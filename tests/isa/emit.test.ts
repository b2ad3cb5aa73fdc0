// Emitted wasm against the reference: the privileged architecture as functions, over random operands and states. What
// instructions become is tested where they are emitted, in tests/machine/region and tests/engines.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { value } from '../../isa/definition.ts';
import { DefinitionModule } from '../../isa/emit/module.ts';
import { NO_CAUSE } from '../../isa/emit/services.ts';
import { translate } from '../../isa/translation.ts';
import type { Definition } from '../../isa/vocabulary.ts';
import { parameterArbitrary, privileged } from './support/definitions.ts';
import { expectGolden } from './support/golden.ts';
import { Hart } from './support/hart.ts';
import { RAM, RAM_BYTES } from './support/machine.ts';
import { place, situation } from './support/page-tables.ts';
import { assign, type RandomState, stateArbitrary } from './support/random-state.ts';
import { runs } from './support/runs.ts';

// The linear memory: a guard, the state block, and RAM in pages of its own.
const STATE = 1024;
const RAM_OFFSET = 0x1_0000;
const memory = new WebAssembly.Memory({ initial: 2 });
const main = { address: RAM, bytes: RAM_BYTES, offset: RAM_OFFSET };

const reference = new Hart();
const emitted = new Hart({ buffer: memory.buffer, state: STATE, ram: RAM_OFFSET });

type Emitted = (...parameters: (number | bigint)[]) => [bigint, number];

function instantiate(module: DefinitionModule): (name: string) => Emitted {
  const imports = { host: { memory } };
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
const unsignedPair = ([value, cause]: [bigint, number]) => [BigInt.asUintN(64, value), cause];

const content = fc.uint8Array({ minLength: 64, maxLength: 64 });

describe('the privileged architecture as wasm functions', () => {
  const module = new DefinitionModule(main);
  for (const definition of privileged) module.add(definition);
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
    const single = new DefinitionModule(main);
    single.add(probe);
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
