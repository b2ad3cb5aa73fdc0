// What a random sequence starts with: mode, registers, CSRs, and page tables of every kind, the broken ones included.
// Chances are such that most sequences run for a while, and that each check of the manual fails now and then.

import { floatControl, floatValue } from './float-values.ts';
import { ADDRESS, FOLDED } from './harness.ts';
import {
  CSR_ORDER,
  csrOffset,
  FCSR_OFFSET,
  floatOffset,
  HARNESS,
  PAGE,
  REGION,
  registerOffset,
  type SavedCsr,
} from './layout.ts';
import { RAM_BASE } from './qemu.ts';
import type { Random } from './random.ts';

export const MODES = ['U', 'S', 'M'] as const;
export type ModeName = (typeof MODES)[number];
const MPP = { U: 0n, S: 1n, M: 3n } as const;
const MPP_SHIFT = 11n;
const PAGE_SHIFT = 12n;
const SV39 = 8n;

/** Registers that hold pointers to data, so that loads and stores often find something: sp, s0, s1, a0, a1. */
export const POINTER_REGISTERS = [2, 8, 9, 10, 11] as const;

/** Bits of mstatus that a sequence may start with, and how often, in percent. */
const STATUS_CHANCES: Readonly<Record<string, readonly [bit: bigint, percent: number]>> = {
  SIE: [1n, 30],
  SPIE: [5n, 50],
  MPIE: [7n, 30],
  SPP: [8n, 50],
  SUM: [18n, 50],
  MXR: [19n, 40],
  TVM: [20n, 15],
  TW: [21n, 15],
  TSR: [22n, 15],
};
const MPRV = 1n << 17n;
const FS_SHIFT = 13n;

const PTE = { V: 1n, R: 2n, W: 4n, X: 8n, U: 16n, G: 32n, A: 64n, D: 128n } as const;
const PTE_PPN_SHIFT = 10n;
/** Entries of the leaf table that have a purpose; others are random. */
const LEAF = { code: 0, data: 2, handler: 4, random: 5, used: 16 } as const;
/** A NAPOT entry of pmpcfg, without permissions and with all. */
const NAPOT = 0x18n;
const ALL_PERMISSIONS = 0x7n;
const PMP_EVERYTHING = (1n << 54n) - 1n;
const RANDOM_PMP_ENTRIES = 4;
const ECALL_FROM_S = 1n << 9n;
const S_INTERRUPTS = 0x222n;
const EXCEPTIONS = 0xb3ffn;
const MIE_BITS = 0xaaan;

export interface Start {
  readonly mode: ModeName;
  readonly translated: boolean;
  /** Where the code lies for the program counter. */
  readonly pc: bigint;
  /** Offset of the first instruction in the code's pages. */
  readonly codeOffset: number;
}

/** Fills the registers and page tables of a region at physical address `region`. */
export function randomStart(random: Random, region: bigint, bytes: Uint8Array): Start {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const mode = random.weighted({ U: 35, S: 35, M: 30 }) as ModeName;
  const satpOn = random.chance(70);
  const translated = satpOn && mode !== 'M';
  const window = randomWindow(random);
  const virtual = (offset: number) => window + BigInt(offset);
  const codeOffset = random.chance(80) ? 0 : PAGE - 2 * random.between(1, 30);
  const pc = (translated ? virtual(LEAF.code * PAGE) : region + BigInt(REGION.code)) + BigInt(codeOffset);
  const handler = translated ? virtual(LEAF.handler * PAGE) : ADDRESS.handler;
  for (let i = 0; i < 2 * PAGE; i += 4) view.setUint32(REGION.data + i, random.word(), true);
  pageTables(random, region, view, window, mode);

  const randomPointer = () => pointer(random, region, mode === 'M' ? random.chance(20) : translated, virtual);
  for (let x = 1; x < 32; x++) view.setBigUint64(registerOffset(x), value(random, randomPointer), true);
  for (const x of POINTER_REGISTERS) view.setBigUint64(registerOffset(x), randomPointer(), true);
  view.setBigUint64(registerOffset(FOLDED), 0n, true);

  for (let f = 0; f < 32; f++) view.setBigUint64(floatOffset(f), floatValue(random), true);
  view.setBigUint64(FCSR_OFFSET, floatControl(random), true);

  const csrs = randomCsrs(random, { region, mode, satpOn, pc, handler });
  for (const [index, name] of CSR_ORDER.entries()) view.setBigUint64(csrOffset(index), csrs[name], true);
  return { mode, translated, pc, codeOffset };
}

