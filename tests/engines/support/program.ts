// A random program: pieces that run in some mode, each a loop of operations, all of them in turn again and again, so
// that what is hot is met by what comes later: other mappings, other code at the same place, interrupts. It is made
// from data that shrinks: fewer pieces, fewer operations, fewer turns.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { assemble } from '../../../src/asm/assemble.ts';
import { renderDiagnostics } from '../../../src/asm/diagnostic.ts';
import { Random } from '../../peers/qemu/random.ts';
import { codeFrames } from './frames.ts';
import {
  CODE,
  DATA,
  DATA_FRAMES,
  IMAGE_BYTES,
  LEAVES,
  PAGE,
  RAM,
  ROOTS,
  STACK,
  SUPERPAGE,
  TABLES,
  USER,
  WINDOW,
  writeTables,
} from './layout.ts';
import { type Context, OPERATIONS, type OperationKind, POINTER } from './operations.ts';

interface Operation {
  readonly kind: OperationKind;
  readonly seed: number;
}
type ModeName = 'M' | 'S' | 'U';
export interface Piece {
  readonly mode: ModeName;
  /** What chooses addresses among those that lead to the same memory. */
  readonly seed: number;
  /** What becomes of a fault: the piece ends, the instruction is skipped, or a page fault is repaired. */
  readonly faults: number;
  readonly turns: number;
  /** A timer: whose, ticks until its first interrupt, and between others. */
  readonly timer: {
    readonly of: 'nobody' | 'M' | 'S';
    readonly first: number;
    readonly every: number;
    readonly nops: number;
  };
  readonly operations: readonly Operation[];
}
export interface Program {
  readonly seed: number;
  readonly turns: number;
  readonly pieces: readonly Piece[];
}

const WEIGHTS: Readonly<Record<OperationKind, number>> = {
  plain: 10,
  short: 6,
  load: 6,
  store: 6,
  wander: 4,
  stride: 3,
  atomic: 2,
  reservation: 2,
  branch: 4,
  loop: 4,
  call: 6,
  table: 3,
  rewrite: 3,
  rewriteSelf: 2,
  mapPage: 3,
  swapPages: 3,
  mapMany: 1,
  space: 2,
  status: 3,
  protect: 2,
  counters: 3,
  writeCounters: 2,
  readCsr: 2,
  environment: 1,
  interrupts: 3,
  others: 2,
  wait: 1,
  system: 2,
  console: 1,
  xret: 2,
};
const seed = fc.noShrink(fc.nat());
const kind = fc.oneof(
  ...Object.entries(WEIGHTS).map(([name, weight]) => ({ weight, arbitrary: fc.constant(name as OperationKind) })), // its keys
);
const operation = fc.record({ kind, seed });
const piece: fc.Arbitrary<Piece> = fc.record({
  mode: fc.constantFrom('M', 'S', 'S', 'U'),
  seed,
  faults: fc.constantFrom(1, 1, 1, 2, 0),
  turns: fc.constantFrom(1, 3, 9, 30, 100, 300),
  timer: fc.record({
    of: fc.constantFrom('nobody', 'nobody', 'M', 'S'),
    first: fc.nat(4),
    every: fc.nat(3),
    nops: fc.nat(40),
  }),
  operations: fc.array(operation, { minLength: 1, maxLength: 12 }),
});
export const program: fc.Arbitrary<Program> = fc.record({
  seed,
  turns: fc.constantFrom(1, 2, 5, 20, 60),
  pieces: fc.array(piece, { minLength: 1, maxLength: 5 }),
});

const PRELUDE = readFileSync(fileURLToPath(new URL('./prelude.s', import.meta.url)), 'utf8');

/** The text of a program, behind the prelude. */
export function textOf({ turns, pieces }: Program): string {
  const lines = [`main:`, `li s9, ${turns}`, 'turn:'];
  for (const [index, each] of pieces.entries()) lines.push(...pieceText(each, index));
  lines.push(
    'addi s9, s9, -1',
    'beqz s9, done',
    'j turn',
    'done:',
    'li t0, FINISHER',
    'li t1, FINISHER_PASS',
    'sw t1, 0(t0)',
    'j done',
  );
  return lines.map((line) => (line.endsWith(':') ? line : `        ${line}`)).join('\n');
}

export function imageOf(random: Program): Uint8Array {
  const { image, diagnostics } = assemble([{ name: 'random.s', text: `${PRELUDE}\n${textOf(random)}\n` }], {
    defines: { STACK: `${STACK}`, LEAVES: `${LEAVES[0]}` },
  });
  if (image === undefined) throw new Error(renderDiagnostics(diagnostics));
  if (image.raw.length > CODE - RAM) throw new Error('a random program is too long');
  const bytes = new Uint8Array(IMAGE_BYTES);
  bytes.set(image.raw);
  bytes.set(codeFrames(new Random(random.seed)), CODE - RAM);
  const data = new Random(random.seed + 1);
  for (let at = DATA; at < DATA + DATA_FRAMES * PAGE; at += 4)
    new DataView(bytes.buffer).setUint32(at - RAM, data.word(), true);
  writeTables(new DataView(bytes.buffer));
  return bytes;
}

