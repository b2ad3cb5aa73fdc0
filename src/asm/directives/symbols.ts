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

/** The largest boundary that .lcomm gives by itself is a doubleword's, which the room must fill. */
const naturalBoundary = (bytes: bigint) => [8n, 4n, 2n].find((boundary) => bytes >= boundary) ?? 1n;
/** .comm goes up to 16, rounding the size up. */
const roundBoundary = (bytes: bigint) => [1n, 2n, 4n, 8n].find((boundary) => bytes <= boundary) ?? 16n;

/** `.comm name, size, alignment` and `.lcomm name, size`: room in .bss, allotted by the linker or at once. */
const common =
  (here: boolean): Directive =>
  (unit, cursor, token) => {
    const name = cursor.expectName('the name of a symbol');
    if (name === undefined) return;
    if (!cursor.accept(',')) return cursor.unexpected('a comma and the size');
    const bytes = unit.constant(cursor, 'the size');
    if (bytes === undefined) return;
    const boundary = optional(unit, cursor, 'the alignment', here ? naturalBoundary(bytes) : roundBoundary(bytes));
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
    if (here || unit.localCommons.has(name.text)) unit.rooms.push(symbol);
    else if (symbol.binding === 'local') symbol.binding = 'global';
  };

/** Gives what this file keeps to itself its room, behind all else in .bss. */
export function allotRooms(unit: Unit): void {
  const bss = unit.sections.get('.bss');
  if (bss === undefined) return;
  unit.section = bss;
  for (const symbol of unit.rooms) {
    const { definition, definedAt } = symbol;
    if (definition?.kind !== 'common' || definedAt === undefined) continue;
    const { boundary, bytes } = definition;
    bss.align(boundary);
    bss.close({ kind: 'align', boundary, fill: Uint8Array.of(0), most: 0, span: undefined });
    symbol.definition = { kind: 'label', place: bss.here };
    unit.fill(bytes, Uint8Array.of(0), definedAt);
  }
}

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
