// The D extension: double precision, and conversions between the formats. What instructions share is in floating.ts.

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

const insn = instructionsOf('D');

const read = <V extends Value>(m: Machine<V>, register: V): V => unboxed(m, 'd', register);
/** What goes to an f register. */
const toF =
  <V extends Value>(m: Machine<V>) =>
  (result: V): V =>
    boxed(m, 'd', result);
const toX = <V>(result: V): V => result;

export const rv64d = [
  insn('fld fd, imm(rs1)', 'imm[11:0] rs1 011 fd 0000111', (m, { rs1, imm }) => loadFloat(m, 'd', m.add(rs1, imm))),
  insn('fsd fs2, imm(rs1)', 'imm[11:5] fs2 rs1 011 imm[4:0] 0100111', (m, { rs1, fs2, imm }) =>
    storeFloat(m, 'd', m.add(rs1, imm), fs2),
  ),

  insn('fmadd.d fd, fs1, fs2, fs3, rm', 'fs3 01 fs2 fs1 rm fd 1000011', (m, { fs1, fs2, fs3 }, { rm }) =>
    compute(
      m,
      { operation: 'multiplyAdd', format: 'd', rounding: rm, operands: [read(m, fs1), read(m, fs2), read(m, fs3)] },
      toF(m),
    ),
  ),
  insn('fmsub.d fd, fs1, fs2, fs3, rm', 'fs3 01 fs2 fs1 rm fd 1000111', (m, { fs1, fs2, fs3 }, { rm }) =>
    compute(
      m,
      {
        operation: 'multiplyAdd',
        format: 'd',
        rounding: rm,
        operands: [read(m, fs1), read(m, fs2), negated(m, 'd', read(m, fs3))],
      },
      toF(m),
    ),
  ),
  insn('fnmsub.d fd, fs1, fs2, fs3, rm', 'fs3 01 fs2 fs1 rm fd 1001011', (m, { fs1, fs2, fs3 }, { rm }) =>
    compute(
      m,
      {
        operation: 'multiplyAdd',
        format: 'd',
        rounding: rm,
        operands: [negated(m, 'd', read(m, fs1)), read(m, fs2), read(m, fs3)],
      },
      toF(m),
    ),
  ),
  insn('fnmadd.d fd, fs1, fs2, fs3, rm', 'fs3 01 fs2 fs1 rm fd 1001111', (m, { fs1, fs2, fs3 }, { rm }) =>
    compute(
      m,
      {
        operation: 'multiplyAdd',
        format: 'd',
        rounding: rm,
        operands: [negated(m, 'd', read(m, fs1)), read(m, fs2), negated(m, 'd', read(m, fs3))],
      },
      toF(m),
    ),
  ),

  insn('fadd.d fd, fs1, fs2, rm', '0000001 fs2 fs1 rm fd 1010011', (m, { fs1, fs2 }, { rm }) =>
    compute(m, { operation: 'add', format: 'd', rounding: rm, operands: [read(m, fs1), read(m, fs2)] }, toF(m)),
  ),
  insn('fsub.d fd, fs1, fs2, rm', '0000101 fs2 fs1 rm fd 1010011', (m, { fs1, fs2 }, { rm }) =>
    compute(m, { operation: 'sub', format: 'd', rounding: rm, operands: [read(m, fs1), read(m, fs2)] }, toF(m)),
  ),
  insn('fmul.d fd, fs1, fs2, rm', '0001001 fs2 fs1 rm fd 1010011', (m, { fs1, fs2 }, { rm }) =>
    compute(m, { operation: 'mul', format: 'd', rounding: rm, operands: [read(m, fs1), read(m, fs2)] }, toF(m)),
  ),
  insn('fdiv.d fd, fs1, fs2, rm', '0001101 fs2 fs1 rm fd 1010011', (m, { fs1, fs2 }, { rm }) =>
    compute(m, { operation: 'div', format: 'd', rounding: rm, operands: [read(m, fs1), read(m, fs2)] }, toF(m)),
  ),
  insn('fsqrt.d fd, fs1, rm', '0101101 00000 fs1 rm fd 1010011', (m, { fs1 }, { rm }) =>
    compute(m, { operation: 'sqrt', format: 'd', rounding: rm, operands: [read(m, fs1)] }, toF(m)),
  ),

  insn('fsgnj.d fd, fs1, fs2', '0010001 fs2 fs1 000 fd 1010011', (m, { fs1, fs2 }) =>
    change(m, () => withSign(m, 'd', [read(m, fs1), read(m, fs2)], 'its')),
  ),
  insn('fsgnjn.d fd, fs1, fs2', '0010001 fs2 fs1 001 fd 1010011', (m, { fs1, fs2 }) =>
    change(m, () => withSign(m, 'd', [read(m, fs1), read(m, fs2)], 'opposite')),
  ),
  insn('fsgnjx.d fd, fs1, fs2', '0010001 fs2 fs1 010 fd 1010011', (m, { fs1, fs2 }) =>
    change(m, () => withSign(m, 'd', [read(m, fs1), read(m, fs2)], 'product')),
  ),
  insn('fmin.d fd, fs1, fs2', '0010101 fs2 fs1 000 fd 1010011', (m, { fs1, fs2 }) =>
    compute(m, { operation: 'min', format: 'd', operands: [read(m, fs1), read(m, fs2)] }, toF(m)),
  ),
  insn('fmax.d fd, fs1, fs2', '0010101 fs2 fs1 001 fd 1010011', (m, { fs1, fs2 }) =>
    compute(m, { operation: 'max', format: 'd', operands: [read(m, fs1), read(m, fs2)] }, toF(m)),
  ),
  insn('feq.d rd, fs1, fs2', '1010001 fs2 fs1 010 rd 1010011', (m, { fs1, fs2 }) =>
    compute(m, { operation: 'equal', format: 'd', operands: [read(m, fs1), read(m, fs2)] }, toX),
  ),
  insn('flt.d rd, fs1, fs2', '1010001 fs2 fs1 001 rd 1010011', (m, { fs1, fs2 }) =>
    compute(m, { operation: 'less', format: 'd', operands: [read(m, fs1), read(m, fs2)] }, toX),
  ),
  insn('fle.d rd, fs1, fs2', '1010001 fs2 fs1 000 rd 1010011', (m, { fs1, fs2 }) =>
    compute(m, { operation: 'lessOrEqual', format: 'd', operands: [read(m, fs1), read(m, fs2)] }, toX),
  ),
  insn('fclass.d rd, fs1', '1110001 00000 fs1 001 rd 1010011', (m, { fs1 }) =>
    reveal(m, () => classOf(m, 'd', read(m, fs1))),
  ),

  insn('fcvt.w.d rd, fs1, rm', '1100001 00000 fs1 rm rd 1010011', (m, { fs1 }, { rm }) =>
    compute(m, { operation: 'toInt32', format: 'd', rounding: rm, operands: [read(m, fs1)] }, toX),
  ),
  insn('fcvt.wu.d rd, fs1, rm', '1100001 00001 fs1 rm rd 1010011', (m, { fs1 }, { rm }) =>
    compute(m, { operation: 'toUint32', format: 'd', rounding: rm, operands: [read(m, fs1)] }, toX),
  ),
  insn('fcvt.l.d rd, fs1, rm', '1100001 00010 fs1 rm rd 1010011', (m, { fs1 }, { rm }) =>
    compute(m, { operation: 'toInt64', format: 'd', rounding: rm, operands: [read(m, fs1)] }, toX),
  ),
  insn('fcvt.lu.d rd, fs1, rm', '1100001 00011 fs1 rm rd 1010011', (m, { fs1 }, { rm }) =>
    compute(m, { operation: 'toUint64', format: 'd', rounding: rm, operands: [read(m, fs1)] }, toX),
  ),
  insn('fcvt.d.w fd, rs1, rm', '1101001 00000 rs1 rm fd 1010011', (m, { rs1 }, { rm }) =>
    compute(m, { operation: 'fromInt32', format: 'd', rounding: rm, operands: [rs1] }, toF(m)),
  ),
  insn('fcvt.d.wu fd, rs1, rm', '1101001 00001 rs1 rm fd 1010011', (m, { rs1 }, { rm }) =>
    compute(m, { operation: 'fromUint32', format: 'd', rounding: rm, operands: [rs1] }, toF(m)),
  ),
  insn('fcvt.d.l fd, rs1, rm', '1101001 00010 rs1 rm fd 1010011', (m, { rs1 }, { rm }) =>
    compute(m, { operation: 'fromInt64', format: 'd', rounding: rm, operands: [rs1] }, toF(m)),
  ),
  insn('fcvt.d.lu fd, rs1, rm', '1101001 00011 rs1 rm fd 1010011', (m, { rs1 }, { rm }) =>
    compute(m, { operation: 'fromUint64', format: 'd', rounding: rm, operands: [rs1] }, toF(m)),
  ),
  insn('fcvt.s.d fd, fs1, rm', '0100000 00001 fs1 rm fd 1010011', (m, { fs1 }, { rm }) =>
    compute(m, { operation: 'toSingle', format: 'd', rounding: rm, operands: [fs1] }, (result) =>
      boxed(m, 's', result),
    ),
  ),
  insn('fcvt.d.s fd, fs1, rm', '0100001 00000 fs1 rm fd 1010011', (m, { fs1 }, { rm }) =>
    compute(m, { operation: 'toDouble', format: 's', rounding: rm, operands: [unboxed(m, 's', fs1)] }, toF(m)),
  ),

  insn('fmv.x.d rd, fs1', '1110001 00000 fs1 000 rd 1010011', (m, { fs1 }) => reveal(m, () => fs1)),
  insn('fmv.d.x fd, rs1', '1111001 00000 rs1 000 fd 1010011', (m, { rs1 }) => change(m, () => rs1)),
];
