// Runs a guest that checks itself in all ways at once: a first slice in which its loops become hot, then slices of one
// length to its end.

import { expect } from 'vitest';
import { ENGINES, type Engine } from '../../src/machine/engine.ts';
import { assembleGuest } from '../support/assembly.ts';
import { sidesOf } from '../support/engines.ts';
import type { TestGuest } from '../support/guests.ts';
import { lockstep } from './lockstep.ts';

const MOST_STEPS = 2_000_000;
/** Rounds that make a loop hot for every engine, and some more. */
export const ROUNDS = 1500;

export interface Course extends Omit<TestGuest, 'bytes'> {
  readonly engines?: readonly Engine[];
  /** Steps of the first slice. */
  readonly warm?: number;
  /** Steps of each other. */
  readonly slice?: number;
}

/** The guest must find all its checks true, and end. */
export function everywhere(text: string, { engines = ENGINES, warm = MOST_STEPS, slice = 1, ...guest }: Course = {}) {
  const slices = function* () {
    yield warm;
    for (let left = MOST_STEPS; left > 0; left -= slice) yield slice;
  };
  const sides = sidesOf({ ...guest, bytes: assembleGuest(text, guest.mode) }, engines);
  const { difference, outcome } = lockstep({ sides, slices: slices() });
  expect(difference).toBeUndefined();
  expect(outcome, 'the exit code is the number of the check that failed').toEqual({ kind: 'exit', code: 0 });
}
