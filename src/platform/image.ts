// What can be booted: an ELF, a Linux `Image` (docs.kernel.org, "RISC-V Boot image header"), or raw bytes; told apart
// by their magic numbers. A file that claims to be one of the first two and is not usable is refused with a reason.
// Left out: whether the image fits the RAM of a guest, which boot.ts sees to.

import { readElf, type Segment } from './elf.ts';
import type { ImageSymbol } from './elf-symbols.ts';
import { KERNEL_BASE, RAM_BASE } from './memory-map.ts';
import { type Refusal, refuse } from './refusal.ts';

export interface Image {
  readonly format: 'elf' | 'linux' | 'raw';
  /** Guest-physical. */
  readonly entry: bigint;
  readonly segments: readonly Segment[];
  readonly symbols: readonly ImageSymbol[];
  /** Where a store ends the run, if the image has a symbol of that name. */
  readonly tohost?: bigint;
  /** The privilege that it starts in, unless the user says otherwise: S under the SBI, or M. */
  readonly mode: 'm' | 's';
}

export interface Loaded {
  readonly ok: true;
  readonly image: Image;
}

export interface LoadOptions {
  /** A firmware is below: raw bytes then load behind it. */
  readonly behindFirmware?: boolean;
}

/** Linux's header: 64 bytes, all numbers little-endian. */
const LINUX = { imageSize: 16, flags: 24, magic: 56, bytes: 64 } as const;
const LINUX_MAGIC = 0x0543_5352; // 'RSC\x05'
const LINUX_BIG_ENDIAN = 1n;
const ELF_MAGIC = [0x7f, 0x45, 0x4c, 0x46];
const TOHOST = 'tohost';

export function loadImage(bytes: Uint8Array, { behindFirmware = false }: LoadOptions = {}): Loaded | Refusal {
  if (bytes.length === 0) return refuse('the file is empty');
  if (ELF_MAGIC.every((byte, i) => bytes[i] === byte)) return loadElf(bytes);
  if (isLinux(bytes)) return loadLinux(bytes);
  const entry = behindFirmware ? KERNEL_BASE : RAM_BASE;
  return bare('raw', { address: entry, data: bytes, bytes: bytes.length, executable: true });
}

/** Images that start where kernels do, or above, count on firmware below them; others are their own. */
const modeAt = (entry: bigint) => (entry < KERNEL_BASE ? 'm' : 's');

const loaded = (image: Image): Loaded => ({ ok: true, image });

const bare = (format: 'linux' | 'raw', segment: Segment): Loaded =>
  loaded({
    format,
    entry: segment.address,
    segments: [segment],
    symbols: [],
    mode: modeAt(segment.address),
  });

function loadElf(bytes: Uint8Array): Loaded | Refusal {
  const elf = readElf(bytes);
  if (!elf.ok) return elf;
  const { segments, symbols } = elf;
  const entry = elf.physical(elf.entry);
  const image: Image = { format: 'elf', entry, segments, symbols, mode: modeAt(entry) };
  const tohost = symbols.find(({ name }) => name === TOHOST);
  return loaded(tohost === undefined ? image : { ...image, tohost: elf.physical(tohost.value) });
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function isLinux(bytes: Uint8Array): boolean {
  return bytes.length >= LINUX.bytes && viewOf(bytes).getUint32(LINUX.magic, true) === LINUX_MAGIC;
}

function loadLinux(bytes: Uint8Array): Loaded | Refusal {
  const view = viewOf(bytes);
  if (view.getBigUint64(LINUX.flags, true) & LINUX_BIG_ENDIAN) {
    return refuse('the Linux image is big-endian', 'build it for little-endian RV64');
  }
  const size = view.getBigUint64(LINUX.imageSize, true);
  if (size > BigInt(Number.MAX_SAFE_INTEGER)) return refuse(`the Linux image claims to occupy ${size} bytes`);
  return bare('linux', {
    address: KERNEL_BASE,
    data: bytes,
    bytes: Math.max(Number(size), bytes.length),
    executable: true,
  });
}
