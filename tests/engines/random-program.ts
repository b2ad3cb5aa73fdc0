// A random program around skeleton.s: chunks, each a loop of a few pieces, spread over pages of code, some at the very
// end of a page, with functions that they call. Each program has a taste: what it does often. All follows from one
// integer; the program goes on until the run's steps have been taken.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { assembleGuest } from '../support/assembly.ts';
import type { TestGuest } from '../support/guests.ts';
import { AREA, calculation, type PieceName, piece, point, type Scope, type Weights } from './pieces.ts';
import { Random } from './random.ts';

const SKELETON = readFileSync(fileURLToPath(new URL('./skeleton.s', import.meta.url)), 'utf8');
const RAM_BYTES = 512 * 1024;
const FUNCTIONS = 4;

/** What every program has some of. */
const PLAIN: Weights = {
  calculation: 24,
  load: 12,
  store: 12,
  skip: 6,
  innerLoop: 3,
  call: 4,
  jumpTable: 1,
  intoTheMiddle: 1,
  selfModifying: 1,
  patchFunction: 1,
  mapPage: 1,
  togglePermission: 1,
  swapPages: 1,
  superpage: 1,
  switchSpace: 1,
  status: 1,
  protection: 1,
  openProtection: 1,
  reserved: 1,
  atomic: 1,
  move: 2,
  point: 2,
  pointAlias: 1,
  device: 1,
  timer: 1,
  interrupt: 1,
  wait: 1,
  counter: 1,
  mode: 1,
  returns: 1,
  fault: 1,
  wild: 1,
};
/** What a program may do often. */
const TASTES: readonly (readonly PieceName[])[] = [
  ['selfModifying', 'patchFunction', 'call', 'intoTheMiddle'],
  ['mapPage', 'togglePermission', 'swapPages', 'superpage'],
  ['switchSpace', 'mapPage', 'mode'],
  ['status', 'mode', 'pointAlias'],
  ['protection', 'openProtection', 'mode'],
  ['reserved', 'atomic', 'move'],
  ['load', 'store', 'move', 'point', 'wild'],
  ['timer', 'interrupt', 'wait'],
  ['counter', 'timer', 'mode'],
  ['device', 'timer'],
  ['fault', 'returns', 'mode'],
  ['call', 'jumpTable', 'innerLoop', 'skip'],
  [],
];
const OFTEN = 12;
/** Pieces of code that begin at the very end of a page. */
const MOST_ENDS = 3;

/** How a program starts: in which mode, where its code is for that mode, and what the pages of the window allow. */
const STARTS = [
  { mode: '3 << 11', satp: '0', at: '0', window: 'PTE_RWX' },
  { mode: '3 << 11', satp: 'SPACE1', at: '0', window: 'PTE_RWX | PTE_U' },
  { mode: '1 << 11', satp: 'SPACE1', at: '0', window: 'PTE_RWX' },
  { mode: '1 << 11', satp: 'SPACE1', at: '-RAM', window: 'PTE_RWX' },
  { mode: '1 << 11', satp: 'SPACE2', at: '-RAM', window: 'PTE_RWX | PTE_G' },
  { mode: '1 << 11', satp: '0', at: '0', window: 'PTE_RWX' },
  { mode: '0', satp: 'SPACE1', at: 'USER', window: 'PTE_RWX' },
  { mode: '0', satp: 'SPACE1', at: '-RAM', window: 'PTE_RWX | PTE_U' },
  { mode: '0', satp: '0', at: '0', window: 'PTE_RWX' },
  { mode: '1 << 11', satp: 'SPACE1', at: '-RAM', window: 'PTE_V | PTE_R | PTE_W | PTE_X', hardware: true },
  { mode: '0', satp: 'SPACE2', at: '-RAM', window: 'PTE_V | PTE_R | PTE_W | PTE_X | PTE_U', hardware: true },
] as const;
const ILLEGAL_IN_S: readonly PieceName[] = ['protection', 'openProtection', 'device'];
const ILLEGAL_IN_U: readonly PieceName[] = [...ILLEGAL_IN_S, 'switchSpace', 'status', 'returns', 'interrupt', 'timer'];
const ADUE = '1 << 61';

export interface RandomProgram {
  readonly text: string;
  readonly guest: TestGuest;
}

/** @param rounds of a loop at most. */
export function randomProgram(seed: number, rounds: number): RandomProgram {
  const text = programText(seed, rounds);
  return { text, guest: { bytes: assembleGuest(text), ramBytes: RAM_BYTES } };
}

