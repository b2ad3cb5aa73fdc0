// The image as an ELF file: RV64, little-endian, executable, with section headers, program headers and symbols, as
// the ELF specification and the RISC-V psABI lay it out. One program header for each section in memory.
// Left out: relocations, which a finished image has none of, debugging information, attributes.

import { ByteBuffer, littleEndian } from './byte-buffer.ts';
import type { SectionFlags } from './model.ts';

export interface ElfSection {
  readonly name: string;
  readonly flags: SectionFlags;
  readonly alignment: number;
  readonly address: bigint;
  /** In memory; the contents are empty where the section is only room. */
  readonly size: number;
  readonly contents: Uint8Array;
}

export interface ElfSymbol {
  readonly name: string;
  readonly value: bigint;
  readonly size: bigint;
  readonly type: 'none' | 'function' | 'object' | 'file';
  readonly binding: 'local' | 'global' | 'weak';
  /** An index into the sections, or nothing for a plain number. */
  readonly section: number | undefined;
}

export interface ElfImage {
  readonly entry: bigint;
  /** Holds 16-bit instructions: EF_RISCV_RVC. */
  readonly compressed: boolean;
  readonly sections: readonly ElfSection[];
  readonly symbols: readonly ElfSymbol[];
}

const HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
const SECTION_HEADER_BYTES = 64;
const SYMBOL_BYTES = 24;
/** File offsets and addresses agree modulo this, as loaders that map pages expect. */
const PAGE = 0x1000;
const IDENTIFICATION_BYTES = 16;
const CLASS_64 = 2;
const LITTLE_ENDIAN = 1;
const VERSION = 1;
const EXECUTABLE = 2;
const MACHINE_RISCV = 243;
const EF_RISCV_RVC = 1;
const PT_LOAD = 1;
const SYMBOL_INDEX_BYTES = 8;
const SHN_ABS = 0xfff1;
const SHT = { null: 0, progbits: 1, symtab: 2, strtab: 3, nobits: 8 } as const;
const SHF = { write: 1, alloc: 2, execute: 4 } as const;
const PF = { execute: 1, write: 2, read: 4 } as const;
const TYPE = { none: 0, object: 1, function: 2, file: 4 } as const;
const BINDING = { local: 0, global: 1, weak: 2 } as const;
const BINDING_SHIFT = 4;

type Widths = 1 | 2 | 4 | 8;
const fields = (...values: readonly (readonly [Widths, bigint | number])[]) =>
  values.flatMap(([width, value]) => littleEndian(value, width));

/** Names one after another, each ended by a zero. */
class StringTable {
  readonly bytes = new ByteBuffer();
  readonly #offsets = new Map<string, number>();

  constructor() {
    this.offset('');
  }

  offset(name: string): number {
    const known = this.#offsets.get(name);
    if (known !== undefined) return known;
    const at = this.bytes.length;
    this.bytes.append(new TextEncoder().encode(`${name}\0`));
    this.#offsets.set(name, at);
    return at;
  }
}

interface Header {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: bigint;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
  readonly alignment: number;
  readonly entryBytes: number;
}

export function writeElf(image: ElfImage): Uint8Array {
  const { sections } = image;
  const loaded = sections.filter(({ flags, size }) => flags.allocated && size > 0);
  const file = new ByteBuffer();
  file.append(new Uint8Array(HEADER_BYTES + loaded.length * PROGRAM_HEADER_BYTES));
  const headers: Header[] = [{ ...EMPTY_HEADER }];
  const offsets = new Map<ElfSection, number>();
  for (const section of sections) {
    const offset = padTo(file, section.flags.allocated ? Number(section.address % BigInt(PAGE)) : 0, section);
    offsets.set(section, offset);
    file.append(section.contents);
    headers.push(sectionHeader(section, offset));
  }
  const names = new StringTable();
  const symbols = symbolTable(image.symbols, names);
  const tables = [
    { name: '.symtab', type: SHT.symtab, bytes: symbols.bytes, link: sections.length + 2, info: symbols.locals },
    { name: '.strtab', type: SHT.strtab, bytes: names.bytes, link: 0, info: 0 },
  ];
  for (const { name, type, bytes, link, info } of tables) {
    align(file, SYMBOL_INDEX_BYTES);
    const table = type === SHT.symtab;
    const layout = { alignment: table ? SYMBOL_INDEX_BYTES : 1, entryBytes: table ? SYMBOL_BYTES : 0 };
    headers.push({ ...EMPTY_HEADER, ...layout, name, type, link, info, offset: file.length, size: bytes.length });
    file.append(bytes.view());
  }
  const start = writeHeaders(file, headers);
  const bytes = file.view().slice();
  bytes.set(elfHeader(image, start, headers.length, loaded.length));
  for (const [index, section] of loaded.entries()) {
    bytes.set(programHeader(section, offsets.get(section) ?? 0), HEADER_BYTES + index * PROGRAM_HEADER_BYTES);
  }
  return bytes;
}

