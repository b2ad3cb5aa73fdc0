// A leaf's words as assignments of fields: a whole new mstatus becomes the few fields of it that change, which is how
// the manual and a reader think of it. Prose and effects both read leaves through this.
// A word without fields, or whose other bits change too, is assigned whole.

import { MASK64 } from './bigints.ts';
import type { Expr } from './expression.ts';
import { type Bits, FIELDS, type Field, fieldsOf, WORD, WORD_NAMES } from './layout.ts';
import type { Expressions } from './simplify.ts';
import type { Write } from './tree.ts';

export interface Assignment {
  readonly word: number;
  /** The manual's name: 'mstatus.SIE', or 'sepc' for a whole word. */
  readonly name: string;
  readonly value: Expr;
}

/** The fields of a word that has some. */
export function fieldsOfWord(index: number): readonly Field[] {
  const table = (FIELDS as Partial<Record<string, Record<string, Bits>>>)[WORD_NAMES[index] as string];
  return table === undefined ? [] : Object.values(fieldsOf(table));
}

/** In the order of words, pc last. */
export function assignments(writes: readonly Write[], expressions: Expressions): Assignment[] {
  const all = writes.flatMap((write) => fieldsWritten(write, expressions));
  return [...all.filter(({ word }) => word !== WORD.pc), ...all.filter(({ word }) => word === WORD.pc)];
}

function fieldsWritten({ word, value }: Write, expressions: Expressions): Assignment[] {
  const name = WORD_NAMES[word] as string;
  const fields = fieldsOfWord(word);
  const before = expressions.word(word);
  const named = fields.reduce((mask, field) => mask | field.mask, 0n);
  const others = (of: Expr) => inside(of, (each) => expressions.mask(each, MASK64 ^ named), expressions);
  const changed = fields.flatMap(({ name: field, high, low }) => {
    const next = inside(value, (each) => expressions.bits(each, high, low), expressions);
    return next === expressions.bits(before, high, low) ? [] : [{ word, name: `${name}.${field}`, value: next }];
  });
  return others(value) !== others(before) || changed.length === fields.length ? [{ word, name, value }] : changed;
}

/** A part of a value, taken inside a choice, where each side may be simple. */
function inside(value: Expr, part: (of: Expr) => Expr, expressions: Expressions): Expr {
  if (value.kind !== 'choose') return part(value);
  return expressions.choose(value.question, inside(value.yes, part, expressions), inside(value.no, part, expressions));
}
