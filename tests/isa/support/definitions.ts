// Every recording that generators must handle: each instruction, the CSR instructions once for each CSR and for each
// case of the encoded fields that they look at, and each piece of the privileged architecture.
// hpmcounters are all alike, so one of each kind stands for them.

import fc from 'fast-check';
import { Cause, INTERRUPT_BIT } from '../../../isa/causes.ts';
import { CSRS, type Csr } from '../../../isa/csrs.ts';
import type { Instruction } from '../../../isa/definition.ts';
import { Rounding } from '../../../isa/float/operation.ts';
import { INSTRUCTIONS } from '../../../isa/instructions.ts';
import { selectInterrupt } from '../../../isa/interrupts.ts';
import { extractFields } from '../../../isa/pattern.ts';
import { pmp } from '../../../isa/pmp.ts';
import { translate } from '../../../isa/translation.ts';
import { enterTrap } from '../../../isa/trap.ts';
import type { Definition } from '../../../isa/vocabulary.ts';
import { operand } from './random-state.ts';

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

/** One for frm's rounding mode, and one for a mode of its own. */
function roundingForms(instruction: Instruction): Form[] {
  return [
    { title: instruction.name, instruction, encoded: { rm: DYNAMIC } },
    { title: `${instruction.name}, rm = rtz`, instruction, encoded: { rm: Rounding.RTZ } },
  ];
}
const DYNAMIC = 7;

function formsOf(instruction: Instruction): Form[] {
  if (instruction.extension === 'Zicsr') return csrForms(instruction);
  if (instruction.pattern.fields.some(({ name }) => name === 'rm')) return roundingForms(instruction);
  return [{ title: instruction.name, instruction, encoded: {} }];
}
export const forms: readonly Form[] = INSTRUCTIONS.flatMap(formsOf);

export const privileged: readonly Definition[] = [
  ...Object.values(translate),
  ...Object.values(pmp),
  enterTrap,
  selectInterrupt,
];

/** Random fields, but those that the form is for; a source register is x0, or an immediate 0, just where it is for that. */
export function fieldsOfForm({ instruction: { pattern }, encoded }: Form): fc.Arbitrary<Record<string, number>> {
  return fc.nat({ max: 2 ** 32 - 1 }).map((word) => {
    const fields: Record<string, number> = { ...extractFields(pattern, word), ...encoded };
    for (const source of ['rs1', 'uimm']) if (encoded[source] === 1) fields[source] = (word >>> 15) & 31 || 1;
    return fields;
  });
}

/** Arguments of privileged definitions, by name. */
export function parameterArbitrary(name: string): fc.Arbitrary<bigint> {
  switch (name) {
    case 'cause':
      return fc.oneof(
        fc.constantFrom(...Object.values(Cause)).map(BigInt),
        fc.constantFrom(1n, 3n, 5n, 7n, 9n, 11n).map((code) => code | INTERRUPT_BIT),
      );
    case 'mode':
      return fc.constantFrom(0n, 1n, 3n);
    case 'bytes':
      return fc.constantFrom(1n, 2n, 4n, 8n);
    default:
      return operand;
  }
}