/** A canonical virtual address of a 2 MiB range, in either half. */
function randomWindow(random: Random): bigint {
  const vpn2 = BigInt(random.between(3, 511));
  const vpn1 = BigInt(random.below(512));
  return BigInt.asUintN(64, BigInt.asIntN(39, (vpn2 << 30n) | (vpn1 << 21n)));
}

function pointer(random: Random, region: bigint, translated: boolean, virtual: (offset: number) => bigint): bigint {
  // Near the end of the first page of data, so that accesses straddle, one time in five.
  const within = random.chance(20) ? PAGE - random.below(16) : random.below(2 * PAGE - 64);
  const aligned = random.chance(75) ? within & ~7 : within;
  const data = translated ? virtual(LEAF.data * PAGE + aligned) : region + BigInt(REGION.data + aligned);
  if (!translated || random.chance(75)) return data;
  return virtual(random.between(LEAF.random, LEAF.used - 1) * PAGE + aligned);
}

function value(random: Random, randomPointer: () => bigint): bigint {
  const kind = random.weighted({ wide: 30, small: 25, edge: 15, pointer: 20, status: 10 });
  if (kind === 'wide') return random.double();
  if (kind === 'small') return BigInt.asUintN(64, BigInt(random.between(-40, 40)));
  if (kind === 'pointer') return randomPointer();
  if (kind === 'status') return random.double() & 0x7e_1922n;
  const edge = random.pick([0n, 1n << 63n, (1n << 63n) - 1n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, ~0n]);
  return BigInt.asUintN(64, edge);
}

interface Where {
  readonly region: bigint;
  readonly mode: ModeName;
  readonly satpOn: boolean;
  readonly pc: bigint;
  readonly handler: bigint;
}

function randomCsrs(random: Random, { region, mode, satpOn, pc, handler }: Where): Record<SavedCsr, bigint> {
  let mstatus = MPP[mode] << MPP_SHIFT;
  for (const [bit, percent] of Object.values(STATUS_CHANCES)) if (random.chance(percent)) mstatus |= 1n << bit;
  if (mode === 'M' && random.chance(30)) mstatus |= MPRV;
  mstatus |= BigInt(random.weighted({ 0: 10, 1: 15, 2: 15, 3: 60 })) << FS_SHIFT;
  const delegation = random.weighted({ all: 45, none: 25, some: 30 });
  const delegated = { all: EXCEPTIONS & ~ECALL_FROM_S, none: 0n, some: random.double() & EXCEPTIONS }[delegation];
  const interrupts = random.chance(25);
  const root = (region + BigInt(REGION.root)) >> PAGE_SHIFT;
  const csrs: Partial<Record<SavedCsr, bigint>> = {
    mtvec: ADDRESS.trap,
    mstatus,
    satp: satpOn ? (SV39 << 60n) | (BigInt(random.below(1 << 16)) << 44n) | root : 0n,
    medeleg: delegated,
    mideleg: random.chance(60) ? S_INTERRUPTS : random.double() & S_INTERRUPTS,
    mie: interrupts ? random.double() & MIE_BITS : 0n,
    mip: random.chance(25) ? random.double() & S_INTERRUPTS : 0n,
    mepc: pc,
    mcause: 0n,
    mtval: 0n,
    mcounteren: BigInt(random.below(8)),
    stvec: random.chance(90) ? handler : handler | 1n,
    scounteren: BigInt(random.below(8)),
    sscratch: random.double(),
    sepc: random.chance(50) ? pc + BigInt(2 * random.below(40)) : random.double() & ~1n,
    scause: random.double(),
    stval: random.double(),
    pmpaddr4: PMP_EVERYTHING,
    ...randomProtection(random, region),
  };
  return csrs as Record<SavedCsr, bigint>;
}

/** Four entries around the data, and a last one that opens everything. */
function randomProtection(random: Random, region: bigint): Partial<Record<SavedCsr, bigint>> {
  const open = NAPOT | (random.chance(97) ? ALL_PERMISSIONS : 0n);
  let pmpcfg0 = open << BigInt(8 * RANDOM_PMP_ENTRIES);
  const csrs: Partial<Record<SavedCsr, bigint>> = {};
  const active = random.chance(25);
  for (let entry = 0; entry < RANDOM_PMP_ENTRIES; entry++) {
    const at = (region + BigInt(REGION.data + random.below(2 * PAGE))) >> 2n;
    // Trailing ones are a NAPOT entry's size.
    const size = (1n << BigInt(random.below(8))) - 1n;
    csrs[`pmpaddr${entry}` as SavedCsr] = random.chance(60) ? at | size : at;
    if (active) pmpcfg0 |= BigInt(legalConfig(random.below(32))) << BigInt(8 * entry);
  }
  return { ...csrs, pmpcfg0 };
}

