// What a boot loader does before the first instruction: image, initial RAM disk and device tree into RAM, and each
// hart's registers. A guest that starts in M-mode finds the reset state and brings its own firmware; one that starts in
// S-mode finds what OpenSBI leaves. RAM is zero before, so that nothing is cleared.

import { type ExtensionName, hasExtension } from '../../isa/extensions.ts';
import { FloatStatus, Mode, PMPCFG, PmpMatch } from '../../isa/layout.ts';
import type { PrivilegedState } from '../../isa/state.ts';
import type { Board } from './board.ts';
import { deviceTree } from './devicetree.ts';
import type { Segment } from './elf.ts';
import { firmwareInfo } from './firmware-info.ts';
import type { Image } from './image.ts';
import { inRam } from './ram.ts';
import { type Refusal, refuse } from './refusal.ts';
import { enterSupervisor } from './sbi-harts.ts';

export interface BootOptions {
  readonly image: Image;
  /** M-mode code that gets the reset; the image is then where it jumps. */
  readonly firmware?: Image;
  /** Overrides the mode that the image asks for; it has no meaning with a firmware, which gets M. */
  readonly mode?: EntryMode;
  /** The kernel's command line, as `chosen/bootargs`. */
  readonly append?: string;
  /** An initial RAM disk for the kernel: its place is told in `chosen`. */
  readonly initrd?: Uint8Array;
  /** The harts' `extensions` word, where they are to have fewer than there are. */
  readonly extensions?: bigint;
}

export type EntryMode = 'm' | 's';

export interface Booted {
  readonly ok: true;
  readonly mode: EntryMode;
  /** Guest-physical address of the device tree. */
  readonly deviceTree: bigint;
}

const A0 = 10;
const A1 = 11;
const A2 = 12;
/** As QEMU places the device tree: aligned, and below an address that every kernel maps early. */
const TREE_ALIGNMENT = 0x20_0000n;
const TREE_LIMIT = 0xc000_0000n;
const SMALL_ALIGNMENT = 0x1000n;
/** What is kept free in front of the tree for what firmware is told: the tree's other end grows as firmware edits it. */
const INFO_ROOM = SMALL_ALIGNMENT;

/** Places everything and sets the harts off. The harts are as after reset. */
export function boot(board: Board, options: BootOptions): Booted | Refusal {
  const { image, firmware, mode, extensions } = options;
  const images = firmware === undefined ? [image] : [firmware, image];
  const segments = images.flatMap((each) => each.segments);
  const misfit = refuseMisfits(board, segments);
  if (misfit !== undefined) return misfit;
  if (extensions !== undefined) for (const state of board.harts) state.equip(extensions);
  const places = placeTreeAndDisk(board, segments, options);
  if (!places.ok) return places;
  const { treeAt, tree, initrd } = places;
  for (const { address, data } of initrd === undefined ? segments : [...segments, initrd]) {
    if (data.length > 0) board.ram.copyIn(address, data);
  }
  board.ram.copyIn(treeAt, tree);
  const first = firmware ?? image;
  const infoAt = treeAt - INFO_ROOM;
  if (firmware !== undefined) board.ram.copyIn(infoAt, firmwareInfo(image.entry));
  const entryMode = firmware === undefined ? (mode ?? image.mode) : 'm';
  for (const [index, state] of board.harts.entries()) {
    if (entryMode === 'm') enterMachine(state, first.entry, BigInt(index), treeAt);
    else startUnderSbi(board, state, index, { entry: first.entry, tree: treeAt });
    if (firmware !== undefined) state.setX(A2, infoAt);
  }
  return { ok: true, mode: entryMode, deviceTree: treeAt };
}

/** Refuses images that leave RAM or overlap. */
function refuseMisfits({ ram }: Board, segments: readonly Segment[]): Refusal | undefined {
  const outside = segments.find(({ address, bytes }) => !inRam(ram, address, bytes));
  if (outside !== undefined) {
    const range = `${hex(outside.address)} to ${hex(outside.address + BigInt(outside.bytes))}`;
    const limits = `${hex(ram.base)} to ${hex(ram.base + BigInt(ram.bytes))}`;
    const tooLow = outside.address < ram.base;
    // GNU ld puts a page with the ELF header in front, unless -n tells it not to.
    const hint = tooLow
      ? `link it at ${hex(ram.base)}, with ld -n`
      : 'give the guest more --memory, or link the image lower';
    return refuse(`the image does not fit RAM: it occupies ${range}, RAM is ${limits}`, hint);
  }
  const sorted = [...segments].sort((a, b) => (a.address < b.address ? -1 : 1));
  const overlaps = sorted.some((segment, i) => {
    const next = sorted[i + 1];
    return next !== undefined && next.address < segment.address + BigInt(segment.bytes);
  });
  return overlaps ? refuse('the firmware and the image overlap', 'link the image behind the firmware') : undefined;
}

interface Places {
  readonly ok: true;
  readonly tree: Uint8Array;
  readonly treeAt: bigint;
  readonly initrd: Segment | undefined;
}

