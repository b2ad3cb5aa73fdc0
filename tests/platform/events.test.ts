// The event queue: order by step, and a fixed order among events of one step.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Event, EventQueue } from '../../src/platform/events.ts';

const event = (step: number, device = 'timers', kind = 'MTI', payload = 0): Event => ({ step, device, kind, payload });

test('events are due at their step, each once', () => {
  const queue = new EventQueue();
  expect(queue.next()).toBe(Number.POSITIVE_INFINITY);
  queue.schedule(event(10));
  expect(queue.next()).toBe(10);
  expect(queue.due(9)).toBe(undefined);
  expect(queue.due(10)).toEqual(event(10));
  expect(queue.due(10)).toBe(undefined);
});
test('an event takes the place of one of the same device, kind and payload', () => {
  const queue = new EventQueue();
  queue.schedule(event(10));
  queue.schedule(event(20));
  expect(queue.pending()).toEqual([event(20)]);
  queue.cancel(event(0));
  expect(queue.pending()).toEqual([]);
});
test('in whatever order events are scheduled, they come in the same', () => {
  const one = fc.record({
    step: fc.nat(3),
    device: fc.constantFrom('rtc', 'timers'),
    kind: fc.constantFrom('MTI', 'STI'),
    payload: fc.nat(2),
  });
  const identity = ({ device, kind, payload }: Event) => `${device} ${kind} ${payload}`;
  const events = fc.uniqueArray(one, { selector: identity });
  const shuffled = events.chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
  );
  fc.assert(
    fc.property(shuffled, ([a, b]) => {
      const [first, second] = [new EventQueue(), new EventQueue()];
      for (const e of a) first.schedule(e);
      for (const e of b) second.schedule(e);
      expect(first.pending()).toEqual(second.pending());
      const steps = first.pending().map(({ step }) => step);
      expect(steps).toEqual([...steps].sort((x, y) => x - y));
    }),
  );
});
