// Every workload, at a small size on the reference engine: it assembles, and comes to the expected result, bare and
// virtual, in each of its forms. Speed is nothing that a test judges.

import { describe, expect, test } from 'vitest';
import { readWorkload } from '../../bench/sources.ts';
import { WORKLOADS } from '../../src/bench/catalogue.ts';
import { guestOf } from '../../src/bench/guest.ts';
import { buildElf } from '../../src/bench/image.ts';
import { bareOn, virtualOn } from '../../src/bench/ways.ts';
import type { System } from '../../src/session/system.ts';
import { runSteps } from '../support/guests.ts';

const MEBIBYTE = 2 ** 20;
/** More than any of them takes. */
const MOST_STEPS = 200_000;
const PASSES = 2;

const outcomeOf = (system: System) => {
  runSteps(system, MOST_STEPS);
  return system.guests[0]?.board.outcome;
};

describe.each(WORKLOADS.map((workload) => ({ name: workload.name, workload })))('$name', ({ name, workload }) => {
  test.each(workload.forms)('comes to the expected result: %s', (form) => {
    const elf = buildElf(workload, form, PASSES, readWorkload, workload.tinySizes);
    for (const { make } of [bareOn('reference'), virtualOn('reference')]) {
      expect(outcomeOf(make(guestOf(name, elf, 4 * MEBIBYTE)))).toEqual({ kind: 'exit', code: 0 });
    }
  });
});
