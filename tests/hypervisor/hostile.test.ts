// Guests that mean harm are contained: the same bare and virtual, on every engine, no failure of the host, and a guest beside them has
// the very run that it has alone: console, steps, state and memory.

import { expect, test } from 'vitest';
import { Scheduler } from '../../src/hypervisor/scheduler.ts';
import { DEFAULT_DISCIPLINE, DISCIPLINES, type Discipline } from '../../src/hypervisor/shadow/discipline.ts';
import { type SystemGuest, virtualSystem } from '../../src/session/system.ts';
import { verify } from '../../src/session/verify.ts';
import { sidesOf } from '../support/engines.ts';
import { runSteps, specOf, type TestGuest } from '../support/guests.ts';
import { hostileGuests, neighbour } from '../support/hostile.ts';

const LIMIT = 6000;
const ENOUGH = 60_000;
/** Short, so that the guests take turns often. */
const SLICE_STEPS = 777;

test.each(hostileGuests)('a guest that $name is the same in all ways', ({ guest }) => {
  expect(verify(sidesOf(guest), LIMIT)).toMatchObject({ agrees: true });
});

const runOf = ({ board, states, digest }: SystemGuest) => ({
  outcome: board.outcome,
  time: board.clock.now,
  states: states.map(({ words }) => words.slice()),
  memory: digest(),
});

/** Runs guests beside each other until all have ended, or the limit. */
function together(guests: readonly TestGuest[], shadow: Discipline = DEFAULT_DISCIPLINE) {
  const consoles = guests.map(() => [] as number[]);
  const system = virtualSystem(
    guests.map((guest, i) => specOf(guest, (byte) => consoles[i]?.push(byte))),
    { shadow },
  );
  const scheduler = new Scheduler(system.guests, SLICE_STEPS);
  let steps = 0;
  while (system.guests.some(({ board }, i) => guests[i] === neighbour && board.outcome === undefined)) {
    expect(steps).toBeLessThan(ENOUGH * guests.length);
    const round = scheduler.run(SLICE_STEPS);
    steps += Math.max(round.steps, 1);
    if (round.status === 'ended') break;
    if (round.status === 'idle' && round.until === Number.POSITIVE_INFINITY) break;
    if (round.status === 'idle') scheduler.skip(round.until);
  }
  for (const { vm } of system.guests) vm?.checkLedger();
  return system.guests.map((guest, i) => ({ ...runOf(guest), console: String.fromCharCode(...(consoles[i] ?? [])) }));
}

const [alone] = together([neighbour]);

test('the neighbour alone ends by itself, and says what it should', () => {
  expect(alone).toMatchObject({ outcome: { kind: 'exit', code: 0 }, console: 'kjihgfedcb' });
});

test.each(hostileGuests)('a guest that $name leaves its neighbour as it is alone', ({ guest, name }) => {
  const first = name.length % 2; // before it or behind it
  expect(together(first === 0 ? [neighbour, guest] : [guest, neighbour])[first]).toEqual(alone);
});

test.each(DISCIPLINES)('all hostile guests together leave one neighbour as it is alone, under %s', (shadow) => {
  const guests = hostileGuests.map(({ guest }) => guest);
  expect(together([...guests.slice(0, 9), neighbour, ...guests.slice(9)], shadow)[9]).toEqual(alone);
});

test('a guest that never ends is stopped by its budget, at exactly that step', () => {
  for (const { guest } of hostileGuests) {
    const system = virtualSystem([specOf(guest)]);
    runSteps(system, 4321);
    const { board } = system.guests[0] as SystemGuest;
    if (board.outcome === undefined && board.activity[0] === 'running') expect(board.clock.now).toBe(4321);
  }
});
