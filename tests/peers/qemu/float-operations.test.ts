// Every operation of softFloat yields what QEMU's hart yields, and raises the same flags, in every rounding mode, on
// operands that are likely to be hard. TRAPEZE_RUNS multiplies the size, TRAPEZE_SEED repeats a run.

import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { FLOAT_OPERANDS, type FloatFormat, type FloatOperation } from '../../../isa/float/operation.ts';
import { softFloat } from '../../../isa/float/soft.ts';
import { operands } from '../../isa/float/support/operands.ts';
import { type Case, floatProgram, leftIn } from './float-operations.ts';
import { Qemu, qemuVersion } from './qemu.ts';

const PER_OPERATION = 400 * Number(process.env['TRAPEZE_RUNS'] ?? 1);
const SEED = Number(process.env['TRAPEZE_SEED'] ?? 1);
const ROUNDING_MODES = [0, 1, 2, 3, 4];
const RUN_MS = 60_000;
const SHOWN = 10;

const OPERATIONS = (Object.keys(FLOAT_OPERANDS) as FloatOperation[]).flatMap((operation) =>
  (['s', 'd'] as const).filter((format) => isThere(operation, format)).map((format) => ({ operation, format })),
);
function isThere(operation: FloatOperation, format: FloatFormat): boolean {
  return operation === 'toSingle' ? format === 'd' : operation === 'toDouble' ? format === 's' : true;
}

const cases: readonly Case[] = OPERATIONS.flatMap(({ operation, format }, index) => {
  const triples = fc.sample(operands(format), { numRuns: PER_OPERATION, seed: SEED + index });
  return triples.flatMap((each) =>
    ROUNDING_MODES.map((rounding): Case => ({ operation, format, rounding, operands: each })),
  );
});

/** The cases in which an evaluator does not do what QEMU did. */
function wrong(theirs: Uint8Array, evaluate: typeof softFloat): string[] {
  const hex = (word: bigint) => `0x${word.toString(16)}`;
  return cases.flatMap((each, index) => {
    const { operation, format, rounding, operands: of } = each;
    const ours = evaluate(operation, format, rounding, ...of);
    const { value, flags } = leftIn(theirs, index, each);
    if (ours.value === value && ours.flags === flags) return [];
    const name = `${operation}.${format} rm ${rounding} of ${of.map(hex)}`;
    return `${name}: QEMU ${hex(value)} ${flags}, ours ${hex(ours.value)} ${ours.flags}`;
  });
}

describe.skipIf(qemuVersion() === undefined)(`${cases.length} operations on QEMU`, () => {
  let theirs: Uint8Array = new Uint8Array();
  beforeAll(async () => {
    const { image, done } = floatProgram(cases);
    const qemu = await Qemu.start(image);
    try {
      await qemu.setBreakpoint(done);
      expect(await qemu.run(RUN_MS)).toBe(true);
      theirs = qemu.ramImage(image.length);
    } finally {
      qemu.stop();
    }
  }, 2 * RUN_MS);

  test('yield what they yield here, and raise the same flags', () => {
    const found = wrong(theirs, softFloat);
    expect(found.length, found.slice(0, SHOWN).join('\n')).toBe(0);
  });
  test('notice a rounding mode, or a flag, that is not heeded', () => {
    const towardsZero: typeof softFloat = (operation, format, _, ...of) => softFloat(operation, format, 1, ...of);
    expect(wrong(theirs, towardsZero).length).toBeGreaterThan(cases.length / 20);
    const exact: typeof softFloat = (...of) => ({ ...softFloat(...of), flags: 0 });
    expect(wrong(theirs, exact).length).toBeGreaterThan(cases.length / 4);
  });
});
