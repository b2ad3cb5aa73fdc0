// RV64I, the base integer instruction set, in the unprivileged manual's order: computation, control transfer, loads
// and stores, fences, environment calls. Instruction addresses are even and C is always there, so no jump can be
// misaligned (norm:Zca_no_misaligned).

import { Cause } from './causes.ts';
import { instructionsOf } from './definition.ts';
import { Mode } from './layout.ts';
import type { Machine, Value } from './vocabulary.ts';

const insn = instructionsOf('I');
const WORD_BITS = 32;

/** A 32-bit result, sign-extended as every *W instruction leaves it. */
const word = <V extends Value>(m: Machine<V>, value: V) => m.signExtend(value, WORD_BITS);
const zeroExtendedWord = <V extends Value>(m: Machine<V>, value: V) => m.bits(value, WORD_BITS - 1, 0);
/** The shift amount of a *W shift: five bits. */
const wordShift = <V extends Value>(m: Machine<V>, value: V) => m.bits(value, 4, 0);
const pcRelative = true;

export const rv64i = [
  insn('lui rd, imm[31:12]', 'imm[31:12] rd 0110111', (_, { imm }) => imm),
  insn('auipc rd, imm[31:12]', 'imm[31:12] rd 0010111', (m, { imm }) => m.add(m.pc, imm)),

  insn('addi rd, rs1, imm', 'imm[11:0] rs1 000 rd 0010011', (m, { rs1, imm }) => m.add(rs1, imm)),
  insn('slti rd, rs1, imm', 'imm[11:0] rs1 010 rd 0010011', (m, { rs1, imm }) => m.lessThan(rs1, imm)),
  insn('sltiu rd, rs1, imm', 'imm[11:0] rs1 011 rd 0010011', (m, { rs1, imm }) => m.lessThanUnsigned(rs1, imm)),
  insn('xori rd, rs1, imm', 'imm[11:0] rs1 100 rd 0010011', (m, { rs1, imm }) => m.xor(rs1, imm)),
  insn('ori rd, rs1, imm', 'imm[11:0] rs1 110 rd 0010011', (m, { rs1, imm }) => m.or(rs1, imm)),
  insn('andi rd, rs1, imm', 'imm[11:0] rs1 111 rd 0010011', (m, { rs1, imm }) => m.and(rs1, imm)),
  insn('slli rd, rs1, shamt', '000000 shamt[5:0] rs1 001 rd 0010011', (m, { rs1, shamt }) => m.shiftLeft(rs1, shamt)),
  insn('srli rd, rs1, shamt', '000000 shamt[5:0] rs1 101 rd 0010011', (m, { rs1, shamt }) => m.shiftRight(rs1, shamt)),
  insn('srai rd, rs1, shamt', '010000 shamt[5:0] rs1 101 rd 0010011', (m, { rs1, shamt }) =>
    m.shiftRightArithmetic(rs1, shamt),
  ),

  insn('add rd, rs1, rs2', '0000000 rs2 rs1 000 rd 0110011', (m, { rs1, rs2 }) => m.add(rs1, rs2)),
  insn('sub rd, rs1, rs2', '0100000 rs2 rs1 000 rd 0110011', (m, { rs1, rs2 }) => m.sub(rs1, rs2)),
  insn('sll rd, rs1, rs2', '0000000 rs2 rs1 001 rd 0110011', (m, { rs1, rs2 }) => m.shiftLeft(rs1, rs2)),
  insn('slt rd, rs1, rs2', '0000000 rs2 rs1 010 rd 0110011', (m, { rs1, rs2 }) => m.lessThan(rs1, rs2)),
  insn('sltu rd, rs1, rs2', '0000000 rs2 rs1 011 rd 0110011', (m, { rs1, rs2 }) => m.lessThanUnsigned(rs1, rs2)),
  insn('xor rd, rs1, rs2', '0000000 rs2 rs1 100 rd 0110011', (m, { rs1, rs2 }) => m.xor(rs1, rs2)),
  insn('srl rd, rs1, rs2', '0000000 rs2 rs1 101 rd 0110011', (m, { rs1, rs2 }) => m.shiftRight(rs1, rs2)),
  insn('sra rd, rs1, rs2', '0100000 rs2 rs1 101 rd 0110011', (m, { rs1, rs2 }) => m.shiftRightArithmetic(rs1, rs2)),
  insn('or rd, rs1, rs2', '0000000 rs2 rs1 110 rd 0110011', (m, { rs1, rs2 }) => m.or(rs1, rs2)),
  insn('and rd, rs1, rs2', '0000000 rs2 rs1 111 rd 0110011', (m, { rs1, rs2 }) => m.and(rs1, rs2)),

  insn('addiw rd, rs1, imm', 'imm[11:0] rs1 000 rd 0011011', (m, { rs1, imm }) => word(m, m.add(rs1, imm))),
  insn('slliw rd, rs1, shamt', '0000000 shamt[4:0] rs1 001 rd 0011011', (m, { rs1, shamt }) =>
    word(m, m.shiftLeft(rs1, shamt)),
  ),
  insn('srliw rd, rs1, shamt', '0000000 shamt[4:0] rs1 101 rd 0011011', (m, { rs1, shamt }) =>
    word(m, m.shiftRight(zeroExtendedWord(m, rs1), shamt)),
  ),
  insn('sraiw rd, rs1, shamt', '0100000 shamt[4:0] rs1 101 rd 0011011', (m, { rs1, shamt }) =>
    m.shiftRightArithmetic(word(m, rs1), shamt),
  ),
  insn('addw rd, rs1, rs2', '0000000 rs2 rs1 000 rd 0111011', (m, { rs1, rs2 }) => word(m, m.add(rs1, rs2))),
  insn('subw rd, rs1, rs2', '0100000 rs2 rs1 000 rd 0111011', (m, { rs1, rs2 }) => word(m, m.sub(rs1, rs2))),
  insn('sllw rd, rs1, rs2', '0000000 rs2 rs1 001 rd 0111011', (m, { rs1, rs2 }) =>
    word(m, m.shiftLeft(rs1, wordShift(m, rs2))),
  ),
  insn('srlw rd, rs1, rs2', '0000000 rs2 rs1 101 rd 0111011', (m, { rs1, rs2 }) =>
    word(m, m.shiftRight(zeroExtendedWord(m, rs1), wordShift(m, rs2))),
  ),
  insn('sraw rd, rs1, rs2', '0100000 rs2 rs1 101 rd 0111011', (m, { rs1, rs2 }) =>
    m.shiftRightArithmetic(word(m, rs1), wordShift(m, rs2)),
  ),

  insn(
    'jal rd, imm',
    'imm[20|10:1|11|19:12] rd 1101111',
    (m, { imm }) => {
      m.pc = m.add(m.pc, imm);
      return m.nextPc;
    },
    pcRelative,
  ),
  insn('jalr rd, imm(rs1)', 'imm[11:0] rs1 000 rd 1100111', (m, { rs1, imm }) => {
    m.pc = m.and(m.add(rs1, imm), m.k(~1n));
    return m.nextPc;
  }),
  insn(
    'beq rs1, rs2, imm',
    'imm[12|10:5] rs2 rs1 000 imm[4:1|11] 1100011',
    (m, { rs1, rs2, imm }) => {
      if (m.eq(rs1, rs2)) m.pc = m.add(m.pc, imm);
    },
    pcRelative,
  ),
  insn(
    'bne rs1, rs2, imm',
    'imm[12|10:5] rs2 rs1 001 imm[4:1|11] 1100011',
    (m, { rs1, rs2, imm }) => {
      if (!m.eq(rs1, rs2)) m.pc = m.add(m.pc, imm);
    },
    pcRelative,
  ),
  insn(
    'blt rs1, rs2, imm',
    'imm[12|10:5] rs2 rs1 100 imm[4:1|11] 1100011',
    (m, { rs1, rs2, imm }) => {
      if (m.less(rs1, rs2)) m.pc = m.add(m.pc, imm);
    },
    pcRelative,
  ),
  insn(
    'bge rs1, rs2, imm',
    'imm[12|10:5] rs2 rs1 101 imm[4:1|11] 1100011',
    (m, { rs1, rs2, imm }) => {
      if (!m.less(rs1, rs2)) m.pc = m.add(m.pc, imm);
    },
    pcRelative,
  ),
  insn(
    'bltu rs1, rs2, imm',
    'imm[12|10:5] rs2 rs1 110 imm[4:1|11] 1100011',
    (m, { rs1, rs2, imm }) => {
      if (m.below(rs1, rs2)) m.pc = m.add(m.pc, imm);
    },
    pcRelative,
  ),
  insn(
    'bgeu rs1, rs2, imm',
    'imm[12|10:5] rs2 rs1 111 imm[4:1|11] 1100011',
    (m, { rs1, rs2, imm }) => {
      if (!m.below(rs1, rs2)) m.pc = m.add(m.pc, imm);
    },
    pcRelative,
  ),

  insn('lb rd, imm(rs1)', 'imm[11:0] rs1 000 rd 0000011', (m, { rs1, imm }) =>
    m.signExtend(m.load(m.add(rs1, imm), 1), 8),
  ),
  insn('lh rd, imm(rs1)', 'imm[11:0] rs1 001 rd 0000011', (m, { rs1, imm }) =>
    m.signExtend(m.load(m.add(rs1, imm), 2), 16),
  ),
  insn('lw rd, imm(rs1)', 'imm[11:0] rs1 010 rd 0000011', (m, { rs1, imm }) => word(m, m.load(m.add(rs1, imm), 4))),
  insn('ld rd, imm(rs1)', 'imm[11:0] rs1 011 rd 0000011', (m, { rs1, imm }) => m.load(m.add(rs1, imm), 8)),
  insn('lbu rd, imm(rs1)', 'imm[11:0] rs1 100 rd 0000011', (m, { rs1, imm }) => m.load(m.add(rs1, imm), 1)),
  insn('lhu rd, imm(rs1)', 'imm[11:0] rs1 101 rd 0000011', (m, { rs1, imm }) => m.load(m.add(rs1, imm), 2)),
  insn('lwu rd, imm(rs1)', 'imm[11:0] rs1 110 rd 0000011', (m, { rs1, imm }) => m.load(m.add(rs1, imm), 4)),
  insn('sb rs2, imm(rs1)', 'imm[11:5] rs2 rs1 000 imm[4:0] 0100011', (m, { rs1, rs2, imm }) =>
    m.store(m.add(rs1, imm), 1, rs2),
  ),
  insn('sh rs2, imm(rs1)', 'imm[11:5] rs2 rs1 001 imm[4:0] 0100011', (m, { rs1, rs2, imm }) =>
    m.store(m.add(rs1, imm), 2, rs2),
  ),
  insn('sw rs2, imm(rs1)', 'imm[11:5] rs2 rs1 010 imm[4:0] 0100011', (m, { rs1, rs2, imm }) =>
    m.store(m.add(rs1, imm), 4, rs2),
  ),
  insn('sd rs2, imm(rs1)', 'imm[11:5] rs2 rs1 011 imm[4:0] 0100011', (m, { rs1, rs2, imm }) =>
    m.store(m.add(rs1, imm), 8, rs2),
  ),

  // Harts take turns and every access is in program order, so memory fences have nothing to do.
  insn('fence pred, succ', 'fm pred succ ignored[9:5] 000 ignored[4:0] 0001111', () => {}),

  insn('ecall', '000000000000 00000 000 00000 1110011', (m) => {
    if (m.is(m.mode, Mode.M)) return m.raise(Cause.EnvironmentCallFromM, m.k(0));
    if (m.is(m.mode, Mode.S)) return m.raise(Cause.EnvironmentCallFromS, m.k(0));
    return m.raise(Cause.EnvironmentCallFromU, m.k(0));
  }),
  insn('ebreak', '000000000001 00000 000 00000 1110011', (m) => m.raise(Cause.Breakpoint, m.pc)),
];
