// What a directive is: it reads the rest of its statement and changes the unit. Each file of this folder is a table of
// directives by name.

import type { Cursor } from '../cursor.ts';
import type { Token } from '../lexer.ts';
import type { Unit } from '../unit.ts';

/** @param token the directive's own name, for messages. */
export type Directive = (unit: Unit, cursor: Cursor, token: Token) => void;
export type Directives = Readonly<Record<string, Directive>>;

/** A directive that changes nothing here, whatever follows it. */
export const ignored: Directive = (_, cursor) => {
  while (!cursor.atEnd) cursor.next();
};
