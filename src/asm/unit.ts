// One source file while it is read: its symbols and sections, the options in force, and what every directive and
// instruction does with them: define a label, emit bytes, note a fixup. Files are linked by link.ts.

import { littleEndian } from './byte-buffer.ts';
import { Conditionals } from './conditionals.ts';
import type { Cursor } from './cursor.ts';
import type { Diagnostic } from './diagnostic.ts';
import { evaluateNumber, symbolsIn, whileParsing } from './evaluate.ts';
import { parseExpression, type Scope } from './expression-parser.ts';
import { Input } from './input.ts';
import type { Token } from './lexer.ts';
import type { Macro } from './macro.ts';
import type { AsmSymbol, Expression, Fixup, Place } from './model.ts';
import { Section, type SectionFlags } from './model.ts';
import { suggestion } from './nearest.ts';
import { diagnosticAt, type Span, type Statement } from './source.ts';
import { SymbolTable } from './symbols.ts';
import { byteCount, fitsBytes } from './values.ts';

/** What the caller lets a source reach. */
export interface Surroundings {
  readonly includePaths: readonly string[];
  /** The bytes of a file, or nothing. */
  readonly readFile: (path: string) => Uint8Array | undefined;
  readonly report: (diagnostic: Diagnostic) => void;
}

/** What `.option` changes, and `.option push` keeps. */
export interface Options {
  /** 16-bit instructions may be used. */
  readonly compressed: boolean;
  /** Names of extensions in small letters: they decide what a mnemonic with two meanings becomes. */
  readonly extensions: ReadonlySet<string>;
}

export interface Listed {
  readonly statement: Statement;
  readonly from: Place;
  readonly to: Place;
}

/** Runs of one byte up to this length are written out, so that distances across them stay simple. */
const WRITTEN_OUT = 64;
const WORD_BYTES = 4;

const CODE = { allocated: true, writable: false, executable: true, empty: false };
const DATA = { allocated: true, writable: true, executable: false, empty: false };

export class Unit {
  readonly file: string;
  readonly surroundings: Surroundings;
  readonly symbols = new SymbolTable();
  readonly sections = new Map<string, Section>();
  readonly conditionals = new Conditionals();
  readonly macros = new Map<string, Macro>();
  /** Names that `.local` keeps `.comm` from exporting. */
  readonly localCommons = new Set<string>();
  /** Symbols that `.lcomm` gives room in this file's .bss. */
  readonly rooms: AsmSymbol[] = [];
  readonly input: Input;
  readonly listed: Listed[] = [];
  section: Section;
  previous: Section | undefined;
  readonly sectionStack: { section: Section; previous: Section | undefined }[] = [];
  options: Options;
  readonly optionStack: Options[] = [];
  /** Counts macro expansions: `\@`. */
  expansions = 0;
  /** Some instruction may have been compressed: the image says so. */
  usesCompressed: boolean;

  constructor(file: string, options: Options, surroundings: Surroundings) {
    const { compressed } = options;
    this.file = file;
    this.surroundings = surroundings;
    this.options = options;
    this.usesCompressed = compressed;
    this.input = new Input((conditionals) => this.#fileEnded(conditionals));
    this.section = this.openSection('.text', CODE, compressed ? WORD_BYTES / 2 : WORD_BYTES);
    this.openSection('.data', DATA, 1);
    this.openSection('.bss', { ...DATA, empty: true }, 1);
  }

  #fileEnded(conditionals: number): void {
    for (const opened of this.conditionals.unwind(conditionals)) {
      this.report(opened, 'error', 'this block is never closed', 'end it with .endif');
    }
  }

  report(span: Span, severity: Diagnostic['severity'], message: string, hint?: string): void {
    this.surroundings.report(diagnosticAt(span, severity, message, hint));
  }

  /** The section of that name, made with these flags where there is none. */
  openSection(name: string, flags: SectionFlags, alignment: number): Section {
    const found = this.sections.get(name);
    if (found !== undefined) return found;
    const section = new Section(name, flags, alignment);
    this.sections.set(name, section);
    return section;
  }

  enter(section: Section): void {
    this.previous = this.section;
    this.section = section;
  }

  /** What an expression here can refer to. */
  get scope(): Scope {
    return { symbols: this.symbols, here: this.section.here };
  }

  // Symbols

