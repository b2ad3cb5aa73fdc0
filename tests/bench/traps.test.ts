// The guests whose traps are timed come to their results bare and virtual, in as many steps, and take the exits that
// they are for. Nothing is timed here.

import { describe, expect, test } from 'vitest';
import { readWorkload } from '../../bench/sources.ts';
import { guestOf } from '../../src/bench/guest.ts';
import { EMPTY, TRAP_KINDS, trapElf } from '../../src/bench/traps/catalogue.ts';
import type { TrapRow } from '../../src/bench/traps/measure.ts';
import { trapsTable } from '../../src/bench/traps/table.ts';
import type { ExitReason } from '../../src/hypervisor/reason.ts';
import { bareSystem, stepsOf, virtualSystem } from '../../src/session/system.ts';
import { runSteps } from '../support/guests.ts';

const PASSES = 3;
const MOST_STEPS = 200_000;
/** What each kind is for; the others take none. */
const EXITS: Readonly<Record<string, readonly ExitReason[]>> = {
  'system-call': ['csr', 'xret', 'ecall'],
  'csr-read': ['csr'],
  'csr-write': ['csr'],
  sret: ['csr', 'xret'],
  time: ['csr'],
  'page-fault': ['csr', 'xret', 'page-fault'],
  'hidden-fault': ['shadow-fill'],
  'table-edit': ['fence', 'shadow-fill'],
  satp: ['csr', 'fence'],
  'mmio-read': ['mmio'],
  'mmio-write': ['mmio'],
  sbi: ['sbi'],
  timer: ['csr', 'interrupt'],
  ipi: ['csr', 'sbi', 'interrupt'],
};

describe.each([EMPTY, ...TRAP_KINDS])('$name', (kind) => {
  const spec = (passes: number) => guestOf(kind.name, trapElf(kind, passes, readWorkload));
  const runs = (passes: number) => [bareSystem(spec(passes)), virtualSystem([spec(passes)])] as const;

  test('comes to its result bare and virtual, in as many steps', () => {
    const steps = runs(PASSES).map((system) => {
      runSteps(system, MOST_STEPS);
      expect(system.guests[0]?.board.outcome, system.mode).toEqual({ kind: 'exit', code: 0 });
      return system.guests.map(stepsOf);
    });
    expect(steps[1]).toEqual(steps[0]);
  });

  test('takes the exits that it is for, at each operation', () => {
    const counted = [PASSES, PASSES + 1].map((passes) => {
      const [, system] = runs(passes);
      runSteps(system, MOST_STEPS);
      return new Map(system.guests[0]?.vm?.ledger.exits().map(({ reason, count }) => [reason, count]));
    });
    const [before, after] = counted as [Map<ExitReason, number>, Map<ExitReason, number>];
    const more = [...after].filter(([reason, count]) => count > (before.get(reason) ?? 0)).map(([reason]) => reason);
    expect(more).toEqual(expect.arrayContaining([...(EXITS[kind.name] ?? [])]));
    if (EXITS[kind.name] === undefined) expect(more).toEqual([]);
  });
});

test('the table says what an operation takes, and where nothing can be compared says nothing', () => {
  const cost = (nanoseconds: number, steps: number) => ({
    nanoseconds: { median: nanoseconds, lower: nanoseconds, upper: nanoseconds },
    steps,
  });
  const kind = TRAP_KINDS[2] as TrapRow['kind'];
  const row: TrapRow = {
    kind,
    bare: cost(50, 9),
    virtual: cost(200, 9),
    exits: [
      { reason: 'csr', count: 3, handlerNanoseconds: 40 },
      { reason: 'xret', count: 1, handlerNanoseconds: 0 },
    ],
  };
  const lines = trapsTable([row, { ...row, bare: cost(0, 1) }]).split('\n');
  expect(lines[1]).toMatch(/^system-call +50\.0 +9\.0 +200\.0 +9\.0 +4\.00 +40 {2}csr × 3\.0, xret$/);
  expect(lines[2]).toMatch(/ – +40 {2}/);
});
