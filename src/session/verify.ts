// Compares two runs of one image at guest steps of varying distance: every word of every hart's state, the console,
// and a digest of all memory. Where they differ, both are replayed to the last step at which they agreed, then
// stepped together, so that the first step after which they differ is named.

import { assert } from '../../isa/assert.ts';
import { WORD_NAMES } from '../../isa/layout.ts';
import type { System, SystemGuest } from './system.ts';
import { stepsOf } from './system.ts';

/** One side of a comparison: how to make it anew, and what to call it. */
export interface Side {
  readonly name: string;
  /** A system of one guest, from reset. The console's bytes come to `output`. */
  readonly make: (output: (byte: number) => void) => System;
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
      /** The guest step after which they first differ, counted from 1. */
      readonly step: number;
      /** Where the first side was before that step. */
      readonly pc: bigint;
      /** The bits of the instruction that it ran there; undefined for an interrupt or a fault of the fetch. */
      readonly instruction: number | undefined;
      readonly differences: readonly Difference[];
    };

/** Steps between comparisons; they vary so that no period of a guest hides a difference for ever. */
const SHORTEST = 500;
const LONGEST = 50_000;
/** Into how many parts a span is cut that holds a difference. */
const PARTS = 16;
/** A linear congruential generator: strides are the same in every run. */
const GENERATOR = { multiplier: 1_103_515_245, increment: 12_345, modulus: 2 ** 31 };

export function verify(
  sides: readonly [Side, Side],
  limit: number,
  onProgress: (steps: number) => void = () => {},
): Verdict {
  const pair = new Pair(sides);
  let random = 1;
  for (;;) {
    random = (Math.imul(random, GENERATOR.multiplier) + GENERATOR.increment) >>> 1;
    const stride = SHORTEST + (random % (LONGEST - SHORTEST));
    const agreed = pair.steps;
    const span = Math.min(stride, limit - agreed);
    pair.run(span);
    onProgress(pair.steps);
    if (pair.differences().length > 0) return firstDifference(sides, agreed, span);
    if (pair.ended || pair.steps >= limit) return { agrees: true, steps: pair.steps, ended: pair.ended };
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
    const pair = new Pair(sides);
    pair.run(good);
    for (;;) {
      assert(good < bad, 'a replay is the same run');
      const pc = pair.pc;
      const steps = Math.min(part, bad - good);
      pair.run(steps);
      const differences = pair.differences();
      if (differences.length === 0) good += steps;
      else if (part > 1) {
        bad = good + steps;
        break;
      } else return { agrees: false, step: good + 1, pc, instruction: pair.instruction, differences };
    }
  }
}

class Pair {
  private readonly systems: readonly [System, System];
  private readonly consoles: readonly [number[], number[]] = [[], []];
  private compared = 0;

  constructor([first, second]: readonly [Side, Side]) {
    const [one, two] = this.consoles;
    this.systems = [first.make((byte) => one.push(byte)), second.make((byte) => two.push(byte))];
  }

  private get guests(): readonly [SystemGuest, SystemGuest] {
    const [first, second] = this.systems;
    return [first.guests[0] as SystemGuest, second.guests[0] as SystemGuest];
  }
  get steps(): number {
    const { user, supervisor, machine } = stepsOf(this.guests[0]);
    return user + supervisor + machine;
  }
  get ended(): boolean {
    return this.guests.every(({ board }) => board.outcome !== undefined);
  }

  /** Runs both by so many guest steps, idle time skipped; less where they end. */
  run(steps: number): void {
    for (const guest of this.guests) {
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

  get pc(): bigint {
    return this.guests[0].states[0]?.pc ?? 0n;
  }
  get instruction(): number | undefined {
    return this.guests[0].lastInstruction();
  }

  differences(): Difference[] {
    const [first, second] = this.guests;
    const found: Difference[] = [];
    for (const [hart, state] of first.states.entries()) {
      const other = second.states[hart];
      for (const [word, value] of state.words.entries()) {
        const otherValue = other?.words[word];
        if (value === otherValue) continue;
        found.push({ hart, what: WORD_NAMES[word] ?? '', values: [hexadecimal(value), hexadecimal(otherValue)] });
      }
    }
    const ends = [first, second].map(({ board }) => JSON.stringify(board.outcome));
    if (ends[0] !== ends[1]) found.push({ hart: 0, what: 'outcome', values: [ends[0] ?? 'none', ends[1] ?? 'none'] });
    const times = [first, second].map(({ board }) => board.clock.now);
    if (times[0] !== times[1]) found.push({ hart: 0, what: 'time', values: [`${times[0]}`, `${times[1]}`] });
    const [one, two] = this.consoles;
    while (this.compared < one.length && one[this.compared] === two[this.compared]) this.compared++;
    if (one.length !== two.length || this.compared < one.length) {
      const text = (bytes: readonly number[]) =>
        JSON.stringify(String.fromCharCode(...bytes.slice(this.compared, this.compared + 40)));
      found.push({ hart: 0, what: 'console', values: [text(one), text(two)] });
    }
    if (first.digest() !== second.digest()) {
      found.push({
        hart: 0,
        what: 'memory',
        values: [hexadecimal(BigInt(first.digest())), hexadecimal(BigInt(second.digest()))],
      });
    }
    return found;
  }
}

const hexadecimal = (value: bigint | undefined) => (value === undefined ? 'nothing' : `0x${value.toString(16)}`);
