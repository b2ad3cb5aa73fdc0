// The prose of every definition, pinned: a change of a definition or of the generator shows here as changed English.
// One file holds the instructions, one the CSRs, one the privileged architecture.
// Whether the prose is true rests on its being read off the tree, which recorder.test.ts runs.

import { describe, expect, test } from 'vitest';
import { explain } from '../../isa/explain.ts';
import { recordDefinition, recordInstruction } from '../../isa/recorder.ts';
import { type Form, forms, privileged } from './support/definitions.ts';
import { expectGolden } from './support/golden.ts';

const told = ({ title, instruction, encoded }: Form) =>
  `## ${title}\n${explain(recordInstruction(instruction, encoded))}\n`;
const isCsr = ({ instruction }: Form) => instruction.extension === 'Zicsr';

describe('in English', () => {
  test('every instruction', () => {
    expectGolden(
      'prose-instructions.txt',
      forms
        .filter((form) => !isCsr(form))
        .map(told)
        .join('\n'),
    );
  });
  test('reading and writing every CSR', () => {
    const telling = forms.filter((form) => isCsr(form) && /^csrrw [^,]+$|^csrrs [^,]+, rs1 = 0$/.test(form.title));
    expectGolden('prose-csrs.txt', telling.map(told).join('\n'));
  });
  test('the privileged architecture', () => {
    const text = privileged.map((definition) => `## ${definition.name}\n${explain(recordDefinition(definition))}\n`);
    expectGolden('prose-privileged.txt', text.join('\n'));
  });
  test('sret', () => {
    const sret = forms.find((form) => form.title === 'sret') as Form;
    expect(explain(recordInstruction(sret.instruction))).toBe(
      [
        'If mode = U or (mode = S and mstatus.TSR is set): raise illegal instruction, tval = instruction.',
        'mode ← mstatus.SPP; mstatus.SIE ← mstatus.SPIE; mstatus.SPIE ← 1; mstatus.SPP ← 0; mstatus.MPRV ← 0; pc ← sepc.',
      ].join('\n'),
    );
  });
  test('no definition is left without words, and none says undefined', () => {
    for (const form of forms) expect(told(form), form.title).toMatch(/\.\n$/);
    for (const form of forms) expect(told(form), form.title).not.toMatch(/undefined|NaN|\[object/);
  });
});