/** W without R is reserved. */
export const legalConfig = (config: number) => ((config & 3) === 2 ? config & ~2 : config);

function pageTables(random: Random, region: bigint, view: DataView, window: bigint, mode: ModeName): void {
  const set = (table: number, index: number, pte: bigint) => view.setBigUint64(table + 8 * index, pte, true);
  const index = (level: number) => Number((window >> (PAGE_SHIFT + 9n * BigInt(level))) & 511n);
  const frame = (offset: number) => (region + BigInt(offset)) >> PAGE_SHIFT;
  const user = mode === 'U';
  const isUser = (percent: number) => (random.chance(percent) === user ? PTE.U : 0n);

  // The whole of RAM, where a sequence in M that returns to S finds its code again.
  const gigapage = (RAM_BASE >> PAGE_SHIFT) + (random.chance(10) ? 1n << BigInt(random.below(18)) : 0n);
  if (random.chance(80)) set(REGION.root, 2, leaf(random, gigapage, isUser(80), true));
  set(REGION.root, index(2), table(random, frame(REGION.middle)));
  for (let i = 0; i < 8; i++) set(REGION.middle, random.below(512), megapage(random, region, isUser(80)));
  set(REGION.middle, index(1), table(random, frame(REGION.leaf)));

  for (let i = LEAF.random; i < LEAF.used; i++) {
    const target = random.pick([REGION.code, REGION.data, REGION.data + PAGE]);
    set(REGION.leaf, i, anything(random, frame(target)));
  }
  for (let i = 0; i < 2; i++) {
    set(REGION.leaf, LEAF.code + i, leaf(random, frame(REGION.code + i * PAGE), isUser(95), true));
    set(REGION.leaf, LEAF.data + i, leaf(random, frame(REGION.data + i * PAGE), isUser(80), false));
  }
  const handler = (RAM_BASE + BigInt(HARNESS.handler)) >> PAGE_SHIFT;
  set(REGION.leaf, LEAF.handler, (handler << PTE_PPN_SHIFT) | PTE.V | PTE.R | PTE.X | PTE.A);
}

function flag(random: Random, bit: bigint, percent: number): bigint {
  return random.chance(percent) ? bit : 0n;
}

function leaf(random: Random, frame: bigint, user: bigint, code: boolean): bigint {
  const access = flag(random, PTE.R, 90) | flag(random, PTE.W, 75) | flag(random, PTE.X, code ? 97 : 15);
  const rest = flag(random, PTE.G, 20) | flag(random, PTE.A, 70) | flag(random, PTE.D, 60);
  return spoiled(random, (frame << PTE_PPN_SHIFT) | PTE.V | access | rest | user);
}

/** An entry that points to the next table. */
function table(random: Random, frame: bigint): bigint {
  return spoiled(random, (frame << PTE_PPN_SHIFT) | PTE.V | flag(random, PTE.G, 10));
}

/** Now and then one bit is wrong, reserved ones included. */
function spoiled(random: Random, pte: bigint): bigint {
  return random.chance(97)
    ? pte
    : pte ^ (1n << BigInt(random.pick([0, 1, 2, 3, 4, 6, 7, 8, 9, 53, 54, 60, 61, 62, 63])));
}

function megapage(random: Random, region: bigint, user: bigint): bigint {
  const aligned = (region >> PAGE_SHIFT) & ~511n;
  return leaf(random, random.chance(70) ? aligned : aligned | (1n << BigInt(random.below(9))), user, true);
}

function anything(random: Random, frame: bigint): bigint {
  const kind = random.weighted({ flags: 80, nowhere: 10, garbage: 10 });
  if (kind === 'garbage') return random.double();
  const target = kind === 'nowhere' ? random.double() & ((1n << 44n) - 1n) : frame;
  return spoiled(random, (target << PTE_PPN_SHIFT) | BigInt(random.below(256)) | flag(random, PTE.V, 90));
}
