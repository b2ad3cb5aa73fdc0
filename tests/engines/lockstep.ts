// Runs a guest in several ways at once, in slices, and compares after each slice every word of state, the board's
// clock, the outcome and the console with those of the first way; memory by its digest, at some. What differs is
// traced to the first guest step after which it does, by replaying the slices that went before it as they were.

import { WORD_NAMES } from '../../isa/layout.ts';
import { disassemble } from '../../src/asm/disassemble.ts';
import type { Outcome } from '../../src/platform/outcome.ts';
import type { SystemGuest } from '../../src/session/system.ts';
import type { Side } from '../../src/session/verify.ts';

export interface Lockstep {
  readonly sides: readonly [Side, ...Side[]];
  /** Steps of each slice, idle time skipped. */
  readonly slices: Iterable<number>;
}

/** Slices between looks at all memory. */
const DIGEST_EVERY = 32;

/** Steps, slices and ways that have been compared since the start. */
export const compared = { programs: 0, steps: 0, slices: 0, waySteps: 0 };

class Run {
  readonly side: Side;
  readonly console: number[] = [];
  readonly guest: SystemGuest;

  constructor(side: Side) {
    this.side = side;
    this.guest = side.make((byte) => this.console.push(byte)).guests[0] as SystemGuest; // sides have one
  }

  get ended(): boolean {
    return this.guest.board.outcome !== undefined;
  }

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

export interface Verdict {
  /** What differs first, as text; undefined where nothing does. */
  readonly difference: string | undefined;
  readonly outcome: Outcome | undefined;
}

export function lockstep({ sides, slices }: Lockstep): Verdict {
  const [model, ...others] = sides.map((side) => new Run(side)) as [Run, ...Run[]];
  const done: number[] = [];
  const before = model.guest.board.clock.now;
  const verdict = (difference?: string): Verdict => ({ difference, outcome: model.guest.board.outcome });
  for (const slice of slices) {
    for (const run of [model, ...others]) run.advance(slice);
    const withMemory = done.length % DIGEST_EVERY === 0;
    for (const run of others) {
      if (differences(model, run, withMemory).length > 0) return verdict(trace([model.side, run.side], done, slice));
    }
    done.push(slice);
    if (model.ended) break;
  }
  const steps = model.guest.board.clock.now - before;
  compared.programs++;
  compared.steps += steps;
  compared.slices += done.length;
  compared.waySteps += steps * sides.length;
  const last = done.pop() ?? 0;
  const different = others.find((run) => differences(model, run, true).length > 0);
  return verdict(different && trace([model.side, different.side], done, last));
}

/** Into how many parts a span of steps is cut that holds a difference. */
const PARTS = 16;

/**
 * Finds the first step of a slice after which both differ, among parts of it, then among parts of a part: each is a
 * replay of its own, since a slice that ends elsewhere is another run.
 */
function trace(sides: readonly [Side, Side], done: readonly number[], slice: number): string {
  const replay = (side: Side): Run => {
    const run = new Run(side);
    for (const part of done) run.advance(part);
    return run;
  };
  const differAfter = (steps: number): string[] => {
    const [model, other] = [replay(sides[0]), replay(sides[1])];
    model.advance(steps);
    other.advance(steps);
    return differences(model, other, true);
  };
  let good = 0;
  let bad = slice;
  while (bad - good > 1) {
    const part = Math.ceil((bad - good) / PARTS);
    let at = Math.min(good + part, bad);
    while (at < bad && differAfter(at).length === 0) {
      good = at;
      at = Math.min(at + part, bad);
    }
    if (at === bad && part === 1) break;
    bad = at;
  }
  const model = replay(sides[0]);
  const taken = model.guest.board.clock.now;
  model.advance(bad - 1);
  const hart = model.guest.interleaver.whoseTurn() ?? 0;
  const [pc, bits] = [model.guest.states[hart]?.pc ?? 0n, model.guest.nextInstruction(hart)];
  const text = bits === undefined ? 'an interrupt, or no fetch' : disassemble(bits, pc, { aliases: false }).text;
  return [
    `${sides[1].name} differs from ${sides[0].name} after step ${bad} of a slice of ${slice}`,
    `behind ${done.length} slices up to step ${taken}, at 0x${pc.toString(16)}: ${text}`,
    ...differAfter(bad),
    `the slices before: ${done.join(' ')}`,
  ].join('\n');
}

function differences(model: Run, other: Run, withMemory: boolean): string[] {
  const [first, second] = [model.guest, other.guest];
  const found: string[] = [];
  const differ = (what: string, one: unknown, two: unknown) => {
    if (one !== two) found.push(`${what}: ${show(one)} is ${show(two)}`);
  };
  for (const [hart, { words }] of first.states.entries()) {
    const others = second.states[hart]?.words;
    for (let index = 0; index < words.length; index++) {
      if (words[index] !== others?.[index]) differ(WORD_NAMES[index] ?? '', words[index], others?.[index]);
    }
  }
  differ('time', first.board.clock.now, second.board.clock.now);
  if (first.board.outcome !== second.board.outcome)
    differ('outcome', JSON.stringify(first.board.outcome), JSON.stringify(second.board.outcome));
  if (model.console.length !== other.console.length || withMemory)
    differ('console', String.fromCharCode(...model.console), String.fromCharCode(...other.console));
  if (withMemory) differ('memory', first.digest(), second.digest());
  return found;
}

const show = (value: unknown) => (typeof value === 'bigint' ? `0x${value.toString(16)}` : String(value));
