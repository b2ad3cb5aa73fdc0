// The M extension: multiplication and division. Division never traps: by zero it yields all ones and the dividend as
// remainder, and the one signed overflow yields the dividend and remainder zero (norm:div_by_zero,
// norm:rem_by_zero, norm:signed_div_overflow).

import { instructionsOf } from './definition.ts';
import type { Machine, Value } from './vocabulary.ts';

const insn = instructionsOf('M');
const WORD_BITS = 32;
const MOST_NEGATIVE = -(1n << 63n);

const word = <V extends Value>(m: Machine<V>, value: V) => m.signExtend(value, WORD_BITS);
const unsignedWord = <V extends Value>(m: Machine<V>, value: V) => m.bits(value, WORD_BITS - 1, 0);

function divide<V extends Value>(m: Machine<V>, dividend: V, divisor: V): V {
  if (m.is(divisor, 0)) return m.k(-1);
  if (m.is(divisor, -1) && m.is(dividend, MOST_NEGATIVE)) return dividend;
  return m.divide(dividend, divisor);
}
function divideUnsigned<V extends Value>(m: Machine<V>, dividend: V, divisor: V): V {
  return m.is(divisor, 0) ? m.k(-1) : m.divideUnsigned(dividend, divisor);
}
function remainder<V extends Value>(m: Machine<V>, dividend: V, divisor: V): V {
  if (m.is(divisor, 0)) return dividend;
  if (m.is(divisor, -1)) return m.k(0);
  return m.remainder(dividend, divisor);
}
function remainderUnsigned<V extends Value>(m: Machine<V>, dividend: V, divisor: V): V {
  return m.is(divisor, 0) ? dividend : m.remainderUnsigned(dividend, divisor);
}

export const rv64m = [
  insn('mul rd, rs1, rs2', '0000001 rs2 rs1 000 rd 0110011', (m, { rs1, rs2 }) => m.mul(rs1, rs2)),
  insn('mulh rd, rs1, rs2', '0000001 rs2 rs1 001 rd 0110011', (m, { rs1, rs2 }) => m.mulHigh(rs1, rs2)),
  insn('mulhsu rd, rs1, rs2', '0000001 rs2 rs1 010 rd 0110011', (m, { rs1, rs2 }) => m.mulHighSignedUnsigned(rs1, rs2)),
  insn('mulhu rd, rs1, rs2', '0000001 rs2 rs1 011 rd 0110011', (m, { rs1, rs2 }) => m.mulHighUnsigned(rs1, rs2)),
  insn('div rd, rs1, rs2', '0000001 rs2 rs1 100 rd 0110011', (m, { rs1, rs2 }) => divide(m, rs1, rs2)),
  insn('divu rd, rs1, rs2', '0000001 rs2 rs1 101 rd 0110011', (m, { rs1, rs2 }) => divideUnsigned(m, rs1, rs2)),
  insn('rem rd, rs1, rs2', '0000001 rs2 rs1 110 rd 0110011', (m, { rs1, rs2 }) => remainder(m, rs1, rs2)),
  insn('remu rd, rs1, rs2', '0000001 rs2 rs1 111 rd 0110011', (m, { rs1, rs2 }) => remainderUnsigned(m, rs1, rs2)),

  insn('mulw rd, rs1, rs2', '0000001 rs2 rs1 000 rd 0111011', (m, { rs1, rs2 }) => word(m, m.mul(rs1, rs2))),
  insn('divw rd, rs1, rs2', '0000001 rs2 rs1 100 rd 0111011', (m, { rs1, rs2 }) =>
    word(m, divide(m, word(m, rs1), word(m, rs2))),
  ),
  insn('divuw rd, rs1, rs2', '0000001 rs2 rs1 101 rd 0111011', (m, { rs1, rs2 }) =>
    word(m, divideUnsigned(m, unsignedWord(m, rs1), unsignedWord(m, rs2))),
  ),
  insn('remw rd, rs1, rs2', '0000001 rs2 rs1 110 rd 0111011', (m, { rs1, rs2 }) =>
    word(m, remainder(m, word(m, rs1), word(m, rs2))),
  ),
  insn('remuw rd, rs1, rs2', '0000001 rs2 rs1 111 rd 0111011', (m, { rs1, rs2 }) =>
    word(m, remainderUnsigned(m, unsignedWord(m, rs1), unsignedWord(m, rs2))),
  ),
];
