// Reads the symbol table of an ELF: functions, objects and labels, for `tohost`, logs and debuggers. A file without
// one is as good; a table that leaves the file means that the file was cut. Left out: versions, sections, and the
// mapping symbols of assemblers.

/** Offsets in the file header, in a section header, and in a symbol. */
const HEADER = { sections: 40, sectionBytes: 58, sectionCount: 60 } as const;
const SECTION = { type: 4, offset: 24, size: 32, link: 40, bytes: 64 } as const;
const SYMBOL = { name: 0, info: 4, section: 6, value: 8, size: 16, bytes: 24 } as const;
const SYMBOL_TABLE = 2;
const UNDEFINED_SECTION = 0;
const KIND_MASK = 0xf;
const KINDS: Readonly<Record<number, ImageSymbol['kind']>> = { 0: 'label', 1: 'object', 2: 'function' };
/** Bounds of what a damaged file can cost; a kernel of Linux has some 10⁵ symbols of some tens of bytes. */
const MOST_SYMBOLS = 1_000_000;
const LONGEST_NAME = 256;
const MAPPING_PREFIX = '$';

export interface ImageSymbol {
  readonly name: string;
  readonly value: bigint;
  readonly bytes: bigint;
  readonly kind: 'function' | 'object' | 'label';
}

interface Section {
  readonly type: number;
  readonly start: number;
  readonly end: number;
  readonly link: number;
}

/** Undefined where the table leaves the file. */
export function readSymbols(bytes: Uint8Array, view: DataView): readonly ImageSymbol[] | undefined {
  const start = view.getBigUint64(HEADER.sections, true);
  const count = view.getUint16(HEADER.sectionCount, true);
  if (count === 0 || view.getUint16(HEADER.sectionBytes, true) !== SECTION.bytes) return [];
  if (start + BigInt(count * SECTION.bytes) > BigInt(bytes.length)) return undefined;
  const section = (index: number) => readSection(view, Number(start) + index * SECTION.bytes);
  for (let i = 0; i < count; i++) {
    const table = section(i);
    if (table.type !== SYMBOL_TABLE) continue;
    const names = table.link < count ? section(table.link) : undefined;
    if (table.end > bytes.length || names === undefined || names.end > bytes.length) return undefined;
    return readTable(bytes, view, table, names);
  }
  return [];
}

function readSection(view: DataView, at: number): Section {
  const start = view.getBigUint64(at + SECTION.offset, true);
  return {
    type: view.getUint32(at + SECTION.type, true),
    start: Number(start),
    end: Number(start + view.getBigUint64(at + SECTION.size, true)),
    link: view.getUint32(at + SECTION.link, true),
  };
}

function readTable(bytes: Uint8Array, view: DataView, table: Section, names: Section): readonly ImageSymbol[] {
  const symbols: ImageSymbol[] = [];
  const end = Math.min(table.end, table.start + MOST_SYMBOLS * SYMBOL.bytes);
  for (let at = table.start; at + SYMBOL.bytes <= end; at += SYMBOL.bytes) {
    const kind = KINDS[view.getUint8(at + SYMBOL.info) & KIND_MASK];
    if (kind === undefined || view.getUint16(at + SYMBOL.section, true) === UNDEFINED_SECTION) continue;
    const name = nameAt(bytes, names, view.getUint32(at + SYMBOL.name, true));
    if (name === '' || name.startsWith(MAPPING_PREFIX)) continue;
    const value = view.getBigUint64(at + SYMBOL.value, true);
    symbols.push({ name, value, bytes: view.getBigUint64(at + SYMBOL.size, true), kind });
  }
  return symbols;
}

function nameAt(bytes: Uint8Array, names: Section, offset: number): string {
  let name = '';
  const end = Math.min(names.end, names.start + offset + LONGEST_NAME);
  for (let at = names.start + offset; at < end && bytes[at] !== 0; at++)
    name += String.fromCharCode(bytes[at] as number);
  return name;
}
