// The F extension: single precision in registers of 64 bits (FLEN = 64, for there is no F without D here). Its rounding
// mode is a field of the instruction; every other thing that instructions share is in floating.ts.
// Left out: Zfh, Zfa and the bfloat16 extensions.

import { instructionsOf } from './definition.ts';
import {
  boxed,
  change,
  classOf,
  compute,
  loadFloat,
  negated,
  reveal,
  storeFloat,
  unboxed,
  withSign,
} from './floating.ts';
import type { Machine, Value } from './vocabulary.ts';

const insn = instructionsOf('F');

const read = <V extends Value>(m: Machine<V>, register: V): V => unboxed(m, 's', register);
/** What goes to an f register. */
const toF =
  <V extends Value>(m: Machine<V>) =>
  (result: V): V =>
    boxed(m, 's', result);
const toX = <V>(result: V): V => result;

export const rv64f = [
  insn('flw fd, imm(rs1)', 'imm[11:0] rs1 010 fd 0000111', (m, { rs1, imm }) => loadFloat(m, 's', m.add(rs1, imm))),
  insn('fsw fs2, imm(rs1)', 'imm[11:5] fs2 rs1 010 imm[4:0] 0100111', (m, { rs1, fs2, imm }) =>
    storeFloat(m, 's', m.add(rs1, imm), fs2),
  ),

  insn('fmadd.s fd, fs1, fs2, fs3, rm', 'fs3 00 fs2 fs1 rm fd 1000011', (m, { fs1, fs2, fs3 }, { rm }) =>
    compute(
      m,
      { operation: 'multiplyAdd', format: 's', rounding: rm, operands: [read(m, fs1), read(m, fs2), read(m, fs3)] },
      toF(m),
    ),
  ),
  insn('fmsub.s fd, fs1, fs2, fs3, rm', 'fs3 00 fs2 fs1 rm fd 1000111', (m, { fs1, fs2, fs3 }, { rm }) =>
    compute(
      m,
      {
        operation: 'multiplyAdd',
        format: 's',
        rounding: rm,
        operands: [read(m, fs1), read(m, fs2), negated(m, 's', read(m, fs3))],
      },
      toF(m),
    ),
  ),
  insn('fnmsub.s fd, fs1, fs2, fs3, rm', 'fs3 00 fs2 fs1 rm fd 1001011', (m, { fs1, fs2, fs3 }, { rm }) =>
    compute(
      m,
      {
        operation: 'multiplyAdd',
        format: 's',
        rounding: rm,
        operands: [negated(m, 's', read(m, fs1)), read(m, fs2), read(m, fs3)],
      },
      toF(m),
    ),
  ),
  insn('fnmadd.s fd, fs1, fs2, fs3, rm', 'fs3 00 fs2 fs1 rm fd 1001111', (m, { fs1, fs2, fs3 }, { rm }) =>
    compute(
      m,
      {
        operation: 'multiplyAdd',
        format: 's',
        rounding: rm,
        operands: [negated(m, 's', read(m, fs1)), read(m, fs2), negated(m, 's', read(m, fs3))],
      },
      toF(m),
    ),
  ),

  insn('fadd.s fd, fs1, fs2, rm', '0000000 fs2 fs1 rm fd 1010011', (m, { fs1, fs2 }, { rm }) =>
    compute(m, { operation: 'add', format: 's', rounding: rm, operands: [read(m, fs1), read(m, fs2)] }, toF(m)),
  ),
  insn('fsub.s fd, fs1, fs2, rm', '0000100 fs2 fs1 rm fd 1010011', (m, { fs1, fs2 }, { rm }) =>
    compute(m, { operation: 'sub', format: 's', rounding: rm, operands: [read(m, fs1), read(m, fs2)] }, toF(m)),
  ),
  insn('fmul.s fd, fs1, fs2, rm', '0001000 fs2 fs1 rm fd 1010011', (m, { fs1, fs2 }, { rm }) =>
    compute(m, { operation: 'mul', format: 's', rounding: rm, operands: [read(m, fs1), read(m, fs2)] }, toF(m)),
  ),
  insn('fdiv.s fd, fs1, fs2, rm', '0001100 fs2 fs1 rm fd 1010011', (m, { fs1, fs2 }, { rm }) =>
    compute(m, { operation: 'div', format: 's', rounding: rm, operands: [read(m, fs1), read(m, fs2)] }, toF(m)),
  ),
  insn('fsqrt.s fd, fs1, rm', '0101100 00000 fs1 rm fd 1010011', (m, { fs1 }, { rm }) =>
    compute(m, { operation: 'sqrt', format: 's', rounding: rm, operands: [read(m, fs1)] }, toF(m)),
  ),

  insn('fsgnj.s fd, fs1, fs2', '0010000 fs2 fs1 000 fd 1010011', (m, { fs1, fs2 }) =>
    change(m, () => withSign(m, 's', [read(m, fs1), read(m, fs2)], 'its')),
  ),
  insn('fsgnjn.s fd, fs1, fs2', '0010000 fs2 fs1 001 fd 1010011', (m, { fs1, fs2 }) =>
    change(m, () => withSign(m, 's', [read(m, fs1), read(m, fs2)], 'opposite')),
  ),
  insn('fsgnjx.s fd, fs1, fs2', '0010000 fs2 fs1 010 fd 1010011', (m, { fs1, fs2 }) =>
    change(m, () => withSign(m, 's', [read(m, fs1), read(m, fs2)], 'product')),
  ),
  insn('fmin.s fd, fs1, fs2', '0010100 fs2 fs1 000 fd 1010011', (m, { fs1, fs2 }) =>
    compute(m, { operation: 'min', format: 's', operands: [read(m, fs1), read(m, fs2)] }, toF(m)),
  ),
  insn('fmax.s fd, fs1, fs2', '0010100 fs2 fs1 001 fd 1010011', (m, { fs1, fs2 }) =>
    compute(m, { operation: 'max', format: 's', operands: [read(m, fs1), read(m, fs2)] }, toF(m)),
  ),
  insn('feq.s rd, fs1, fs2', '1010000 fs2 fs1 010 rd 1010011', (m, { fs1, fs2 }) =>
    compute(m, { operation: 'equal', format: 's', operands: [read(m, fs1), read(m, fs2)] }, toX),
  ),
  insn('flt.s rd, fs1, fs2', '1010000 fs2 fs1 001 rd 1010011', (m, { fs1, fs2 }) =>
    compute(m, { operation: 'less', format: 's', operands: [read(m, fs1), read(m, fs2)] }, toX),
  ),
  insn('fle.s rd, fs1, fs2', '1010000 fs2 fs1 000 rd 1010011', (m, { fs1, fs2 }) =>
    compute(m, { operation: 'lessOrEqual', format: 's', operands: [read(m, fs1), read(m, fs2)] }, toX),
  ),
  insn('fclass.s rd, fs1', '1110000 00000 fs1 001 rd 1010011', (m, { fs1 }) =>
    reveal(m, () => classOf(m, 's', read(m, fs1))),
  ),

  insn('fcvt.w.s rd, fs1, rm', '1100000 00000 fs1 rm rd 1010011', (m, { fs1 }, { rm }) =>
    compute(m, { operation: 'toInt32', format: 's', rounding: rm, operands: [read(m, fs1)] }, toX),
  ),
  insn('fcvt.wu.s rd, fs1, rm', '1100000 00001 fs1 rm rd 1010011', (m, { fs1 }, { rm }) =>
    compute(m, { operation: 'toUint32', format: 's', rounding: rm, operands: [read(m, fs1)] }, toX),
  ),
  insn('fcvt.l.s rd, fs1, rm', '1100000 00010 fs1 rm rd 1010011', (m, { fs1 }, { rm }) =>
    compute(m, { operation: 'toInt64', format: 's', rounding: rm, operands: [read(m, fs1)] }, toX),
  ),
  insn('fcvt.lu.s rd, fs1, rm', '1100000 00011 fs1 rm rd 1010011', (m, { fs1 }, { rm }) =>
    compute(m, { operation: 'toUint64', format: 's', rounding: rm, operands: [read(m, fs1)] }, toX),
  ),
  insn('fcvt.s.w fd, rs1, rm', '1101000 00000 rs1 rm fd 1010011', (m, { rs1 }, { rm }) =>
    compute(m, { operation: 'fromInt32', format: 's', rounding: rm, operands: [rs1] }, toF(m)),
  ),
  insn('fcvt.s.wu fd, rs1, rm', '1101000 00001 rs1 rm fd 1010011', (m, { rs1 }, { rm }) =>
    compute(m, { operation: 'fromUint32', format: 's', rounding: rm, operands: [rs1] }, toF(m)),
  ),
  insn('fcvt.s.l fd, rs1, rm', '1101000 00010 rs1 rm fd 1010011', (m, { rs1 }, { rm }) =>
    compute(m, { operation: 'fromInt64', format: 's', rounding: rm, operands: [rs1] }, toF(m)),
  ),
  insn('fcvt.s.lu fd, rs1, rm', '1101000 00011 rs1 rm fd 1010011', (m, { rs1 }, { rm }) =>
    compute(m, { operation: 'fromUint64', format: 's', rounding: rm, operands: [rs1] }, toF(m)),
  ),

  // The bits as they are, boxed or not.
  insn('fmv.x.w rd, fs1', '1110000 00000 fs1 000 rd 1010011', (m, { fs1 }) => reveal(m, () => m.signExtend(fs1, 32))),
  insn('fmv.w.x fd, rs1', '1111000 00000 rs1 000 fd 1010011', (m, { rs1 }) =>
    change(m, () => boxed(m, 's', m.bits(rs1, 31, 0))),
  ),
];
