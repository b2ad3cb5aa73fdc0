// Random lines of assembly: every definition of isa/ with random operands, every pseudo-instruction, and branches over
// random distances. fast-check makes them, so a seed repeats a corpus.

import fc from 'fast-check';
import { CSR_NUMBERS } from '../../../isa/csr-names.ts';
import type { CompressedInstruction, Instruction } from '../../../isa/definition.ts';
import type { PatternField } from '../../../isa/pattern.ts';
import { ABI_NAMES, NAMES_OF, type RegisterFile } from '../../../isa/registers.ts';
import { fieldRange } from '../../../src/asm/compress.ts';
import { slotsOf } from '../../../src/asm/encode.ts';
import { PSEUDO } from '../../../src/asm/pseudo-instructions.ts';
import { ROUNDING_MODES, type Slot, usualRounding } from '../../../src/asm/slot.ts';

type Definition = Instruction | CompressedInstruction;
type Text = fc.Arbitrary<string>;

const registers = (numbers: readonly number[], file: RegisterFile = 'x'): Text =>
  fc.constantFrom(...numbers.flatMap((number) => [NAMES_OF[file][number] as string, `${file}${number}`]));
const ALL = ABI_NAMES.map((_, number) => number);
/** Few registers, so that operands often coincide, which is when a 16-bit form may fit. */
const anyOf = (file: RegisterFile): Text => fc.oneof(registers(ALL, file), registers([0, 1, 2, 8, 9, 10, 15], file));
const anyRegister = anyOf('x');

/** Names that the assembler of binutils 2.40 knows too. */
const CSRS = 'mstatus misa mie mtvec mcounteren mscratch mepc mcause mtval mip mcycle minstret sstatus sie stvec satp';
const csr: Text = fc.oneof(
  fc.constantFrom(...CSRS.split(' ').filter((name) => name in CSR_NUMBERS)),
  fc.integer({ min: 0, max: 4095 }).map(String),
);
const order: Text = fc.subarray(['i', 'o', 'r', 'w'], { minLength: 1 }).map((letters) => letters.join(''));