const EMPTY_HEADER: Header = {
  name: '',
  type: SHT.null,
  flags: 0,
  address: 0n,
  offset: 0,
  size: 0,
  link: 0,
  info: 0,
  alignment: 0,
  entryBytes: 0,
};

function align(file: ByteBuffer, boundary: number): void {
  file.append(new Uint8Array((boundary - (file.length % boundary)) % boundary));
}

/** Makes the next offset agree with an address modulo the page; room needs no bytes for that. */
function padTo(file: ByteBuffer, remainder: number, { contents, flags }: ElfSection): number {
  if (flags.empty || contents.length === 0) return file.length;
  file.append(new Uint8Array((remainder - (file.length % PAGE) + PAGE) % PAGE));
  return file.length;
}

function sectionHeader({ name, flags, alignment, address, size }: ElfSection, offset: number): Header {
  const bits =
    (flags.writable ? SHF.write : 0) | (flags.allocated ? SHF.alloc : 0) | (flags.executable ? SHF.execute : 0);
  const type = flags.empty ? SHT.nobits : SHT.progbits;
  return { ...EMPTY_HEADER, name, type, flags: bits, address, offset, size, alignment };
}

function symbolTable(symbols: readonly ElfSymbol[], names: StringTable) {
  const bytes = new ByteBuffer();
  bytes.append(new Uint8Array(SYMBOL_BYTES));
  const ordered = [
    ...symbols.filter(({ binding }) => binding === 'local'),
    ...symbols.filter(({ binding }) => binding !== 'local'),
  ];
  for (const { name, value, size, type, binding, section } of ordered) {
    const info = (BINDING[binding] << BINDING_SHIFT) | TYPE[type];
    const index = section === undefined ? SHN_ABS : section + 1;
    bytes.append(fields([4, names.offset(name)], [1, info], [1, 0], [2, index], [8, value], [8, size]));
  }
  return { bytes, locals: 1 + symbols.filter(({ binding }) => binding === 'local').length };
}

/** The names of sections, then their headers; where the headers start. */
function writeHeaders(file: ByteBuffer, headers: Header[]): number {
  const names = new StringTable();
  const name = '.shstrtab';
  for (const header of headers) names.offset(header.name);
  names.offset(name);
  const size = names.bytes.length;
  headers.push({ ...EMPTY_HEADER, name, type: SHT.strtab, offset: file.length, size, alignment: 1 });
  file.append(names.bytes.view());
  align(file, SYMBOL_INDEX_BYTES);
  const start = file.length;
  for (const header of headers) {
    const { type, flags, address, offset, link, info, alignment, entryBytes } = header;
    file.append(
      fields(
        [4, names.offset(header.name)],
        [4, type],
        [8, flags],
        [8, address],
        [8, offset],
        [8, header.size],
        [4, link],
        [4, info],
        [8, alignment],
        [8, entryBytes],
      ),
    );
  }
  return start;
}

function elfHeader(
  { entry, compressed }: ElfImage,
  sectionHeaders: number,
  sections: number,
  segments: number,
): number[] {
  const identification = [...new TextEncoder().encode('\x7fELF'), CLASS_64, LITTLE_ENDIAN, VERSION];
  const padding = new Array<number>(IDENTIFICATION_BYTES - identification.length).fill(0);
  return [
    ...identification,
    ...padding,
    ...fields(
      [2, EXECUTABLE],
      [2, MACHINE_RISCV],
      [4, VERSION],
      [8, entry],
      [8, segments === 0 ? 0 : HEADER_BYTES],
      [8, sectionHeaders],
      [4, compressed ? EF_RISCV_RVC : 0],
      [2, HEADER_BYTES],
      [2, PROGRAM_HEADER_BYTES],
      [2, segments],
      [2, SECTION_HEADER_BYTES],
      [2, sections],
      [2, sections - 1],
    ),
  ];
}

function programHeader({ flags, address, size, contents }: ElfSection, offset: number): number[] {
  const permissions = PF.read | (flags.writable ? PF.write : 0) | (flags.executable ? PF.execute : 0);
  return fields(
    [4, PT_LOAD],
    [4, permissions],
    [8, offset],
    [8, address],
    [8, address],
    [8, contents.length],
    [8, size],
    [8, contents.length === 0 ? 1 : PAGE],
  );
}
