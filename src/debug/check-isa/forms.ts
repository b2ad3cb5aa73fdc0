// What is classified: each instruction once, and each CSR instruction once for each CSR and way of using it. Operands
// are fixed registers (a0 to a3) and small immediates; values are the scene's. Compressed instructions are their
// expansions, and need no form of their own.

import { CSRS } from '../../../isa/csrs.ts';
import type { Decoded } from '../../../isa/decode.ts';
import { decode } from '../../../isa/decode.ts';
import type { Instruction } from '../../../isa/definition.ts';
import { INSTRUCTIONS } from '../../../isa/instructions.ts';
import { insertFields } from '../../../isa/pattern.ts';

export interface Form {
  /** As it is reported: a mnemonic, of a CSR access with the CSR. */
  readonly name: string;
  /** What forms are counted under: the mnemonic, or the CSR with `read` or `write`. */
  readonly group: string;
  readonly decoded: Decoded;
}

/** The registers that operands are in. */
export const OPERANDS = { rd: 10, rs1: 11, rs2: 12, rs3: 13 } as const;
/** A multiple of every scale, positive and in reach of every scene. */
const IMMEDIATE = 16;
const SMALL = 3;
const ALL_ACCESSES = 0b1111;

export function formsOfAll(): readonly Form[] {
  return INSTRUCTIONS.flatMap((instruction) =>
    instruction.extension === 'Zicsr' ? csrForms(instruction) : [formOf(instruction, instruction.name, {})],
  );
}

function csrForms(instruction: Instruction): Form[] {
  const source = instruction.pattern.fields.some(({ name }) => name === 'uimm') ? 'uimm' : 'rs1';
  const given = source === 'uimm' ? SMALL : OPERANDS.rs1;
  // csrrs and csrrc of x0, and of an immediate 0, do not write: forms of their own.
  const reads = /^csrr[sc]/.test(instruction.name) ? [0] : [];
  return CSRS.flatMap(({ name, number }) =>
    [...reads, given].map((value) => ({
      ...formOf(instruction, `${instruction.name} ${name}${value === 0 ? ' (read)' : ''}`, {
        csr: number,
        [source]: value,
      }),
      group: `${name}, ${value === 0 ? 'read' : 'written'}`,
    })),
  );
}

function formOf(instruction: Instruction, name: string, given: Readonly<Record<string, number>>): Form {
  const fields = Object.fromEntries(
    instruction.pattern.fields.map((field) => [field.name, given[field.name] ?? usual(field.name)]),
  );
  const decoded = decode(insertFields(instruction.pattern, fields));
  if (decoded?.instruction !== instruction) throw new Error(`internal error: ${name} is encoded as something else`);
  return { name, group: instruction.name, decoded };
}

function usual(field: string): number {
  const register = (OPERANDS as Readonly<Record<string, number>>)[field];
  if (register !== undefined) return register;
  if (field === 'imm') return IMMEDIATE;
  if (field === 'pred' || field === 'succ') return ALL_ACCESSES;
  return field === 'shamt' ? SMALL : 0;
}
