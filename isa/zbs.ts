// Zbs: one bit of a register, its number in another register's low six bits or in the instruction: cleared, extracted,
// inverted or set (unprivileged manual, "B" extension).

import { instructionsOf } from './definition.ts';
import type { Machine, Value } from './vocabulary.ts';

const insn = instructionsOf('Zbs');

type Single = <V extends Value>(m: Machine<V>, value: V, index: V) => V;
const bit = <V extends Value>(m: Machine<V>, index: V) => m.shiftLeft(m.k(1), index);
const clear: Single = (m, value, index) => m.and(value, m.not(bit(m, index)));
const extract: Single = (m, value, index) => m.bits(m.shiftRight(value, index), 0, 0);
const invert: Single = (m, value, index) => m.xor(value, bit(m, index));
const set: Single = (m, value, index) => m.or(value, bit(m, index));

/** The two forms of one of them. */
const single = (name: string, funct6: '010010' | '011010' | '001010', funct3: '001' | '101', what: Single) =>
  [
    insn(`${name} rd, rs1, rs2`, `${funct6}0 rs2 rs1 ${funct3} rd 0110011`, (m, { rs1, rs2 }) => what(m, rs1, rs2)),
    insn(`${name}i rd, rs1, shamt`, `${funct6} shamt[5:0] rs1 ${funct3} rd 0010011`, (m, { rs1, shamt }) =>
      what(m, rs1, shamt),
    ),
  ] as const;

export const zbs = [
  ...single('bclr', '010010', '001', clear),
  ...single('bext', '010010', '101', extract),
  ...single('binv', '011010', '001', invert),
  ...single('bset', '001010', '001', set),
];
