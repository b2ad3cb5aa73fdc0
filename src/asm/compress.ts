// From an instruction to the 16-bit one that expands to it: the expansions of isa/rv64c.ts, read backwards.
// GNU as's choice is the first in the manual's order, with the operands swapped where that makes no difference, and
// `addi rd, rs, 0` as c.mv; it writes jal and jalr out
// where the source does, and shortens only `j`, `jr`, `jalr rs` and `ret`.

import type { CompressedInstruction, Instruction, Origin } from '../../isa/definition.ts';
import { COMPRESSED } from '../../isa/instructions.ts';
import type { PatternField } from '../../isa/pattern.ts';
import type { CompressedForm } from './model.ts';

interface Rule {
  readonly compressed: CompressedInstruction;
  readonly operands: Readonly<Record<string, Origin>>;
}

const COMMUTATIVE: ReadonlySet<string> = new Set(['add', 'addw', 'and', 'or', 'xor']);
const WRITTEN_OUT: ReadonlySet<string> = new Set(['jal', 'jalr']);

const rules = new Map<string, Rule[]>();
for (const compressed of COMPRESSED) {
  const { instruction, operands } = compressed.expansion;
  if (WRITTEN_OUT.has(instruction.name)) continue;
  addRule(instruction.name, { compressed, operands });
  const { rd, rs1, rs2 } = operands;
  if (!COMMUTATIVE.has(instruction.name) || rd === undefined || rs1 === undefined || rs2 === undefined) continue;
  if ('field' in rd && 'field' in rs1 && rd.field === rs1.field) {
    addRule(instruction.name, { compressed, operands: { ...operands, rs1: rs2, rs2: rs1 } });
  }
  if ('value' in rs1) {
    // c.mv, which is also a move written as an addition of nothing.
    addRule('addi', { compressed, operands: { rd, rs1: rs2, imm: { value: 0 } } });
  }
}

function addRule(name: string, rule: Rule): void {
  rules.set(name, [...(rules.get(name) ?? []), rule]);
}

/** GNU as's short forms of `add rd, rs, imm`, which is addi and yet not treated like it: nothing is added in two bytes. */
const OF_ADDITION: ReadonlySet<string> = new Set(['c.addi', 'c.addi4spn', 'c.addi16sp']);

/**
 * The 16-bit form of an instruction, if any.
 * @param fields all fields of the instruction, but for the offset of a branch, which layout checks.
 * @param asAddition an addi that was written as add.
 */
export function compress(
  instruction: Instruction,
  fields: Readonly<Record<string, number>>,
  asAddition = false,
): CompressedForm | undefined {
  for (const { compressed, operands } of rules.get(instruction.name) ?? []) {
    if (asAddition && !OF_ADDITION.has(compressed.name)) continue;
    const own = invert(compressed, operands, fields, instruction.pcRelative);
    if (own !== undefined && !isHint(compressed, own, asAddition)) return { instruction: compressed, fields: own };
  }
  return undefined;
}

function isHint({ hints }: CompressedInstruction, own: Readonly<Record<string, number>>, asAddition: boolean): boolean {
  return hints.some(({ field, value }) => own[field] === value && !(asAddition && field === 'imm'));
}

function invert(
  compressed: CompressedInstruction,
  operands: Readonly<Record<string, Origin>>,
  fields: Readonly<Record<string, number>>,
  pcRelative: boolean,
): Record<string, number> | undefined {
  const own: Record<string, number> = {};
  for (const [name, origin] of Object.entries(operands)) {
    if (pcRelative && name === 'imm') continue;
    const value = fields[name];
    if (value === undefined) return undefined;
    const expected = 'value' in origin ? origin.value : (own[origin.field] ?? value);
    if (value !== expected) return undefined;
    if ('field' in origin) own[origin.field] = value;
  }
  for (const field of compressed.pattern.fields) {
    const value = own[field.name];
    if (value !== undefined && !fieldHolds(field, value)) return undefined;
  }
  return own;
}

const FIRST_PRIME = 8;
const LAST_PRIME = 15;

/** The values that a field can hold, its exclusions aside. */
export function fieldRange(field: PatternField): readonly [least: number, most: number] {
  if (field.prime) return [FIRST_PRIME, LAST_PRIME];
  const span = 2 ** field.width;
  return field.signed ? [-span / 2, span / 2 - field.scale] : [0, span - field.scale];
}

export function fieldHolds(field: PatternField, value: number): boolean {
  const [least, most] = fieldRange(field);
  return value >= least && value <= most && value % field.scale === 0 && !field.excluded.includes(value);
}
