// Floating point in all ways at once: hot loops of random instructions of F and D over hard operands, with rounding
// modes that change, flags that are read and cleared, registers that are no boxed singles, and the unit in use or not.
// Left out: whether the results are right, which tests/isa/float holds against IEEE 754's definition.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { INSTRUCTIONS } from '../../isa/instructions.ts';
import { insertFields } from '../../isa/pattern.ts';
import { word } from '../isa/float/support/operands.ts';
import { assembleGuest } from '../support/assembly.ts';
import { sidesOf } from '../support/engines.ts';
import { lockstep } from './lockstep.ts';
import { Random } from './random.ts';

const SCALE = Number(process.env['TRAPEZE_RUNS'] ?? 1);
const MINUTE = 60_000;
const PROGRAMS = 5;
const STEPS = 30_000;
const LENGTH = 40;
const ROUNDS = 900;
/** x registers that no instruction of the loop writes: its counter, its data, and the stack. */
const [DATA, LOW, MANY] = [9, 10, 6];
const FLOATING = INSTRUCTIONS.filter(({ extension }) => extension === 'F' || extension === 'D');
const MODES = [0, 1, 2, 3, 4, 7, 7, 7, 7, 7, 7, 7];

/** An instruction of the unit: loads and stores reach the data, x results go where nothing depends on them. */
function instruction(random: Random): string {
  const { pattern } = random.pick(FLOATING);
  const fields: Record<string, number> = {};
  for (const { name, register, width } of pattern.fields) {
    if (register === 'f') fields[name] = random.between(0, 15);
    else if (name === 'imm') fields[name] = 8 * random.between(0, 31);
    else if (name === 'rm') fields[name] = random.pick(MODES);
    else fields[name] = register === 'x' ? LOW + random.between(0, MANY - 1) : random.between(0, 2 ** width - 1);
  }
  if ('imm' in fields) fields['rs1'] = DATA;
  return `.4byte ${insertFields(pattern, fields)}`;
}

function piece(random: Random): string {
  switch (random.between(0, 25)) {
    case 0:
      return `fsrmi ${random.between(0, 4)}`;
    case 1:
      return `fsflagsi ${random.between(0, 31)}`;
    case 2:
      return 'frflags a0';
    case 3:
      return `li t0, FS ; csrc mstatus, t0 ; li t0, ${random.between(1, 3)} << 13 ; csrs mstatus, t0`;
    default:
      return instruction(random);
  }
}

function program(seed: number): string {
  const random = new Random(seed);
  const words = [...fc.sample(word('d'), { numRuns: 24, seed }), ...fc.sample(word('s'), { numRuns: 8, seed })];
  const boxed = words.map((each, index) => (index < 24 ? each : each | (0xffff_ffffn << 32n)));
  return `
        .equ    FS, 3 << 13
test:   li      t0, FS
        csrs    mstatus, t0
        la      s1, data
        .irp    n, ${Array.from({ length: 32 }, (_, n) => n).join(', ')}
        fld     f\\n, 8 * \\n(s1)
        .endr
        ${random.between(0, 1) ? 'fsflagsi 1' : ''}
        li      s0, ${ROUNDS}
loop:   ${Array.from({ length: LENGTH }, () => piece(random)).join('\n        ')}
        addi    s0, s0, -1
        bnez    s0, loop
        pass
        .balign 8
data:   .dword  ${boxed.join(', ')}
`;
}

test('random floating point is the same in all ways', { timeout: 2 * MINUTE * SCALE }, () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const text = program(seed);
      const sides = sidesOf({ bytes: assembleGuest(text) });
      const slices = Array.from({ length: 40 }, () => STEPS / 40);
      const { difference } = lockstep({ sides, slices });
      if (difference !== undefined) expect.fail(`${difference}\n${text}`);
    }),
    { numRuns: PROGRAMS * SCALE, endOnFailure: true },
  );
});
