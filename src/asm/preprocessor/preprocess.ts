// What a .S file passes before it is assembled: the C preprocessor's #include, #define, #undef, #if and its family,
// #error, and macros in every line. Lines keep their places in their files. A `#` that begins no directive is a
// comment of assembly. Left out: #line, #pragma's meaning, calls of macros across lines.

import { Conditionals } from '../conditionals.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { findFile } from '../find-file.ts';
import { suggestion } from '../nearest.ts';
import { diagnosticAt, type Line, linesOf, type Origin } from '../source.ts';
import { stringLength } from '../statements.ts';
import { evaluateCondition } from './condition.ts';
import { expandMacros, type PreMacro, parseDefine } from './macros.ts';

export interface PreprocessOptions {
  readonly includePaths: readonly string[];
  readonly readFile: (path: string) => Uint8Array | undefined;
  readonly report: (diagnostic: Diagnostic) => void;
  readonly defines: Readonly<Record<string, string>>;
}

/** What compilers define for assembly on this machine. */
const PREDEFINED = { __ASSEMBLER__: '1', __riscv: '1', __riscv_xlen: '64', __ELF__: '1' };
const CONDITIONALS = ['if', 'ifdef', 'ifndef', 'elif', 'else', 'endif'];
const OTHERS = ['include', 'define', 'undef', 'error', 'warning', 'pragma', 'line', 'ident'];
const MOST_LINES = 1_000_000;
const DEEPEST = 100;

export function preprocess(lines: readonly Line[], options: PreprocessOptions): Line[] {
  return new Preprocessor(options).run(lines);
}

class Preprocessor {
  readonly #options: PreprocessOptions;
  readonly #macros = new Map<string, PreMacro>();
  readonly #conditionals = new Conditionals();
  readonly #output: Line[] = [];
  #read = 0;

  constructor(options: PreprocessOptions) {
    this.#options = options;
    for (const [name, value] of Object.entries({ ...PREDEFINED, ...options.defines })) {
      const macro = parseDefine(`${name} ${value === '' ? '1' : value}`);
      if (typeof macro !== 'string') this.#macros.set(name, macro);
    }
  }

  run(lines: readonly Line[]): Line[] {
    this.#file(lines, 0);
    return this.#output;
  }

