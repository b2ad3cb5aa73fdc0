// Builds small ELFs, right by default and wrong where a test wants them so.

export interface MadeSegment {
  readonly type?: number;
  readonly address: bigint;
  readonly physical?: bigint;
  readonly data?: readonly number[];
  /** What the header claims, where that is not what is true. */
  readonly offset?: bigint;
  readonly fileBytes?: bigint;
  readonly memoryBytes?: bigint;
}

export interface MadeElf {
  readonly entry?: bigint;
  readonly segments?: readonly MadeSegment[];
  readonly symbols?: Readonly<Record<string, bigint>>;
  /** Bytes of the file header to set at the end, by offset. */
  readonly patches?: Readonly<Record<number, number>>;
}

const HEADER = 64;
const PROGRAM = 56;
const SECTION = 64;
const SYMBOL = 24;
const BASE = 0x8000_0000n;
const NOP = [0x13, 0, 0, 0];

export function makeElf({
  entry,
  segments = [{ address: BASE }],
  symbols = {},
  patches = {},
}: MadeElf = {}): Uint8Array {
  const bytes = new Uint8Array(4096);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 2, true);
  view.setUint16(18, 243, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, entry ?? segments[0]?.address ?? BASE, true);
  view.setBigUint64(32, BigInt(HEADER), true);
  view.setUint16(52, HEADER, true);
  view.setUint16(54, PROGRAM, true);
  view.setUint16(56, segments.length, true);
  let end = HEADER + segments.length * PROGRAM;
  for (const [i, segment] of segments.entries()) {
    const data = segment.data ?? NOP;
    const at = HEADER + i * PROGRAM;
    view.setUint32(at, segment.type ?? 1, true);
    view.setUint32(at + 4, 7, true);
    view.setBigUint64(at + 8, segment.offset ?? BigInt(end), true);
    view.setBigUint64(at + 16, segment.address, true);
    view.setBigUint64(at + 24, segment.physical ?? segment.address, true);
    view.setBigUint64(at + 32, segment.fileBytes ?? BigInt(data.length), true);
    view.setBigUint64(at + 40, segment.memoryBytes ?? BigInt(data.length), true);
    bytes.set(data, end);
    end += data.length;
  }
  if (Object.keys(symbols).length > 0) end = addSymbols(bytes, view, symbols, end);
  for (const [offset, byte] of Object.entries(patches)) bytes[Number(offset)] = byte;
  return bytes.slice(0, end);
}

/** Section headers: none, the symbol table, its strings. */
function addSymbols(
  bytes: Uint8Array,
  view: DataView,
  symbols: Readonly<Record<string, bigint>>,
  start: number,
): number {
  const entries = Object.entries(symbols);
  const stringsAt = start + (entries.length + 1) * SYMBOL;
  let stringsEnd = stringsAt + 1;
  for (const [i, [name, value]] of entries.entries()) {
    const at = start + (i + 1) * SYMBOL;
    view.setUint32(at, stringsEnd - stringsAt, true);
    view.setUint8(at + 4, 0x12); // global, function
    view.setUint16(at + 6, 1, true);
    view.setBigUint64(at + 8, value, true);
    bytes.set(new TextEncoder().encode(name), stringsEnd);
    stringsEnd += name.length + 1;
  }
  const sections = [
    { type: 0, offset: 0, size: 0, link: 0 },
    { type: 2, offset: start, size: stringsAt - start, link: 2 },
    { type: 3, offset: stringsAt, size: stringsEnd - stringsAt, link: 0 },
  ];
  for (const [i, { type, offset, size, link }] of sections.entries()) {
    const at = stringsEnd + i * SECTION;
    view.setUint32(at + 4, type, true);
    view.setBigUint64(at + 24, BigInt(offset), true);
    view.setBigUint64(at + 32, BigInt(size), true);
    view.setUint32(at + 40, link, true);
  }
  view.setBigUint64(40, BigInt(stringsEnd), true);
  view.setUint16(58, SECTION, true);
  view.setUint16(60, sections.length, true);
  return stringsEnd + sections.length * SECTION;
}
