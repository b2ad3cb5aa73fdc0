// The state of one hart as a flat block of 64-bit words, and the bit fields in them. A real hart and a virtual CPU
// have the same block, so a definition that runs on one runs on the other. CSRs that are views of another word
// (`sstatus` of `mstatus`) have no word of their own; csrs.ts names them. Words are kept for the H extension.

import { EXTENSION_BITS } from './extensions.ts';

/** A bit position, or `[high, low]`. */
export type Bits = number | readonly [high: number, low: number];

export const Mode = { U: 0, S: 1, M: 3 } as const;
export type Mode = (typeof Mode)[keyof typeof Mode];

/** satp.MODE (norm:satp_mode_op_unsupported: others void the write). */
export const TranslationMode = { Bare: 0, Sv39: 8, Sv48: 9 } as const;

/** mstatus.FS (norm:mstatus_fs_vs_xs_enc). */
export const FloatStatus = { Off: 0, Initial: 1, Clean: 2, Dirty: 3 } as const;

/** Of a cache, as Zicbom and Zicboz see it. */
export const BLOCK_BYTES = 64;

export const PMP_ENTRIES = 16;
const numbered = <const P extends string>(prefix: P, count: number) =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}` as const);

/** In order: the index in this list is the word's index in the block. */
const names = [
  ...numbered('x', 32),
  ...numbered('f', 32),
  'pc', // of the next instruction
  'mode', // the current privilege
  'virtualization', // V, for the H extension; 0
  'reservation', // physical address of the load reservation, or NO_RESERVATION
  'steps', // retired instructions and traps taken by this hart; derived counters add their base
  'retired', // retired instructions
  'stepsInU',
  'stepsInS',
  'stepsInM',
  'lines', // interrupt wires into this hart, as bits of mip; the board drives them
  'mhartid',
  'misa',
  'mstatus',
  'medeleg',
  'mideleg',
  'mie',
  'mip', // the bits that software set; a read of the CSR adds the wires
  'mtvec',
  'mscratch',
  'mepc',
  'mcause',
  'mtval',
  'mcounteren',
  'mcountinhibit',
  'mcycle', // added to `steps`; the value itself while inhibited
  'minstret', // added to `retired`; the value itself while inhibited
  'menvcfg',
  'pmpcfg0',
  'pmpcfg2',
  ...numbered('pmpaddr', PMP_ENTRIES),
  'stvec',
  'sscratch',
  'sepc',
  'scause',
  'stval',
  'scounteren',
  'senvcfg',
  'satp',
  'stimecmp',
  'fcsr',
  'extensions', // which of the extensions that the machine has this hart has
  ...numbered('reservedForH', 24),
] as const;

export type WordName =
  | Exclude<(typeof names)[number], `${'x' | 'f' | 'pmpaddr' | 'reservedForH'}${number}`>
  | `pmpaddr${number}`;

/** The names of all words, by index. */
export const WORD_NAMES: readonly string[] = names;
export const WORDS = names.length;
/** Index of a word by name. */
export const WORD = Object.fromEntries(names.map((name, index) => [name, index])) as Readonly<Record<WordName, number>>;
/** The same for a name that is computed. */
export const wordIndex = (name: WordName): number => WORD[name] as number;
/** Word of integer register 0. */
export const X0 = 0;
/** Of each register file, the word of its register 0. */
export const FILE_WORDS = { x: X0, f: 32 } as const;

export const NO_RESERVATION = (1n << 64n) - 1n;

/** Bit fields, by the manual's names. Words not listed here are used whole. */
export const FIELDS = {
  mstatus: {
    SIE: 1,
    MIE: 3,
    SPIE: 5,
    MPIE: 7,
    SPP: 8,
    MPP: [12, 11],
    FS: [14, 13],
    MPRV: 17,
    SUM: 18,
    MXR: 19,
    TVM: 20,
    TW: 21,
    TSR: 22,
    UXL: [33, 32],
    SXL: [35, 34],
    SD: 63,
  },
  mip: { SSIP: 1, MSIP: 3, STIP: 5, MTIP: 7, SEIP: 9, MEIP: 11 },
  mie: { SSIE: 1, MSIE: 3, STIE: 5, MTIE: 7, SEIE: 9, MEIE: 11 },
  lines: { SSI: 1, MSI: 3, STI: 5, MTI: 7, SEI: 9, MEI: 11 },
  mtvec: { BASE: [63, 2], MODE: [1, 0] },
  stvec: { BASE: [63, 2], MODE: [1, 0] },
  mcounteren: { CY: 0, TM: 1, IR: 2 },
  scounteren: { CY: 0, TM: 1, IR: 2 },
  mcountinhibit: { CY: 0, IR: 2 },
  menvcfg: { FIOM: 0, CBIE: [5, 4], CBCFE: 6, CBZE: 7, ADUE: 61, STCE: 63 },
  senvcfg: { FIOM: 0, CBIE: [5, 4], CBCFE: 6, CBZE: 7 },
  extensions: EXTENSION_BITS,
  satp: { MODE: [63, 60], ASID: [59, 44], PPN: [43, 0] },
  fcsr: { FFLAGS: [4, 0], FRM: [7, 5] },
} as const satisfies Partial<Record<WordName, Record<string, Bits>>>;
export type FieldWord = keyof typeof FIELDS;

/** The bits of a page-table entry of Sv39 and Sv48 (norm:Sv39_pte_sz). `reserved` covers bits 60:54, Svpbmt's and Svnapot's. */
export const PTE = {
  V: 0,
  R: 1,
  W: 2,
  X: 3,
  U: 4,
  G: 5,
  A: 6,
  D: 7,
  PPN: [53, 10],
  reserved: [63, 54],
} as const satisfies Record<string, Bits>;

/** One byte of `pmpcfg` (norm:pmp_a_field_encoding). */
export const PMPCFG = { R: 0, W: 1, X: 2, A: [4, 3], L: 7 } as const satisfies Record<string, Bits>;
export const PmpMatch = { OFF: 0, TOR: 1, NA4: 2, NAPOT: 3 } as const;

/** A field with its masks computed once: `1n << n` on each access would double the reference's time. */
export interface Field {
  readonly name: string;
  readonly high: number;
  readonly low: number;
  /** `low` as a bigint shift. */
  readonly shift: bigint;
  /** Ones as wide as the field, at bit 0. */
  readonly ones: bigint;
  /** The field's bits in place, and all others. */
  readonly mask: bigint;
  readonly others: bigint;
}

const ALL = (1n << 64n) - 1n;

export function field(name: string, bits: Bits): Field {
  const [high, low] = typeof bits === 'number' ? [bits, bits] : bits;
  const ones = (1n << BigInt(high - low + 1)) - 1n;
  const mask = ones << BigInt(low);
  return { name, high, low, shift: BigInt(low), ones, mask, others: ALL ^ mask };
}

export function fieldsOf<const T extends Record<string, Bits>>(table: T): Readonly<Record<keyof T, Field>> {
  return Object.fromEntries(Object.entries(table).map(([name, bits]) => [name, field(name, bits)])) as Record<
    keyof T,
    Field
  >;
}
