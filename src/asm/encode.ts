// An instruction of isa/ and operands to bytes in the current section. What an operand's slot takes is checked here,
// and out-of-range values are said with the range; values that wait for addresses become fixups, and branches a tail
// of their fragment, whose length layout decides.

import { CSR_NUMBERS } from '../../isa/csr-names.ts';
import type { CompressedInstruction, Instruction } from '../../isa/definition.ts';
import { insertFields, type PatternField } from '../../isa/pattern.ts';
import { littleEndian } from './byte-buffer.ts';
import { compress, fieldHolds, fieldRange } from './compress.ts';
import { evaluateNumber, whileParsing } from './evaluate.ts';
import type { Expression, Modifier } from './model.ts';
import { suggestion } from './nearest.ts';
import type { Immediate, Operand } from './operand.ts';
import { describeSlot, parseSlot, roundingNumber, type Slot, usualRounding } from './slot.ts';
import type { Span } from './source.ts';
import type { Unit } from './unit.ts';
import { hex } from './values.ts';

/** An immediate that waits for addresses. */
interface Pending {
  readonly field: string;
  readonly expression: Expression;
  readonly modifier: Modifier;
  readonly span: Span;
}

const CSR_COUNT = 4096;
/** Those that a field of three bits names. */
const PRIME_REGISTERS = { x: 'x8 to x15 (s0, s1, a0 to a5)', f: 'f8 to f15 (fs0, fs1, fa0 to fa5)' } as const;
const UPPER_SHIFT = 12;
const UPPER_SCALE = 2 ** UPPER_SHIFT;
const LOW_PART_BITS = 12;
const UPPER_COUNT = 2 ** 20;
const WORD_BITS = 32;

const slots = new Map<string, readonly Slot[]>();

/** The slots of a definition's syntax. */
export function slotsOf(definition: Instruction | CompressedInstruction): readonly Slot[] {
  const known = slots.get(definition.name);
  if (known !== undefined) return known;
  const parsed = definition.operands.map(parseSlot);
  slots.set(definition.name, parsed);
  return parsed;
}

/** How one instruction is to be encoded. */
export interface Wish {
  /** A 16-bit form may take its place; for an addi that was written as add, few of them. */
  readonly compress: boolean | 'addition';
  /** Fields that the syntax does not show: aq, rl, fm. */
  readonly extra: Readonly<Record<string, number>>;
}

/** Encodes an instruction whose operands are of the right kinds. Mistakes are reported. */
export class Encoder {
  readonly #unit: Unit;
  readonly #definition: Instruction | CompressedInstruction;
  readonly #span: Span;
  readonly #fields: Record<string, number>;
  #pending: Pending | undefined;
  #failed = false;

  constructor(unit: Unit, definition: Instruction | CompressedInstruction, span: Span, wish: Wish) {
    this.#unit = unit;
    this.#definition = definition;
    this.#span = span;
    this.#fields = { ...wish.extra };
  }

  /** Whether the operands fit. */
  static encode(
    unit: Unit,
    definition: Instruction | CompressedInstruction,
    operands: readonly Operand[],
    span: Span,
    wish: Wish,
  ): boolean {
    const encoder = new Encoder(unit, definition, span, wish);
    for (const [index, slot] of slotsOf(definition).entries()) {
      const operand = operands[index];
      if (operand !== undefined) encoder.#take(slot, operand);
      else if (slot.kind === 'rounding') encoder.#fields[slot.name] = usualRounding(definition.name);
    }
    if (encoder.#failed) return false;
    encoder.#emit(wish.compress);
    return !encoder.#failed;
  }

  #error(span: Span, message: string, hint?: string): void {
    if (!this.#failed) this.#unit.report(span, 'error', message, hint);
    this.#failed = true;
  }

  #take(slot: Slot, operand: Operand): void {
    if (slot.kind === 'register' && operand.kind === 'register')
      this.#register(slot.name, operand.number, operand.span);
    else if (slot.kind === 'memory' && operand.kind === 'memory') {
      if (slot.number === undefined) this.#register(slot.base, operand.base, operand.span);
      if (slot.offset !== undefined) this.#immediate(slot.offset, operand.offset, operand.span);
      else if (this.#known(operand.offset.expression) !== 0n) {
        this.#error(operand.span, `${this.#definition.name} takes no offset`, `add it to the register first`);
      }
    } else if (operand.kind === 'immediate') this.#byMeaning(slot, operand);
  }

