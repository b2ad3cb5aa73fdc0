// One source file from its first statement to its last: labels, assignments, directives, macros, instructions.
// A mistake ends its statement and no more, so that all mistakes are found at once.

import { Cursor } from './cursor.ts';
import { conditionDirectives } from './directives/conditions.ts';
import { dataDirectives } from './directives/data.ts';
import type { Directives } from './directives/directive.ts';
import { floatDirectives } from './directives/float.ts';
import { optionDirectives } from './directives/options.ts';
import { placementDirectives } from './directives/placement.ts';
import { expandMacro, repetitionDirectives } from './directives/repetition.ts';
import { sectionDirectives } from './directives/sections.ts';
import { allotRooms, assign, symbolDirectives } from './directives/symbols.ts';
import { once, TOO_LONG } from './input.ts';
import { assembleInstruction } from './instruction.ts';
import type { Token } from './lexer.ts';
import { suggestion } from './nearest.ts';
import { type Line, type Statement, spanOf } from './source.ts';
import { statementsOf } from './statements.ts';
import type { Unit } from './unit.ts';

const DIRECTIVES: Directives = {
  ...dataDirectives,
  ...floatDirectives,
  ...placementDirectives,
  ...sectionDirectives,
  ...symbolDirectives,
  ...optionDirectives,
  ...repetitionDirectives,
  ...conditionDirectives,
};

const LONGEST_STATEMENT = 65_536;

export function readUnit(unit: Unit, lines: readonly Line[]): void {
  const { statements, unclosed } = statementsOf(lines);
  if (unclosed !== undefined) unit.report(unclosed, 'error', 'this comment never ends', 'end it with */');
  unit.input.push(once('file', statements, 0));
  let last: Statement | undefined;
  for (let statement = unit.input.next(); statement !== undefined; statement = unit.input.next()) {
    last = statement;
    for (const part of partsOf(statement)) readStatement(unit, part);
  }
  if (unit.input.exhausted && last !== undefined)
    unit.report(spanOf(last), 'error', TOO_LONG, 'is there an endless macro?');
  for (const opened of unit.conditionals.unwind(0)) {
    unit.report(opened, 'error', 'this block is never closed', 'end it with .endif');
  }
  allotRooms(unit);
  padCode(unit);
}

/** An expansion may hold comments and semicolons that its source did not. */
function partsOf(statement: Statement): readonly Statement[] {
  const { text, origin } = statement;
  if (origin.within === undefined || !/[;#]|\/[/*]/.test(text)) return [statement];
  return statementsOf([{ text, origin: { ...origin, text } }]).statements;
}

/** GNU as fills code up to the section's alignment, where a section has one. */
function padCode(unit: Unit): void {
  for (const section of unit.sections.values()) {
    if (!section.flags.executable || section.alignment === 1) continue;
    section.close({ kind: 'align', boundary: section.alignment, fill: 'nops', most: 0, span: undefined });
  }
}

function readStatement(unit: Unit, statement: Statement): void {
  if (statement.text.length > LONGEST_STATEMENT) {
    unit.report(spanOf(statement), 'error', 'this line is too long');
    return;
  }
  const cursor = new Cursor(statement, unit.surroundings.report);
  const from = unit.section.here;
  const { section } = unit;
  if (unit.conditionals.skipping) readSkipped(unit, cursor);
  else {
    readLabels(unit, cursor);
    readBody(unit, cursor);
  }
  unit.listed.push({ statement, from, to: unit.section === section ? section.here : from });
}

function readSkipped(unit: Unit, cursor: Cursor): void {
  const token = cursor.next();
  const directive = token.text.startsWith('.')
    ? own(conditionDirectives, token.text.slice(1).toLowerCase())
    : undefined;
  directive?.(unit, cursor, token);
}

function readLabels(unit: Unit, cursor: Cursor): void {
  while (cursor.is(':', 1)) {
    const token = cursor.peek();
    if (token.kind === 'name' && token.text !== '.') unit.label(token, cursor.span(token));
    else if (token.kind === 'number' && /^[0-9]+$/.test(token.text))
      unit.localLabel(Number(token.text), cursor.span(token));
    else return;
    cursor.next();
    cursor.next();
  }
}

function readBody(unit: Unit, cursor: Cursor): void {
  const token = cursor.peek();
  if (token.kind === 'end') return;
  if (token.kind !== 'name') {
    cursor.unexpected('a label, an instruction or a directive');
    return;
  }
  if (cursor.is('=', 1) || cursor.is('==', 1)) {
    cursor.next();
    readAssignment(unit, cursor, token);
    return;
  }
  cursor.next();
  const macro = unit.macros.get(token.text);
  if (macro !== undefined) expandMacro(unit, macro, cursor, token);
  else if (token.text.startsWith('.')) readDirective(unit, cursor, token);
  else assembleInstruction(unit, token, cursor);
}

/** `name = value`; `name == value` as .equiv; `. = value` as .org. */
function readAssignment(unit: Unit, cursor: Cursor, token: Token): void {
  const once = cursor.next().text === '==';
  if (token.text === '.') placementDirectives['org']?.(unit, cursor, token);
  else assign(unit, cursor, token.text, once);
}

function readDirective(unit: Unit, cursor: Cursor, token: Token): void {
  const directive = own(DIRECTIVES, token.text.slice(1).toLowerCase());
  if (directive === undefined) {
    const names = [...Object.keys(DIRECTIVES).map((name) => `.${name}`), ...unit.macros.keys()];
    cursor.error(token, `there is no directive '${token.text}'`, suggestion(token.text.toLowerCase(), names));
    return;
  }
  directive(unit, cursor, token);
}

function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
