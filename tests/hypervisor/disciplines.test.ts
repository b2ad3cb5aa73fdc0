// The three ways in which a shadow follows the guest's page tables: a guest that fences is the same under each, and a
// guest that forgets may, under `sync` and `drop`, go on seeing what it has changed (norm:sfence_vma_ordering), which
// `verify` names. What each did is counted, and the counts depend on the guest alone.

import { expect, test } from 'vitest';
import { DISCIPLINES, type Discipline } from '../../src/hypervisor/shadow/discipline.ts';
import { ENGINES, type Engine } from '../../src/machine/engine.ts';
import { bareSystem, virtualSystem } from '../../src/session/system.ts';
import { verify } from '../../src/session/verify.ts';
import { assembleGuest, REFERENCE, type Running, start, stateOf } from '../support/assembly.ts';
import { runSteps, specOf, type TestGuest } from '../support/guests.ts';
import { ABA, FENCES, FORGETFUL, FRAGMENTS, REMOTE, REPEATED, UNMAPPING } from './fenced-guests.ts';

const ENOUGH = 50_000;

function run(guest: TestGuest, engine: Engine, shadow: Discipline, slice = ENOUGH): Running {
  const running = start({ engine, kind: 'virtual', shadow }, guest);
  for (let left = ENOUGH; left > 0 && running.guest.board.outcome === undefined; left -= slice) {
    runSteps(running.system, slice);
  }
  return running;
}
const summary = (running: Running) => ({
  outcome: running.guest.board.outcome,
  time: running.guest.board.clock.now,
  memory: running.guest.digest(),
  states: stateOf(running),
});
const counts = ({ guest }: Running) => {
  const exits = guest.vm?.ledger.exits().map(({ reason, count }) => [reason, count]);
  return { shadow: guest.vm?.ledger.shadow, exits };
};

const FENCED: readonly (readonly [string, TestGuest])[] = [
  ...Object.entries(FENCES).map(([name, text]) => [`fences ${name}`, { bytes: assembleGuest(text) }] as const),
  ['fences a superpage that is in fragments', { bytes: assembleGuest(FRAGMENTS) }],
  ['changes an entry and changes it back', { bytes: assembleGuest(ABA) }],
  ['edits a table in a loop', { bytes: assembleGuest(REPEATED) }],
  ['unmaps a hundred pages', { bytes: assembleGuest(UNMAPPING) }],
  ['has the SBI fence', { bytes: assembleGuest(REMOTE, 's'), mode: 's' }],
];

test.each(FENCED)('a guest that %s is the same under each discipline, on every engine', (_, guest) => {
  const bare = start(REFERENCE.bare, guest);
  runSteps(bare.system, ENOUGH);
  expect(bare.guest.board.outcome).toEqual({ kind: 'exit', code: 0 });
  for (const shadow of DISCIPLINES) {
    for (const engine of ENGINES) {
      const virtual = run(guest, engine, shadow);
      expect(summary(virtual), `${shadow}, ${engine}`).toEqual(summary(bare));
      virtual.guest.vm?.checkLedger();
    }
  }
});

test.each(DISCIPLINES)('under %s the counts are the same on every engine and in any slices', (shadow) => {
  const guest = { bytes: assembleGuest(REPEATED) };
  const model = counts(run(guest, 'auto', shadow));
  for (const engine of ['baseline', 'regions'] as const)
    expect(counts(run(guest, engine, shadow)), engine).toEqual(model);
  for (const slice of [1, 7, 100]) expect(counts(run(guest, 'auto', shadow, slice)), `${slice}`).toEqual(model);
  const reference = counts(run(guest, 'reference', shadow));
  expect(reference.shadow).toEqual(model.shadow);
});

const countsUnder = (guest: TestGuest, shadow: Discipline) => {
  const ledger = run(guest, 'auto', shadow).guest.vm?.ledger;
  return { fills: 0, synced: 0, ...ledger?.shadow, tableWrites: ledger?.count('page-table-write') ?? 0 };
};

test('sync sees the first stores to a table, trace each of them, drop none', () => {
  const guest = { bytes: assembleGuest(UNMAPPING) };
  const [sync, trace, drop] = DISCIPLINES.map((shadow) => countsUnder(guest, shadow)) as [Counts, Counts, Counts];
  expect(sync).toMatchObject({ outOfSync: 1 });
  expect(sync.tableWrites).toBeLessThan(10);
  expect(sync.synced).toBeGreaterThan(90);
  expect(trace).toMatchObject({ synced: 0, outOfSync: 0 });
  expect(trace.tableWrites).toBeGreaterThan(98);
  expect(drop).toMatchObject({ synced: 0, outOfSync: 0, tableWrites: 0 });
});

test('what is edited, fenced and used again costs sync what it costs trace, and drop much more', () => {
  const guest = { bytes: assembleGuest(REPEATED) };
  const [sync, trace, drop] = DISCIPLINES.map((shadow) => countsUnder(guest, shadow)) as [Counts, Counts, Counts];
  expect(sync.fills + sync.tableWrites).toBeLessThanOrEqual(trace.fills + trace.tableWrites);
  expect(drop.fills).toBeGreaterThan(2 * sync.fills);
});
type Counts = ReturnType<typeof countsUnder>;

const sides = (bytes: Uint8Array, shadow: Discipline) =>
  [
    {
      name: 'bare',
      make: (output: (byte: number) => void) => bareSystem(specOf({ bytes }, output), { engine: 'reference' }),
    },
    {
      name: 'virtual',
      make: (output: (byte: number) => void) => virtualSystem([specOf({ bytes }, output)], { shadow }),
      exact: (output: (byte: number) => void) => virtualSystem([specOf({ bytes }, output)], { shadow: 'trace' }),
    },
  ] as const;

test.each(Object.entries(FORGETFUL))('verify names the stale translation of a guest that %s', (_, text) => {
  const bytes = assembleGuest(text);
  expect(verify(sides(bytes, 'trace'), ENOUGH)).toMatchObject({ agrees: true, ended: true });
  const verdict = verify(sides(bytes, 'sync'), ENOUGH);
  expect(verdict).toMatchObject({ agrees: false, stale: [{ page: 0x1000n, entry: 0x8000_3008n }] });
});

test('under drop, too, verify names a stale translation', () => {
  const bytes = assembleGuest(FORGETFUL['forgets the fence']);
  const verdict = verify(sides(bytes, 'drop'), ENOUGH);
  expect(verdict).toMatchObject({ agrees: false, stale: [{ page: 0x1000n, entry: 0x8000_3008n }] });
});