/** The disk where QEMU would put it or, in a small RAM, behind the image; the tree, which tells its place, above. */
function placeTreeAndDisk(board: Board, segments: readonly Segment[], options: BootOptions): Places | Refusal {
  const { image, firmware, append, initrd: data } = options;
  const room = firmware === undefined ? 0n : INFO_ROOM;
  const disks = data === undefined ? [undefined] : diskPlaces(board, image, segments, data);
  let treeBytes = 0;
  for (const initrd of disks) {
    const tree = deviceTree(board, append, initrd);
    const treeAt = placeTree(board, initrd === undefined ? segments : [...segments, initrd], tree.length, room);
    if (treeAt !== undefined) return { ok: true, tree, treeAt, initrd };
    treeBytes = tree.length;
  }
  const disk = data === undefined ? '' : `, and the initial RAM disk (${data.length} bytes),`;
  return refuse(
    `no room for the device tree (${treeBytes} bytes)${disk} beside the image`,
    'give the guest more --memory',
  );
}

/** Half of RAM behind the kernel, but no more than this, as on QEMU. */
const DISK_DISTANCE = 0x800_0000n;

function diskPlaces(
  { ram }: Board,
  { entry }: Image,
  segments: readonly Segment[],
  data: Uint8Array,
): readonly Segment[] {
  const half = BigInt(Math.floor(ram.bytes / 2));
  const end = segments.reduce((highest, { address, bytes }) => {
    const behind = address + BigInt(bytes);
    return behind > highest ? behind : highest;
  }, ram.base);
  const distant = entry + (half < DISK_DISTANCE ? half : DISK_DISTANCE);
  return [distant > end ? distant : end, end].map((at) => {
    const address = ((at + SMALL_ALIGNMENT - 1n) / SMALL_ALIGNMENT) * SMALL_ALIGNMENT;
    return { address, data, bytes: data.length, executable: false };
  });
}

/** As high as fits, with that much room in front: where QEMU would put it, or, in a small RAM, right at the end. */
function placeTree({ ram }: Board, segments: readonly Segment[], bytes: number, room: bigint): bigint | undefined {
  const end = ram.base + BigInt(ram.bytes);
  const below = (limit: bigint, alignment: bigint) => limit - BigInt(bytes) - ((limit - BigInt(bytes)) % alignment);
  const lowerEnd = end < TREE_LIMIT ? end : TREE_LIMIT;
  const candidates = [below(lowerEnd, TREE_ALIGNMENT), below(end, SMALL_ALIGNMENT)];
  return candidates.find(
    (at) =>
      inRam(ram, at - room, bytes) && segments.every((segment) => segment.address + BigInt(segment.bytes) <= at - room),
  );
}

function enterMachine(state: PrivilegedState, entry: bigint, hart: bigint, tree: bigint): void {
  state.mode = BigInt(Mode.M);
  state.pc = entry;
  state.setX(A0, hart);
  state.setX(A1, tree);
}

/** Exceptions 0 to 8, 12, 13 and 15: all that exist but the calls from S and M, which the SBI answers. */
const DELEGATED_EXCEPTIONS = 0xb1ffn;
/** The supervisor's software, timer and external interrupts. */
const DELEGATED_INTERRUPTS = 0x222n;
/** Of menvcfg.CBIE: cbo.inval may invalidate. */
const INVALIDATES = 3n;
/** cycle, time and instret. */
const COUNTERS = 0x7n;
/** One PMP entry that opens all of memory: an address of all ones, matched as a power of two. */
const EVERYWHERE = (1n << 54n) - 1n;
const OPEN = BigInt((PmpMatch.NAPOT << PMPCFG.A[1]) | (1 << PMPCFG.R) | (1 << PMPCFG.W) | (1 << PMPCFG.X));

/**
 * What OpenSBI leaves a kernel, with one simplification that a guest cannot tell but by counting steps: exceptions
 * that OpenSBI takes and passes on to S-mode are delegated to it directly.
 */
function startUnderSbi(
  board: Board,
  state: PrivilegedState,
  hart: number,
  { entry, tree }: { readonly entry: bigint; readonly tree: bigint },
): void {
  state.medeleg = DELEGATED_EXCEPTIONS;
  state.mideleg = DELEGATED_INTERRUPTS;
  state.mcounteren.bits = COUNTERS;
  state.scounteren.bits = COUNTERS;
  // The SBI's timer works by it even on a hart whose kernel has no Sstc.
  state.menvcfg.STCE = 1n;
  const has = (name: ExtensionName) => hasExtension(state.extensions.bits, name);
  if (has('Zicbom')) {
    state.menvcfg.CBIE = INVALIDATES;
    state.menvcfg.CBCFE = 1n;
  }
  if (has('Zicboz')) state.menvcfg.CBZE = 1n;
  if (has('F')) state.mstatus.FS = BigInt(FloatStatus.Dirty);
  state['pmpaddr0'] = EVERYWHERE;
  state.pmpcfg0 = OPEN;
  enterSupervisor(state, entry, BigInt(hart), tree);
  // The first hart starts the others by the SBI's HSM.
  if (hart > 0) board.activity[hart] = 'stopped';
  board.timersChanged(hart);
}

const HEX = 16;
const hex = (value: bigint) => `0x${value.toString(HEX)}`;
