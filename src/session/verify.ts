// Compares runs of one image with the first of them at guest steps of varying distance: every word of every hart's
// state, the console, and, less often the longer they run, a digest of all memory. Where one differs, both are replayed to the last step at which they
// agreed, then stepped together, so that the first step after which they differ is named.

import { assert } from '../../isa/assert.ts';
import { WORD_NAMES } from '../../isa/layout.ts';
import type { Stale } from '../hypervisor/shadow/shadow.ts';
import type { System, SystemGuest } from './system.ts';
import { stepsOf } from './system.ts';

/** One side of a comparison: how to make it anew, and what to call it. */
export interface Side {
  readonly name: string;
  /** A system of one guest, from reset. The console's bytes come to `output`. */
  readonly make: (output: (byte: number) => void) => System;
  /** The same where no translation is ever stale, if it may use one that is. */
  readonly exact?: Side['make'];
}

export interface Difference {
  readonly hart: number;
  /** A register's or CSR's name, `memory` or `console`. */
  readonly what: string;
  /** The values on either side. */
  readonly values: readonly [string, string];
}

export type Verdict =
  /** No difference up to here, where both ended (`ended`) or the limit came. */
  | { readonly agrees: true; readonly steps: number; readonly ended: boolean }
  | {
      readonly agrees: false;
      /** The two that differ: always the first, and another. */
      readonly sides: readonly [Side, Side];
      /** The guest step after which they first differ, counted from 1. */
      readonly step: number;
      /** The hart that took it, and where it was before that step on the first side. */
      readonly hart: number;
      readonly pc: bigint;
      /** The bits of the instruction that it ran there; undefined for an interrupt or a fault of the fetch. */
      readonly instruction: number | undefined;
      readonly differences: readonly Difference[];
      /**
       * Not empty where the difference is lawful: the other side had these translations, which the guest had changed
       * without a fence, and no longer differs at this step where stale translations are never kept.
       */
      readonly stale: readonly Stale[];
    };

/** Steps between comparisons; they vary so that no period of a guest hides a difference for ever. */
const SHORTEST = 500;
const LONGEST = 50_000;
/**
 * Memory, which may be large, is compared after so much of the run so far, at most after so many steps: a digest of what
 * a guest has touched takes as long as a hundred thousand steps of the reference.
 */
const MEMORY_SHARE = 1 / 64;
const MOST_APART = 16_000_000;
/** Into how many parts a span is cut that holds a difference. */
const PARTS = 16;
/** A linear congruential generator: strides are the same in every run. */
const GENERATOR = { multiplier: 1_103_515_245, increment: 12_345, modulus: 2 ** 31 };

/** @param sides what the others are compared with, and the others. */
export function verify(
  sides: readonly [Side, ...Side[]],
  limit: number,
  onProgress: (steps: number) => void = () => {},
): Verdict {
  const [model, ...others] = sides.map((side) => new Run(side)) as [Run, ...Run[]];
  let random = 1;
  /** Up to where all was found the same, and where memory is to be looked at next. */
  let agreed = 0;
  let memoryDue = 0;
  for (;;) {
    random = (Math.imul(random, GENERATOR.multiplier) + GENERATOR.increment) >>> 1;
    const stride = SHORTEST + (random % (LONGEST - SHORTEST));
    const span = Math.min(stride, limit - model.steps);
    for (const run of [model, ...others]) run.advance(span);
    onProgress(model.steps);
    const isLast = [model, ...others].every((run) => run.ended) || model.steps >= limit;
    const looksAtMemory = isLast || model.steps >= memoryDue;
    const different = others.find((run) => differences(model, run, looksAtMemory).length > 0);
    if (different !== undefined) {
      const reached = Math.max(model.steps, different.steps);
      return firstDifference([model.side, different.side], agreed, reached - agreed);
    }
    if (isLast) return { agrees: true, steps: model.steps, ended: model.ended };
    if (!looksAtMemory) continue;
    agreed = model.steps;
    memoryDue = agreed + Math.min(agreed * MEMORY_SHARE, MOST_APART);
  }
}

/**
 * The first step after which the sides are seen to differ, among the `span` steps after `agreed`: the span is searched
 * in parts, then the part in parts, each time from reset, since a difference that was stepped over cannot be unseen.
 * A difference may pass again, so no part goes further than where it was seen.
 */