function pieceText(piece: Piece, index: number): string[] {
  const { mode, faults, turns, timer, operations } = piece;
  const own = new Random(piece.seed);
  const end: string[] = [];
  let labels = 0;
  const context = (random: Random): Context => ({
    random,
    label: () => `l${index}_${labels++}`,
    place: () => `p${index}_${random.below(operations.length)}`,
    atEnd: (line) => end.push(line),
    reach: REACH[mode],
  });
  const body = operations.flatMap(({ kind, seed }, i) => [
    `p${index}_${i}:`,
    `# ${kind}`,
    ...OPERATIONS[kind](context(new Random(seed))),
  ]);
  return [
    `piece${index}:`,
    'jal ra, clean',
    `li gp, ${faults}`,
    `la s11, end${index}`,
    ...Object.entries(POINTER).map(
      ([what, register]) => `li ${register}, ${own.pick(ADDRESSES[mode][what as keyof typeof POINTER])}`,
    ),
    ...timerText(timer),
    ...entryText(mode, own, index),
    `li s6, ${turns}`,
    `loop${index}:`,
    ...body,
    'addi s6, s6, -1',
    `beqz s6, over${index}`,
    `j loop${index}`,
    `over${index}:`,
    'li s10, 1',
    'ecall',
    `end${index}:`,
    ...end,
  ];
}

const REACH: Readonly<Record<ModeName, (address: number) => number>> = {
  M: (address) => address,
  S: (address) => WINDOW.tables.at + address - TABLES,
  U: (address) => WINDOW.tablesU.at + address - TABLES,
};
const inSuperpage = (superpage: number, address: number) => superpage + address - RAM;
const ADDRESSES: Readonly<Record<ModeName, Readonly<Record<keyof typeof POINTER, readonly number[]>>>> = {
  M: { data: [DATA], other: [DATA, DATA + PAGE], run: [CODE], write: [CODE] },
  S: {
    data: [DATA, WINDOW.data.at, WINDOW.dataFresh.at, inSuperpage(SUPERPAGE.rwx, DATA)],
    other: [DATA, WINDOW.data.at + PAGE, WINDOW.dataR.at, WINDOW.dataU.at, inSuperpage(SUPERPAGE.read, DATA)],
    run: [CODE, WINDOW.codeX.at, WINDOW.codeRWX.at, WINDOW.codeUX.at, inSuperpage(SUPERPAGE.rwx, CODE)],
    write: [CODE, WINDOW.codeRWX.at, inSuperpage(SUPERPAGE.rwx, CODE)],
  },
  U: {
    data: [DATA + USER, WINDOW.dataU.at, inSuperpage(SUPERPAGE.user, DATA)],
    other: [DATA + USER, WINDOW.dataU.at + PAGE, WINDOW.data.at, inSuperpage(SUPERPAGE.user, DATA)],
    run: [CODE + USER, WINDOW.codeUX.at, WINDOW.codeURWX.at, WINDOW.codeX.at, inSuperpage(SUPERPAGE.user, CODE)],
    write: [CODE + USER, WINDOW.codeURWX.at, inSuperpage(SUPERPAGE.user, CODE)],
  },
};
/** How much higher than its physical address a piece runs. */
const RUNS_AT: Readonly<Record<ModeName, readonly number[]>> = {
  M: [0],
  S: [0, WINDOW.main.at - RAM, SUPERPAGE.rwx - RAM],
  U: [USER, WINDOW.mainU.at - RAM, SUPERPAGE.user - RAM],
};

function timerText({ of, first, every, nops }: Piece['timer']): string[] {
  const wait = nops < 4 ? [] : [`li t0, ${nops}`, '1: addi t0, t0, -1', 'bnez t0, 1b'];
  if (of === 'nobody') return wait;
  const at = ['csrr t3, time', `addi t3, t3, ${first}`];
  if (of === 'S')
    return [
      ...at,
      'csrw stimecmp, t3',
      `li t4, ${every}`,
      'csrw sscratch, t4',
      'li t4, 1 << 5',
      'csrw mie, t4',
      'csrsi mstatus, 2',
      ...wait,
    ];
  return [
    ...at,
    'csrr t5, mhartid',
    'slli t5, t5, 3',
    'li t4, MTIMECMP',
    'add t4, t4, t5',
    'sd t3, 0(t4)',
    `li t4, ${every}`,
    'csrw mscratch, t4',
    'li t4, 1 << 7',
    'csrw mie, t4',
    'csrsi mstatus, 8',
    ...wait,
  ];
}

/** From M-mode into the piece's mode, translated. */
function entryText(mode: ModeName, random: Random, index: number): string[] {
  if (mode === 'M') {
    if (random.chance(70)) return [];
    return [`li t4, ${satp(random)}`, 'csrw satp, t4'];
  }
  const offset = random.pick(RUNS_AT[mode]);
  return [
    `li t4, ${satp(random)}`,
    mode === 'S' && random.chance(10) && offset === 0 ? 'csrw satp, zero' : 'csrw satp, t4',
    `la t4, start${index}`,
    `li t5, ${offset}`,
    'add t4, t4, t5',
    'csrw mepc, t4',
    `li t4, ${mode === 'S' ? 1 << 11 : 0} | (1 << 7)`,
    'csrs mstatus, t4',
    'mret',
    `start${index}:`,
  ];
}
const satp = (random: Random) => `0x${((8n << 60n) | (BigInt(random.pick(ROOTS)) >> 12n)).toString(16)}`;
