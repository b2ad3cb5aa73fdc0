// Random legal states of a hart, and random operands where things happen: corners of arithmetic, addresses in RAM, near
// a page's end, in the device and nowhere. Two harts can be given the same state, to run the same thing in two ways.
// What no sequence of instructions can store (MPP = 2, a reserved vector mode) is not made.

import fc from 'fast-check';
import { FILE_WORDS, wordIndex } from '../../../isa/layout.ts';
import type { PrivilegedState } from '../../../isa/state.ts';
import { DEVICE, RAM } from './machine.ts';

const word = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const corner = fc.constantFrom(0n, 1n, 2n, 2n ** 64n - 1n, 2n ** 63n, 2n ** 63n - 1n, 2n ** 31n, 2n ** 32n - 1n);
const inRam = fc.integer({ min: 0, max: 0x7fff }).map((offset) => RAM + 0x4000n + BigInt(offset & ~7));
const address = fc.oneof(
  { weight: 6, arbitrary: inRam },
  { weight: 2, arbitrary: inRam.map((at) => at + 3n) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 8 }).map((before) => RAM + 0x1_0000n - BigInt(before)) },
  { weight: 1, arbitrary: fc.constantFrom(DEVICE, 0x40n) },
);
export const operand = fc.oneof(address, word, corner);

const bit = fc.nat({ max: 1 }).map(BigInt);
const interrupts = fc
  .nat({ max: 63 })
  .map((set) => [1, 3, 5, 7, 9, 11].reduce((m, at, i) => m | (BigInt((set >> i) & 1) << BigInt(at)), 0n));
const vector = fc.tuple(word, bit).map(([base, mode]) => (base & ~3n) | mode);

/** A value for each word that matters; the rest stay as after reset. */
export const stateArbitrary = fc.record({
  registers: fc.array(operand, { minLength: 31, maxLength: 31 }),
  mode: fc.constantFrom(0n, 1n, 3n),
  mstatus: fc
    .tuple(word, fc.constantFrom(0n, 1n, 3n))
    .map(([bits, mpp]) => (bits & 0x7c_61aan) | (mpp << 11n) | (10n << 32n)),
  mie: interrupts,
  mip: interrupts.map((set) => set & 0x222n),
  lines: interrupts,
  medeleg: word.map((bits) => bits & 0xb3ffn),
  mideleg: interrupts.map((set) => set & 0x222n),
  mtvec: vector,
  stvec: vector,
  mepc: word.map((pc) => pc & ~1n),
  sepc: word.map((pc) => pc & ~1n),
  menvcfg: fc.tuple(bit, bit).map(([adue, stce]) => (adue << 61n) | (stce << 63n)),
  counteren: fc.nat({ max: 7 }).map(BigInt),
  mcountinhibit: fc.constantFrom(0n, 1n, 4n, 5n),
  counts: fc.array(word, { minLength: 4, maxLength: 4 }),
  scratch: fc.array(word, { minLength: 8, maxLength: 8 }),
  pmpcfg: fc.oneof(
    { weight: 3, arbitrary: fc.constant(0x1fn) },
    { weight: 1, arbitrary: fc.constantFrom(0x9fn, 0x9f1fn, 0x891fn) },
  ),
});
export type RandomState = typeof stateArbitrary extends fc.Arbitrary<infer T> ? T : never;

const EVERYTHING = 2n ** 54n - 1n;

export function assign(state: PrivilegedState, random: RandomState, pc = RAM): void {
  state.reset(0, pc);
  for (const [i, value] of random.registers.entries()) state.setX(i + 1, value);
  const { counts, scratch } = random;
  // Any bits may be a double, or a single where the upper half has none but ones.
  for (let i = 0; i < 32; i++) {
    const bits = random.registers[(i * 7) % random.registers.length] as bigint;
    state.setWord(FILE_WORDS.f + i, i % 2 === 0 ? bits : bits | (0xffff_ffffn << 32n));
  }
  state.fcsr.bits = (scratch[0] as bigint) & 0xffn;
  state.mode = random.mode;
  state.mstatus.bits = random.mstatus;
  state.mie.bits = random.mie;
  state.mip.bits = random.mip;
  state.lines.bits = random.lines;
  state.medeleg = random.medeleg;
  state.mideleg = random.mideleg;
  state.mtvec.bits = random.mtvec;
  state.stvec.bits = random.stvec;
  state.mepc = random.mepc;
  state.sepc = random.sepc;
  state.menvcfg.bits = random.menvcfg;
  state.mcounteren.bits = random.counteren;
  state.scounteren.bits = (random.counteren * 3n) & 7n;
  state.mcountinhibit.bits = random.mcountinhibit;
  [state.steps, state.retired, state.mcycle, state.minstret] = counts as [bigint, bigint, bigint, bigint];
  const [mscratch, sscratch, mcause, scause, mtval, stval, stimecmp] = scratch as [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  Object.assign(state, { mscratch, sscratch, mcause, scause, mtval, stval, stimecmp });
  state.pmpcfg0 = random.pmpcfg;
  for (const name of ['pmpaddr0', 'pmpaddr1'] as const) state.setWord(wordIndex(name), EVERYTHING);
}