  #error(origin: Origin, message: string, hint?: string, severity: 'error' | 'warning' = 'error'): void {
    const column = origin.text.length - origin.text.trimStart().length;
    const length = Math.max(1, origin.text.trim().length);
    this.#options.report(diagnosticAt({ origin, column, length }, severity, message, hint));
  }

  /** Reads nothing more: this would not end. */
  #stop(origin: Origin, message: string): void {
    if (this.#read < Number.POSITIVE_INFINITY) this.#error(origin, message, 'does a file include itself?');
    this.#read = Number.POSITIVE_INFINITY;
  }

  #file(lines: readonly Line[], depth: number): void {
    const opened = this.#conditionals.depth;
    for (const line of logicalLines(lines)) {
      this.#read += 1;
      if (this.#read > MOST_LINES) {
        this.#stop(line.origin, `more than ${MOST_LINES} lines`);
        return;
      }
      const [, word, rest = ''] = /^\s*#\s*([A-Za-z_]+)(.*)$/s.exec(line.text) ?? [];
      if (word !== undefined && CONDITIONALS.includes(word)) this.#condition(word, rest, line.origin);
      else if (this.#conditionals.skipping) continue;
      else if (word !== undefined && OTHERS.includes(word)) this.#directive(word, rest.trim(), line.origin, depth);
      else if (/^\s*#/.test(line.text)) this.#mistyped(line.text, line.origin);
      else this.#text(line);
    }
    for (const { origin } of this.#conditionals.unwind(opened)) {
      this.#error(origin, 'this block is never closed', 'end it with #endif');
    }
  }

  /** '#' begins a comment of assembly too, so only what looks like a directive is one. */
  #mistyped(text: string, origin: Origin): void {
    const [, word] = /^#([a-z]+)\b/.exec(text) ?? [];
    const hint = word && suggestion(word, [...CONDITIONALS, ...OTHERS]);
    if (hint) this.#error(origin, `'#${word}' is taken for a comment`, hint, 'warning');
  }

  #text({ text, origin }: Line): void {
    const expanded = expandMacros(text, this.#macros, (message) => this.#error(origin, message));
    this.#output.push({ text: expanded, origin: expanded === text ? origin : { ...origin, text: expanded } });
  }

  #condition(word: string, rest: string, origin: Origin): void {
    const problem = (message: string) => this.#error(origin, message);
    const holds = () => evaluateCondition(rest, this.#macros, problem);
    const defined = () => this.#macros.has(rest.trim().split(/\W/)[0] ?? '');
    if (word === 'elif' || word === 'else') {
      const wrong = this.#conditionals.next(word === 'elif' ? holds : undefined);
      if (wrong !== undefined) this.#error(origin, `#${word} ${wrong.replace('.', '#')}`);
    } else if (word === 'endif') {
      const wrong = this.#conditionals.close();
      if (wrong !== undefined) this.#error(origin, `#endif ${wrong.replace('.', '#')}`);
    } else {
      const question = word === 'if' ? holds : word === 'ifdef' ? defined : () => !defined();
      const opened = this.#conditionals.open({ origin, column: 0, length: origin.text.length }, question);
      if (!opened) this.#error(origin, 'too many #if inside each other');
    }
  }

  #directive(word: string, rest: string, origin: Origin, depth: number): void {
    if (word === 'define') {
      const macro = parseDefine(rest);
      if (typeof macro === 'string') this.#error(origin, macro);
      else this.#macros.set(macro.name, macro);
    } else if (word === 'undef') this.#macros.delete(rest);
    else if (word === 'include') this.#include(rest, origin, depth);
    else if (word === 'error') this.#error(origin, rest);
    else if (word === 'warning') this.#error(origin, rest, undefined, 'warning');
  }

  #include(text: string, origin: Origin, depth: number): void {
    const named = expandMacros(text, this.#macros, (message) => this.#error(origin, message)).trim();
    const name = /^"([^"]+)"|^<([^>]+)>/.exec(named);
    if (name === null) {
      this.#error(origin, '#include needs a file in quotes or angle brackets');
      return;
    }
    const path = name[1] ?? name[2] ?? '';
    const found = findFile(this.#options, path, origin.file);
    if (found === undefined) this.#error(origin, `there is no file '${path}'`, 'name its folder with -I');
    else if (depth >= DEEPEST) this.#stop(origin, `more than ${DEEPEST} files inside each other`);
    else {
      const within = { what: 'a file', at: origin };
      const lines = linesOf(found.path, new TextDecoder().decode(found.bytes));
      this.#file(
        lines.map((line) => ({ ...line, origin: { ...line.origin, within } })),
        depth + 1,
      );
    }
  }
}

/** Lines with comments blanked, and those that end in a backslash joined to the next. */
function* logicalLines(lines: readonly Line[]): Generator<Line> {
  let comment = false;
  let joined: Line | undefined;
  for (const { text, origin } of lines) {
    const blanked = blankComments(text, comment);
    comment = blanked.open;
    const line: Line =
      joined === undefined
        ? { text: blanked.text, origin }
        : { text: joined.text + blanked.text, origin: joined.origin };
    // A comment that goes on is a space, and so is the end of the line in it.
    if (comment) joined = line;
    else if (line.text.endsWith('\\')) joined = { ...line, text: line.text.slice(0, -1) };
    else {
      joined = undefined;
      yield line;
    }
  }
  if (joined !== undefined) yield joined;
}

function blankComments(text: string, inside: boolean): { text: string; open: boolean } {
  if (!inside && !text.includes('/')) return { text, open: false };
  let kept = '';
  let open = inside;
  let at = 0;
  while (at < text.length) {
    const pair = text.slice(at, at + 2);
    let length = 1;
    if (open) {
      const close = text.indexOf('*/', at);
      length = (close < 0 ? text.length : close + 2) - at;
      open = close < 0;
      kept += ' '.repeat(length);
    } else if (pair === '//') break;
    else if (pair === '/*') {
      open = true;
      length = 2;
      kept += '  ';
    } else {
      length = text[at] === '"' ? stringLength(text, at) : 1;
      kept += text.slice(at, at + length);
    }
    at += length;
  }
  return { text: kept, open };
}
