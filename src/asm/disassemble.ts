// Words to text. With aliases the manual's pseudo-instructions are shown, as `objdump -d` shows them; without, every
// instruction is itself, compressed ones as such, as with `objdump -M no-aliases`. Both read the definitions of isa/
// and the pseudo-instructions that the assembler knows. Left out: what an auipc and its partner form together.

import { CSR_NUMBERS, csrName } from '../../isa/csr-names.ts';
import { type Decoded, decode, instructionBytes } from '../../isa/decode.ts';
import type { CompressedInstruction } from '../../isa/definition.ts';
import { extractFields } from '../../isa/pattern.ts';
import { ABI_NAMES, NAMES_OF, registerNumber } from '../../isa/registers.ts';
import { slotsOf } from './encode.ts';
import { type PseudoInstruction, type PseudoStep, SHOWN_PSEUDO } from './pseudo-instructions.ts';
import { roundingName, type Slot, usualRounding } from './slot.ts';
import { hex, unsigned } from './values.ts';

export interface DisassembleOptions {
  readonly aliases: boolean;
  /** The name of an address, as 'print+0x10', or nothing. */
  readonly symbols?: (address: bigint) => string | undefined;
}

export interface Disassembled {
  /** Mnemonic and operands with a tab between them. */
  readonly text: string;
  readonly bytes: 2 | 4;
}

type Fields = Readonly<Record<string, number>>;

const HEXADECIMAL = 16;
const HALF_MASK = 0xffff;
const UPPER_SHIFT = 12;
const UPPER_MASK = 0xfffff;
const ORDER = ['i', 'o', 'r', 'w'];

/** @param word of which a 16-bit instruction has the low half. @param pc its address, for the targets of branches. */
export function disassemble(word: number, pc: bigint, options: DisassembleOptions): Disassembled {
  const bytes = instructionBytes(word);
  const bits = bytes === 2 ? word & HALF_MASK : word >>> 0;
  if (bits === 0) return { text: options.aliases ? 'unimp' : 'c.unimp', bytes };
  const decoded = decode(bits);
  if (decoded === undefined) return { text: `.${bytes}byte\t${hex(bits)}`, bytes };
  return { text: new Printer(pc, options).print(decoded), bytes };
}

/** Spellings of binutils that no definition has: shifts by zero, and the no-op as the addition that it is. */
const SHIFT_BY_ZERO = /^c\.(slli|srli|srai)$/;
const HINT_NOP = 'c.nop';
/** Shown in plain mode too: what they say, their instructions' own syntax does not. */
const ALWAYS = SHOWN_PSEUDO.filter(({ name }) => ['unimp', 'fence.tso', 'pause'].includes(name));

class Printer {
  readonly #pc: bigint;
  readonly #options: DisassembleOptions;

  constructor(pc: bigint, options: DisassembleOptions) {
    this.#pc = pc;
    this.#options = options;
  }

  print(decoded: Decoded): string {
    const { compressed, instruction, fields } = decoded;
    const own = compressed && extractFields(compressed.pattern, decoded.bits);
    if (this.#options.aliases) {
      if (compressed && own && isHint(compressed, own)) return this.#plainCompressed(compressed, own);
      const alias = this.#alias(SHOWN_PSEUDO, decoded, own);
      if (alias !== undefined) return alias;
    } else {
      if (compressed && own) return this.#plainCompressed(compressed, own);
      const alias = this.#alias(ALWAYS, decoded, own);
      if (alias !== undefined) return alias;
    }
    return this.#line(instruction.name + ordering(fields), slotsOf(instruction), fields, instruction.pcRelative);
  }

