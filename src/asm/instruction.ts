// A mnemonic and its operands: which definition of isa/ or pseudo-instruction is meant. Where nothing fits, the message says what the nearest form takes.

import type { CompressedInstruction, Instruction } from '../../isa/definition.ts';
import type { Extension } from '../../isa/extensions.ts';
import { byName } from '../../isa/instructions.ts';
import { NAMES_OF, type RegisterFile } from '../../isa/registers.ts';
import type { Cursor } from './cursor.ts';
import { Encoder, slotsOf } from './encode.ts';
import { expand, loadsImmediate } from './expand.ts';
import type { Token } from './lexer.ts';
import { suggestion } from './nearest.ts';
import { type Operand, parseOperands } from './operand.ts';
import { PSEUDO, type PseudoInstruction } from './pseudo-instructions.ts';
import { accepts, describeSlot, type Slot } from './slot.ts';
import { spanOf } from './source.ts';
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
  const operands = parseOperands(cursor, unit.scope, filesOf(found.forms));
  if (operands === undefined) return;
  const span = spanOf(cursor.statement, mnemonic.at);
  if (loadsImmediate(unit, mnemonic.text, operands, span)) return;
  const fitting = found.forms.filter(({ slots }) => fits(slots, operands));
  // Of two meanings, as `sext.b` has, the one whose instructions the architecture is said to have.
  const form = fitting.find((each) => isOn(unit, each)) ?? fitting[0];
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

/** What was written before these extensions were, and still stands for what their instructions do. */
const ADDED: ReadonlySet<Extension> = new Set(['Zba', 'Zbb']);
function isOn(unit: Unit, form: Form): boolean {
  const definition = form.kind === 'definition' ? form.definition : byName.get(form.pseudo.steps[0]?.name ?? '');
  if (definition === undefined || !ADDED.has(definition.extension)) return true;
  return unit.options.extensions.has(definition.extension.toLowerCase());
}

/** The files of the registers that a mnemonic takes. */
function filesOf(candidates: readonly Form[]): readonly RegisterFile[] {
  const floats = candidates.some(({ slots }) => slots.some((slot) => slot.kind === 'register' && slot.file === 'f'));
  return floats ? ['x', 'f'] : ['x'];
}

/** Whether all that is missing is the rounding mode. */
const isWithoutRounding = (slots: readonly Slot[], count: number): boolean =>
  count === slots.length - 1 && slots.at(-1)?.kind === 'rounding';

function fits(slots: readonly Slot[], operands: readonly Operand[]): boolean {
  const written = isWithoutRounding(slots, operands.length) ? slots.slice(0, -1) : slots;
  return written.length === operands.length && written.every((slot, at) => accepts(slot, operands[at] as Operand));
}

/** Says what is wrong with the operands of the form that they come nearest to. */
function explain(candidates: readonly Form[], operands: readonly Operand[], mnemonic: Token, cursor: Cursor): void {
  const syntaxes = [...new Set(candidates.map(({ syntax }) => `'${syntax}'`))].join(' or ');
  const form = candidates.find(
    ({ slots }) => slots.length === operands.length || isWithoutRounding(slots, operands.length),
  );
  if (form === undefined) {
    const counts = [...new Set(candidates.map(({ slots }) => slots.length))].sort((a, b) => a - b).join(' or ');
    const takes = counts === '0' ? 'no operands' : counts === '1' ? '1 operand' : `${counts} operands`;
    cursor.error(mnemonic, `'${mnemonic.text}' takes ${takes}, not ${operands.length}`, `write ${syntaxes}`);
    return;
  }
  const index = form.slots.findIndex((slot, at) => at >= operands.length || !accepts(slot, operands[at] as Operand));
  const operand = operands[index] as Operand;
  const slot = form.slots[index] as Slot;
  const meant =
    operand.kind === 'immediate' && operand.expression.kind === 'symbol' && slot.kind === 'register'
      ? suggestion(operand.expression.symbol.name, NAMES_OF[slot.file])
      : undefined;
  cursor.error(operand.span, `'${mnemonic.text}' takes ${describeSlot(slot)} here`, meant ?? `write ${syntaxes}`);
}