function firstDifference(sides: readonly [Side, Side], agreed: number, span: number): Verdict {
  let good = agreed;
  let bad = agreed + span;
  for (;;) {
    const part = Math.ceil((bad - good) / PARTS);
    const [model, other] = sides.map((side) => new Run(side)) as [Run, Run];
    for (const run of [model, other]) run.advance(good);
    for (;;) {
      assert(good < bad, 'a replay is the same run');
      const { hart, pc } = model;
      const steps = Math.min(part, bad - good);
      const instruction = part > 1 ? undefined : model.instruction;
      const stale = part > 1 ? [] : (other.guest.vm?.shadow.stale() ?? []);
      for (const run of [model, other]) run.advance(steps);
      const found = differences(model, other);
      if (found.length === 0) good += steps;
      else if (part > 1) {
        bad = good + steps;
        break;
      } else {
        const step = good + 1;
        const isLawful = stale.length > 0 && agreesWhereExact(model, other.side, step);
        return { agrees: false, sides, step, hart, pc, instruction, differences: found, stale: isLawful ? stale : [] };
      }
    }
  }
}

/** Whether the side would agree with the model after this step if it had no stale translation. */
function agreesWhereExact(model: Run, { name, exact }: Side, step: number): boolean {
  if (exact === undefined) return false;
  const run = new Run({ name, make: exact });
  run.advance(step);
  return differences(model, run).length === 0;
}

/** One side, running. */
class Run {
  readonly side: Side;
  readonly console: number[] = [];
  readonly guest: SystemGuest;

  constructor(side: Side) {
    this.side = side;
    this.guest = side.make((byte) => this.console.push(byte)).guests[0] as SystemGuest; // sides have one
  }

  get steps(): number {
    const { user, supervisor, machine } = stepsOf(this.guest);
    return user + supervisor + machine;
  }
  get ended(): boolean {
    return this.guest.board.outcome !== undefined;
  }
  /** The hart that takes the next step; where all wait, the first. */
  get hart(): number {
    return this.guest.interleaver.whoseTurn() ?? 0;
  }
  get pc(): bigint {
    return this.guest.states[this.hart]?.pc ?? 0n;
  }
  get instruction(): number | undefined {
    return this.guest.nextInstruction(this.hart);
  }

  /** Runs by so many guest steps, idle time skipped; less where it ends. */
  advance(steps: number): void {
    const { guest } = this;
    let left = steps;
    while (left > 0 && guest.board.outcome === undefined) {
      const progress = guest.interleaver.run(left);
      left -= progress.steps;
      if (progress.status !== 'idle') continue;
      if (progress.until === Number.POSITIVE_INFINITY) guest.board.outcome = { kind: 'idle' };
      else guest.interleaver.skipTo(progress.until);
    }
  }
}

function differences(one: Run, other: Run, looksAtMemory = true): Difference[] {
  const [first, second] = [one.guest, other.guest];
  const found: Difference[] = [];
  for (const [hart, state] of first.states.entries()) {
    const otherState = second.states[hart];
    for (const [word, value] of state.words.entries()) {
      const otherValue = otherState?.words[word];
      if (value === otherValue) continue;
      found.push({ hart, what: WORD_NAMES[word] ?? '', values: [hexadecimal(value), hexadecimal(otherValue)] });
    }
  }
  const differ = (what: string, values: readonly [string, string]) => {
    if (values[0] !== values[1]) found.push({ hart: 0, what, values });
  };
  const outcome = ({ board }: SystemGuest) => JSON.stringify(board.outcome) ?? 'none';
  differ('outcome', [outcome(first), outcome(second)]);
  differ('time', [`${first.board.clock.now}`, `${second.board.clock.now}`]);
  const length = Math.max(one.console.length, other.console.length);
  const from = Array.from({ length }).findIndex((_, index) => one.console[index] !== other.console[index]);
  if (from >= 0) differ('console', [textFrom(one.console, from), textFrom(other.console, from)]);
  if (looksAtMemory) differ('memory', [hexadecimal(BigInt(first.digest())), hexadecimal(BigInt(second.digest()))]);
  return found;
}

const SHOWN = 40;
const textFrom = (bytes: readonly number[], from: number) =>
  JSON.stringify(String.fromCharCode(...bytes.slice(from, from + SHOWN)));
const hexadecimal = (value: bigint | undefined) => (value === undefined ? 'nothing' : `0x${value.toString(16)}`);
