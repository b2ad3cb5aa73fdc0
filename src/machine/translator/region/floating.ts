// Floating point in a region, whose blocks know that the unit is in use and rounds to nearest: in line where fflags.NX
// is set already, so that nobody can tell whether a result is exact, and by the core's functions elsewhere.
// Left out: other values of frm, and of mstatus.FS, which the interpreter sees to.

import type { FloatEvent } from '../../../../isa/emit/emitter.ts';
import { emitInline, hasInline, isAlwaysExact } from '../../../../isa/emit/float/inline.ts';
import type { OutcomeLocals } from '../../../../isa/emit/values.ts';
import type { Code } from '../../../../isa/emit/wasm.ts';
import { Flag, floatForm, MOST_FLOAT_OPERANDS } from '../../../../isa/float/operation.ts';
import { UNIT_READY } from '../../../../isa/floating.ts';
import { WORD } from '../../../../isa/layout.ts';
import { raiseFlags } from '../floats.ts';
import { BASE, word } from '../steps.ts';

/** Pushes whether the unit is not as blocks take it to be. */
export function pushUnitUnready(code: Code): void {
  for (const [index, { word: at, field, value }] of UNIT_READY.entries()) {
    const [high, low] = field;
    code.op('local.get', BASE).op('i32.load', word(at));
    code.i32((2 ** (high - low + 1) - 1) << low).op('i32.and');
    code.i32(value << low).op('i32.ne');
    if (index > 0) code.op('i32.or');
  }
}

/** Pushes whether fflags.NX is clear. */
export function pushExactSoFar(code: Code): void {
  code.op('local.get', BASE).op('i32.load8_u', word(WORD.fcsr)).i32(Flag.NX).op('i32.and').op('i32.eqz');
}

/**
 * Computes over operands in i64 locals.
 * @param float the index of the core's function for all operations.
 * @param isInexact fflags.NX is known to be set.
 */
export function emitFloat(
  code: Code,
  float: number,
  { operation, format, rounding }: FloatEvent,
  operands: readonly number[],
  isInexact: boolean,
): OutcomeLocals {
  const mode = rounding.kind === 'constant' ? Number(rounding.value) : undefined;
  const [value, flags] = [code.scratch('i64'), code.scratch('i32')];
  const done = code.open('block');
  if (mode !== undefined && hasInline(operation, format, mode)) {
    const called = code.open('block');
    if (!isInexact && !isAlwaysExact(operation, format)) {
      pushExactSoFar(code);
      code.leaveIf(called);
    }
    emitInline(code, operation, format, mode, operands, () => code.leave(called));
    code.op('local.set', value);
    code.leave(done);
    code.end();
  }
  code.i32(floatForm(operation, format)).i32(mode ?? 0);
  for (let index = 0; index < MOST_FLOAT_OPERANDS; index++) {
    const operand = operands[index];
    if (operand === undefined) code.i64(0n);
    else code.op('local.get', operand);
  }
  code.op('call', float).op('local.set', flags).op('local.set', value);
  raiseFlags(code, flags);
  code.end();
  return { value, cause: flags }; // it raises nothing
}
