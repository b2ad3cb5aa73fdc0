// Random memory images as guests: whatever they execute, a virtual machine stays the same as the bare one at every
// step, the ledger adds up, and nothing in the host fails. Images are noise, or noise made of real instructions, with
// page tables, CSR writes and returns among them, so that all modes and translation are reached.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Engine } from '../../src/machine/engine.ts';
import { virtualSystem } from '../../src/session/system.ts';
import { verify } from '../../src/session/verify.ts';
import { FAST_ENGINES, sidesOf } from '../support/engines.ts';
import { runSteps, specOf, type TestGuest } from '../support/guests.ts';
import { noise, program } from '../support/random-programs.ts';

const SCALE = Number(process.env['TRAPEZE_RUNS'] ?? 1);
const STEPS = 400;

/** Each guest runs on the reference, and on one engine beside it. */
function agrees(guest: TestGuest, seed: number): void {
  const engine = FAST_ENGINES[seed % FAST_ENGINES.length] as Engine;
  const verdict = verify(sidesOf(guest, [engine]), STEPS);
  expect(verdict).toMatchObject({ agrees: true });
}

test('a virtual machine full of noise is the same as a bare one', () => {
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom('m' as const, 's' as const), (seed, mode) =>
      agrees({ bytes: noise(seed), mode }, seed),
    ),
    { numRuns: 60 * SCALE },
  );
});

test('a virtual machine full of random instructions is the same as a bare one', () => {
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom('m' as const, 's' as const), (seed, mode) =>
      agrees({ bytes: program(seed), mode }, seed),
    ),
    { numRuns: 100 * SCALE },
  );
});

test('the ledger adds up whatever a guest executes', () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const machine = virtualSystem([specOf({ bytes: program(seed) })], { shadow: 'trace' });
      runSteps(machine, STEPS);
      machine.guests[0]?.vm?.checkLedger();
    }),
    { numRuns: 30 * SCALE },
  );
});
