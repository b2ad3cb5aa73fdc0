// Turns among virtual machines: fair by steps, free for those that wait, and without any influence on what each does:
// a guest's run is the same for slices of any size, alone and beside others.

import { expect, test } from 'vitest';
import { type Round, Scheduler, SLICE_STEPS } from '../../src/hypervisor/scheduler.ts';
import { bareSystem, type SystemGuest, stepsOf, virtualSystem } from '../../src/session/system.ts';
import { assembleGuest, REFERENCE, start, stateOf } from '../support/assembly.ts';
import { WAYS } from '../support/engines.ts';
import { runSteps, specOf, type TestGuest } from '../support/guests.ts';
import { neighbour } from '../support/hostile.ts';

const busy: TestGuest = { name: 'busy', bytes: assembleGuest('test: addi t0, t0, 1\n j test') };
const asleep: TestGuest = { name: 'asleep', bytes: assembleGuest('test: wfi\n j test') };
/** Wakes each 10 000 steps and says so. */
const clock: TestGuest = {
  name: 'clock',
  bytes: assembleGuest(`
test:   li      s0, MTIMECMP
        li      s1, 0
        li      t1, 1 << 7
        csrw    mie, t1
1:      addi    s1, s1, 100
        sd      s1, 0(s0)
        wfi
        li      t0, UART
        li      t1, '.'
        sb      t1, 0(t0)
        j       1b
`),
};

const systemOf = (guests: readonly TestGuest[], output: (guest: number) => void = () => {}) =>
  virtualSystem(guests.map((guest, i) => specOf(guest, () => output(i))));
const total = (guest: SystemGuest | undefined) => {
  const { user, supervisor, machine } = guest ? stepsOf(guest) : { user: 0, supervisor: 0, machine: 0 };
  return user + supervisor + machine;
};

test('guests that never wait share the steps equally', () => {
  const { guests } = systemOf([busy, busy, busy]);
  const scheduler = new Scheduler(guests);
  expect(scheduler.run(6 * SLICE_STEPS)).toEqual({ status: 'ran', steps: 6 * SLICE_STEPS });
  expect(guests.map(total)).toEqual([2 * SLICE_STEPS, 2 * SLICE_STEPS, 2 * SLICE_STEPS]);
});

test('a guest that waits for ever costs no steps', () => {
  const { guests } = systemOf([asleep, busy]);
  new Scheduler(guests).run(10 * SLICE_STEPS);
  expect(total(guests[0])).toBeLessThan(50);
  expect(total(guests[1])).toBe(10 * SLICE_STEPS - total(guests[0]));
});

test('when all wait, the round says for how long, and a skip wakes the first', () => {
  const { guests } = systemOf([asleep, clock]);
  const scheduler = new Scheduler(guests);
  const round = scheduler.run(SLICE_STEPS);
  expect(round.status).toBe('idle');
  const { until } = round as Round & { status: 'idle' };
  expect((guests[1]?.board.clock.now ?? 0) + until).toBe(10_000);
  scheduler.skip(until);
  expect(guests[1]?.board.clock.now).toBe(10_000);
  expect(scheduler.run(SLICE_STEPS)).toMatchObject({ status: 'idle' });
  expect(guests[1]?.board.clock.now).toBeLessThan(10_100);
});

test.each([777, 5000, 3 * SLICE_STEPS])(
  'a guest that never waits does not keep another asleep, and who runs when is the same in rounds of %i steps',
  (roundSteps) => {
    const dots: number[] = [];
    const { guests } = systemOf([clock, busy, asleep], (i) => {
      if (i === 0) dots.push(total(guests[1]));
    });
    const scheduler = new Scheduler(guests);
    for (let left = 1e6; left > 0; left -= scheduler.run(Math.min(left, roundSteps)).steps);
    expect(dots).toEqual(Array.from({ length: 9 }, (_, slice) => (slice + 1) * SLICE_STEPS));
  },
);

test('ended guests are over: the rest goes on, and all ended is the end', () => {
  const ends: TestGuest = { bytes: assembleGuest('test: pass') };
  const { guests } = systemOf([ends, busy]);
  const scheduler = new Scheduler(guests);
  expect(scheduler.run(1000)).toEqual({ status: 'ran', steps: 1000 });
  expect(guests[0]?.board.outcome).toEqual({ kind: 'exit', code: 0 });
  scheduler.end({ kind: 'limit' });
  expect(guests[0]?.board.outcome).toEqual({ kind: 'exit', code: 0 });
  expect(guests[1]?.board.outcome).toEqual({ kind: 'limit' });
  expect(scheduler.run(1000)).toEqual({ status: 'ended', steps: 0 });
});

test.each([1, 7, 99, 1000, 100_000])('a run is the same in all ways in slices of %i steps', (slice) => {
  const whole = start(REFERENCE.bare, neighbour);
  runSteps(whole.system, 100_000);
  for (const way of WAYS) {
    const running = start(way, neighbour);
    while (running.guest.board.outcome === undefined) runSteps(running.system, slice);
    expect(stateOf(running)).toEqual(stateOf(whole));
    expect(running.console()).toBe(whole.console());
    expect(running.guest.digest()).toBe(whole.guest.digest());
    expect(running.guest.board.clock.now).toBe(whole.guest.board.clock.now);
    running.guest.vm?.checkLedger();
  }
});

test('a bare machine is scheduled alone by the same rules', () => {
  const { guests } = bareSystem(specOf(clock));
  const scheduler = new Scheduler(guests);
  const round = scheduler.run(SLICE_STEPS);
  expect(round.status).toBe('idle');
  scheduler.skip((round as Round & { status: 'idle' }).until);
  expect(guests[0]?.board.clock.now).toBe(10_000);
});
