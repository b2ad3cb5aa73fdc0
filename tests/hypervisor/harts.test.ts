// Several harts that start together in M-mode and share all memory. Each guest checks itself; bare and virtual, and all
// engines, must agree in every word of every hart.

import { expect, test } from 'vitest';
import { Scheduler } from '../../src/hypervisor/scheduler.ts';
import { virtualSystem } from '../../src/session/system.ts';
import { assembleGuest, runCase } from '../support/assembly.ts';
import { runSteps, specOf, type TestGuest } from '../support/guests.ts';
import { hartText } from '../support/harts/guest.ts';
import { INTERRUPT_GUESTS } from '../support/harts/interrupts.ts';
import { LOCK_GUESTS, LOCKED, LOCKS } from '../support/harts/locks.ts';
import { MEMORY_GUESTS } from '../support/harts/memory.ts';

const MINUTE = 60_000;
/** A turn that cuts every loop of these guests somewhere. */
const TURN = 53;

const guests = [...LOCK_GUESTS, ...INTERRUPT_GUESTS, ...MEMORY_GUESTS];
const cases = guests.flatMap(({ name, harts, text }) => harts.map((count) => ({ name, count, text })));

test.each(cases)('$name ($count harts)', { timeout: MINUTE }, ({ count, text }) => {
  runCase(hartText(count, text), { harts: count, turnSteps: TURN, endOnly: true });
});

test('machines of several harts beside one another are each the same as alone', { timeout: MINUTE }, () => {
  const crew = (name: string, count: number): TestGuest => {
    const acquire = LOCKS['LR/SC'];
    const text = LOCKED(acquire[0], acquire[1]);
    return { name, bytes: assembleGuest(hartText(count, text)), harts: count, turnSteps: TURN };
  };
  const guests = [crew('two', 2), crew('four', 4), crew('one', 1)];
  for (const engine of ['reference', 'auto'] as const) {
    const system = virtualSystem(
      guests.map((guest) => specOf(guest)),
      { engine },
    );
    const scheduler = new Scheduler(system.guests);
    while (scheduler.run(777).status === 'ran');
    for (const [index, guest] of system.guests.entries()) {
      const alone = virtualSystem([specOf(guests[index] as TestGuest)], { engine, shadow: 'trace' });
      runSteps(alone, 100_000);
      const [model] = alone.guests;
      expect(guest.board.outcome).toEqual({ kind: 'exit', code: 0 });
      expect(guest.states.map(({ words }) => words)).toEqual(model?.states.map(({ words }) => words));
      expect(guest.digest()).toBe(model?.digest());
    }
  }
});
