// A pseudo-instruction's template filled in with what was written, and encoded step by step; and `li`, whose steps its
// number decides.

import { byName } from '../../isa/instructions.ts';
import { registerNumber } from '../../isa/registers.ts';
import { littleEndian } from './byte-buffer.ts';
import { Encoder, type Wish } from './encode.ts';
import { evaluateNumber, whileParsing } from './evaluate.ts';
import { buildConstant, loadImmediate } from './load-immediate.ts';
import type { Modifier, Place } from './model.ts';
import type { Operand } from './operand.ts';
import type { PseudoInstruction, PseudoStep } from './pseudo-instructions.ts';
import type { Slot } from './slot.ts';
import type { Span } from './source.ts';
import type { Unit } from './unit.ts';

const DATUM = '.2byte';

/** Encodes the steps of a pseudo-instruction whose operands are of the right kinds. */
export function expand(unit: Unit, pseudo: PseudoInstruction, operands: readonly Operand[], span: Span): void {
  const bound = new Map<string, Operand>();
  for (const [index, slot] of pseudo.slots.entries()) bindSlot(bound, slot, operands[index] as Operand);
  if (!hasAddress(unit, pseudo, bound)) return;
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

/** Reports a symbol that is no address: a part of one, or, for a load or store, a number without its register. */
function hasAddress(unit: Unit, { name, steps }: PseudoInstruction, bound: ReadonlyMap<string, Operand>): boolean {
  const symbol = bound.get('symbol');
  if (symbol?.kind !== 'immediate') return true;
  const { span, modifier, expression } = symbol;
  const accesses = steps.some((each) => each.name === name);
  if (modifier !== 'whole') unit.report(span, 'error', `${name} takes a whole address here`, `without %${modifier}`);
  else if (accesses && evaluateNumber(expression, whileParsing) !== undefined) {
    unit.report(span, 'error', `${name} takes a label or an offset with a register here`, 'as in 8(sp)');
  } else return true;
  return false;
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
  bound.set(slot.base, { kind: 'register', file: 'x', number: operand.base, span });
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
  if (register !== undefined) return { kind: 'register', file: 'x', number: register, span };
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
    const operand = bound.get(text) ?? { kind: 'register', file: 'x', number: registerNumber(text) ?? 0, span };
    return operand.kind === 'register' ? operand.number !== 0 : operand.kind === 'immediate';
  });
}

/** `li`, and `la` of a number, which become as many instructions as the number needs. */
export function loadsImmediate(unit: Unit, name: string, operands: readonly Operand[], span: Span): boolean {
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
    const from: Operand = step.fromZero ? { kind: 'register', file: 'x', number: 0, span } : destination;
    run(
      unit,
      step.name,
      step.name === 'lui' ? [destination, number] : [destination, from, number],
      span,
      {},
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
