// Random instructions as words, with registers that a program lets them have: plain ones, which compute, for what a
// program runs and for what it stores over its own code.

import type { CompressedInstruction, Instruction } from '../../../isa/definition.ts';
import { COMPRESSED, INSTRUCTIONS } from '../../../isa/instructions.ts';
import { insertFields, type PatternField } from '../../../isa/pattern.ts';
import { disassemble } from '../../../src/asm/disassemble.ts';
import type { Random } from '../../peers/qemu/random.ts';
import { RAM } from './layout.ts';

/** Registers that operations read and write as they like. */
export const FREE = [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30] as const;
const FREE_PRIME = [8, 9, 10, 11, 12, 13, 14, 15] as const;

const isJump = ({ name }: { readonly name: string }) => /^(jalr?|b(eq|ne|ltu?|geu?)|ecall|ebreak)$/.test(name);
const isMemory = ({ name }: { readonly name: string }) => /^(c\.)?(l[bhwd]u?|s[bhwd])(sp)?$/.test(name);
const PLAIN = INSTRUCTIONS.filter((i) => ['I', 'M'].includes(i.extension) && !isJump(i) && !isMemory(i));
const SHORT = COMPRESSED.filter((i) => !/^c\.(j|jr|jalr|beqz|bnez|ebreak|addi16sp)$/.test(i.name));

function operand(field: PatternField, random: Random): number {
  const { width, scale, signed, register, prime, excluded } = field;
  for (;;) {
    const bits = Math.min(width, 31);
    const raw = random.below(2 ** bits) - (signed ? 2 ** (bits - 1) : 0);
    const value = register ? random.pick(prime ? FREE_PRIME : FREE) : Math.floor(raw / scale) * scale;
    if (!excluded.includes(value)) return value;
  }
}

function withOperands({ pattern }: Instruction | CompressedInstruction, random: Random): number {
  return insertFields(pattern, Object.fromEntries(pattern.fields.map((field) => [field.name, operand(field, random)])));
}

export const plainWord = (random: Random): number => withOperands(random.pick(PLAIN), random);
export const shortWord = (random: Random): number => withOperands(random.pick(SHORT), random);

/** A word as a line of data, with what it says beside it. */
export function asData(word: number): string {
  const text = disassemble(word, BigInt(RAM), { aliases: false }).text.replace('\t', ' ');
  return (word & 3) === 3
    ? `.word 0x${(word >>> 0).toString(16)} # ${text}`
    : `.half 0x${(word & 0xffff).toString(16)} # ${text}`;
}