const spell = (value: bigint | number): Text =>
  fc.constantFrom(String(value), value < 0 ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`);

function inField(field: PatternField): fc.Arbitrary<number> {
  const [least, most] = fieldRange(field);
  const small = Math.min(most, 32 * field.scale);
  return fc
    .oneof(fc.integer({ min: least, max: most }), fc.integer({ min: Math.max(least, -small), max: small }))
    .map((value) => Math.trunc(value / field.scale) * field.scale)
    .filter((value) => !field.excluded.includes(value));
}

function operand(definition: Definition, slot: Slot): Text {
  const field = (name: string) => definition.pattern.fields.find((each) => each.name === name);
  const inSlot = (name: string): Text => {
    const found = field(name);
    return found === undefined ? fc.constant('0') : inField(found).chain(spell);
  };
  switch (slot.kind) {
    case 'register': {
      const found = field(slot.name);
      if (found === undefined || (!found.prime && found.excluded.length === 0)) return anyOf(slot.file);
      const [least] = fieldRange(found);
      return registers(
        ALL.filter(
          (number) => !found.excluded.includes(number) && (!found.prime || (number >= least && number < least + 8)),
        ),
        slot.file,
      );
    }
    case 'fixed':
      return fc.constant(slot.text);
    case 'memory': {
      const base =
        slot.number === undefined
          ? operand(definition, { text: slot.base, kind: 'register', name: slot.base, file: 'x' })
          : fc.constant('sp');
      return fc
        .tuple(slot.offset === undefined ? fc.constant('') : inSlot(slot.offset), base)
        .map(([offset, register]) => `${offset}(${register})`);
    }
    case 'csr':
      return csr;
    case 'order':
      return order;
    case 'rounding':
      // binutils 2.40 knows none for what never rounds.
      return usualRounding(definition.name) === 0 ? fc.constant('') : fc.constantFrom('', ...ROUNDING_MODES);
    case 'upper': {
      const found = field(slot.name);
      const narrow = found !== undefined && found.width < 32;
      const wide = fc.integer({ min: 0, max: 0xfffff });
      return (
        narrow
          ? fc.oneof(fc.integer({ min: 1, max: 31 }), fc.integer({ min: 0xfffe0, max: 0xfffff }))
          : fc.oneof(wide, fc.integer({ min: 0, max: 40 }))
      ).chain(spell);
    }
    case 'immediate':
      return inSlot(slot.name);
  }
}

const isBranch = (definition: Definition) =>
  'expansion' in definition ? definition.expansion.instruction.pcRelative : definition.pcRelative;

/** Hints written out are refused by binutils in part, so explicit 16-bit forms leave them out. */
function isWritable(definition: Definition, line: string): boolean {
  if (!('expansion' in definition)) return true;
  const zero = /\b(zero|x0)\b/.test(line.split(',')[0] ?? '');
  return !definition.hints.some(({ field, value }) =>
    field === 'rd' ? zero : new RegExp(`, -?(0x)?${value}$`).test(line),
  );
}

/** A line that uses a definition; its target, where it has one, is a label out of these. */
export function lineOf(definition: Definition, labels: readonly string[]): Text {
  const operands = slotsOf(definition).map((slot) =>
    slot.kind === 'immediate' && isBranch(definition) && slot.name === 'imm'
      ? fc.constantFrom(...labels)
      : operand(definition, slot),
  );
  const ordered = definition.pattern.fields.some(({ name }) => name === 'aq');
  const suffix = ordered ? fc.constantFrom('', '.aq', '.rl', '.aqrl') : fc.constant('');
  return fc
    .tuple(suffix, fc.tuple(...operands))
    .map(([ending, texts]) => `${definition.name}${ending} ${texts.filter((text) => text !== '').join(', ')}`.trim())
    .filter((line) => isWritable(definition, line));
}

const twelveBits = fc.oneof(fc.integer({ min: -2048, max: 2047 }), fc.integer({ min: -33, max: 33 })).chain(spell);
const AMOUNT_BITS: Readonly<Record<string, number>> = { sllw: 31, srlw: 31, sraw: 31, rorw: 31 };

/** A line for each form of each pseudo-instruction, by what its slots are called. */
export function pseudoLines(labels: readonly string[]): { readonly syntax: string; readonly line: Text }[] {
  const label = fc.constantFrom(...labels);
  return PSEUDO.filter(({ name }) => name !== 'c.unimp' && name !== 'li').map(({ name, syntax, slots }) => {
    const operands = slots.map((slot): Text => {
      if (slot.kind === 'register') return anyOf(slot.file);
      if (slot.kind === 'memory')
        return fc.tuple(twelveBits, anyRegister).map(([offset, base]) => `${offset}(${base})`);
      if (slot.kind === 'csr') return csr;
      if (slot.text === 'symbol' || slot.text === 'offset') return label;
      if (slot.text === 'uimm') return fc.integer({ min: 0, max: 31 }).chain(spell);
      if (slot.text === 'shamt') return fc.integer({ min: 0, max: AMOUNT_BITS[name] ?? 63 }).chain(spell);
      return twelveBits;
    });
    return { syntax, line: fc.tuple(...operands).map((texts) => `${name} ${texts.join(', ')}`.trim()) };
  });
}

/** 64-bit numbers of every shape: few bits, runs of ones, neighbours of powers of two, anything. */
export const constants: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -(2n ** 31n), max: 2n ** 31n - 1n }),
  fc.bigInt({ min: -5000n, max: 5000n }),
  fc
    .tuple(fc.integer({ min: 0, max: 63 }), fc.integer({ min: -3, max: 3 }))
    .map(([bit, near]) => BigInt.asIntN(64, (1n << BigInt(bit)) + BigInt(near))),
  fc
    .tuple(fc.integer({ min: 0, max: 63 }), fc.integer({ min: 0, max: 63 }))
    .map(([from, length]) => BigInt.asIntN(64, ((1n << BigInt(length)) - 1n) << BigInt(from))),
  fc
    .tuple(fc.bigInt({ min: 0n, max: 2n ** 20n }), fc.integer({ min: 0, max: 44 }))
    .map(([bits, by]) => BigInt.asIntN(64, bits << BigInt(by))),
);
