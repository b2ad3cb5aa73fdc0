// What random programs are made of: operations as lines of assembly, each made from one seed. Pointers stay as they
// are, so that a program lasts; what faults is skipped, or ends the piece, as the prelude's handlers do.

import type { Random } from '../../peers/qemu/random.ts';
import {
  CODE,
  CODE_FRAMES,
  CODE_PAGES,
  DATA,
  DATA_FRAMES,
  entryOf,
  LEAVES,
  leafOf,
  MIDDLES,
  originalEntry,
  PAGE,
  PTE,
  RAM,
  ROOTS,
  SUPERPAGE,
  TABLES,
  WINDOW,
} from './layout.ts';
import { asData, FREE, plainWord, shortWord } from './words.ts';

/** Registers that hold pointers: to data, to the same or other data, to code as it is run and as it is written. */
export const POINTER = { data: 's2', other: 's3', run: 's4', write: 's5' } as const;

/** A function begins at each of these slots of a code frame; all else of it is returns. */
export const SLOT_BYTES = 128;
export const USED_SLOTS = [0, 1, 2, 3, 30, 31] as const;
const SLOTS = PAGE / SLOT_BYTES;

export interface Context {
  readonly random: Random;
  /** A label that nothing else has. */
  label(): string;
  /** A label of an operation of the piece, whose code may be changed. */
  place(): string;
  /** A line to be run in M-mode when the piece is over. */
  atEnd(line: string): void;
  /** Where the piece reaches a physical address of a page table. */
  reach(address: number): number;
}

const register = ({ random }: Context) => `x${random.pick(FREE)}`;
const hex = (value: number | bigint) => `0x${value.toString(16)}`;
const pointer = ({ random }: Context) => random.pick([POINTER.data, POINTER.data, POINTER.other]);

/** Offsets that are often near the ends of the pointer's page, and often not aligned. */
function offset({ random }: Context): number {
  const near = random.pick([0, 0, 16, 64, 1000, -8, -1, -2048, 2040, 2047]);
  return Math.max(-2048, Math.min(2047, near + random.between(-8, 8) * random.pick([1, 8])));
}

const LOADS = ['lb', 'lbu', 'lh', 'lhu', 'lw', 'lwu', 'ld', 'ld'];
const STORES = ['sb', 'sh', 'sw', 'sd', 'sd'];
const AMOS = ['amoadd', 'amoswap', 'amoxor', 'amoand', 'amoor', 'amomin', 'amomaxu'];
const BRANCHES = ['beq', 'bne', 'blt', 'bge', 'bltu', 'bgeu'];
const COUNTERS = ['cycle', 'instret', 'time', 'mcycle', 'minstret', 'cycle', 'instret', 'hpmcounter3'];
const READ = ['sstatus', 'mstatus', 'sip', 'mip', 'sie', 'satp', 'scause', 'stval', 'sepc', 'mepc', 'mcause', 'misa'];
const PERMISSIONS = [
  0xcf, 0xcf, 0xcb, 0xc7, 0xc3, 0xc9, 0xdf, 0xd7, 0xdb, 0x4f, 0x0f, 0x07, 0x8f, 0xcd, 0xce, 0x01, 0, 0xd1,
];

const load = (c: Context) => [`${c.random.pick(LOADS)} ${register(c)}, ${offset(c)}(${pointer(c)})`];
const store = (c: Context) => [`${c.random.pick(STORES)} ${register(c)}, ${offset(c)}(${pointer(c)})`];

export type OperationKind = keyof typeof OPERATIONS;

