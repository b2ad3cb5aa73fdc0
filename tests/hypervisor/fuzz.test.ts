// Random memory images as guests: whatever they execute, a virtual machine stays the same as the bare one at every
// step, the ledger adds up, and nothing in the host fails. Images are noise, or noise made of real instructions, with
// page tables, CSR writes and returns among them, so that all modes and translation are reached.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CSRS } from '../../isa/csrs.ts';
import { COMPRESSED, INSTRUCTIONS } from '../../isa/instructions.ts';
import { insertFields } from '../../isa/pattern.ts';
import { virtualSystem } from '../../src/session/system.ts';
import { verify } from '../../src/session/verify.ts';
import { runSteps, sidesOf, specOf, type TestGuest } from '../support/guests.ts';

const SCALE = Number(process.env['TRAPEZE_RUNS'] ?? 1);
const STEPS = 400;
const IMAGE_BYTES = 2048;

/** Numbers from a seed: one integer shrinks better than thousands. */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function noise(seed: number): Uint8Array {
  const random = generator(seed);
  return Uint8Array.from({ length: IMAGE_BYTES }, () => random(256));
}

const system = INSTRUCTIONS.filter(({ extension }) => extension === 'Zicsr' || extension === 'Privileged');
const csrNumbers = CSRS.map(({ number }) => number);
const SATP = 0x180;
const PAGE_TABLE_PAGES = 4;

/** A first instruction or two that make some registers point into RAM, then real instructions with random operands. */
function program(seed: number): Uint8Array {
  const random = generator(seed);
  const view = new DataView(new ArrayBuffer(IMAGE_BYTES));
  let at = 0;
  const put32 = (word: number) => {
    view.setUint32(at, word, true);
    at += 4;
  };
  const named = (name: string) =>
    INSTRUCTIONS.find((instruction) => instruction.name === name) as (typeof INSTRUCTIONS)[number];
  for (let register = 5; register < 32; register += 3) {
    put32(insertFields(named('auipc').pattern, { rd: register, imm: random(PAGE_TABLE_PAGES) * 4096 }));
  }
  while (at < IMAGE_BYTES - 8) {
    const kind = random(10);
    const pool = kind < 2 ? system : INSTRUCTIONS;
    if (kind === 2) {
      const { pattern } = COMPRESSED[random(COMPRESSED.length)] as (typeof COMPRESSED)[number];
      view.setUint16(at, pattern.match | (random(0x10000) & ~pattern.mask), true);
      at += 2;
      continue;
    }
    const { pattern, name } = pool[random(pool.length)] as (typeof INSTRUCTIONS)[number];
    const fields: Record<string, number> = {};
    for (const field of pattern.fields) {
      const width = Math.min(field.width, 31);
      fields[field.name] = random(2 ** width);
      if (field.name === 'csr')
        fields['csr'] = random(4) === 0 ? SATP : (csrNumbers[random(csrNumbers.length)] as number);
      // Branches stay near, so that a program is more than one jump into the void.
      if (name.startsWith('b') || name === 'jal') fields['imm'] = 2 * (random(64) - 16);
    }
    put32(insertFields(pattern, fields));
  }
  return new Uint8Array(view.buffer);
}

function agrees(guest: TestGuest): void {
  const verdict = verify(sidesOf(guest), STEPS);
  expect(verdict).toMatchObject({ agrees: true });
}

test('a virtual machine full of noise is the same as a bare one', () => {
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom('m' as const, 's' as const), (seed, mode) =>
      agrees({ bytes: noise(seed), mode }),
    ),
    { numRuns: 300 * SCALE },
  );
});

test('a virtual machine full of random instructions is the same as a bare one', () => {
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom('m' as const, 's' as const), (seed, mode) =>
      agrees({ bytes: program(seed), mode }),
    ),
    { numRuns: 700 * SCALE },
  );
});

test('the ledger adds up whatever a guest executes', () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const machine = virtualSystem([specOf({ bytes: program(seed) })]);
      runSteps(machine, STEPS);
      machine.guests[0]?.vm?.checkLedger();
    }),
    { numRuns: 50 * SCALE },
  );
});
