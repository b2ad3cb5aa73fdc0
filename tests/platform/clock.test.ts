// Board time and mtime: what a step is worth, and when a comparison changes.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Clock } from '../../src/platform/clock.ts';

const WORD = (1n << 64n) - 1n;

test('mtime counts one tick every 100 steps, from what was written to it', () => {
  // norm:mtime_op, norm:mtime_wrap
  const clock = new Clock();
  clock.now = 99;
  expect(clock.ticks()).toBe(0n);
  clock.now = 250;
  expect(clock.ticks()).toBe(2n);
  clock.setTicks(WORD);
  expect(clock.ticks()).toBe(WORD);
  clock.now = 300;
  expect(clock.ticks()).toBe(0n);
});

test('a comparison changes at the first step of the tick that reaches it, and back where mtime wraps', () => {
  const clock = new Clock();
  clock.now = 150;
  expect(clock.stepOfChange(3n)).toBe(300);
  expect(clock.stepOfChange(1n)).toBe(Number.POSITIVE_INFINITY);
  clock.setTicks(WORD - 1n);
  expect(clock.stepOfChange(5n)).toBe(300);
  expect(clock.stepOfChange(WORD)).toBe(200);
});

test('at the step of change, and not one before, the comparison is another', () => {
  const near = fc.bigInt(-1000n, 1000n).map((value) => BigInt.asUintN(64, value));
  fc.assert(
    fc.property(near, near, fc.nat(1_000_000), (ticks, compare, now) => {
      const clock = new Clock();
      clock.now = now;
      clock.setTicks(ticks);
      const before = clock.ticks() >= compare;
      const step = clock.stepOfChange(compare);
      if (step === Number.POSITIVE_INFINITY) return;
      clock.now = step - 1;
      expect(clock.ticks() >= compare).toBe(before);
      clock.now = step;
      expect(clock.ticks() >= compare).toBe(!before);
    }),
  );
});
