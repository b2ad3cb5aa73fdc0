// Sources to an image: each file is preprocessed where its name ends in .S, read, laid out, and all are linked.
// A mistake of the user is a diagnostic, all of them at once, and there is then no image; nothing here throws for one.

import type { Diagnostic } from './diagnostic.ts';
import { architecture } from './directives/options.ts';
import { type ElfSection, type ElfSymbol, writeElf } from './elf.ts';
import { layOut } from './layout.ts';
import { type LineTable, lineTable } from './line-table.ts';
import { Linker, type OutputSection } from './link.ts';
import { writeListing } from './listing.ts';
import type { AsmSymbol, Section } from './model.ts';
import { preprocess } from './preprocessor/preprocess.ts';
import { readUnit } from './read-unit.ts';
import { Relocator } from './relocate.ts';
import { linesOf } from './source.ts';
import { type Options, type Surroundings, Unit } from './unit.ts';
import { unsigned } from './values.ts';

export interface Source {
  readonly name: string;
  readonly text: string;
}

export interface AssembleOptions {
  /** Address of the image's first byte; 0x80000000 where not given. */
  readonly base: bigint;
  /** Folders to look in for what a source includes, after its own. */
  readonly includePaths: readonly string[];
  /** Names and values: macros in .S files, symbols in others. */
  readonly defines: Readonly<Record<string, string>>;
  /** The bytes of a file, or nothing where there is none. */
  readonly readFile: (path: string) => Uint8Array | undefined;
  /** Architecture, as GNU as's -march has it: rv64imafdc_zicsr_zifencei. */
  readonly arch: string;
}

export interface ImageSymbol {
  readonly name: string;
  readonly value: bigint;
  readonly size: bigint;
  readonly type: 'none' | 'function' | 'object';
  readonly global: boolean;
  /** The section it lies in; nothing for a plain number. */
  readonly section: string | undefined;
}

export interface AssembledImage {
  readonly elf: Uint8Array;
  /** The bytes from the base on, without what is only room. */
  readonly raw: Uint8Array;
  readonly base: bigint;
  readonly entry: bigint;
  readonly symbols: readonly ImageSymbol[];
  readonly listing: () => string;
  /** Which line each instruction comes from. */
  readonly lines: () => LineTable;
}

export interface Assembly {
  /** Missing where a diagnostic is an error. */
  readonly image?: AssembledImage;
  readonly diagnostics: readonly Diagnostic[];
}

const DEFAULT_BASE = 0x80000000n;
const DEFAULT_ARCH = 'rv64imafdc_zicsr_zifencei';
const ENTRY = '_start';
/** Errors after so many are not told; they are mostly one mistake repeated. */
const MOST_DIAGNOSTICS = 1000;
/** An image in one piece: sections far apart would make it mostly holes. */
const MOST_RAW_BYTES = 2 ** 30;

export function assemble(sources: readonly Source[], given: Partial<AssembleOptions>): Assembly {
  const diagnostics: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic) => {
    if (diagnostics.length < MOST_DIAGNOSTICS) diagnostics.push(diagnostic);
  };
  const {
    base = DEFAULT_BASE,
    includePaths = [],
    defines = {},
    readFile = () => undefined,
    arch = DEFAULT_ARCH,
  } = given;
  const surroundings = { includePaths, readFile, report };
  const units = sources.map((source) => assembleUnit(source, architecture(arch), surroundings, defines));
  const linker = new Linker(units, base, report);
  const contents = new Map<Section, Uint8Array>();
  for (const unit of units) {
    const relocator = new Relocator(linker, unit);
    for (const section of unit.sections.values()) {
      // What is too large has been told, and is not made.
      if (!section.flags.empty && section.size <= section.limit) contents.set(section, relocator.contents(section));
    }
  }
  const failed = diagnostics.some(({ severity }) => severity === 'error');
  const image = failed ? undefined : finish(units, linker, contents, base, entryOf(units, linker, base, report));
  const inOrder = diagnostics.toSorted((a, b) => bySource(sources, a) - bySource(sources, b));
  return image === undefined ? { diagnostics: inOrder } : { image, diagnostics: inOrder };
}

/** Messages in the order of the files and their lines; those of an included file stay where they arose. */
function bySource(sources: readonly Source[], { file, line = 0 }: Diagnostic): number {
  const index = sources.findIndex(({ name }) => name === file);
  return (index < 0 ? sources.length : index) * LINES_PER_FILE + line;
}
const LINES_PER_FILE = 2 ** 32;

function assembleUnit(
  { name, text }: Source,
  options: Options,
  surroundings: Surroundings,
  defines: Readonly<Record<string, string>>,
): Unit {
  const unit = new Unit(name, options, surroundings);
  const lines = linesOf(name, text);
  if (/\.(S|sx)$/.test(name)) readUnit(unit, preprocess(lines, { ...surroundings, defines }));
  else {
    const settings = Object.entries(defines).map(([define, value]) => `.set ${define}, ${value === '' ? '1' : value}`);
    readUnit(unit, [...settings.flatMap((setting) => linesOf('<command line>', setting)), ...lines]);
  }
  layOut(unit);
  return unit;
}