export const OPERATIONS = {
  plain: ({ random }: Context) => [asData(plainWord(random))],
  short: ({ random }: Context) => [asData(shortWord(random))],
  load,
  store,
  /** To any of the data frames, by a register that the program computes. */
  wander(c: Context) {
    const [at, from] = [register(c), register(c)];
    const access = c.random.chance(50)
      ? `${c.random.pick(LOADS)} ${register(c)}, 0(${at})`
      : `${c.random.pick(STORES)} ${register(c)}, 0(${at})`;
    return [
      `li ${at}, ${DATA_FRAMES * PAGE - 1}`,
      `and ${at}, ${at}, ${from}`,
      `add ${at}, ${at}, ${pointer(c)}`,
      access,
    ];
  },
  /** The pointer moves to the next page, or back. */
  stride(c: Context) {
    const p = pointer(c);
    const skip = c.label();
    return [
      `li t0, ${c.random.pick([PAGE, -PAGE, 8, 2 * PAGE])}`,
      `add ${p}, ${p}, t0`,
      `li t1, ${(DATA_FRAMES - 1) * PAGE}`,
      `and t1, ${p}, t1`,
      `bnez t1, ${skip}`,
      `xori ${p}, ${p}, ${c.random.pick([8, 0x100, 4, 1])}`,
      `${skip}:`,
    ];
  },
  atomic(c: Context) {
    const width = c.random.pick(['w', 'd']);
    const name = c.random.pick(AMOS);
    return [
      `addi t2, ${pointer(c)}, ${c.random.pick([0, 8, 24, 4, 2040, 3])}`,
      `${name}.${width} ${register(c)}, ${register(c)}, (t2)`,
    ];
  },
  reservation(c: Context) {
    const width = c.random.pick(['w', 'd']);
    const at = c.random.pick([0, 8, 16]);
    const between = c.random.pick([
      'nop',
      'csrr t0, time',
      `sd t0, ${at}(${POINTER.data})`,
      'ecall',
      'fence',
      asData(plainWord(c.random)),
    ]);
    return [
      `addi t2, ${POINTER.data}, ${at}`,
      `lr.${width} t3, (t2)`,
      between,
      `addi t2, ${pointer(c)}, ${c.random.chance(80) ? at : 8}`,
      `sc.${width} ${register(c)}, ${register(c)}, (t2)`,
    ];
  },
  branch(c: Context) {
    const to = c.label();
    const lines = Array.from({ length: c.random.between(1, 3) }, () => asData(plainWord(c.random)));
    return [`${c.random.pick(BRANCHES)} ${register(c)}, ${register(c)}, ${to}`, ...lines, `${to}:`];
  },
  /** A short loop inside the piece's own. */
  loop(c: Context) {
    const again = c.label();
    const lines = Array.from({ length: c.random.between(1, 4) }, () =>
      c.random.chance(60) ? [asData(plainWord(c.random))] : c.random.chance(50) ? load(c) : store(c),
    );
    return [
      `li s7, ${c.random.pick([1, 2, 3, 7, 20, 90])}`,
      `${again}:`,
      ...lines.flat(),
      'addi s7, s7, -1',
      `bnez s7, ${again}`,
    ];
  },
  /** To a function of any code frame, often one of those that begin there, else into the middle of something. */
  call(c: Context) {
    const { random } = c;
    const slot = random.chance(85) ? random.pick(USED_SLOTS) : random.below(SLOTS);
    const inside = random.chance(85) ? 0 : 2 * random.below(SLOT_BYTES / 2);
    const at = random.below(CODE_FRAMES) * PAGE + slot * SLOT_BYTES + inside;
    return [
      `li t5, ${at}`,
      `add t5, t5, ${POINTER.run}`,
      `jalr ${random.chance(90) ? 'ra' : 't5'}, ${random.chance(90) ? 0 : -2}(t5)`,
    ];
  },
  /** A jump table: one of several functions, by a value. */
  table(c: Context) {
    const pages = c.random.pick([1, 3, CODE_FRAMES - 1]);
    return [
      `srli t4, ${register(c)}, ${c.random.below(8)}`,
      `andi t5, t4, ${pages}`,
      'slli t5, t5, 12',
      `andi t4, t4, ${c.random.pick([1, 3])}`,
      `slli t4, t4, ${Math.log2(SLOT_BYTES)}`,
      'add t5, t5, t4',
      `add t5, t5, ${POINTER.run}`,
      'jalr ra, 0(t5)',
    ];
  },
  /** A word of code, over code that a call may run. */
  rewrite(c: Context) {
    const { random } = c;
    const at = random.below(CODE_FRAMES) * PAGE + random.pick(USED_SLOTS) * SLOT_BYTES + 2 * random.below(12);
    const word = random.chance(80) ? plainWord(random) : shortWord(random);
    const store = random.chance(80) ? 'sw' : random.pick(['sh', 'sb', 'sd']);
    const fence = random.chance(40) ? ['fence.i'] : [];
    return [
      `li t4, ${at}`,
      `add t4, t4, ${POINTER.write}`,
      `li t3, ${hex(word >>> 0)}`,
      `${store} t3, 0(t4)`,
      ...fence,
    ];
  },
  /** The same over the loop that runs. */
  rewriteSelf(c: Context) {
    const { random } = c;
    const word = random.chance(70) ? plainWord(random) : shortWord(random);
    const store = random.pick(['sw', 'sw', 'sh', 'sd']);
    const value = random.chance(50)
      ? [`li t3, ${hex(word >>> 0)}`]
      : ['lw t3, 0(t4)', `li t2, ${hex(1 << random.pick([7, 8, 20, 21, 12, 30]))}`, 'xor t3, t3, t2'];
    const fence = random.chance(40) ? ['fence.i'] : [];
    return [`la t4, ${c.place()}`, ...value, `${store} t3, 0(t4)`, ...fence];
  },
  /** Another entry in a lowest table: what a small page maps, and how. */
  mapPage(c: Context) {
    const { random } = c;
    const window = random.pick(Object.values(WINDOW));
    const page = random.below(Math.min(window.pages, CODE_FRAMES));
    const leaf = leafOf(random.chance(75) ? 0 : 1, window.at + page * PAGE);
    const frame = random.pick([
      window.frame + page * PAGE,
      window.frame + random.below(window.pages) * PAGE,
      CODE + random.below(CODE_FRAMES) * PAGE,
      DATA + random.below(DATA_FRAMES) * PAGE,
      TABLES + random.below(6) * PAGE,
    ]);
    return editEntry(c, leaf, entryOf(frame, random.pick(PERMISSIONS)));
  },
  /** Two entries change places, or one bit of one flips. */
  swapPages(c: Context) {
    const { random } = c;
    const window = random.pick(Object.values(WINDOW));
    const leaf = leafOf(
      random.chance(75) ? 0 : 1,
      window.at + random.below(Math.min(window.pages, CODE_FRAMES)) * PAGE,
    );
    const lines = [`li t4, ${hex(c.reach(leaf))}`];
    restore(c, leaf);
    restore(c, leaf + 8);
    if (random.chance(50)) lines.push('ld t2, 0(t4)', 'ld t3, 8(t4)', 'sd t3, 0(t4)', ...fence(c), 'sd t2, 8(t4)');
    else {
      const bit = random.pick([PTE.V, PTE.R, PTE.W, PTE.X, PTE.U, PTE.A, PTE.D, 1024]);
      lines.push('ld t2, 0(t4)', `xori t2, t2, ${bit}`, `${random.pick(['sd', 'sd', 'sw', 'sb', 'sh'])} t2, 0(t4)`);
    }
    return [...lines, ...fence(c)];
  },
  /** An entry above the lowest tables: a superpage comes, goes, or becomes a table. */
  mapMany(c: Context) {
    const { random } = c;
    const middle = random.pick(MIDDLES);
    const superpage = random.pick(Object.values(SUPERPAGE));
    const [at, value] = random.pick([
      [middle + (superpage / 0x20_0000) * 8, entryOf(RAM, random.pick(PERMISSIONS))],
      [middle + (superpage / 0x20_0000) * 8, entryOf(random.pick(LEAVES), 1)],
      [middle + (superpage / 0x20_0000) * 8, entryOf(RAM + PAGE, 0xcf)],
      [middle, entryOf(random.pick(LEAVES), 1)],
      [random.pick(ROOTS), entryOf(random.pick(MIDDLES), 1)],
    ] as const);
    return editEntry(c, at, value);
  },
  space(c: Context) {
    const { random } = c;
    const root = random.pick([ROOTS[0], ROOTS[0], ROOTS[1], TABLES + PAGE]);
    const asid = random.pick([0, 1, 2]);
    const satp = random.chance(90) ? (8n << 60n) | (BigInt(asid) << 44n) | (BigInt(root) >> 12n) : 0n;
    return [`li t4, ${hex(satp)}`, 'csrw satp, t4', ...fence(c)];
  },
  status(c: Context) {
    const { random } = c;
    const [csr, bits] = random.pick([
      ['sstatus', 1 << 18],
      ['sstatus', 1 << 19],
      ['sstatus', (1 << 18) | (1 << 19)],
      ['mstatus', 1 << 17],
      ['mstatus', (1 << 17) | (1 << 11)],
      ['mstatus', (1 << 11) | (1 << 17) | (1 << 18)],
      ['mstatus', 1 << 20],
      ['mstatus', 1 << 21],
      ['mstatus', 1 << 22],
      ['sstatus', 2],
      ['mstatus', 8],
      ['mstatus', 3 << 11],
      ['mstatus', 3 << 13],
    ] as const);
    return [`li t4, ${bits}`, `${random.pick(['csrs', 'csrc', 'csrs', 'csrc', 'csrrs t5,', 'csrrc t5,'])} ${csr}, t4`];
  },
  protect(c: Context) {
    const { random } = c;
    const entry = random.below(3);
    const frame = random.pick([
      DATA + random.below(DATA_FRAMES) * PAGE,
      CODE + random.below(CODE_FRAMES) * PAGE,
      TABLES + random.below(6) * PAGE,
      RAM + random.below(CODE_PAGES) * PAGE,
    ]);
    const address = frame + random.pick([0, 0, 8, 2048, 4088]);
    const value = random.pick([(frame >> 2) | 0, address / 4]) + random.pick([0, 511, 0, 1, 255, 1023]);
    const config = random.pick([0x18, 0x19, 0x1b, 0x1d, 0x1f, 0x08, 0x09, 0x0f, 0x10, 0x11, 0x17, 0x1c]);
    return [
      `li t4, ${value}`,
      `csrw pmpaddr${entry}, t4`,
      `li t4, ${hex(BigInt(config) << BigInt(8 * entry))}`,
      `${random.pick(['csrw', 'csrw', 'csrs', 'csrc'])} pmpcfg0, t4`,
      ...fence(c),
    ];
  },
  counters: (c: Context) => [`csrr ${register(c)}, ${c.random.pick(COUNTERS)}`],
  writeCounters(c: Context) {
    const csr = c.random.pick(['minstret', 'mcycle', 'mcountinhibit', 'mcountinhibit', 'scounteren', 'mcounteren']);
    const value = csr.endsWith('en') || csr.endsWith('it') ? `li t4, ${c.random.below(8)}` : `mv t4, ${register(c)}`;
    return [value, `${c.random.pick(['csrw', 'csrrw t5,', 'csrs', 'csrc'])} ${csr}, t4`];
  },
  readCsr: (c: Context) => [`csrr ${register(c)}, ${c.random.pick(READ)}`],
  environment(c: Context) {
    const [csr, value] = c.random.pick([
      ['menvcfg', 1n << 61n],
      ['menvcfg', 1n << 63n],
      ['medeleg', 0xb000n],
      ['medeleg', 0x100n],
      ['medeleg', 0x54n],
      ['mideleg', 0x222n],
      ['sscratch', 0x7n],
    ] as const);
    return [`li t4, ${hex(value)}`, `${c.random.pick(['csrs', 'csrc'])} ${csr}, t4`];
  },
  interrupts(c: Context) {
    const { random } = c;
    return random.pick([
      ['csrsi sip, 2'],
      ['csrsi mip, 2'],
      ['li t4, 1 << 5', 'csrs mip, t4'],
      ['li t4, 1 << 9', `${random.pick(['csrs', 'csrc'])} mip, t4`],
      ['csrr t4, mhartid', 'slli t4, t4, 2', 'li t3, CLINT', 'add t4, t4, t3', 'li t3, 1', 'sw t3, 0(t4)'],
      ['li t4, CLINT', 'li t3, 1', 'sw t3, 0(t4)'],
      [`li t4, ${hex(random.pick([0xaaa, 0x222, 0x80, 0x20, 0xa8, 0]))}`, `csrw ${random.pick(['mie', 'sie'])}, t4`],
      ['csrr t4, time', `addi t4, t4, ${random.below(6)}`, 'csrw stimecmp, t4'],
      [`li t4, ${random.between(1, 3)}`, `csrw ${random.pick(['mscratch', 'sscratch'])}, t4`],
      ['li t3, MTIME', 'ld t3, 0(t3)', `addi t3, t3, ${random.below(6)}`, 'li t4, MTIMECMP', 'sd t3, 0(t4)'],
    ]);
  },
  /** At some hart, which may not exist: its software interrupt, its timer, or a word that all of them want. */
  others(c: Context) {
    const { random } = c;
    const hart = random.below(4);
    return random.pick([
      [`li t4, CLINT + ${4 * hart}`, `li t3, ${random.pick([1, 1, 1, 0])}`, 'sw t3, 0(t4)'],
      [
        'li t3, MTIME',
        'ld t3, 0(t3)',
        `addi t3, t3, ${random.below(4)}`,
        `li t4, MTIMECMP + ${8 * hart}`,
        'sd t3, 0(t4)',
      ],
      [
        `lr.d t3, (${POINTER.data})`,
        ...Array.from({ length: random.below(3) }, () => 'addi t3, t3, 1'),
        `sc.d t4, t3, (${POINTER.data})`,
      ],
      [`amoadd.d t3, ${register(c)}, (${POINTER.data})`, 'fence'],
      [`li t4, ${hex(random.pick([0x8, 0x88, 0x2, 0x8a]))}`, 'csrs mie, t4', 'wfi'],
    ]);
  },
  wait: (c: Context) => ['csrr t4, time', `addi t4, t4, ${c.random.below(4)}`, 'csrw stimecmp, t4', 'wfi'],
  system: (c: Context) => [
    c.random.pick([
      'ecall',
      'ebreak',
      'fence',
      'fence.i',
      'sfence.vma',
      '.half 0x9002',
      '.half 0',
      '.word 0xffffffff',
      'sret',
      'mret',
    ]),
  ],
  console: (c: Context) => ['li t4, UART', `li t3, ${c.random.between(97, 122)}`, 'sb t3, 0(t4)', 'lbu t3, 5(t4)'],
  /** Goes on in another mode, or in the same, after the return. */
  xret(c: Context) {
    const { random } = c;
    const after = c.label();
    const returns = random.pick(['mret', 'sret', 'sret']);
    const epc = returns === 'mret' ? 'mepc' : 'sepc';
    const [csr, bit] =
      returns === 'mret'
        ? ['mstatus', random.pick([1 << 11, 1 << 12, 3 << 11, 1 << 7])]
        : ['sstatus', random.pick([1 << 8, 1 << 5])];
    return [
      `li t4, ${bit}`,
      `${random.pick(['csrs', 'csrc'])} ${csr}, t4`,
      `la t4, ${after}`,
      `csrw ${epc}, t4`,
      returns,
      `${after}:`,
    ];
  },
} as const satisfies Record<string, (c: Context) => readonly string[]>;

const fence = ({ random }: Context): string[] =>
  random.chance(30) ? [random.pick(['sfence.vma', 'sfence.vma t4', 'sfence.vma x0, t0'])] : [];

/** Writes a page-table entry, and has it as it was when the piece is over. */
function editEntry(c: Context, at: number, value: bigint): string[] {
  restore(c, at);
  return [`li t4, ${hex(c.reach(at))}`, `li t3, ${hex(value)}`, 'sd t3, 0(t4)', ...fence(c)];
}

function restore(c: Context, at: number): void {
  for (const line of [`li t4, ${hex(at)}`, `li t3, ${hex(originalEntry(at))}`, 'sd t3, 0(t4)']) c.atEnd(line);
}
