// Macros as GNU as has them: parameters with defaults, `:req` and `:vararg`, arguments by place or by name, and bodies
// in which `\name` is replaced, `\@` counts expansions and `\()` separates. `.rept`, `.irp` and `.irpc` use the same
// replacement. Left out: `.altmacro` and its `LOCAL`.

import { shorten } from './cursor.ts';
import type { Expansion, Statement } from './source.ts';
import { stringLength } from './statements.ts';

export interface Parameter {
  readonly name: string;
  readonly fallback: string;
  readonly required: boolean;
  /** Takes all that is left. */
  readonly rest: boolean;
}

export interface Macro {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly body: readonly Statement[];
}

const SYMBOL = /[\w.$\\"'?@]/;
const LONGEST_LINE = 65_536;

/** Parameters of `.macro name a, b=1, c:req, d:vararg`, or what is wrong. */
export function parseParameters(text: string): Parameter[] | string {
  const parameters: Parameter[] = [];
  const pattern = /\s*,?\s*([A-Za-z_.$][\w.$]*)\s*(?::\s*(req|vararg)\b)?\s*(=\s*)?/y;
  let at = 0;
  while (text.slice(at).trim() !== '') {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) return `'${shorten(text.slice(at).trim())}' is no parameter`;
    const [, name = '', qualifier, equals] = match;
    at = pattern.lastIndex;
    let fallback = '';
    if (equals !== undefined) {
      const end = argumentEnd(text, at);
      fallback = unquote(text.slice(at, end));
      at = end;
    }
    if (parameters.some((parameter) => parameter.name === name)) return `there are two parameters '${name}'`;
    parameters.push({ name, fallback, required: qualifier === 'req', rest: qualifier === 'vararg' });
  }
  return parameters;
}

/** The arguments of a call: they end at a comma, or at a space between two words, outside of quotes and parentheses. */
export function splitArguments(text: string): string[] {
  const parts: string[] = [];
  let at = 0;
  while (text.slice(at).trim() !== '') {
    at += text.slice(at).length - text.slice(at).trimStart().length;
    const end = argumentEnd(text, at);
    parts.push(text.slice(at, end).trim());
    at = end;
    const comma = /\s*,/y;
    comma.lastIndex = at;
    if (comma.test(text)) {
      at = comma.lastIndex;
      if (text.slice(at).trim() === '') parts.push('');
    }
  }
  return parts;
}

function argumentEnd(text: string, from: number): number {
  let depth = 0;
  let at = from;
  while (at < text.length) {
    const character = text[at] as string;
    if (character === '"') {
      at += stringLength(text, at);
      continue;
    }
    if (character === '(' || character === '[') depth += 1;
    else if (character === ')' || character === ']') depth -= 1;
    else if (character === ',' && depth <= 0) break;
    else if (/\s/.test(character)) {
      const next = at + (/^\s+/.exec(text.slice(at))?.[0].length ?? 1);
      const words = SYMBOL.test(text[at - 1] ?? '') && SYMBOL.test(text[next] ?? '');
      if (words && depth <= 0) break;
      at = next;
      continue;
    }
    at += 1;
  }
  return at;
}

/** A quoted argument stands for what is in the quotes. */
function unquote(text: string): string {
  const trimmed = text.trim();
  return /^"(?:[^"\\]|\\.)*"$/s.test(trimmed) ? trimmed.slice(1, -1).replaceAll('\\"', '"') : trimmed;
}

const count = (arguments_: number) => (arguments_ === 1 ? '1 argument' : `${arguments_} arguments`);

/** The values of a macro's parameters in one call, or what is wrong. */
export function bindArguments(macro: Macro, text: string): Map<string, string> | string {
  const { parameters } = macro;
  const given = splitArguments(text);
  const values = new Map<string, string>();
  let place = 0;
  for (const [index, argument] of given.entries()) {
    const named = /^([A-Za-z_.$][\w.$]*)\s*=(?!=)\s*(.*)$/s.exec(argument);
    const byName = named && parameters.find((parameter) => parameter.name === named[1]);
    if (byName) {
      values.set(byName.name, unquote(named[2] as string));
      continue;
    }
    const parameter = parameters[place];
    place += 1;
    if (parameter === undefined) return `'${macro.name}' takes ${count(parameters.length)}, not ${given.length}`;
    if (parameter.rest) {
      values.set(parameter.name, given.slice(index).join(','));
      break;
    }
    values.set(parameter.name, unquote(argument));
  }
  for (const { name, fallback, required } of parameters) {
    if ((values.get(name) ?? '') !== '') continue;
    if (required) return `'${macro.name}' needs its argument '${name}'`;
    values.set(name, fallback);
  }
  return values;
}

const REFERENCE = /\\(\(\)|@|[A-Za-z_$][\w$]*)/g;
/** A string, in which names are replaced too; a character constant, in which they are not; or a name. */
const QUOTED_OR_REFERENCE = /("(?:[^"\\]|\\.)*"?)|'(?:\\.|[^\\])'?|\\(\(\)|@|[A-Za-z_$][\w$]*)/gs;

/** The statements of a body with `\name` replaced. Lines that grow without bound end where the limit is. */
export function substitute(
  body: readonly Statement[],
  values: ReadonlyMap<string, string>,
  counter: number,
  within: Expansion,
): Statement[] {
  const valueFor = (name: string) => (name === '()' ? '' : name === '@' ? String(counter) : values.get(name));
  return body.map(({ text, column, origin }) => {
    const place = { ...origin, within };
    if (!text.includes('\\')) return { text, column, origin: place };
    const replaced = text
      .replace(QUOTED_OR_REFERENCE, (whole, string?: string, name?: string) => {
        if (string !== undefined)
          return string.replace(REFERENCE, (_, inner: string) => valueFor(inner) ?? `\\${inner}`);
        return name === undefined ? whole : (valueFor(name) ?? whole);
      })
      .slice(0, LONGEST_LINE);
    return { text: replaced, column: 0, origin: { ...place, text: replaced } };
  });
}
