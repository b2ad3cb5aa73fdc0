// The random sequences that are compared with QEMU (all modes, Sv39 with random tables, delegation, PMP, faults), run
// in all ways and compared here at every few steps and in all memory. It needs no QEMU.

import { expect, test } from 'vitest';
import { virtualSystem } from '../../src/session/system.ts';
import { verify } from '../../src/session/verify.ts';
import { makeBatch } from '../peers/qemu/batch.ts';
import { sidesOf } from '../support/engines.ts';
import { runSteps, specOf } from '../support/guests.ts';

const SCALE = Number(process.env['TRAPEZE_RUNS'] ?? 1);
const SEQUENCES = 60;
const ENOUGH_STEPS = 200_000;
const MEBIBYTE = 1024 * 1024;

test.each(Array.from({ length: 2 * SCALE }, (_, i) => i + 1))(
  'random sequences of seed %i are the same in all ways',
  (seed) => {
    const guest = { bytes: makeBatch(seed, SEQUENCES).before, ramBytes: 128 * MEBIBYTE };
    expect(verify(sidesOf(guest), ENOUGH_STEPS)).toMatchObject({ agrees: true });
    const system = virtualSystem([specOf(guest)], { shadow: 'trace' });
    runSteps(system, ENOUGH_STEPS);
    const vm = system.guests[0]?.vm;
    vm?.checkLedger();
    // The sequences reach what the monitor does; a generator that no longer did would prove nothing.
    for (const reason of ['csr', 'xret', 'page-fault', 'shadow-fill', 'memory', 'illegal', 'ecall'] as const) {
      expect.soft(vm?.ledger.count(reason), reason).toBeGreaterThan(0);
    }
  },
);
