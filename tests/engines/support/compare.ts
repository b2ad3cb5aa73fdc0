// Runs a guest on engines beside the reference, in the same slices, and compares everything that a guest can see at the
// end of each: every word of every hart, the board's clock, what was written to the console and how the run ended; and at
// the end of every few, all memory. A difference is told with what the reference ran in that slice.

import { WORD_NAMES } from '../../../isa/layout.ts';
import { disassemble } from '../../../src/asm/disassemble.ts';
import type { Engine } from '../../../src/machine/engine.ts';
import { type Running, start } from '../../support/assembly.ts';
import { KINDS, type Kind } from '../../support/engines.ts';
import { runSteps, type TestGuest } from '../../support/guests.ts';

export interface Comparison {
  readonly engines: readonly Engine[];
  readonly kinds?: readonly Kind[];
  /** The length of the `index`th slice, in steps. */
  slice(index: number): number;
  /** Steps after which enough is seen. */
  readonly steps: number;
}

/** What differs first, for people to read. */
export interface Difference {
  readonly engine: Engine;
  readonly kind: Kind;
  /** Steps before the slice, and in it. */
  readonly after: number;
  readonly slice: number;
  readonly words: readonly string[];
  /** What the reference ran in the slice. */
  readonly trail: readonly string[];
}

/** Steps taken by the reference, over all comparisons of this process: the evidence of how much was compared. */
export const compared = { guests: 0, steps: 0 };
/** All memory takes long to compare; what differs in it stays so, or comes to be a difference of registers. */
const DIGEST_EVERY = 16;
const hex = (value: bigint | number) => `0x${value.toString(16)}`;

/** Compares one guest's runs. Undefined: they are all the same. */
export function compareEngines(guest: TestGuest, comparison: Comparison): Difference | undefined {
  compared.guests++;
  for (const kind of comparison.kinds ?? KINDS) {
    const difference = compareKind(guest, kind, comparison);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function compareKind(guest: TestGuest, kind: Kind, { engines, slice, steps }: Comparison): Difference | undefined {
  const model = start({ engine: 'reference', kind }, guest);
  const others = engines.map((engine) => ({ engine, running: start({ engine, kind }, guest) }));
  const { clock } = model.guest.board;
  for (let index = 0, taken = 0; taken < steps && model.guest.board.outcome === undefined; index++) {
    const before = clock.now;
    const length = slice(index);
    runSteps(model.system, length);
    for (const { engine, running } of others) {
      runSteps(running.system, length);
      const words = differences(model, running, index % DIGEST_EVERY === 0 || taken + length >= steps);
      if (words.length === 0) continue;
      return { engine, kind, after: before, slice: length, words, trail: trail(guest, kind, index, slice) };
    }
    taken += length;
    compared.steps += length;
  }
  return undefined;
}

function differences(model: Running, other: Running, withMemory: boolean): string[] {
  const found: string[] = [];
  for (const [hart, { words }] of model.guest.states.entries()) {
    const otherWords = other.guest.states[hart]?.words ?? new BigUint64Array();
    for (let index = 0; index < words.length; index++) {
      const [one, two] = [words[index] as bigint, otherWords[index] as bigint];
      if (one !== two) found.push(`hart ${hart} ${WORD_NAMES[index]}: ${hex(one)}, not ${hex(two)}`);
    }
  }
  const same = (what: string, one: unknown, two: unknown) => {
    if (one !== two) found.push(`${what}: ${one}, not ${two}`);
  };
  same('clock', model.guest.board.clock.now, other.guest.board.clock.now);
  same('outcome', JSON.stringify(model.guest.board.outcome), JSON.stringify(other.guest.board.outcome));
  same('activity', model.guest.board.activity.join(), other.guest.board.activity.join());
  same('console', model.console(), other.console());
  if (withMemory || model.guest.board.outcome !== undefined) same('memory', model.guest.digest(), other.guest.digest());
  return found;
}

/** The steps of one slice, by the reference. */
function trail(guest: TestGuest, kind: Kind, index: number, slice: Comparison['slice']): string[] {
  const model = start({ engine: 'reference', kind }, guest);
  for (let i = 0; i < index; i++) runSteps(model.system, slice(i));
  const lines: string[] = [];
  for (let step = 0; step < slice(index); step++) {
    const hart = model.guest.interleaver.whoseTurn() ?? 0;
    const state = model.guest.states[hart];
    const word = model.guest.nextInstruction(hart);
    const pc = state?.pc ?? 0n;
    const text = word === undefined ? 'an interrupt, or a fault of the fetch' : textOf(word, pc);
    lines.push(`${hart} ${'USHM'[Number(state?.mode)]} ${hex(pc)}  ${text}`);
    runSteps(model.system, 1);
  }
  return lines;
}
const textOf = (word: number, pc: bigint) => disassemble(word, pc, { aliases: true }).text.replace('\t', ' ');

/** A difference as text, the last of the trail only. */
export function describeDifference({ engine, kind, after, slice, words, trail }: Difference): string {
  const SHOWN = 60;
  return [
    `${engine} ${kind} differs from the reference within ${slice} steps after step ${after}:`,
    ...words.map((word) => `  ${word}`),
    'where the reference ran:',
    ...(trail.length > SHOWN ? [`  ... ${trail.length - SHOWN} steps`] : []),
    ...trail.slice(-SHOWN).map((line) => `  ${line}`),
  ].join('\n');
}
