// Reads an ELF that can be booted: an executable (ET_EXEC) for little-endian RV64, as the System V ABI and the RISC-V
// psABI lay it out. Each field is checked before it is used, so that a file of any bytes gives an image or a refusal.
// Left out: relocations and dynamic linking, which a machine without software has not.

import { type ImageSymbol, readSymbols } from './elf-symbols.ts';
import { type Refusal, refuse } from './refusal.ts';

/** A piece of memory, of which the image holds the beginning; the rest is zero. */
export interface Segment {
  /** Guest-physical. */
  readonly address: bigint;
  readonly data: Uint8Array;
  /** Size in memory, at least that of the data. */
  readonly bytes: number;
  /** Whether it may hold instructions. */
  readonly executable: boolean;
}

export interface Elf {
  readonly ok: true;
  /** As linked: virtual. */
  readonly entry: bigint;
  /** At the physical addresses of the program headers. */
  readonly segments: readonly Segment[];
  readonly symbols: readonly ImageSymbol[];
  /** The physical address of a virtual one, by the segment that it lies in; itself where it lies in none. */
  physical(address: bigint): bigint;
}

/** Offsets in the file header. */
const HEADER = {
  class: 4,
  data: 5,
  type: 16,
  machine: 18,
  entry: 24,
  programHeaders: 32,
  programHeaderBytes: 54,
  programHeaderCount: 56,
  bytes: 64,
} as const;
/** Offsets in a program header. */
const PROGRAM = {
  type: 0,
  flags: 4,
  offset: 8,
  virtual: 16,
  physical: 24,
  fileBytes: 32,
  memoryBytes: 40,
  bytes: 56,
} as const;
const CLASS_64 = 2;
const LITTLE_ENDIAN = 1;
const RISC_V = 243;
const Type = { relocatable: 1, executable: 2, shared: 3 } as const;
const LOAD = 1;
const EXECUTABLE = 1;
/** An executable has a handful; thousands are not one. */
const MOST_PROGRAM_HEADERS = 128;
/** More than any RAM: what is larger is refused before it becomes a number. */
const LARGEST_SEGMENT = 1n << 40n;

const MACHINES: Readonly<Record<number, string>> = { 3: 'x86', 40: 'ARM', 62: 'x86-64', 183: 'AArch64' };
const BUILD_HINT = 'build it for RV64, for example with riscv64-unknown-elf-gcc -static';

interface LoadHeader extends Segment {
  readonly virtual: bigint;
}

export function readElf(bytes: Uint8Array): Elf | Refusal {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const problem = checkHeader(bytes, view);
  if (problem !== undefined) return problem;
  const headers = loadHeaders(bytes, view);
  if ('ok' in headers) return headers;
  const symbols = readSymbols(bytes, view);
  if (symbols === undefined) return truncated('its symbols go');
  const entry = view.getBigUint64(HEADER.entry, true);
  if (entry & 1n) return refuse('the ELF has an odd entry point', 'instructions start at even addresses');
  return {
    ok: true,
    entry,
    segments: headers.map(({ address, data, bytes: size, executable }) => ({ address, data, bytes: size, executable })),
    symbols,
    physical: (address) => {
      const header = headers.find(({ virtual, bytes: size }) => address >= virtual && address < virtual + BigInt(size));
      return header === undefined ? address : address - header.virtual + header.address;
    },
  };
}

const truncated = (what: string) =>
  refuse(`the ELF is truncated: ${what} past the end of the file`, 'copy or build the file again');

function checkHeader(bytes: Uint8Array, view: DataView): Refusal | undefined {
  if (bytes.length < HEADER.bytes) return truncated('its header goes');
  if (bytes[HEADER.class] !== CLASS_64) return refuse('the ELF is not a 64-bit one', BUILD_HINT);
  if (bytes[HEADER.data] !== LITTLE_ENDIAN) return refuse('the ELF is not little-endian', BUILD_HINT);
  const machine = view.getUint16(HEADER.machine, true);
  if (machine !== RISC_V) {
    return refuse(`the ELF is for another machine (${MACHINES[machine] ?? machine}), not RISC-V`, BUILD_HINT);
  }
  const type = view.getUint16(HEADER.type, true);
  if (type === Type.executable) return undefined;
  if (type === Type.relocatable) return refuse('the ELF is an object file', 'link it first, for example with ld');
  if (type === Type.shared) return refuse('the ELF is position-independent', 'link it with -static -no-pie');
  return refuse(`the ELF is of type ${type}, not an executable`, BUILD_HINT);
}

function loadHeaders(bytes: Uint8Array, view: DataView): readonly LoadHeader[] | Refusal {
  const start = view.getBigUint64(HEADER.programHeaders, true);
  const stride = view.getUint16(HEADER.programHeaderBytes, true);
  const count = view.getUint16(HEADER.programHeaderCount, true);
  if (count > MOST_PROGRAM_HEADERS) return refuse(`the ELF has ${count} program headers`, 'the file is damaged');
  if (count > 0 && stride !== PROGRAM.bytes) return refuse('the ELF has program headers of an unknown size');
  if (start + BigInt(count * stride) > BigInt(bytes.length)) return truncated('its program headers go');
  const headers: LoadHeader[] = [];
  for (let i = 0; i < count; i++) {
    const header = loadHeader(bytes, view, Number(start) + i * stride);
    if (header === undefined) continue;
    if ('ok' in header) return header;
    headers.push(header);
  }
  if (headers.length === 0) return refuse('the ELF has nothing to load', 'link it as an executable');
  return overlap(headers) ?? headers;
}

/** The segment of one program header; undefined for one that occupies no memory. */
function loadHeader(bytes: Uint8Array, view: DataView, at: number): LoadHeader | Refusal | undefined {
  const memoryBytes = view.getBigUint64(at + PROGRAM.memoryBytes, true);
  if (view.getUint32(at + PROGRAM.type, true) !== LOAD || memoryBytes === 0n) return undefined;
  const offset = view.getBigUint64(at + PROGRAM.offset, true);
  const fileBytes = view.getBigUint64(at + PROGRAM.fileBytes, true);
  if (offset + fileBytes > BigInt(bytes.length)) return truncated('a segment goes');
  if (memoryBytes < fileBytes) return refuse('a segment of the ELF is larger in the file than in memory');
  if (memoryBytes > LARGEST_SEGMENT) return refuse(`a segment of the ELF has ${memoryBytes} bytes`);
  return {
    address: view.getBigUint64(at + PROGRAM.physical, true),
    virtual: view.getBigUint64(at + PROGRAM.virtual, true),
    data: bytes.subarray(Number(offset), Number(offset + fileBytes)),
    bytes: Number(memoryBytes),
    executable: (view.getUint32(at + PROGRAM.flags, true) & EXECUTABLE) !== 0,
  };
}

function overlap(headers: readonly LoadHeader[]): Refusal | undefined {
  const sorted = [...headers].sort((a, b) => (a.address < b.address ? -1 : 1));
  for (const [i, { address, bytes }] of sorted.entries()) {
    const next = sorted[i + 1];
    if (next !== undefined && next.address < address + BigInt(bytes)) {
      return refuse(
        `segments of the ELF overlap at 0x${next.address.toString(HEX)}`,
        "check the linker script's addresses",
      );
    }
  }
  return undefined;
}

const HEX = 16;