  #byMeaning(slot: Slot, operand: Operand & { kind: 'immediate' }): void {
    if (slot.kind === 'csr') this.#csr(operand);
    else if (slot.kind === 'order') this.#order(slot.name, operand);
    else if (slot.kind === 'rounding') this.#rounding(slot, operand);
    else if (slot.kind === 'upper') this.#upper(slot.name, operand);
    else if (slot.kind === 'immediate') {
      if (this.#isTarget(slot.name)) this.#target(slot.name, operand);
      else this.#immediate(slot.name, operand, operand.span);
    }
  }

  #rounding(slot: Slot & { kind: 'rounding' }, { expression, span }: Operand & { kind: 'immediate' }): void {
    const mode = expression.kind === 'symbol' ? roundingNumber(expression.symbol.name) : undefined;
    if (mode === undefined) this.#error(span, `${this.#definition.name} takes ${describeSlot(slot)} here`);
    else this.#fields[slot.name] = mode;
  }

  #target(field: string, { expression, modifier, span }: Operand & { kind: 'immediate' }): void {
    if (modifier === 'whole') this.#pending = { field, expression, modifier: 'relative', span };
    else this.#error(span, `${this.#definition.name} takes a whole address here`, `without %${modifier}`);
  }

  #isTarget(name: string): boolean {
    const plain = 'expansion' in this.#definition ? this.#definition.expansion.instruction : this.#definition;
    return name === 'imm' && plain.pcRelative;
  }

  #field(name: string): PatternField | undefined {
    return this.#definition.pattern.fields.find((field) => field.name === name);
  }

  #known(expression: Expression): bigint | undefined {
    return evaluateNumber(expression, whileParsing);
  }

  #register(name: string, number: number, span: Span): void {
    const field = this.#field(name);
    if (field !== undefined && !fieldHolds(field, number)) {
      const which = field.prime
        ? PRIME_REGISTERS[field.register ?? 'x']
        : `any register but ${field.excluded.map((x) => `x${x}`).join(', ')}`;
      this.#error(span, `${this.#definition.name} takes ${which} as ${name}`);
    }
    this.#fields[name] = number;
  }

  #immediate(name: string, { expression, modifier }: Immediate, span: Span): void {
    const known = modifier === 'whole' ? this.#known(expression) : undefined;
    const twelveBits = name === 'imm' && this.#field(name)?.width === LOW_PART_BITS;
    if (modifier.endsWith('lo') && (!twelveBits || 'expansion' in this.#definition)) {
      this.#error(span, `${this.#definition.name} has no room for %${modifier}`, 'it has twelve bits');
      return;
    }
    if (modifier.endsWith('hi')) {
      this.#error(span, `%${modifier} is for lui and auipc`, `write %${modifier.replace('hi', 'lo')} here`);
      return;
    }
    if (known === undefined) {
      this.#pending = { field: name, expression, modifier, span };
      return;
    }
    const field = this.#field(name);
    const value = Number(known);
    if (field === undefined || fieldHolds(field, value)) this.#fields[name] = value;
    else this.#error(span, ...outOfRange(this.#definition.name, field, known));
  }

  /** lui and auipc take the upper twenty bits as a number of their own. */
  #upper(name: string, { expression, modifier, span }: Operand & { kind: 'immediate' }): void {
    if (modifier.endsWith('lo')) {
      this.#error(span, `%${modifier} has twelve bits`, `write %${modifier.replace('lo', 'hi')} here`);
      return;
    }
    if (modifier !== 'whole') {
      this.#pending = { field: name, expression, modifier, span };
      return;
    }
    const known = this.#known(expression);
    if (known === undefined) {
      const hint = `${this.#definition.name === 'lui' ? '%hi' : '%pcrel_hi'}(symbol) is the upper part of an address`;
      this.#error(span, `${this.#definition.name} needs a number that is known here`, hint);
      return;
    }
    const field = this.#field(name);
    const inRange = known >= 0n && known < BigInt(UPPER_COUNT);
    // The number is the upper bits; as a value it is sign-extended from bit 31, or from where a narrower field ends.
    const value = Number(BigInt.asIntN(WORD_BITS, known << BigInt(UPPER_SHIFT)));
    if (inRange && field !== undefined && fieldHolds(field, value)) this.#fields[name] = value;
    else {
      const [least, most] = field === undefined ? [0, 0] : fieldRange(field);
      const top = most / UPPER_SCALE;
      const narrow = field !== undefined && field.width < WORD_BITS;
      const range = narrow ? `1 to ${top}, or ${hex(UPPER_COUNT + least / UPPER_SCALE)} to 0xfffff` : '0 to 0xfffff';
      this.#error(span, `${known} is out of range: ${this.#definition.name} takes ${range}`);
    }
  }

  #csr({ expression, modifier, span }: Operand & { kind: 'immediate' }): void {
    const name = expression.kind === 'symbol' ? expression.symbol.name : undefined;
    const named = name === undefined || !Object.hasOwn(CSR_NUMBERS, name) ? undefined : CSR_NUMBERS[name];
    const value = named ?? (modifier === 'whole' ? this.#known(expression) : undefined);
    if (value === undefined) {
      const hint = name === undefined ? undefined : suggestion(name, Object.keys(CSR_NUMBERS));
      this.#error(span, name === undefined ? 'expected a CSR' : `there is no CSR '${name}'`, hint);
    } else if (value < 0n || value >= CSR_COUNT) this.#error(span, `CSR number ${value} is out of range: 0 to 4095`);
    else this.#fields['csr'] = Number(value);
  }

  #order(name: string, { expression, span }: Operand & { kind: 'immediate' }): void {
    const letters = expression.kind === 'symbol' ? expression.symbol.name : '';
    const isNone = expression.kind === 'number' && expression.value === 0n; // as in `pause`
    if (!isNone && !/^(?=.)i?o?r?w?$/.test(letters))
      this.#error(span, 'expected some of i, o, r, w, in this order', 'as in: fence rw, w');
    this.#fields[name] = [...ORDER].reduce((bits, letter) => bits * 2 + (letters.includes(letter) ? 1 : 0), 0);
  }

  #emit(wish: Wish['compress']): void {
    const { compressed: hasCompressed } = this.#unit.options;
    const definition = this.#definition;
    const pending = this.#pending;
    if (pending?.modifier === 'relative') {
      this.#branch(pending, wish !== false && hasCompressed);
      return;
    }
    const short = wish !== false && hasCompressed && pending === undefined && !('expansion' in definition);
    const form = short ? compress(definition, this.#fields, wish === 'addition') : undefined;
    const { pattern } = form?.instruction ?? definition;
    const { offset } = this.#unit.section.here;
    const word = insertFields(pattern, form?.fields ?? this.#fields);
    if (!this.#unit.emit(littleEndian(word, pattern.bytes), this.#span)) return;
    if (pending === undefined) return;
    const { name } = definition;
    this.#unit.fix({ kind: 'field', ...pending, offset, name, pattern, fields: this.#fields });
  }

  #branch({ expression: target, span }: Pending, mayCompress: boolean): void {
    const definition = this.#definition;
    const { section } = this.#unit;
    // An explicit c.j or c.beqz gives way to the long form where its target is too far, as in GNU as.
    const instruction = 'expansion' in definition ? definition.expansion.instruction : definition;
    const fields = 'expansion' in definition ? { ...this.#fields, ...fixedRegisters(definition) } : this.#fields;
    const compressed =
      'expansion' in definition
        ? { instruction: definition, fields: this.#fields }
        : mayCompress
          ? compress(definition, this.#fields)
          : undefined;
    if (!this.#unit.emit([], this.#span) || !this.#unit.reserve(LONGEST_BRANCH, this.#span)) return;
    section.close({ kind: 'branch', instruction, fields, compressed, target, span });
  }
}

const ORDER = 'iorw';
const LONGEST_BRANCH = 8;

/** The expansion's operands that the 16-bit form fixes or names otherwise. */
function fixedRegisters({ expansion }: CompressedInstruction): Record<string, number> {
  return Object.fromEntries(
    Object.entries(expansion.operands).flatMap(([name, origin]) => ('value' in origin ? [[name, origin.value]] : [])),
  );
}

/** What is wrong with a value for a field, and what to do. */
export function outOfRange(
  name: string,
  field: PatternField,
  value: bigint,
): [message: string, hint: string | undefined] {
  const [least, most] = fieldRange(field);
  const multiple = field.scale > 1 ? `, a multiple of ${field.scale}` : '';
  const nonzero = field.excluded.includes(0) ? ', but not 0' : '';
  const message = `${value} is out of range: ${name} takes ${least} to ${most}${multiple}${nonzero}`;
  const wide = field.name === 'imm' && field.scale === 1 && (value < least || value > most);
  return [message, wide ? 'put it in a register with li, or split an address with %hi and %lo' : undefined];
}
