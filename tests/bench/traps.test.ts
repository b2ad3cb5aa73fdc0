// The guests whose traps are timed come to their results bare and virtual, in as many steps, and take the exits that
// they are for. Nothing is timed here.

import { describe, expect, test } from 'vitest';
import { readWorkload } from '../../bench/sources.ts';
import { filled } from '../../src/bench/document.ts';
import { guestOf } from '../../src/bench/guest.ts';
import { EMPTY, TRAP_KINDS, trapElf } from '../../src/bench/traps/catalogue.ts';
import { trapsChart } from '../../src/bench/traps/chart.ts';
import { disciplinesTable, ownTable, publishedTable, type TrapsReport } from '../../src/bench/traps/document.ts';
import type { TrapRow } from '../../src/bench/traps/measure.ts';
import { trapsTable } from '../../src/bench/traps/table.ts';
import type { Ledger } from '../../src/hypervisor/ledger.ts';
import type { ExitReason } from '../../src/hypervisor/reason.ts';
import { Stages } from '../../src/hypervisor/stages.ts';
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
  'table-rewrite': ['fence', 'shadow-fill'],
  satp: ['csr', 'fence'],
  'mmio-read': ['mmio'],
  'mmio-write': ['mmio'],
  sbi: ['sbi'],
  'set-timer': ['sbi'],
  wfi: ['wfi'],
  timer: ['csr', 'interrupt'],
  'world-switch': ['csr', 'wfi'],
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
      { reason: 'csr', count: 3 },
      { reason: 'xret', count: 1 },
    ],
    breakdown: { emitted: 158, shadow: 0, devices: 0, leave: 1, handle: 40, enter: 1 },
  };
  const lines = trapsTable([row, { ...row, bare: cost(0, 1) }]).split('\n');
  expect(lines[1]).toMatch(/^system-call +50\.0 +200\.0 +4\.00 +9 +158 +– +– +1 +40 +1 {2}csr × 3\.0, xret$/);
  expect(lines[2]).toMatch(/ +0\.0 +200\.0 +– /);
});

describe('a measurement that is kept', () => {
  const spread = (nanoseconds: number) => ({ median: nanoseconds, lower: nanoseconds, upper: nanoseconds });
  const traps = TRAP_KINDS.map(
    (kind): TrapRow => ({
      kind,
      bare: { nanoseconds: spread(10), steps: 1 },
      virtual: { nanoseconds: spread(20), steps: 1 },
      exits: [{ reason: 'csr', count: 1 }],
      breakdown: { emitted: 20, shadow: 0, devices: 0, leave: 0, handle: 0, enter: 0 },
    }),
  );
  const report: TrapsReport = {
    schema: 'trapeze/trap-costs/1',
    engine: 'auto',
    date: '2026-11-23T00:00:00.000Z',
    machine: { cpu: 'a processor' },
    traps,
    disciplines: [{ name: 'table-edit', title: 'an edit', nanoseconds: { sync: 1, trace: 2, drop: 30 } }],
  };

  test('is a table with a line an operation, and the machine and the date under it', () => {
    const lines = ownTable(report).split('\n');
    expect(lines.filter((line) => line.startsWith('| `'))).toHaveLength(TRAP_KINDS.length);
    expect(lines.at(-1)).toBe('a processor; 2026-11-23.');
  });

  test('has a line for what differs by discipline', () => {
    expect(disciplinesTable(report)).toContain('| `table-edit`: an edit | 1 | 2 | 30 |');
  });

  test('stands beside published figures as ratios, each with its source', () => {
    const text = publishedTable(report);
    expect(text).toMatch(/KVM, Linux 4\.15 \[1\] \| Core i7-7920HQ, 3\.1 GHz \| 452 \| `csr-read` \| 20\.0 \| 23 \|/);
    expect(text).toContain('[2] A. Landau');
    expect(text).not.toContain('NaN');
  });

  test('is a chart with a ring and a disc for each operation, and names them', () => {
    const svg = trapsChart(traps, 'a < b');
    for (const { name } of TRAP_KINDS) expect(svg).toContain(`>${name}</text>`);
    expect(svg.match(/<circle/g)).toHaveLength(2 * TRAP_KINDS.length + 2);
    expect(svg).toContain('a &lt; b');
    expect(svg).not.toContain('NaN');
  });

  test('goes between the comments of a document, which must have them', () => {
    const document = 'before\n<!-- ours -->\nold\n<!-- /ours -->\nafter';
    expect(filled(document, 'ours', 'new')).toBe('before\n<!-- ours -->\nnew\n<!-- /ours -->\nafter');
    expect(() => filled(document, 'other', 'new')).toThrow('no <!-- other -->');
  });
});

test('stages are told of a run that comes to the same, and only where somebody asks', () => {
  const kind = TRAP_KINDS.find(({ name }) => name === 'ipi') as TrapRow['kind'];
  const run = (watched: boolean) => {
    const system = virtualSystem([guestOf(kind.name, trapElf(kind, PASSES, readWorkload))]);
    const ledger = system.guests[0]?.vm?.ledger as Ledger;
    let readings = 0;
    if (watched) ledger.stages = new Stages(() => readings++);
    runSteps(system, MOST_STEPS);
    expect(system.guests[0]?.board.outcome).toEqual({ kind: 'exit', code: 0 });
    return { steps: system.guests.map(stepsOf), exits: ledger.exits(), stages: ledger.stages?.nanoseconds };
  };
  const [alone, watched] = [run(false), run(true)];
  expect(watched.steps).toEqual(alone.steps);
  expect(watched.exits).toEqual(alone.exits);
  expect(alone.stages).toBeUndefined();
  // A clock that goes by one at each reading, of which the interval's own is taken off.
  expect(watched.stages?.handle).toBeGreaterThanOrEqual(0);
  expect(watched.stages?.enter).toBeGreaterThan(0);
});
