// A mnemonic and its operands: which definition or pseudo-instruction is meant, and its expansion into instructions of
// isa/. Where nothing fits, the message says what the nearest form takes.

import type { CompressedInstruction, Instruction } from '../../isa/definition.ts';
import { byName } from '../../isa/instructions.ts';
import { ABI_NAMES, registerNumber } from '../../isa/registers.ts';
import { littleEndian } from './byte-buffer.ts';
import type { Cursor } from './cursor.ts';
import { Encoder, slotsOf, type Wish } from './encode.ts';
import { evaluateNumber, whileParsing } from './evaluate.ts';
import type { Token } from './lexer.ts';
import { buildConstant, loadImmediate } from './load-immediate.ts';
import type { Modifier, Place } from './model.ts';
import { suggestion } from './nearest.ts';
import { type Operand, parseOperands } from './operand.ts';
import { PSEUDO, type PseudoInstruction, type PseudoStep } from './pseudo-instructions.ts';
import { accepts, describeSlot, type Slot } from './slot.ts';
import { type Span, spanOf } from './source.ts';
import type { Unit } from './unit.ts';

type Form =
  | {
      readonly kind: 'definition';
      readonly definition: Instruction | CompressedInstruction;
      readonly slots: readonly Slot[];
      readonly syntax: string;
    }
  | {
      readonly kind: 'pseudo';
      readonly pseudo: PseudoInstruction;
      readonly slots: readonly Slot[];
      readonly syntax: string;
    };

const forms = new Map<string, Form[]>();
for (const definition of byName.values()) {
  const form: Form = { kind: 'definition', definition, slots: slotsOf(definition), syntax: definition.syntax };
  forms.set(definition.name, [form]);
}
for (const pseudo of PSEUDO) {
  const form: Form = { kind: 'pseudo', pseudo, slots: pseudo.slots, syntax: pseudo.syntax };
  forms.set(pseudo.name, [...(forms.get(pseudo.name) ?? []), form]);
}

/** Every mnemonic that can be written, ordering suffixes aside. */
export const MNEMONICS: readonly string[] = [...forms.keys()];

const ORDERINGS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  '.aq': { aq: 1 },
  '.rl': { rl: 1 },
  '.aqrl': { aq: 1, rl: 1 },
};
const PLAIN = {};

function lookUp(name: string): { forms: readonly Form[]; extra: Readonly<Record<string, number>> } | undefined {
  const found = forms.get(name);
  if (found !== undefined) return { forms: found, extra: PLAIN };
  const at = name.lastIndexOf('.');
  const extra = ORDERINGS[name.slice(at)];
  const [form] = forms.get(name.slice(0, at)) ?? [];
  const ordered = form?.kind === 'definition' && form.definition.pattern.fields.some((field) => field.name === 'aq');
  return extra !== undefined && form !== undefined && ordered ? { forms: [form], extra } : undefined;
}

/** Assembles the statement whose mnemonic has been read. */
export function assembleInstruction(unit: Unit, mnemonic: Token, cursor: Cursor): void {
  const found = lookUp(mnemonic.text.toLowerCase());
  if (found === undefined) {
    const hint = suggestion(mnemonic.text.toLowerCase(), [...MNEMONICS, ...unit.macros.keys()]);
    cursor.error(mnemonic, `there is no instruction '${mnemonic.text}'`, hint);
    return;
  }
  const operands = parseOperands(cursor, unit.scope);
  if (operands === undefined) return;
  const span = spanOf(cursor.statement, mnemonic.at);
  if (loadsImmediate(unit, mnemonic.text, operands, span)) return;
  const form = found.forms.find(({ slots }) => fits(slots, operands));
  if (form === undefined) {
    explain(found.forms, operands, mnemonic, cursor);
    return;
  }
  const isCompressed = form.kind === 'definition' && form.definition.pattern.bytes === 2;
  if (isCompressed && !unit.options.compressed) {
    cursor.error(
      mnemonic,
      `'${mnemonic.text}' needs the C extension, which is off here`,
      'turn it on with .option rvc',
    );
  } else if (form.kind === 'definition') {
    Encoder.encode(unit, form.definition, operands, span, { compress: true, extra: found.extra });
  } else expand(unit, form.pseudo, operands, span);
}

function fits(slots: readonly Slot[], operands: readonly Operand[]): boolean {
  return slots.length === operands.length && slots.every((slot, index) => accepts(slot, operands[index] as Operand));
}

/** Says what is wrong with the operands of the form that they come nearest to. */
function explain(candidates: readonly Form[], operands: readonly Operand[], mnemonic: Token, cursor: Cursor): void {
  const syntaxes = [...new Set(candidates.map(({ syntax }) => `'${syntax}'`))].join(' or ');
  const form = candidates.find(({ slots }) => slots.length === operands.length);
  if (form === undefined) {
    const counts = [...new Set(candidates.map(({ slots }) => slots.length))].sort((a, b) => a - b).join(' or ');
    const takes = counts === '0' ? 'no operands' : counts === '1' ? '1 operand' : `${counts} operands`;
    cursor.error(mnemonic, `'${mnemonic.text}' takes ${takes}, not ${operands.length}`, `write ${syntaxes}`);
    return;
  }
  const index = form.slots.findIndex((slot, at) => !accepts(slot, operands[at] as Operand));
  const operand = operands[index] as Operand;
  const slot = form.slots[index] as Slot;
  const meant =
    operand.kind === 'immediate' && operand.expression.kind === 'symbol' && slot.kind === 'register'
      ? suggestion(operand.expression.symbol.name, ABI_NAMES)
      : undefined;
  cursor.error(operand.span, `'${mnemonic.text}' takes ${describeSlot(slot)} here`, meant ?? `write ${syntaxes}`);
}

