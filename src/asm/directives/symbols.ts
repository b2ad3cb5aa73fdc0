// Directives about symbols: who sees them, what they are worth, how large they are, and memory that they name.

import type { Cursor } from '../cursor.ts';
import { parseExpression } from '../expression-parser.ts';
import type { Binding } from '../model.ts';
import { spanOf } from '../source.ts';
import type { Unit } from '../unit.ts';
import { optional } from './data.ts';
import { type Directive, type Directives, ignored } from './directive.ts';

const bind =
  (binding: Binding): Directive =>
  (unit, cursor) => {
    do {
      const name = cursor.expectName('the name of a symbol');
      if (name === undefined) return;
      unit.symbols.refer(name.text).binding = binding;
    } while (cursor.expectComma());
  };

/** `.set name, value`, `.equ`, and `.equiv`, which defines once. */
const set =
  (once: boolean): Directive =>
  (unit, cursor) => {
    const name = cursor.expectName('the name of a symbol');
    if (name === undefined) return;
    if (!cursor.accept(',')) return cursor.unexpected('a comma and a value');
    assign(unit, cursor, name.text, once);
  };

/** Gives a name the value of the expression that follows. */
export function assign(unit: Unit, cursor: Cursor, name: string, once: boolean): void {
  const value = parseExpression(cursor, unit.scope);
  if (value !== undefined && cursor.expectEnd()) unit.assign(name, value, spanOf(cursor.statement), once);
}

const TYPES = { function: 'function', object: 'object', notype: 'none' } as const;

/** `.type name, @function`. */
const type: Directive = (unit, cursor) => {
  const name = cursor.expectName('the name of a symbol');
  if (name === undefined) return;
  cursor.accept(',');
  if (!cursor.accept('@')) cursor.accept('%');
  const token = cursor.next();
  const word = token.text
    .replaceAll('"', '')
    .replace(/^@|^STT_/, '')
    .toLowerCase();
  if (word === 'func') unit.symbols.refer(name.text).type = 'function';
  else if (Object.hasOwn(TYPES, word)) unit.symbols.refer(name.text).type = TYPES[word as keyof typeof TYPES];
  else cursor.error(token, `there is no symbol type '${token.text}'`, 'there are @function, @object and @notype');
};

const size: Directive = (unit, cursor) => {
  const name = cursor.expectName('the name of a symbol');
  if (name === undefined) return;
  if (!cursor.accept(',')) return cursor.unexpected('a comma and the size');
  const value = parseExpression(cursor, unit.scope);
  if (value !== undefined && cursor.expectEnd()) unit.symbols.refer(name.text).size = value;
};

const MOST_COMMON = 2 ** 31;
const DEFAULT_COMMON_ALIGNMENT = 16n;

/** `.comm name, size, alignment` and `.lcomm name, size`: room in .bss, allotted by the linker or at once. */
const common =
  (here: boolean): Directive =>
  (unit, cursor, token) => {
    const name = cursor.expectName('the name of a symbol');
    if (name === undefined) return;
    if (!cursor.accept(',')) return cursor.unexpected('a comma and the size');
    const bytes = unit.constant(cursor, 'the size');
    if (bytes === undefined) return;
    const natural = [8n, 4n, 2n].find((boundary) => bytes >= boundary) ?? 1n;
    const boundary = optional(
      unit,
      cursor,
      'the alignment',
      bytes >= DEFAULT_COMMON_ALIGNMENT ? DEFAULT_COMMON_ALIGNMENT : natural,
    );
    if (boundary === undefined || !cursor.expectEnd()) return;
    if (
      bytes < 0n ||
      bytes > MOST_COMMON ||
      boundary < 1n ||
      boundary > MOST_COMMON ||
      (boundary & (boundary - 1n)) !== 0n
    ) {
      return cursor.error(token, 'the size must be below 2 GiB and the alignment a power of two');
    }
    const symbol = unit.symbols.refer(name.text);
    if (symbol.definition !== undefined) return cursor.error(name, `'${name.text}' is already defined`);
    symbol.type = 'object';
    symbol.size = { kind: 'number', value: bytes };
    symbol.definedAt = cursor.span(name);
    symbol.definition = { kind: 'common', bytes: Number(bytes), boundary: Number(boundary) };
    if (!here && symbol.binding === 'local' && !unit.localCommons.has(name.text)) symbol.binding = 'global';
  };

const local: Directive = (unit, cursor) => {
  do {
    const name = cursor.expectName('the name of a symbol');
    if (name === undefined) return;
    unit.symbols.refer(name.text).binding = 'local';
    unit.localCommons.add(name.text);
  } while (cursor.expectComma());
};

export const symbolDirectives: Directives = {
  globl: bind('global'),
  global: bind('global'),
  weak: bind('weak'),
  local,
  set: set(false),
  equ: set(false),
  equiv: set(true),
  type,
  size,
  comm: common(false),
  common: common(false),
  lcomm: common(true),
  hidden: ignored,
  internal: ignored,
  protected: ignored,
  extern: ignored,
};
