// Zbb: logic with a negated operand, counts of bits, minimum and maximum, extensions of bytes and halfwords, rotations,
// and operations on all bytes of a register (unprivileged manual, "B" extension).

import { instructionsOf } from './definition.ts';
import type { Machine, Value } from './vocabulary.ts';

const insn = instructionsOf('Zbb');
const WORD_BITS = 32;
const BYTE_BITS = 8;
const HALF_BITS = 16;

const word = <V extends Value>(m: Machine<V>, value: V) => m.signExtend(value, WORD_BITS);
const unsignedWord = <V extends Value>(m: Machine<V>, value: V) => m.bits(value, WORD_BITS - 1, 0);

/** A word rotated right by 0 to 31, sign-extended; a shift by 32 leaves nothing of it in the low half. */
function rotateWordRight<V extends Value>(m: Machine<V>, value: V, by: V): V {
  const bits = unsignedWord(m, value);
  return word(m, m.or(m.shiftRight(bits, by), m.shiftLeft(bits, m.sub(m.k(WORD_BITS), by))));
}
function rotateWordLeft<V extends Value>(m: Machine<V>, value: V, by: V): V {
  const bits = unsignedWord(m, value);
  return word(m, m.or(m.shiftLeft(bits, by), m.shiftRight(bits, m.sub(m.k(WORD_BITS), by))));
}
const wordShift = <V extends Value>(m: Machine<V>, value: V) => m.bits(value, 4, 0);

export const zbb = [
  insn('andn rd, rs1, rs2', '0100000 rs2 rs1 111 rd 0110011', (m, { rs1, rs2 }) => m.and(rs1, m.not(rs2))),
  insn('orn rd, rs1, rs2', '0100000 rs2 rs1 110 rd 0110011', (m, { rs1, rs2 }) => m.or(rs1, m.not(rs2))),
  insn('xnor rd, rs1, rs2', '0100000 rs2 rs1 100 rd 0110011', (m, { rs1, rs2 }) => m.not(m.xor(rs1, rs2))),

  insn('clz rd, rs1', '011000000000 rs1 001 rd 0010011', (m, { rs1 }) => m.countLeadingZeros(rs1)),
  insn('ctz rd, rs1', '011000000001 rs1 001 rd 0010011', (m, { rs1 }) => m.countTrailingZeros(rs1)),
  insn('cpop rd, rs1', '011000000010 rs1 001 rd 0010011', (m, { rs1 }) => m.populationCount(rs1)),
  // The upper half is put where it counts nothing, or just enough.
  insn('clzw rd, rs1', '011000000000 rs1 001 rd 0011011', (m, { rs1 }) =>
    m.sub(m.countLeadingZeros(unsignedWord(m, rs1)), m.k(WORD_BITS)),
  ),
  insn('ctzw rd, rs1', '011000000001 rs1 001 rd 0011011', (m, { rs1 }) =>
    m.countTrailingZeros(m.or(rs1, m.k(1n << BigInt(WORD_BITS)))),
  ),
  insn('cpopw rd, rs1', '011000000010 rs1 001 rd 0011011', (m, { rs1 }) => m.populationCount(unsignedWord(m, rs1))),

  insn('max rd, rs1, rs2', '0000101 rs2 rs1 110 rd 0110011', (m, { rs1, rs2 }) =>
    m.choose(m.lessThan(rs1, rs2), rs2, rs1),
  ),
  insn('maxu rd, rs1, rs2', '0000101 rs2 rs1 111 rd 0110011', (m, { rs1, rs2 }) =>
    m.choose(m.lessThanUnsigned(rs1, rs2), rs2, rs1),
  ),
  insn('min rd, rs1, rs2', '0000101 rs2 rs1 100 rd 0110011', (m, { rs1, rs2 }) =>
    m.choose(m.lessThan(rs1, rs2), rs1, rs2),
  ),
  insn('minu rd, rs1, rs2', '0000101 rs2 rs1 101 rd 0110011', (m, { rs1, rs2 }) =>
    m.choose(m.lessThanUnsigned(rs1, rs2), rs1, rs2),
  ),

  insn('sext.b rd, rs1', '011000000100 rs1 001 rd 0010011', (m, { rs1 }) => m.signExtend(rs1, BYTE_BITS)),
  insn('sext.h rd, rs1', '011000000101 rs1 001 rd 0010011', (m, { rs1 }) => m.signExtend(rs1, HALF_BITS)),
  insn('zext.h rd, rs1', '000010000000 rs1 100 rd 0111011', (m, { rs1 }) => m.bits(rs1, HALF_BITS - 1, 0)),

  insn('rol rd, rs1, rs2', '0110000 rs2 rs1 001 rd 0110011', (m, { rs1, rs2 }) => m.rotateLeft(rs1, rs2)),
  insn('ror rd, rs1, rs2', '0110000 rs2 rs1 101 rd 0110011', (m, { rs1, rs2 }) => m.rotateRight(rs1, rs2)),
  insn('rori rd, rs1, shamt', '011000 shamt[5:0] rs1 101 rd 0010011', (m, { rs1, shamt }) => m.rotateRight(rs1, shamt)),
  insn('rolw rd, rs1, rs2', '0110000 rs2 rs1 001 rd 0111011', (m, { rs1, rs2 }) =>
    rotateWordLeft(m, rs1, wordShift(m, rs2)),
  ),
  insn('rorw rd, rs1, rs2', '0110000 rs2 rs1 101 rd 0111011', (m, { rs1, rs2 }) =>
    rotateWordRight(m, rs1, wordShift(m, rs2)),
  ),
  insn('roriw rd, rs1, shamt', '0110000 shamt[4:0] rs1 101 rd 0011011', (m, { rs1, shamt }) =>
    rotateWordRight(m, rs1, shamt),
  ),

  insn('orc.b rd, rs1', '001010000111 rs1 101 rd 0010011', (m, { rs1 }) => m.orCombineBytes(rs1)),
  insn('rev8 rd, rs1', '011010111000 rs1 101 rd 0010011', (m, { rs1 }) => m.reverseBytes(rs1)),
];