  /** @param relative its immediate is an offset from pc. */
  #line(name: string, slots: readonly Slot[], fields: Fields, relative: boolean): string {
    const shown = slots.filter((slot) => slot.kind !== 'rounding' || fields[slot.name] !== usualRounding(name));
    if (shown.length === 0) return name;
    return `${name}\t${shown.map((slot) => this.#operand(slot, fields, relative)).join(',')}`;
  }

  #plainCompressed(compressed: CompressedInstruction, own: Fields): string {
    const { name } = compressed;
    const { aliases } = this.#options;
    if (SHIFT_BY_ZERO.test(name) && own['shamt'] === 0) return `${name}64\t${ABI_NAMES[own['rd'] ?? 0]}`;
    if (name === HINT_NOP) return `c.addi\t${ABI_NAMES[0]},0`;
    if (aliases && name === 'c.addi' && own['rd'] === 0) return `${HINT_NOP}\t${own['imm']}`;
    return this.#line(name, slotsOf(compressed), own, compressed.expansion.instruction.pcRelative);
  }

  #alias(among: readonly PseudoInstruction[], decoded: Decoded, own: Fields | undefined): string | undefined {
    for (const pseudo of among) {
      const text = this.#fit(pseudo, decoded, own);
      if (text !== undefined) return text;
    }
    return undefined;
  }

  /** The pseudo-instruction's text, where a word is one. */
  #fit(pseudo: PseudoInstruction, decoded: Decoded, own: Fields | undefined): string | undefined {
    const { compressed, instruction, fields } = decoded;
    const short = pseudo.compressed;
    const [step] = pseudo.steps;
    let bound: Fields | undefined;
    if (compressed && own && short?.name === compressed.name) bound = bind(short, slotsOf(compressed), own);
    else if (step?.name === instruction.name && !(compressed && short))
      bound = bind(step, slotsOf(instruction), fields);
    return bound && this.#line(pseudo.name, pseudo.slots, bound, instruction.pcRelative);
  }

  #operand(slot: Slot, fields: Fields, relative: boolean): string {
    switch (slot.kind) {
      case 'register':
        return NAMES_OF[slot.file][fields[slot.name] ?? 0] as string;
      case 'fixed':
        return ABI_NAMES[slot.number] as string;
      case 'memory': {
        const base = ABI_NAMES[slot.number ?? fields[slot.base] ?? 0];
        return `${slot.offset === undefined ? '' : fields[slot.offset]}(${base})`;
      }
      case 'csr':
        return csrName(fields['csr'] ?? 0) ?? hex(fields['csr'] ?? 0);
      case 'rounding':
        return roundingName(fields[slot.name] ?? 0);
      case 'order':
        return orderText(fields[slot.name] ?? 0);
      case 'upper':
        return hex(((fields[slot.name] ?? 0) >> UPPER_SHIFT) & UPPER_MASK);
      case 'immediate':
        return relative ? this.#target(fields[slot.name] ?? 0) : immediate(slot.name, fields[slot.name] ?? 0);
    }
  }

  #target(offset: number): string {
    const target = unsigned(this.#pc + BigInt(offset));
    const symbol = this.#options.symbols?.(target);
    return symbol === undefined ? hex(target) : `${target.toString(HEXADECIMAL)} <${symbol}>`;
  }
}

const immediate = (name: string, value: number) => (name === 'shamt' ? hex(value) : String(value));

function isHint({ hints, name }: CompressedInstruction, own: Fields): boolean {
  // An addition of nothing is shown as one.
  return hints.some(({ field, value }) => own[field] === value && !(name === 'c.addi' && field === 'imm'));
}

function orderText(bits: number): string {
  const letters = ORDER.filter((_, index) => (bits >> (ORDER.length - 1 - index)) & 1).join('');
  return letters === '' ? 'unknown' : letters;
}

function ordering({ aq = 0, rl = 0 }: Fields): string {
  return aq || rl ? `.${aq ? 'aq' : ''}${rl ? 'rl' : ''}` : '';
}

/** The values of a pseudo-instruction's slots, where the fields of a word are as its step says. */
function bind(step: PseudoStep, slots: readonly Slot[], fields: Fields): Fields | undefined {
  const bound: Record<string, number> = {};
  const templates = step.operands.filter((text) => !text.includes('='));
  const extra = Object.fromEntries(step.operands.filter((text) => text.includes('=')).map((text) => text.split('=')));
  if ((fields['fm'] ?? 0) !== Number(extra['fm'] ?? 0)) return undefined;
  const pairs = slots.flatMap((slot, index) => pairsOf(slot, templates[index] ?? '', fields));
  return pairs.every(([template, value]) => bindOne(bound, template, value)) ? bound : undefined;
}

/** What a slot holds and what a template says should be there; a memory operand holds two. */
function pairsOf(slot: Slot, template: string, fields: Fields): [template: string, value: number][] {
  if (slot.kind === 'fixed') return [];
  if (slot.kind !== 'memory') return [[template, fields[slot.name] ?? 0]];
  const [, offset = '', base = ''] = /^(.*)\((.*)\)$/.exec(template) ?? [];
  return [
    [offset, fields[slot.offset ?? ''] ?? 0],
    [base, fields[slot.base] ?? 0],
  ];
}

function bindOne(bound: Record<string, number>, template: string, value: number): boolean {
  const letters = /^[iorw]+$/.test(template)
    ? ORDER.reduce((bits, each) => bits * 2 + (template.includes(each) ? 1 : 0), 0)
    : undefined;
  const named = Object.hasOwn(CSR_NUMBERS, template) ? CSR_NUMBERS[template] : undefined;
  const number = /^-?[0-9]+$/.test(template) ? Number(template) : undefined;
  const fixed = number ?? registerNumber(template) ?? named ?? letters;
  if (fixed !== undefined) return fixed === value;
  if (bound[template] !== undefined) return bound[template] === value;
  bound[template] = value;
  return true;
}