  label(token: Token & { kind: 'name' }, span: Span): void {
    const symbol = this.symbols.refer(token.text);
    if (symbol.definition !== undefined) {
      const { definedAt } = symbol;
      const where = definedAt === undefined ? undefined : `it is at ${definedAt.origin.file}:${definedAt.origin.line}`;
      this.report(span, 'error', `'${symbol.name}' is already defined`, where);
      return;
    }
    symbol.definition = { kind: 'label', place: this.section.here };
    symbol.definedAt = span;
  }

  localLabel(number: number, span: Span): void {
    const symbol = this.symbols.defineLocal(number);
    symbol.definition = { kind: 'label', place: this.section.here };
    symbol.definedAt = span;
  }

  /** `.set`, and `.equiv` where `once`, which refuses a name that has a value. */
  assign(name: string, value: Expression, span: Span, once: boolean): void {
    let symbol = this.symbols.refer(name);
    if (symbol.definition !== undefined) {
      if (once || !symbol.changeable) {
        const hint = once ? 'use .set to change a value' : undefined;
        this.report(span, 'error', `'${name}' is already defined`, hint);
        return;
      }
      symbol = this.symbols.renew(symbol);
    }
    // A value that is known stays what it is now.
    const known = evaluateNumber(value, whileParsing);
    symbol.definition = { kind: 'value', value: known === undefined ? value : { kind: 'number', value: known } };
    symbol.definedAt = span;
    symbol.changeable = !once;
  }

  // Expressions that must be known here

  /** A number, or an error and nothing. */
  constant(cursor: Cursor, what: string): bigint | undefined {
    const token = cursor.peek();
    const expression = parseExpression(cursor, this.scope);
    if (expression === undefined) return undefined;
    const value = evaluateNumber(expression, whileParsing);
    if (value === undefined)
      cursor.error(cursor.spanFrom(token), `${what} must be a number that is known here`, this.whyUnknown(expression));
    return value;
  }

  /** Why an expression has no value yet. */
  whyUnknown(expression: Expression): string {
    for (const [symbol] of symbolsIn(expression)) {
      if (symbol.definition === undefined) return this.notDefined(symbol);
    }
    return 'addresses are known only after everything is laid out; a distance is, inside code of fixed size';
  }

  notDefined(symbol: AsmSymbol): string {
    const defined = [...this.symbols.named].filter(({ definition }) => definition !== undefined);
    const meant = suggestion(
      symbol.name,
      defined.map(({ name }) => name),
    );
    return `'${symbol.name}' is not defined above${meant === undefined ? '' : `; ${meant}`}`;
  }

  // Bytes

  /** Whether the section has room for that much more; an error where not. */
  reserve(bytes: number, span: Span): boolean {
    const { limit, written, name } = this.section;
    if (written + bytes <= limit) return true;
    this.report(span, 'error', `section '${name}' grows beyond ${limit} bytes`);
    return false;
  }

  emit(bytes: Uint8Array | readonly number[], span: Span): boolean {
    if (!this.#holdsContents(span) || !this.reserve(bytes.length, span)) return false;
    this.section.append(bytes);
    return true;
  }

  #holdsContents(span: Span): boolean {
    if (!this.section.flags.empty) return true;
    const hint = "use '.zero' or '.space' for room, or '.data' for contents";
    this.report(span, 'error', `section '${this.section.name}' has room in memory but no contents`, hint);
    return false;
  }

  /** A pattern, so many times. */
  fill(count: number, pattern: Uint8Array, span: Span): void {
    const bytes = count * pattern.length;
    if (bytes === 0 || !this.reserve(bytes, span)) return;
    if (this.section.flags.empty && pattern.some((byte) => byte !== 0) && !this.#holdsContents(span)) return;
    if (bytes > WRITTEN_OUT || this.section.flags.empty) this.section.close({ kind: 'fill', count, pattern });
    else for (let i = 0; i < count; i++) this.section.append(pattern);
  }

  /** A datum that may be an address. */
  datum(expression: Expression, bytes: number, span: Span): void {
    const known = evaluateNumber(expression, whileParsing);
    if (known !== undefined) {
      if (!fitsBytes(known, bytes)) {
        this.report(span, 'warning', `${known} does not fit in ${byteCount(bytes)}; its low bits are kept`);
      }
      this.emit(littleEndian(known, bytes), span);
      return;
    }
    const { offset } = this.section.here;
    if (this.emit(littleEndian(0, bytes), span)) this.fix({ kind: 'data', offset, bytes, expression, span });
  }

  fix(fixup: Fixup): void {
    this.section.last.fixups.push(fixup);
  }
}