/** `li`, and `la` of a number, which become as many instructions as the number needs. */
function loadsImmediate(unit: Unit, name: string, operands: readonly Operand[], span: Span): boolean {
  const [destination, source] = operands;
  if (!(name === 'li' || name === 'la' || name === 'lla') || operands.length !== 2) return false;
  if (destination?.kind !== 'register' || source?.kind !== 'immediate' || source.modifier !== 'whole') return false;
  const value = evaluateNumber(source.expression, whileParsing);
  if (value === undefined) {
    if (name !== 'li') return false;
    const hint = `${unit.whyUnknown(source.expression)}; for an address write la`;
    unit.report(source.span, 'error', 'li needs a number that is known here', hint);
    return true;
  }
  const discarded = destination.number === 0;
  for (const step of name === 'li' ? loadImmediate(value, discarded) : buildConstant(value, discarded)) {
    const number: Operand = {
      kind: 'immediate',
      expression: { kind: 'number', value: step.value },
      modifier: 'whole',
      span,
    };
    const from: Operand = step.fromZero ? { kind: 'register', number: 0, span } : destination;
    run(
      unit,
      step.name,
      step.name === 'lui' ? [destination, number] : [destination, from, number],
      span,
      PLAIN,
      !discarded,
    );
  }
  return true;
}

function run(
  unit: Unit,
  name: string,
  operands: readonly Operand[],
  span: Span,
  extra: Readonly<Record<string, number>>,
  compress: Wish['compress'] = true,
): boolean {
  const definition = byName.get(name);
  return definition !== undefined && Encoder.encode(unit, definition, operands, span, { compress, extra });
}

const DATUM = '.2byte';

function expand(unit: Unit, pseudo: PseudoInstruction, operands: readonly Operand[], span: Span): void {
  const bound = new Map<string, Operand>();
  for (const [index, slot] of pseudo.slots.entries()) bindSlot(bound, slot, operands[index] as Operand);
  const { compressed } = pseudo;
  if (compressed !== undefined && unit.options.compressed && shortFormFits(compressed, bound, span)) {
    step(unit, compressed, bound, span, true);
    return;
  }
  // Later steps refer to the first one by name, for %pcrel_lo(auipc).
  const start = unit.section.here;
  const short = pseudo.name === 'add' ? 'addition' : compressed === undefined;
  for (const each of pseudo.steps) step(unit, each, bound, span, short, start);
}

function step(
  unit: Unit,
  { name, operands }: PseudoStep,
  bound: ReadonlyMap<string, Operand>,
  span: Span,
  compress: Wish['compress'],
  start?: Place,
): void {
  if (name === DATUM) {
    unit.emit(littleEndian(0, 2), span);
    return;
  }
  const extra: Record<string, number> = {};
  const given: Operand[] = [];
  for (const text of operands) {
    const [field, value] = text.split('=');
    if (field !== undefined && value !== undefined) extra[field] = Number(value);
    else given.push(fillIn(unit, text, bound, span, start));
  }
  run(unit, name, given, span, extra, compress);
}

function bindSlot(bound: Map<string, Operand>, slot: Slot, operand: Operand): void {
  if (slot.kind !== 'memory' || operand.kind !== 'memory') {
    bound.set(slot.text, operand);
    return;
  }
  const { span, offset } = operand;
  bound.set(slot.base, { kind: 'register', number: operand.base, span });
  if (slot.offset !== undefined) bound.set(slot.offset, { kind: 'immediate', ...offset, span });
}

/** A piece of a template as an operand: a slot, a register, a number, a function of a slot, or one of these with a base. */
function fillIn(
  unit: Unit,
  text: string,
  bound: ReadonlyMap<string, Operand>,
  span: Span,
  start: Place | undefined,
): Operand {
  const slot = bound.get(text);
  if (slot !== undefined) return slot;
  const register = registerNumber(text);
  if (register !== undefined) return { kind: 'register', number: register, span };
  const memory = /^(.+)\((\w+)\)$/.exec(text);
  const base = memory && fillIn(unit, memory[2] as string, bound, span, start);
  if (memory && base?.kind === 'register') {
    const offset = fillIn(unit, memory[1] as string, bound, span, start);
    if (offset.kind === 'immediate') return { kind: 'memory', offset, base: base.number, span };
  }
  const [, modifier, argument = ''] = /^%(\w+)\((\w+)\)$/.exec(text) ?? [];
  if (modifier !== undefined) {
    const inner = bound.get(argument);
    if (inner?.kind === 'immediate') return { ...inner, modifier: modifier as Modifier };
    if (start !== undefined)
      return { kind: 'immediate', expression: { kind: 'place', place: start }, modifier: modifier as Modifier, span };
  }
  if (/^-?[0-9]+$/.test(text))
    return { kind: 'immediate', expression: { kind: 'number', value: BigInt(text) }, modifier: 'whole', span };
  return {
    kind: 'immediate',
    expression: { kind: 'symbol', symbol: unit.symbols.refer(text), span },
    modifier: 'whole',
    span,
  };
}

/** Whether the registers are ones that the short form takes, which for these is all that matters. */
function shortFormFits({ name, operands }: PseudoStep, bound: ReadonlyMap<string, Operand>, span: Span): boolean {
  if (name === DATUM) return true;
  return operands.every((text) => {
    const operand = bound.get(text) ?? { kind: 'register', number: registerNumber(text) ?? 0, span };
    return operand.kind === 'register' ? operand.number !== 0 : operand.kind === 'immediate';
  });
}
