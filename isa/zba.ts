// Zba: additions for addresses, of an operand shifted by one to three bits, or of one that is read as an unsigned word
// (unprivileged manual, "B" extension). `zext.w` is add.uw with x0.

import { instructionsOf } from './definition.ts';
import type { Machine, Value } from './vocabulary.ts';

const insn = instructionsOf('Zba');
const WORD_BITS = 32;
const unsignedWord = <V extends Value>(m: Machine<V>, value: V) => m.bits(value, WORD_BITS - 1, 0);
const shiftedAdd = <V extends Value>(m: Machine<V>, index: V, by: number, base: V) =>
  m.add(m.shiftLeft(index, m.k(by)), base);

export const zba = [
  insn('sh1add rd, rs1, rs2', '0010000 rs2 rs1 010 rd 0110011', (m, { rs1, rs2 }) => shiftedAdd(m, rs1, 1, rs2)),
  insn('sh2add rd, rs1, rs2', '0010000 rs2 rs1 100 rd 0110011', (m, { rs1, rs2 }) => shiftedAdd(m, rs1, 2, rs2)),
  insn('sh3add rd, rs1, rs2', '0010000 rs2 rs1 110 rd 0110011', (m, { rs1, rs2 }) => shiftedAdd(m, rs1, 3, rs2)),

  insn('add.uw rd, rs1, rs2', '0000100 rs2 rs1 000 rd 0111011', (m, { rs1, rs2 }) => m.add(unsignedWord(m, rs1), rs2)),
  insn('sh1add.uw rd, rs1, rs2', '0010000 rs2 rs1 010 rd 0111011', (m, { rs1, rs2 }) =>
    shiftedAdd(m, unsignedWord(m, rs1), 1, rs2),
  ),
  insn('sh2add.uw rd, rs1, rs2', '0010000 rs2 rs1 100 rd 0111011', (m, { rs1, rs2 }) =>
    shiftedAdd(m, unsignedWord(m, rs1), 2, rs2),
  ),
  insn('sh3add.uw rd, rs1, rs2', '0010000 rs2 rs1 110 rd 0111011', (m, { rs1, rs2 }) =>
    shiftedAdd(m, unsignedWord(m, rs1), 3, rs2),
  ),
  insn('slli.uw rd, rs1, shamt', '000010 shamt[5:0] rs1 001 rd 0011011', (m, { rs1, shamt }) =>
    m.shiftLeft(unsignedWord(m, rs1), shamt),
  ),
];
