// Zicond: a value or zero, by whether another register is zero (unprivileged manual, "Zicond" extension).

import { instructionsOf } from './definition.ts';

const insn = instructionsOf('Zicond');

export const zicond = [
  insn('czero.eqz rd, rs1, rs2', '0000111 rs2 rs1 101 rd 0110011', (m, { rs1, rs2 }) =>
    m.choose(m.lessThanUnsigned(m.k(0), rs2), rs1, m.k(0)),
  ),
  insn('czero.nez rd, rs1, rs2', '0000111 rs2 rs1 111 rd 0110011', (m, { rs1, rs2 }) =>
    m.choose(m.lessThanUnsigned(m.k(0), rs2), m.k(0), rs1),
  ),
];
