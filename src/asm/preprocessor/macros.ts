// Macros of the C preprocessor: object-like and function-like, with `#`, `##` and `...`. A name is not expanded again
// inside its own expansion. A call must end on its line; so much of the C standard is left out.

import { type PreToken, preTokens, textOf } from './tokens.ts';

export interface PreMacro {
  readonly name: string;
  /** Missing for an object-like macro. */
  readonly parameters: readonly string[] | undefined;
  readonly variadic: boolean;
  readonly body: readonly PreToken[];
}

const REST = '__VA_ARGS__';
/** Expansions that double themselves end here. */
const MOST_TOKENS = 20_000;

/** `#define` without its first word: the macro, or what is wrong. */
export function parseDefine(text: string): PreMacro | string {
  const match = /^([A-Za-z_$][\w$]*)(\(([^)]*)\))?(.*)$/s.exec(text);
  if (match === null) return '#define needs a name';
  const [, name = '', list, inside = '', body = ''] = match;
  if (name === 'defined') return "'defined' cannot be a macro";
  const tokens = preTokens(body.trim());
  if (list === undefined) return { name, parameters: undefined, variadic: false, body: tokens };
  const names = inside.trim() === '' ? [] : inside.split(',').map((each) => each.trim());
  const variadic = names[names.length - 1]?.endsWith('...') ?? false;
  if (variadic) names[names.length - 1] = (names[names.length - 1] as string).slice(0, -3).trim() || REST;
  const odd = names.find((each) => !/^[A-Za-z_$][\w$]*$/.test(each));
  return odd === undefined ? { name, parameters: names, variadic, body: tokens } : `'${odd}' is no parameter`;
}

/** The text with all macros expanded; what is wrong, if anything, goes to `problem`. */
export function expandMacros(
  text: string,
  macros: ReadonlyMap<string, PreMacro>,
  problem: (message: string) => void,
): string {
  const tokens = preTokens(text);
  if (!tokens.some(({ kind, text: word }) => kind === 'name' && macros.has(word))) return text;
  return textOf(new Expansion(macros, problem).expand(tokens));
}

class Expansion {
  readonly #macros: ReadonlyMap<string, PreMacro>;
  readonly #problem: (message: string) => void;
  #made = 0;
  #depth = 0;

  constructor(macros: ReadonlyMap<string, PreMacro>, problem: (message: string) => void) {
    this.#macros = macros;
    this.#problem = problem;
  }

  expand(tokens: readonly PreToken[]): PreToken[] {
    // What is left to look at, last first.
    const waiting = tokens.toReversed();
    const done: PreToken[] = [];
    for (let token = waiting.pop(); token !== undefined; token = waiting.pop()) {
      const macro = token.kind === 'name' && !token.hidden.has(token.text) ? this.#macros.get(token.text) : undefined;
      const replacement = macro && this.#replace(macro, token, waiting);
      if (replacement === undefined) done.push(token);
      else {
        this.#made += replacement.length + 1;
        if (this.#made > MOST_TOKENS) {
          this.#problem(`the expansion of '${token.text}' has no end`);
          return done;
        }
        for (const each of replacement.toReversed()) waiting.push(each);
      }
    }
    return done;
  }

  /** What a macro becomes here; nothing where a function-like one stands without its arguments. */
  #replace(macro: PreMacro, token: PreToken, waiting: PreToken[]): PreToken[] | undefined {
    let values: PreToken[][] = [];
    if (macro.parameters !== undefined) {
      if (waiting[waiting.length - 1]?.text !== '(') return undefined;
      const taken = takeArguments(waiting);
      if (taken === undefined) {
        this.#problem(`the arguments of '${macro.name}' have no ')' on this line`);
        return undefined;
      }
      values = this.#match(macro, macro.parameters, taken);
    }
    const hidden = new Set([...token.hidden, macro.name]);
    const body = this.#substitute(macro, values);
    return body.map((each, index) => ({
      ...each,
      before: index === 0 ? token.before : each.before,
      hidden: each.hidden.size === 0 ? hidden : new Set([...each.hidden, ...hidden]),
    }));
  }

  #match(macro: PreMacro, parameters: readonly string[], given: PreToken[][]): PreToken[][] {
    if (parameters.length === 0 && given.length === 1 && given[0]?.length === 0) return [];
    if (macro.variadic && given.length >= parameters.length) {
      const fixed = parameters.length - 1;
      const comma: PreToken = { text: ',', before: '', kind: 'other', hidden: new Set() };
      const rest = given.slice(fixed).flatMap((value, index) => (index === 0 ? value : [comma, ...value]));
      return [...given.slice(0, fixed), rest];
    }
    if (given.length !== parameters.length && !(macro.variadic && given.length === parameters.length - 1)) {
      this.#problem(`'${macro.name}' takes ${parameters.length} arguments, not ${given.length}`);
    }
    return given;
  }

  #substitute({ parameters = [], body }: PreMacro, values: readonly PreToken[][]): PreToken[] {
    const made: PreToken[] = [];
    const argumentFor = (token: PreToken | undefined) => {
      const index = token?.kind === 'name' ? parameters.indexOf(token.text) : -1;
      return index < 0 ? undefined : (values[index] ?? []);
    };
    for (let at = 0; at < body.length; at++) {
      const token = body[at] as PreToken;
      const next = body[at + 1];
      const stringified = token.text === '#' ? argumentFor(next) : undefined;
      if (stringified !== undefined) {
        const text = JSON.stringify(textOf(stringified).trim());
        made.push({ ...token, text, kind: 'string' });
        at += 1;
      } else if (token.text === '##' && next !== undefined && made.length > 0) {
        paste(made, argumentFor(next) ?? [next]);
        at += 1;
      } else {
        const value = argumentFor(token);
        // An argument is expanded by itself first, unless it is pasted.
        if (value === undefined) made.push(token);
        else made.push(...indented(next?.text === '##' ? value : this.#argument(value), token.before));
      }
      if (made.length > MOST_TOKENS) break;
    }
    return made;
  }

  #argument(value: readonly PreToken[]): PreToken[] {
    this.#depth += 1;
    const expanded = this.#depth > DEEPEST ? [...value] : this.expand(value);
    this.#depth -= 1;
    return expanded;
  }
}

const DEEPEST = 50;

function indented(tokens: readonly PreToken[], before: string): PreToken[] {
  return tokens.map((token, index) => (index === 0 ? { ...token, before } : token));
}

function paste(made: PreToken[], right: readonly PreToken[]): void {
  const [first, ...others] = right;
  const left = made.pop();
  if (left === undefined || first === undefined) {
    if (left !== undefined) made.push(left);
    return;
  }
  const joined = preTokens(left.text + first.text).map((token, index) =>
    index === 0 ? { ...token, before: left.before } : token,
  );
  made.push(...joined, ...others);
}

/** The arguments that follow, parentheses and all, taken from what waits; nothing where they do not end. */
function takeArguments(waiting: PreToken[]): PreToken[][] | undefined {
  const before = [...waiting];
  waiting.pop();
  const values: PreToken[][] = [[]];
  let depth = 1;
  for (let token = waiting.pop(); token !== undefined; token = waiting.pop()) {
    if (token.text === '(') depth += 1;
    else if (token.text === ')') depth -= 1;
    if (depth === 0) return values;
    if (token.text === ',' && depth === 1) values.push([]);
    else values[values.length - 1]?.push(token);
  }
  waiting.splice(0, waiting.length, ...before);
  return undefined;
}
