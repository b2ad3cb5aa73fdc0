// `.if` and its family: what each asks. Only these are read where statements are skipped.

import type { Cursor } from '../cursor.ts';
import { splitArguments } from '../macro.ts';
import { spanOf } from '../source.ts';
import type { Unit } from '../unit.ts';
import type { Directive, Directives } from './directive.ts';

type Question = (unit: Unit, cursor: Cursor) => boolean;

const compared =
  (holds: (value: bigint) => boolean): Question =>
  (unit, cursor) => {
    const value = unit.constant(cursor, 'a condition');
    return value !== undefined && cursor.expectEnd() && holds(value);
  };

const defined =
  (wanted: boolean): Question =>
  (unit, cursor) => {
    const name = cursor.expectName('the name of a symbol');
    return name !== undefined && (unit.symbols.find(name.text)?.definition !== undefined) === wanted;
  };

/** Everything that is left of the statement. */
function takeRest(cursor: Cursor): string {
  const text = cursor.rest;
  while (!cursor.atEnd) cursor.next();
  return text.trim();
}

const blank =
  (wanted: boolean): Question =>
  (_, cursor) =>
    (takeRest(cursor) === '') === wanted;

/** Two texts, as `.ifc a, b` has them, or as strings. */
const same =
  (wanted: boolean): Question =>
  (_, cursor) => {
    const [left = '', right = ''] = splitArguments(takeRest(cursor)).map((text) => text.replace(/^'(.*)'$/s, '$1'));
    return (left === right) === wanted;
  };

const QUESTIONS: Readonly<Record<string, Question>> = {
  if: compared((value) => value !== 0n),
  ifne: compared((value) => value !== 0n),
  ifeq: compared((value) => value === 0n),
  iflt: compared((value) => value < 0n),
  ifle: compared((value) => value <= 0n),
  ifgt: compared((value) => value > 0n),
  ifge: compared((value) => value >= 0n),
  ifdef: defined(true),
  ifndef: defined(false),
  ifnotdef: defined(false),
  ifb: blank(true),
  ifnb: blank(false),
  ifc: same(true),
  ifnc: same(false),
  ifeqs: same(true),
  ifnes: same(false),
};

const opening =
  (question: Question): Directive =>
  (unit, cursor, token) => {
    const span = spanOf(cursor.statement, token.at);
    if (!unit.conditionals.open(span, () => question(unit, cursor)))
      cursor.error(token, 'too many .if inside each other');
  };

const continuing =
  (question?: Question): Directive =>
  (unit, cursor, token) => {
    const problem = unit.conditionals.next(question && (() => question(unit, cursor)));
    if (problem !== undefined) cursor.error(token, `${token.text} ${problem}`);
  };

export const conditionDirectives: Directives = {
  ...Object.fromEntries(Object.entries(QUESTIONS).map(([name, question]) => [name, opening(question)])),
  elseif: continuing(QUESTIONS['if']),
  else: continuing(),
  endif: (unit, cursor, token) => {
    const problem = unit.conditionals.close();
    if (problem !== undefined) cursor.error(token, `${token.text} ${problem}`);
  },
};
