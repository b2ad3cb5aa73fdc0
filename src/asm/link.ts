// Several units to one image: sections of one kind side by side in the order of the files, addresses from a base,
// symbols across files. The order is code, constants, data, room; a section of another name goes with those that
// have its flags. Left out: linker scripts, garbage collection, archives, relaxation of calls.

import { ABI_NAMES } from '../../isa/registers.ts';
import type { Diagnostic } from './diagnostic.ts';
import { evaluate, type Locate, type Lookup, symbolsIn } from './evaluate.ts';
import type { AsmSymbol, Expression, Section, SectionFlags } from './model.ts';
import { suggestion } from './nearest.ts';
import { diagnosticAt, type Span } from './source.ts';
import type { Unit } from './unit.ts';
import { wrap } from './values.ts';

/** A section of the image. */
export interface OutputSection {
  readonly name: string;
  readonly flags: SectionFlags;
  readonly alignment: number;
  readonly inputs: readonly Section[];
  readonly address: bigint;
  readonly bytes: number;
}

/** Code, constants, data, room, and what is not in memory. */
function rank({ allocated, writable, executable, empty }: SectionFlags): number {
  if (!allocated) return RANKS.length;
  if (empty) return RANKS.indexOf('.bss');
  if (executable) return RANKS.indexOf('.text');
  return RANKS.indexOf(writable ? '.data' : '.rodata');
}
const RANKS = ['.text', '.rodata', '.data', '.bss'];
const FAMILY = /^\.s?(text|rodata|data|bss)(\.|$)/;

const outputName = (name: string) =>
  name
    .replace(/^\.s(?=data|rodata|bss)/, '.')
    .replace(FAMILY, '.$1$2')
    .replace(/^(\.(?:text|rodata|data|bss))\..*$/, '$1');

export class Linker {
  readonly #units: readonly Unit[];
  readonly #report: (diagnostic: Diagnostic) => void;
  readonly sections: readonly OutputSection[];
  readonly #placed = new Map<Section, { output: OutputSection; address: bigint }>();
  readonly #globals = new Map<string, { symbol: AsmSymbol; unit: Unit }>();
  readonly #commons = new Map<string, bigint>();
  readonly #provided = new Map<string, bigint>();
  readonly #unresolved = new Set<string>();

  constructor(units: readonly Unit[], base: bigint, report: (diagnostic: Diagnostic) => void) {
    this.#units = units;
    this.#report = report;
    this.#collectGlobals();
    this.sections = this.#place(base);
  }

