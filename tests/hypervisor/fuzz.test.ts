// Random memory images as guests: whatever they execute, a virtual machine stays the same as the bare one at every
// step, the ledger adds up, and nothing in the host fails. Images are noise, or noise made of real instructions, with
// page tables, CSR writes and returns among them, so that all modes and translation are reached.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { virtualSystem } from '../../src/session/system.ts';
import { verify } from '../../src/session/verify.ts';
import { runSteps, sidesOf, specOf, type TestGuest } from '../support/guests.ts';
import { noise, program } from '../support/random-programs.ts';

const SCALE = Number(process.env['TRAPEZE_RUNS'] ?? 1);
const STEPS = 400;

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
