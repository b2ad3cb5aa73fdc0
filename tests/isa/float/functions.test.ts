// The wasm functions of floating point against softFloat: value and flags, in every rounding mode.
// Each is also held to be fast where a program's numbers usually are, lest they all go the slow way and agree.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FLOAT_FORMS, Rounding } from '../../../isa/float/operation.ts';
import { softFloat } from '../../../isa/float/soft.ts';
import { runs } from '../support/runs.ts';
import { functions } from './support/functions.ts';
import { integer, operands, ordinary } from './support/operands.ts';

const compute = functions();
const MODES = Object.entries(Rounding);

describe.each(FLOAT_FORMS)('$operation.$format', ({ operation, format }) => {
  const run = compute(operation, format);
  const words = operation.startsWith('from') ? integer.map((a) => [a, 0n, 0n] as const) : operands(format);
  test('yields what softFloat does, with the same flags, in every mode', () => {
    fc.assert(
      fc.property(words, ([a, b, c]) => {
        for (const [mode, rounding] of MODES) {
          const { value, flags } = run(rounding, a, b, c);
          expect({ mode, value, flags }).toEqual({ mode, ...softFloat(operation, format, rounding, a, b, c) });
        }
      }),
      runs(300),
    );
  });
  test('goes the fast way where numbers are ordinary', () => {
    for (const [, rounding] of MODES) {
      for (const [a, b, c] of ordinary(operation, format)) {
        expect({ isSlow: run(rounding, a, b, c).isSlow, words: [a, b, c] }).toEqual({
          isSlow: false,
          words: [a, b, c],
        });
      }
    }
  });
});
