// What may stand in a place of an instruction's syntax: 'rd', 'fs1', 'imm(rs1)', 'csr', 'pred', 'imm[31:12]', 'sp', 'rm'.
// The names are those of isa/; pseudo-instructions.ts adds 'symbol', 'rs' and 'rt', 'fs' and 'ft'.

import { type RegisterFile, registerNumber } from '../../isa/registers.ts';
import type { Operand } from './operand.ts';

export type Slot = { readonly text: string } & (
  | { readonly kind: 'register'; readonly name: string; readonly file: RegisterFile }
  /** This register and no other. */
  | { readonly kind: 'fixed'; readonly number: number }
  /** An offset, missing in '(rs1)', from a register: by field, or fixed as in 'uimm(sp)'. */
  | {
      readonly kind: 'memory';
      readonly offset: string | undefined;
      readonly base: string;
      readonly number: number | undefined;
    }
  | { readonly kind: 'csr'; readonly name: string }
  | { readonly kind: 'order'; readonly name: string }
  /** A rounding mode, last and optional. */
  | { readonly kind: 'rounding'; readonly name: string }
  /** The value without its low twelve bits, as lui takes it. */
  | { readonly kind: 'upper'; readonly name: string }
  | { readonly kind: 'immediate'; readonly name: string }
);

/** By their encodings; those between `rmm` and `dyn` are reserved. */
export const ROUNDING_MODES = ['rne', 'rtz', 'rdn', 'rup', 'rmm', 'dyn'] as const;
const DYNAMIC = 7;
/** The number that encodes a rounding mode by name. */
export function roundingNumber(name: string): number | undefined {
  const index = (ROUNDING_MODES as readonly string[]).indexOf(name);
  return index < 0 ? undefined : name === 'dyn' ? DYNAMIC : index;
}
/** The name of an encoded rounding mode. */
export const roundingName = (number: number): string =>
  ROUNDING_MODES.find((mode) => roundingNumber(mode) === number) ?? 'unknown';

/** The conversions that never round, whose mode GNU as leaves at 0. */
const NEVER_ROUNDS: ReadonlySet<string> = new Set(['fcvt.d.s', 'fcvt.d.w', 'fcvt.d.wu']);
/** The rounding mode of an instruction that is written without one. */
export const usualRounding = (instruction: string): number => (NEVER_ROUNDS.has(instruction) ? 0 : DYNAMIC);

const REGISTER_FIELD = /^([rf])(d|s|s1|s2|s3|t)$/;

export function parseSlot(written: string): Slot {
  const text = written.replaceAll("'", '');
  const memory = /^(.*)\((.*)\)$/.exec(text);
  if (memory !== null) {
    const [, offset = '', base = ''] = memory;
    return { text, kind: 'memory', offset: offset || undefined, base, number: registerNumber(base) };
  }
  const letter = REGISTER_FIELD.exec(text)?.[1];
  if (letter !== undefined) return { text, kind: 'register', name: text, file: letter === 'f' ? 'f' : 'x' };
  const number = registerNumber(text);
  if (number !== undefined) return { text, kind: 'fixed', number };
  if (text === 'csr') return { text, kind: 'csr', name: text };
  if (text === 'rm') return { text, kind: 'rounding', name: text };
  if (text === 'pred' || text === 'succ') return { text, kind: 'order', name: text };
  if (text.endsWith('[31:12]')) return { text, kind: 'upper', name: text.slice(0, text.indexOf('[')) };
  return { text, kind: 'immediate', name: text };
}

/** Whether an operand is of the kind that a slot takes; whether its value fits comes later. */
export function accepts(slot: Slot, operand: Operand): boolean {
  switch (slot.kind) {
    case 'register':
      return operand.kind === 'register' && operand.file === slot.file;
    case 'fixed':
      return operand.kind === 'register' && operand.file === 'x' && operand.number === slot.number;
    case 'memory':
      return operand.kind === 'memory' && (slot.number === undefined || slot.number === operand.base);
    default:
      return operand.kind === 'immediate';
  }
}

/** A slot in words, for messages. */
export function describeSlot(slot: Slot): string {
  switch (slot.kind) {
    case 'register':
      return slot.file === 'f' ? 'a floating-point register' : 'an integer register';
    case 'fixed':
      return `the register ${slot.text}`;
    case 'memory':
      return `a memory operand, ${slot.offset === undefined ? `(${slot.base})` : `offset(${slot.base})`}`;
    case 'csr':
      return 'a CSR by name or number';
    case 'order':
      return 'some of i, o, r, w';
    case 'rounding':
      return `a rounding mode (${ROUNDING_MODES.join(', ')})`;
    default:
      return slot.text === 'symbol' || slot.text === 'offset' ? 'a label' : 'a number';
  }
}
