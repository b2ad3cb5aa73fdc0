// A program that makes one operation of F or D after another on the operands of a table, each with its rounding mode,
// and stores what it yields and which flags it raises beside them. QEMU runs it; softFloat is held against the table.
// Left out: NaN boxing and FS, which the random sequences cover.

import type { FloatFormat, FloatOperation } from '../../../isa/float/operation.ts';
import { assemble } from '../../../src/asm/assemble.ts';
import { renderDiagnostics } from '../../../src/asm/diagnostic.ts';
import { RAM_BASE } from './qemu.ts';

export interface Case {
  readonly operation: FloatOperation;
  readonly format: FloatFormat;
  readonly rounding: number;
  readonly operands: readonly [bigint, bigint, bigint];
}

/** Of a case in the table, in doublewords: code, rounding mode, operands, result, flags. */
const CASE_BYTES = 64;
const AT = { code: 0, rounding: 8, operands: 16, result: 40, flags: 48 } as const;
const TABLE_OFFSET = 0x4000;
/** Room for the code of an operation. */
const BODY_BYTES = 64;
/** mstatus.FS. */
const FS_DIRTY = 0x6000;

const TWO: Readonly<Record<string, string>> = {
  add: 'fadd',
  sub: 'fsub',
  mul: 'fmul',
  div: 'fdiv',
  min: 'fmin',
  max: 'fmax',
};
const COMPARISONS: Readonly<Record<string, string>> = { equal: 'feq', less: 'flt', lessOrEqual: 'fle' };
const TO_INTEGER: Readonly<Record<string, string>> = { toInt32: 'w', toUint32: 'wu', toInt64: 'l', toUint64: 'lu' };
const FROM_INTEGER: Readonly<Record<string, string>> = {
  fromInt32: 'w',
  fromUint32: 'wu',
  fromInt64: 'l',
  fromUint64: 'lu',
};

/** From a0, a1, a2 to a0. */
function code(operation: FloatOperation, format: FloatFormat): readonly string[] {
  const letter = (of: FloatFormat) => (of === 's' ? 'w' : 'd');
  const into = ['fa0', 'fa1', 'fa2'].map((register, index) => `fmv.${letter(format)}.x ${register}, a${index}`);
  const back = (of: FloatFormat) => `fmv.x.${letter(of)} a0, fa0`;
  if (operation in TWO) {
    return [...into, `${TWO[operation]}.${format} fa0, fa0, fa1`, back(format)];
  }
  if (operation in COMPARISONS) return [...into, `${COMPARISONS[operation]}.${format} a0, fa0, fa1`];
  if (operation in TO_INTEGER) return [...into, `fcvt.${TO_INTEGER[operation]}.${format} a0, fa0, dyn`];
  if (operation in FROM_INTEGER) return [`fcvt.${format}.${FROM_INTEGER[operation]} fa0, a0`, back(format)];
  if (operation === 'sqrt') return [...into, `fsqrt.${format} fa0, fa0`, back(format)];
  if (operation === 'multiplyAdd') return [...into, `fmadd.${format} fa0, fa0, fa1, fa2`, back(format)];
  if (operation === 'toSingle') return [...into, 'fcvt.s.d fa0, fa0', back('s')];
  return [...into, 'fcvt.d.s fa0, fa0', back('d')];
}

/** The image, whose table is filled with the cases, and where the program ends. */
export function floatProgram(cases: readonly Case[]): { readonly image: Uint8Array; readonly done: bigint } {
  const names = [...new Set(cases.map(nameOf))];
  const bodies = names.map((name) => {
    const [operation, format] = name.split('.') as [FloatOperation, FloatFormat];
    return `.balign ${BODY_BYTES}\n${code(operation, format).join('\n')}\nret`;
  });
  const text = `.globl _start
_start: j begin
        .balign ${BODY_BYTES}
done:   j done
        .balign ${BODY_BYTES}
begin:  li t0, ${FS_DIRTY}
        csrs mstatus, t0
        la s0, _start + ${TABLE_OFFSET}
        li s1, ${cases.length}
        la s2, bodies
1:      beqz s1, done
        ld t0, ${AT.code}(s0)
        add t0, t0, s2
        ld t1, ${AT.rounding}(s0)
        ld a0, ${AT.operands}(s0)
        ld a1, ${AT.operands + 8}(s0)
        ld a2, ${AT.operands + 16}(s0)
        fsrm t1
        fsflags zero
        jalr t0
        frflags t1
        sd a0, ${AT.result}(s0)
        sd t1, ${AT.flags}(s0)
        addi s0, s0, ${CASE_BYTES}
        addi s1, s1, -1
        j 1b
        .balign ${BODY_BYTES}
bodies:
${bodies.join('\n')}
`;
  const { image, diagnostics } = assemble([{ name: 'float.s', text }], {});
  if (image === undefined) throw new Error(renderDiagnostics(diagnostics));
  const bytes = new Uint8Array(TABLE_OFFSET + cases.length * CASE_BYTES);
  bytes.set(image.raw);
  const view = new DataView(bytes.buffer);
  for (const [index, each] of cases.entries()) {
    const at = TABLE_OFFSET + index * CASE_BYTES;
    view.setBigUint64(at + AT.code, BigInt(names.indexOf(nameOf(each)) * BODY_BYTES), true);
    view.setBigUint64(at + AT.rounding, BigInt(each.rounding), true);
    for (const [place, operand] of each.operands.entries())
      view.setBigUint64(at + AT.operands + 8 * place, operand, true);
  }
  return { image: bytes, done: RAM_BASE + BigInt(BODY_BYTES) };
}

const nameOf = ({ operation, format }: Case) => `${operation}.${format}`;

/** What the program left of a case; a single's bits without what a register has above them. */
export function leftIn(image: Uint8Array, index: number, each: Case): { value: bigint; flags: number } {
  const view = new DataView(image.buffer, image.byteOffset);
  const at = TABLE_OFFSET + index * CASE_BYTES;
  const result = view.getBigUint64(at + AT.result, true);
  const isSingle =
    each.operation === 'toSingle' ||
    (each.format === 's' && !(each.operation in TO_INTEGER) && each.operation !== 'toDouble');
  return {
    value: isSingle ? BigInt.asUintN(32, result) : result,
    flags: Number(view.getBigUint64(at + AT.flags, true)),
  };
}
