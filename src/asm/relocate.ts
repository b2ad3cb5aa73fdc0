// The bytes of a section with every address filled in: data, immediates, branches, padding.
// What an address does not fit is an error with the range, and with the way to reach farther.

import { byName } from '../../isa/instructions.ts';
import { insertFields, type Pattern, type PatternField } from '../../isa/pattern.ts';
import { littleEndian } from './byte-buffer.ts';
import { fieldHolds, fieldRange } from './compress.ts';
import { outOfRange } from './encode.ts';
import type { Linker } from './link.ts';
import type { Branch, Fixup, Fragment, Modifier, Section } from './model.ts';
import type { Span } from './source.ts';
import type { Unit } from './unit.ts';
import { byteCount, fitsBytes, hex, unsigned, wrap } from './values.ts';

type FieldFixup = Fixup & { readonly kind: 'field' };

const LOW_BITS = 12;
const HALF_LOW = 1n << 11n;
const WORD_BITS = 32;
const LONG = 4;
const SHORT = 2;
/** The condition's lowest bit, whose flip turns a branch round, in both lengths. */
const INVERT = { [LONG]: 1 << 12, [SHORT]: 1 << 13 };

/** The part of an offset or address that lui or auipc adds, so that the low twelve bits, signed, give the rest. */
const highPart = (value: bigint) => (wrap(value + HALF_LOW) >> BigInt(LOW_BITS)) << BigInt(LOW_BITS);
const lowPart = (value: bigint) => BigInt.asIntN(LOW_BITS, value);
const fitsWord = (value: bigint) => BigInt.asIntN(WORD_BITS, value) === value;

export class Relocator {
  readonly #linker: Linker;
  readonly #unit: Unit;
  /** Each auipc by its address, with what its %pcrel_lo partners add. */
  readonly #upperParts: Map<bigint, bigint | undefined>;

  constructor(linker: Linker, unit: Unit) {
    this.#linker = linker;
    this.#unit = unit;
    this.#upperParts = new Map();
    for (const section of unit.sections.values()) {
      for (const fragment of section.fragments) {
        for (const fixup of fragment.fixups) if (isUpper(fixup)) this.#noteUpper(fragment, fixup);
      }
    }
  }