  #collectGlobals(): void {
    for (const unit of this.#units) {
      for (const symbol of unit.symbols.named) {
        if (symbol.binding === 'local' || symbol.definition === undefined) continue;
        const other = this.#globals.get(symbol.name);
        const strong = symbol.binding === 'global' && symbol.definition.kind !== 'common';
        const otherStrong =
          other !== undefined && other.symbol.binding === 'global' && other.symbol.definition?.kind !== 'common';
        if (strong && otherStrong) {
          const at = other.symbol.definedAt?.origin;
          const hint = at && `it is at ${at.file}:${at.line}; drop .globl where it is of that file alone`;
          this.#error(symbol.definedAt, `'${symbol.name}' is defined in two files`, hint);
        } else if (other === undefined || (strong && !otherStrong)) this.#globals.set(symbol.name, { symbol, unit });
      }
    }
  }

  #error(span: Span | undefined, message: string, hint?: string): void {
    if (span !== undefined) this.#report(diagnosticAt(span, 'error', message, hint));
    else this.#report({ severity: 'error', message, ...(hint === undefined ? {} : { hint }) });
  }

  /** Gives every section its address. */
  #place(base: bigint): OutputSection[] {
    const groups = new Map<string, Section[]>();
    for (const name of RANKS) groups.set(name, []);
    for (const unit of this.#units) {
      for (const section of unit.sections.values()) {
        const name = outputName(section.name);
        groups.set(name, [...(groups.get(name) ?? []), section]);
      }
    }
    const ordered = [...groups].toSorted(([a, [x]], [b, [y]]) => this.#rankOf(a, x) - this.#rankOf(b, y));
    const outputs: OutputSection[] = [];
    let address = base;
    for (const [name, inputs] of ordered) {
      const output = this.#placeGroup(name, inputs, address);
      if (output === undefined) continue;
      outputs.push(output);
      if (output.flags.allocated) address = output.address + BigInt(output.bytes);
    }
    this.#provide(outputs, base);
    return outputs;
  }

  #rankOf(name: string, first: Section | undefined): number {
    const family = RANKS.indexOf(name);
    return family >= 0 || first === undefined ? family : rank(first.flags) + 1 / 2;
  }

  #placeGroup(name: string, inputs: readonly Section[], from: bigint): OutputSection | undefined {
    const commons = name === '.bss' ? this.#localCommons() : [];
    const used = inputs.filter((section) => section.size > 0 || section.alignment > 1);
    const [first = inputs[0]] = used;
    if (first === undefined) return undefined;
    const alignment = Math.max(
      1,
      ...used.map((section) => section.alignment),
      ...commons.map(({ boundary }) => boundary),
    );
    const start = first.flags.allocated ? alignUp(from, alignment) : 0n;
    let address = start;
    const places = inputs.map((section) => {
      address = alignUp(address, section.alignment);
      const at = address;
      address += BigInt(section.size);
      return { section, at };
    });
    for (const { key, bytes, boundary } of commons) {
      address = alignUp(address, boundary);
      this.#commons.set(key, address);
      address += BigInt(bytes);
    }
    // A family has the flags of its name; its room counts as contents where some of it has contents.
    const empty =
      inputs.every((section) => section.flags.empty || section.size === 0) && (first.flags.empty || name === '.bss');
    const flags = { ...first.flags, writable: inputs.some(({ flags: each }) => each.writable), empty };
    const output = { name, flags, alignment, inputs, address: start, bytes: Number(address - start) };
    for (const { section, at } of places) this.#placed.set(section, { output, address: at });
    return output;
  }

  /** Room that `.comm` asks for: the largest of each name. */
  #localCommons(): { key: string; bytes: number; boundary: number }[] {
    const wanted = new Map<string, { key: string; bytes: number; boundary: number }>();
    for (const [index, unit] of this.#units.entries()) {
      for (const { name, definition, binding } of unit.symbols.named) {
        if (definition?.kind !== 'common') continue;
        const key = binding === 'local' ? `${index} ${name}` : name;
        const before = wanted.get(key);
        const bytes = Math.max(definition.bytes, before?.bytes ?? 0);
        wanted.set(key, { key, bytes, boundary: Math.max(definition.boundary, before?.boundary ?? 1) });
      }
    }
    return [...wanted.values()];
  }

  /** The symbols that GNU ld's own script defines and start-up code uses, unless a source defines them. */
  #provide(outputs: readonly OutputSection[], base: bigint): void {
    const ends = (names: readonly string[]) =>
      outputs
        .filter(({ name, flags }) => flags.allocated && names.includes(RANKS[rank(flags)] ?? name))
        .reduce((end, { address, bytes }) => {
          const here = address + BigInt(bytes);
          return here > end ? here : end;
        }, base);
    const bss = outputs.find(({ name }) => name === '.bss');
    const data = outputs.find(({ name }) => name === '.data');
    const edata = ends(['.text', '.rodata', '.data']);
    const values: Readonly<Record<string, bigint>> = {
      etext: ends(['.text']),
      edata,
      end: ends(RANKS),
      __bss_start: bss?.address ?? edata,
      __global_pointer$: (data?.address ?? edata) + GLOBAL_POINTER_OFFSET,
    };
    for (const [name, value] of Object.entries(values)) {
      for (const spelling of name.startsWith('_') ? [name] : [name, `_${name}`]) {
        if (!this.#globals.has(spelling)) this.#provided.set(spelling, value);
      }
    }
  }

  /** Where a place is in memory. */
  readonly locate: Locate = ({ fragment, offset }) => ({
    offset: wrap(this.addressOf(fragment.section) + BigInt(fragment.address + offset)),
  });

  addressOf(section: Section): bigint {
    return this.#placed.get(section)?.address ?? 0n;
  }

  outputOf(section: Section): OutputSection | undefined {
    return this.#placed.get(section)?.output;
  }

  #lookup(unit: Unit): Lookup {
    return (symbol) => {
      const { definition, name, binding } = symbol;
      if (definition?.kind === 'common') {
        const key = binding === 'local' ? `${this.#units.indexOf(unit)} ${name}` : name;
        const address = this.#commons.get(key);
        const strong = binding === 'local' ? undefined : this.#globals.get(name);
        if (strong === undefined || strong.symbol.definition?.kind === 'common')
          return address === undefined ? undefined : { offset: address };
      }
      const found = symbol.hidden ? undefined : this.#globals.get(name);
      if (found !== undefined && found.symbol !== symbol) {
        return evaluate(
          { kind: 'symbol', symbol: found.symbol, span: found.symbol.definedAt as Span },
          this.locate,
          this.#lookup(found.unit),
        );
      }
      const provided = symbol.hidden ? undefined : this.#provided.get(name);
      if (provided !== undefined) return { offset: provided };
      return binding === 'weak' ? { offset: 0n } : undefined;
    };
  }

  /** The value of an expression in the finished image, or an error and nothing. */
  value(unit: Unit, expression: Expression, span: Span): bigint | undefined {
    const value = evaluate(expression, this.locate, this.#lookup(unit));
    if (value === undefined) this.#explain(unit, expression, span);
    return value?.offset;
  }

  /** The value of a symbol, where it has one. */
  symbolValue(unit: Unit, symbol: AsmSymbol): bigint | undefined {
    return evaluate({ kind: 'symbol', symbol, span: symbol.definedAt as Span }, this.locate, this.#lookup(unit))
      ?.offset;
  }

  /** The value of a symbol that any file exports, or of one that the linker provides. */
  globalValue(name: string): bigint | undefined {
    const found = this.#globals.get(name);
    return found === undefined ? this.#provided.get(name) : this.symbolValue(found.unit, found.symbol);
  }

  #explain(unit: Unit, expression: Expression, span: Span): void {
    const lookup = this.#lookup(unit);
    for (const [symbol, at] of symbolsIn(expression)) {
      if (symbol.definition !== undefined || lookup(symbol) !== undefined) continue;
      const key = `${this.#units.indexOf(unit)} ${symbol.name}`;
      // One message a name and file: the same name is mostly missing everywhere.
      if (symbol.hidden) this.#error(at, `there is no label '${symbol.name.slice(0, -1)}:' after this line`);
      else if (!this.#unresolved.has(key))
        this.#error(at, `'${symbol.name}' is not defined`, this.#meant(unit, symbol.name));
      this.#unresolved.add(key);
      return;
    }
    this.#error(span, 'this expression has no value', 'it may divide by zero, or define itself');
  }

  #meant(unit: Unit, name: string): string | undefined {
    for (const other of this.#units) {
      const found = other === unit ? undefined : other.symbols.find(name);
      if (found?.definition !== undefined) return `${other.file} defines it; export it there with .globl ${name}`;
    }
    const own = [...unit.symbols.named]
      .filter(({ definition }) => definition !== undefined)
      .map((symbol) => symbol.name);
    return suggestion(name, [...own, ...this.#globals.keys(), ...this.#provided.keys(), ...ABI_NAMES]);
  }
}

const GLOBAL_POINTER_OFFSET = 0x800n;

function alignUp(address: bigint, boundary: number): bigint {
  const mask = BigInt(boundary) - 1n;
  return (address + mask) & ~mask;
}
