// Directives that make statements out of statements: macros, repetitions, and the files that a file includes.

import type { Cursor } from '../cursor.ts';
import { findFile } from '../find-file.ts';
import { once, TOO_DEEP } from '../input.ts';
import type { Token } from '../lexer.ts';
import { bindArguments, type Macro, parseParameters, splitArguments, substitute } from '../macro.ts';
import { type Expansion, linesOf, type Statement } from '../source.ts';
import { statementsOf } from '../statements.ts';
import type { Unit } from '../unit.ts';
import type { Directive, Directives } from './directive.ts';

/** Which block a statement opens or closes, by its first word, labels aside. */
const nesting = (opens: RegExp, closes: RegExp) => (statement: Statement) => {
  const word = /^(?:[\w.$]+:\s*)*\.(\w+)/.exec(statement.text)?.[1]?.toLowerCase() ?? '';
  return opens.test(word) ? 1 : closes.test(word) ? -1 : 0;
};
const MACROS = nesting(/^macro$/, /^endm$/);
const REPETITIONS = nesting(/^(rept|irp|irpc)$/, /^endr$/);

const macro: Directive = (unit, cursor, token) => {
  const head = /^([A-Za-z_.$][\w.$]*)\s*,?(.*)$/s.exec(cursor.rest);
  const body = unit.input.takeBlock(MACROS, true);
  if (body === undefined) return cursor.error(token, 'this macro never ends', 'end it with .endm');
  if (head === null) return cursor.error(token, '.macro needs a name');
  const [, name = '', rest = ''] = head;
  const parameters = parseParameters(rest);
  if (typeof parameters === 'string') return cursor.error(token, parameters, 'as in .macro save register, offset=0');
  if (unit.macros.has(name)) {
    return cursor.error(token, `there is a macro '${name}' already`, `.purgem ${name} forgets it`);
  }
  unit.macros.set(name, { name, parameters, body });
};

/** Reads a call of a macro, whose name has been read, and puts its expansion next. */
export function expandMacro(unit: Unit, called: Macro, cursor: Cursor, token: Token): void {
  const values = bindArguments(called, cursor.rest);
  if (typeof values === 'string') {
    cursor.error(token, values);
    return;
  }
  const within: Expansion = { what: `macro '${called.name}'`, at: cursor.statement.origin };
  const body = substitute(called.body, values, unit.expansions, within);
  unit.expansions += 1;
  if (!unit.input.push(once('macro', body, unit.conditionals.depth))) cursor.error(token, TOO_DEEP);
}

function repeat(
  unit: Unit,
  cursor: Cursor,
  token: Token,
  makeBodies: (body: readonly Statement[]) => Iterator<Statement[]>,
) {
  const body = unit.input.takeBlock(REPETITIONS, false);
  if (body === undefined) return cursor.error(token, `this ${token.text} never ends`, 'end it with .endr');
  const frame = { kind: 'repetition', bodies: makeBodies(body), conditionals: unit.conditionals.depth } as const;
  if (!cursor.failed && !unit.input.push(frame)) cursor.error(token, TOO_DEEP);
}

const rept: Directive = (unit, cursor, token) => {
  const count = unit.constant(cursor, 'how often to repeat') ?? 0n;
  cursor.expectEnd();
  const within: Expansion = { what: token.text, at: cursor.statement.origin };
  repeat(unit, cursor, token, function* (body) {
    for (let i = 0n; i < count; i++) yield substitute(body, new Map(), unit.expansions, within);
  });
};

/** `.irp name, values...` and `.irpc name, letters`. */
const eachOf =
  (split: (text: string) => readonly string[]): Directive =>
  (unit, cursor, token) => {
    const head = /^([A-Za-z_$][\w$]*)\s*,?(.*)$/s.exec(cursor.rest);
    if (head === null) cursor.error(token, `${token.text} needs a name and values`, 'as in .irp register, a0, a1');
    const [, name = '', rest = ''] = head ?? [];
    const values = split(rest.trim());
    const within: Expansion = { what: token.text, at: cursor.statement.origin };
    repeat(unit, cursor, token, function* (body) {
      for (const value of values.length === 0 ? [''] : values) {
        yield substitute(body, new Map([[name, value]]), unit.expansions, within);
      }
    });
  };

const unquoted = (text: string) => (/^".*"$/s.test(text) ? text.slice(1, -1) : text);

const exitMacro: Directive = (unit, cursor, token) => {
  const left = unit.input.leaveMacro();
  if (left === undefined) cursor.error(token, '.exitm outside of a macro');
  else unit.conditionals.unwind(left.conditionals);
};

const forgetMacro: Directive = (unit, cursor, token) => {
  const name = cursor.expectName('the name of a macro');
  if (name !== undefined && !unit.macros.delete(name.text)) cursor.error(token, `there is no macro '${name.text}'`);
};

const include: Directive = (unit, cursor, token) => {
  const name = cursor.next();
  if (name.kind !== 'string') return cursor.error(name, 'expected a file name in double quotes');
  if (!cursor.expectEnd()) return;
  const path = new TextDecoder().decode(name.bytes);
  const found = findFile(unit.surroundings, path, cursor.statement.origin.file);
  if (found === undefined) return cursor.error(name, `there is no file '${path}'`, 'name its folder with -I');
  const lines = linesOf(found.path, new TextDecoder().decode(found.bytes));
  const within: Expansion = { what: 'a file', at: cursor.statement.origin };
  const { statements, unclosed } = statementsOf(lines.map((line) => ({ ...line, origin: { ...line.origin, within } })));
  if (unclosed !== undefined) unit.report(unclosed, 'error', 'this comment never ends', 'end it with */');
  if (!unit.input.push(once('file', statements, unit.conditionals.depth))) cursor.error(token, TOO_DEEP);
};

const stray =
  (opener: string): Directive =>
  (_, cursor, token) =>
    cursor.error(token, `${token.text} without ${opener} before it`);

export const repetitionDirectives: Directives = {
  macro,
  endm: stray('.macro'),
  exitm: exitMacro,
  purgem: forgetMacro,
  rept,
  irp: eachOf((text) => splitArguments(text).map(unquoted)),
  irpc: eachOf((text) => [...unquoted(text)]),
  endr: stray('.rept, .irp or .irpc'),
  include,
  end: (unit) => unit.input.leaveAll(),
};
