// Every recording that generators must handle: each instruction, the CSR instructions once for each CSR and for each
// case of the encoded fields that they look at, and each piece of the privileged architecture.
// hpmcounters are all alike, so one of each kind stands for them.

import { CSRS, type Csr } from '../../../isa/csrs.ts';
import type { Instruction } from '../../../isa/definition.ts';
import { INSTRUCTIONS } from '../../../isa/instructions.ts';
import { selectInterrupt } from '../../../isa/interrupts.ts';
import { pmp } from '../../../isa/pmp.ts';
import { translate } from '../../../isa/translation.ts';
import { enterTrap } from '../../../isa/trap.ts';
import type { Definition } from '../../../isa/vocabulary.ts';

/** An instruction with the encoded fields that its body looks at. */
export interface Form {
  readonly title: string;
  readonly instruction: Instruction;
  readonly encoded: Readonly<Record<string, number>>;
}

const isAlike = ({ name }: Csr) => /^m?hpm(counter|event)(?!3$)/.test(name);
export const csrs: readonly Csr[] = CSRS.filter((csr) => !isAlike(csr));

/** One form for each way in which a CSR instruction is a different definition. */
function csrForms(instruction: Instruction): Form[] {
  const source = instruction.name.endsWith('i') ? 'uimm' : 'rs1';
  return csrs.flatMap(({ name, number: csr }) => [
    { title: `${instruction.name} ${name}`, instruction, encoded: { csr, rd: 1, [source]: 1 } },
    { title: `${instruction.name} ${name}, ${source} = 0`, instruction, encoded: { csr, rd: 1, [source]: 0 } },
  ]);
}

export const forms: readonly Form[] = INSTRUCTIONS.flatMap((instruction) =>
  instruction.extension === 'Zicsr' ? csrForms(instruction) : [{ title: instruction.name, instruction, encoded: {} }],
);

export const privileged: readonly Definition[] = [
  ...Object.values(translate),
  ...Object.values(pmp),
  enterTrap,
  selectInterrupt,
];