function finish(
  units: readonly Unit[],
  linker: Linker,
  contents: ReadonlyMap<Section, Uint8Array>,
  base: bigint,
  entry: bigint,
): AssembledImage {
  const outputs = linker.sections.filter(({ bytes, flags }) => bytes > 0 || flags.allocated);
  const sections = outputs.map((output) => elfSection(output, linker, contents));
  const symbols = units.flatMap((unit) => unitSymbols(unit, linker, outputs));
  const compressed = units.some(({ usesCompressed }) => usesCompressed);
  return {
    elf: writeElf({ entry, compressed, sections, symbols }),
    raw: rawBytes(sections, base),
    base,
    entry,
    symbols: symbols.flatMap(({ name, value, size, type, binding, section }) => {
      const where = section === undefined ? undefined : sections[section]?.name;
      return type === 'file' ? [] : [{ name, value, size, type, global: binding !== 'local', section: where }];
    }),
    listing: () => writeListing(units, linker, contents),
    lines: () => lineTable(units, linker),
  };
}

function elfSection(output: OutputSection, linker: Linker, contents: ReadonlyMap<Section, Uint8Array>): ElfSection {
  const { name, flags, alignment, address, bytes, inputs } = output;
  const common = { name, flags, alignment, address, size: bytes };
  if (flags.empty || bytes === 0) return { ...common, contents: new Uint8Array() };
  const joined = new Uint8Array(bytes);
  for (const section of inputs) {
    joined.set(contents.get(section) ?? new Uint8Array(), Number(linker.addressOf(section) - address));
  }
  return { ...common, contents: joined };
}

/** What a file names, for the symbol table; names that begin with .L are the assembler's own, as in GNU as. */
function unitSymbols(unit: Unit, linker: Linker, outputs: readonly OutputSection[]): ElfSymbol[] {
  const symbols: ElfSymbol[] = [
    { name: unit.file, value: 0n, size: 0n, type: 'file', binding: 'local', section: undefined },
  ];
  for (const symbol of unit.symbols.named) {
    if (symbol.definition === undefined || symbol.name.startsWith('.L')) continue;
    const value = linker.symbolValue(unit, symbol);
    if (value === undefined) continue;
    const size = symbol.size === undefined ? 0n : linker.value(unit, symbol.size, symbol.definedAt as never);
    const { name, type, binding } = symbol;
    const section = sectionOf(symbol, linker, outputs, value);
    symbols.push({
      name,
      value: unsigned(value),
      size: unsigned(size ?? 0n),
      type,
      binding,
      section,
    });
  }
  return symbols;
}

function sectionOf(
  symbol: AsmSymbol,
  linker: Linker,
  outputs: readonly OutputSection[],
  value: bigint,
): number | undefined {
  const { definition } = symbol;
  if (definition?.kind === 'common') return indexAt(outputs.findIndex(({ name }) => name === '.bss'));
  if (definition?.kind === 'label') {
    const output = linker.outputOf(definition.place.fragment.section);
    return output && indexAt(outputs.indexOf(output));
  }
  if (definition?.value.kind === 'number') return undefined;
  // A value that is an address lies where the address does.
  return indexAt(
    outputs.findIndex(
      ({ address, bytes, flags }) => flags.allocated && value >= address && value <= address + BigInt(bytes),
    ),
  );
}

const indexAt = (index: number) => (index < 0 ? undefined : index);

function entryOf(
  units: readonly Unit[],
  linker: Linker,
  base: bigint,
  report: (diagnostic: Diagnostic) => void,
): bigint {
  const exported = linker.globalValue(ENTRY);
  if (exported !== undefined) return exported;
  for (const unit of units) {
    const symbol = unit.symbols.find(ENTRY);
    const value = symbol?.definition && linker.symbolValue(unit, symbol);
    if (value !== undefined) return value;
  }
  report({
    severity: 'warning',
    message: `no '${ENTRY}': the image starts at its first byte`,
    hint: `label it '${ENTRY}:'`,
  });
  return base;
}

function rawBytes(sections: readonly ElfSection[], base: bigint): Uint8Array {
  const present = sections.filter(({ flags, contents }) => flags.allocated && contents.length > 0);
  const end = present.reduce((most, { address, size }) => Math.max(most, Number(address - base) + size), 0);
  const raw = new Uint8Array(Math.min(end, MOST_RAW_BYTES));
  for (const { address, contents } of present) {
    const at = Number(address - base);
    if (at + contents.length <= raw.length) raw.set(contents, at);
  }
  return raw;
}
