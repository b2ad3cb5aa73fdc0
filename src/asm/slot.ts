// What may stand in a place of an instruction's syntax: 'rd', 'imm(rs1)', 'csr', 'pred', 'imm[31:12]', 'sp'.
// The names are those of isa/; pseudo-instructions.ts adds 'symbol', 'rs' and 'rt'.

import { registerNumber } from '../../isa/registers.ts';
import type { Operand } from './operand.ts';

export type Slot = { readonly text: string } & (
  | { readonly kind: 'register'; readonly name: string }
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
  /** The value without its low twelve bits, as lui takes it. */
  | { readonly kind: 'upper'; readonly name: string }
  | { readonly kind: 'immediate'; readonly name: string }
);

const REGISTER_FIELD = /^r(d|s|s1|s2|t)$/;

export function parseSlot(written: string): Slot {
  const text = written.replaceAll("'", '');
  const memory = /^(.*)\((.*)\)$/.exec(text);
  if (memory !== null) {
    const [, offset = '', base = ''] = memory;
    return { text, kind: 'memory', offset: offset || undefined, base, number: registerNumber(base) };
  }
  if (REGISTER_FIELD.test(text)) return { text, kind: 'register', name: text };
  const number = registerNumber(text);
  if (number !== undefined) return { text, kind: 'fixed', number };
  if (text === 'csr') return { text, kind: 'csr', name: text };
  if (text === 'pred' || text === 'succ') return { text, kind: 'order', name: text };
  if (text.endsWith('[31:12]')) return { text, kind: 'upper', name: text.slice(0, text.indexOf('[')) };
  return { text, kind: 'immediate', name: text };
}

/** Whether an operand is of the kind that a slot takes; whether its value fits comes later. */
export function accepts(slot: Slot, operand: Operand): boolean {
  switch (slot.kind) {
    case 'register':
      return operand.kind === 'register';
    case 'fixed':
      return operand.kind === 'register' && operand.number === slot.number;
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
      return 'a register';
    case 'fixed':
      return `the register ${slot.text}`;
    case 'memory':
      return `a memory operand, ${slot.offset === undefined ? `(${slot.base})` : `offset(${slot.base})`}`;
    case 'csr':
      return 'a CSR by name or number';
    case 'order':
      return 'some of i, o, r, w';
    default:
      return slot.text === 'symbol' || slot.text === 'offset' ? 'a label' : 'a number';
  }
}