  #noteUpper(fragment: Fragment, fixup: FieldFixup): void {
    const target = this.#linker.value(this.#unit, fixup.expression, fixup.span);
    const pc = this.#address(fragment, fixup.offset);
    if (target === undefined) this.#upperParts.set(pc, undefined);
    else this.#upperParts.set(pc, lowPart(isAbsolute(target, pc) ? target : target - pc));
  }

  #address(fragment: Fragment, offset: number): bigint {
    return this.#linker.locate({ fragment, offset }).offset;
  }

  #error(span: Span, message: string, hint?: string): void {
    this.#unit.report(span, 'error', message, hint);
  }

  /** The contents of a section, which is laid out and placed. */
  contents(section: Section): Uint8Array {
    const bytes = new Uint8Array(section.size);
    for (const fragment of section.fragments) {
      bytes.set(fragment.bytes.view(), fragment.address);
      for (const fixup of fragment.fixups) this.#apply(bytes, fragment, fixup);
      const start = fragment.address + fragment.bytes.length;
      this.#writeTail(bytes.subarray(start, start + fragment.tailBytes), fragment);
    }
    return bytes;
  }

  #apply(bytes: Uint8Array, fragment: Fragment, fixup: Fixup): void {
    const at = fragment.address + fixup.offset;
    if (fixup.kind === 'data') {
      const value = this.#linker.value(this.#unit, fixup.expression, fixup.span);
      if (value === undefined) return;
      if (!fitsBytes(value, fixup.bytes)) {
        this.#error(fixup.span, `${hex(unsigned(value))} does not fit in ${byteCount(fixup.bytes)}`);
      }
      bytes.set(littleEndian(value, fixup.bytes), at);
      return;
    }
    const pc = this.#address(fragment, fixup.offset);
    const value = this.#immediate(fixup, pc);
    if (value === undefined) return;
    const target =
      fixup.modifier === 'pcrel_hi' ? this.#linker.value(this.#unit, fixup.expression, fixup.span) : undefined;
    const pattern = target !== undefined && isAbsolute(target, pc) ? absoluteTwin(fixup.pattern) : fixup.pattern;
    bytes.set(
      littleEndian(insertFields(pattern, { ...fixup.fields, [fixup.field]: Number(value) }), pattern.bytes),
      at,
    );
  }

  /** The value of an immediate, or an error and nothing. */
  #immediate(fixup: FieldFixup, pc: bigint): bigint | undefined {
    const target = this.#linker.value(this.#unit, fixup.expression, fixup.span);
    if (target === undefined) return undefined;
    const value = this.#part(fixup, target, pc);
    if (value === undefined) return undefined;
    const field = fixup.pattern.fields.find(({ name }) => name === fixup.field) as PatternField;
    if (fitsField(field, fixup.modifier, value)) return value;
    if (fixup.modifier === 'whole') this.#error(fixup.span, ...outOfRange(fixup.name, field, value));
    else {
      const absolute = fixup.modifier === 'hi';
      const hint = absolute
        ? 'la reaches it, and so do %pcrel_hi and %pcrel_lo'
        : 'load the address from memory instead';
      const what = absolute ? hex(unsigned(target)) : `a target ${target - pc} bytes away`;
      this.#error(fixup.span, `${what} is out of reach: ${fixup.name} reaches 2 GiB either way`, hint);
    }
    return undefined;
  }

  #part({ modifier, span }: FieldFixup, target: bigint, pc: bigint): bigint | undefined {
    switch (modifier) {
      case 'whole':
        return target;
      case 'relative':
        return target - pc;
      case 'hi':
        return highPart(target);
      case 'lo':
        return lowPart(target);
      case 'pcrel_hi':
        return isAbsolute(target, pc) ? highPart(target) : highPart(target - pc);
      case 'pcrel_lo': {
        const low = this.#upperParts.get(target);
        const hint = 'its argument is the label of the auipc, not the symbol';
        if (!this.#upperParts.has(target)) this.#error(span, '%pcrel_lo needs a matching %pcrel_hi', hint);
        return low;
      }
    }
  }

  #writeTail(bytes: Uint8Array, fragment: Fragment): void {
    const { tail } = fragment;
    if (tail.kind === 'fill') repeat(bytes, tail.pattern);
    else if (tail.kind === 'align') {
      if (tail.fill === 'nops') fillWithNops(bytes);
      else repeat(bytes, tail.fill);
    } else if (tail.kind === 'org' || tail.kind === 'space') bytes.fill(tail.fill);
    else if (tail.kind === 'branch') this.#writeBranch(bytes, fragment, tail);
  }

  #writeBranch(bytes: Uint8Array, fragment: Fragment, branch: Branch): void {
    const { instruction, compressed, fields, target, span } = branch;
    const value = this.#linker.value(this.#unit, target, span);
    if (value === undefined) return;
    const pc = this.#address(fragment, fragment.bytes.length);
    const length = bytes.length;
    const encoded = (short: boolean, imm: number, flip = 0) => {
      const form = short && compressed !== undefined ? compressed : { instruction, fields };
      const { pattern } = form.instruction;
      return littleEndian((insertFields(pattern, { ...form.fields, imm }) ^ flip) >>> 0, pattern.bytes);
    };
    if (length <= LONG) {
      const { pattern, name } = length === SHORT && compressed ? compressed.instruction : instruction;
      if (this.#checkReach(pattern, value - pc, name, span)) bytes.set(encoded(length === SHORT, Number(value - pc)));
      return;
    }
    // Too far: the opposite branch skips a jump.
    const skip = length - LONG;
    const jump = byName.get('jal');
    if (jump === undefined || !this.#checkReach(jump.pattern, value - pc - BigInt(skip), 'jal', span)) return;
    const imm = Number(value - pc) - skip;
    bytes.set(encoded(skip === SHORT, length, skip === SHORT ? INVERT[SHORT] : INVERT[LONG]));
    bytes.set(littleEndian(insertFields(jump.pattern, { rd: 0, imm }), LONG), skip);
  }

  #checkReach(pattern: Pattern, distance: bigint, name: string, span: Span): boolean {
    const field = pattern.fields.find((each) => each.name === 'imm') as PatternField;
    if (fieldHolds(field, Number(distance))) return true;
    const [least, most] = fieldRange(field);
    const odd = distance % 2n !== 0n;
    const hint = name === 'jal' && !odd ? 'call, tail and la reach 2 GiB either way' : undefined;
    const why = odd ? 'instructions are at even addresses' : `${name} reaches ${least} to ${most}`;
    this.#error(span, `the target is ${distance} bytes away: ${why}`, hint);
    return false;
  }
}

function isUpper(fixup: Fixup): fixup is FieldFixup {
  return fixup.kind === 'field' && fixup.modifier === 'pcrel_hi';
}

/** GNU ld makes a lui of an auipc whose target it does not reach and lui does: addresses near zero. */
function isAbsolute(target: bigint, pc: bigint): boolean {
  return !fitsWord(highPart(target - pc)) && fitsWord(highPart(target));
}

function absoluteTwin(pattern: Pattern): Pattern {
  return pattern === byName.get('auipc')?.pattern ? (byName.get('lui')?.pattern ?? pattern) : pattern;
}

function fitsField(field: PatternField, modifier: Modifier, value: bigint): boolean {
  if (modifier === 'hi' || modifier === 'pcrel_hi') return fitsWord(value);
  return BigInt(Number(value)) === value && fieldHolds(field, Number(value));
}

function repeat(bytes: Uint8Array, pattern: Uint8Array): void {
  if (pattern.length === 1) bytes.fill(pattern[0] as number);
  else for (let at = 0; at + pattern.length <= bytes.length; at += pattern.length) bytes.set(pattern, at);
}

const NOP = byName.get('addi')?.pattern;
const SHORT_NOP = byName.get('c.nop')?.pattern;

/** As GNU as pads code: a zero up to an even address, then one short no-op where needed, then long ones. */
function fillWithNops(bytes: Uint8Array): void {
  let at = bytes.length % 2;
  bytes.fill(0, 0, at);
  if ((bytes.length - at) % LONG !== 0 && SHORT_NOP !== undefined) {
    bytes.set(littleEndian(insertFields(SHORT_NOP, {}), SHORT), at);
    at += SHORT;
  }
  for (; at < bytes.length && NOP !== undefined; at += LONG) bytes.set(littleEndian(insertFields(NOP, {}), LONG), at);
}