function programText(seed: number, rounds: number): string {
  const random = new Random(seed);
  const weights: Record<PieceName, number> = { ...PLAIN };
  for (const name of random.pick(TASTES)) weights[name] += OFTEN;
  // Some take nothing but calculation and their taste.
  if (random.oneIn(3)) {
    for (const [name, weight] of Object.entries(weights) as [PieceName, number][]) if (weight <= 1) weights[name] = 0;
  }
  // Below M-mode much is illegal, and traps take long.
  const start = random.pick(STARTS);
  const illegal = start.mode === '0' ? ILLEGAL_IN_U : start.mode === '1 << 11' ? ILLEGAL_IN_S : [];
  if (!random.oneIn(3)) for (const name of illegal) weights[name] = 0;
  let labels = 0;
  const functions = Array.from({ length: FUNCTIONS }, (_, index) => `function${index}`);
  const chunks = random.between(4, 8);
  const scope: Scope = { random, label: () => `l${labels++}`, functions, chunks };
  const compressed = random.oneIn(2);
  const items = [
    ...Array.from({ length: chunks }, (_, index) => chunk(scope, index, weights, rounds)),
    ...functions.map((name) => functionText(scope, name)),
  ];
  const { mode, satp, at, window } = start;
  const hardware = 'hardware' in start || random.oneIn(3);
  const lines = [
    `.equ DELEGATED, ${random.pick(['0', '0', '0xb1ff & ~0x100', '0xa0ff', '1 << 8', '0xa000'])}`,
    `.equ INTERRUPTS_DELEGATED, ${random.pick(['0', '0x222', '0x20'])}`,
    `.equ ENVIRONMENT, (${hardware ? ADUE : '0'}) | (${random.pick(['0', '1 << 63'])})`,
    `.equ INTERRUPTS, ${random.pick(['0', '0xaaa', '0x88', '0x2a'])}`,
    `.equ FIRST_TICK, ${random.between(1, 20)}`,
    '.equ SPACE1, (8 << 60) | ((RAM + PAGE) >> 12)',
    `.equ SPACE2, (8 << 60) | ((RAM + ${AREA.first - 3} * PAGE) >> 12)`,
    `.equ SATP, ${satp}`,
    `.equ COMPRESSED, ${compressed ? 1 : 0}`,
    `.equ STATUS, (${mode}) | ${random.pick(['0', 'MSTATUS_SUM', 'MSTATUS_MPIE', 'MSTATUS_MPIE | MSTATUS_SIE', 'MSTATUS_MXR', 'MSTATUS_MPRV'])}`,
    `.equ START_OFFSET, ${at}`,
    `.equ WINDOW_FLAGS, ${window}`,
    `.equ CHUNKS, ${chunks}`,
    SKELETON,
    compressed ? '.option rvc' : '.option norvc',
    ...shuffled(random, items, compressed),
    '.balign 8',
    'chunks:',
    ...Array.from({ length: chunks }, (_, index) => `.dword chunk${index} - _start + RAM`),
    '.balign PAGE',
    `data: .zero ${AREA.data} * PAGE`,
  ];
  return lines.join('\n');
}

/** The first chunk first; the others and the functions anywhere, some of them over the end of a page. */
function shuffled(random: Random, items: readonly string[], compressed: boolean): string[] {
  const [first, ...rest] = items;
  const left = [...rest];
  const placed = ['area_start:', first as string];
  let pages = 0;
  while (left.length > 0) {
    const [item] = left.splice(random.below(left.length), 1);
    if (pages < MOST_ENDS && random.oneIn(3)) {
      pages++;
      const before = random.between(1, 20) * (compressed ? 2 : 4);
      placed.push(`.balign PAGE\n.zero PAGE - ${before}`);
    }
    placed.push(item as string);
  }
  return placed;
}

function chunk(scope: Scope, index: number, weights: Weights, rounds: number): string {
  const { random } = scope;
  const next = (index + 1) % scope.chunks;
  const count = random.oneIn(4) ? random.between(1, rounds) : random.between(2, 12);
  const body = Array.from({ length: random.between(2, 8) }, () => piece(scope, weights));
  return [
    `pool${index}: .dword ${random.below(2 ** 32)}`,
    `chunk${index}:`,
    `la gp, chunk${next}`,
    point(scope),
    `la s2, data + ${8 * random.below(1000)}`,
    `li s0, ${count}`,
    `loop${index}:`,
    ...body,
    'addi s0, s0, -1',
    `beqz s0, end${index}`,
    `j loop${index}`,
    `end${index}: j chunk${next}`,
  ].join('\n');
}

function functionText(scope: Scope, name: string): string {
  const { random } = scope;
  const lines = Array.from({ length: random.between(1, 5) }, () => calculation(scope));
  const others = scope.functions.filter((other) => other > name);
  const calls = others.length > 0 && random.oneIn(2) ? ['mv s7, ra', `call ${random.pick(others)}`, 'mv ra, s7'] : [];
  const patched = ['.option push', '.option norvc', `${name}_body: addi a0, a0, 1`, '.option pop'];
  return [`${name}:`, ...lines, ...patched, ...calls, 'ret'].join('\n');
}
