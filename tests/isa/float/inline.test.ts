// Floating point in line against softFloat: the value where it does not leave, and that no flag but NX is missed.
// Each is also held not to leave where a program's numbers usually are.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emitInline, hasInline, isAlwaysExact } from '../../../isa/emit/float/inline.ts';
import {
  FLOAT_FORMS,
  FLOAT_OPERANDS,
  Flag,
  type FloatFormat,
  type FloatOperation,
  Rounding,
} from '../../../isa/float/operation.ts';
import { softFloat } from '../../../isa/float/soft.ts';
import { runs } from '../support/runs.ts';
import { single, type } from '../support/wasm.ts';
import { integer, operands, ordinary } from './support/operands.ts';

const FORMS = FLOAT_FORMS.flatMap(({ operation, format }) =>
  [Rounding.RNE, Rounding.RTZ]
    .filter((rounding) => hasInline(operation, format, rounding))
    .map((rounding) => ({ operation, format, rounding })),
);
const LEFT = 0x1234_5678_9abc_def0n;

/** The result, or undefined where it leaves. Upper bits of singles are set, as boxing leaves them in a register. */
function inline(operation: FloatOperation, format: FloatFormat, rounding: number) {
  const run = single(type(['i64', 'i64', 'i64'], ['i64']), (code) => {
    const left = code.open('block');
    const locals = [0, 1, 2].slice(0, FLOAT_OPERANDS[operation]);
    emitInline(code, operation, format, rounding, locals, () => code.leave(left));
    code.op('return');
    code.end();
    code.i64(LEFT);
  });
  const boxed = (word: bigint) => BigInt.asIntN(64, format === 's' ? word | (0xffff_ffffn << 32n) : word);
  const give = operation.startsWith('from') ? (word: bigint) => BigInt.asIntN(64, word) : boxed;
  return (...words: readonly bigint[]) => {
    const value = run(...words.map(give));
    return value === LEFT ? undefined : BigInt.asUintN(64, BigInt(value ?? 0n));
  };
}

describe.each(FORMS)('$operation.$format in mode $rounding', ({ operation, format, rounding }) => {
  const run = inline(operation, format, rounding);
  const words = operation.startsWith('from') ? integer.map((a) => [a, 0n, 0n] as const) : operands(format);
  const allowed = isAlwaysExact(operation, format) ? 0 : Flag.NX;

  test('yields what softFloat does, and misses no flag but NX', () => {
    fc.assert(
      fc.property(words, ([a, b, c]) => {
        const made = run(a, b, c);
        if (made === undefined) return;
        const { value, flags } = softFloat(operation, format, rounding, a, b, c);
        expect({ made, missed: flags & ~allowed }).toEqual({ made: value, missed: 0 });
      }),
      runs(500),
    );
  });
  test('does not leave where numbers are ordinary', () => {
    for (const words of ordinary(operation, format)) expect(run(...words), `${words}`).not.toBe(undefined);
  });
});
