// Expressions in words: fields by the manual's names, masks as bit ranges, comparisons as sentences. The words
// themselves are a language's (wording.ts); what they are about is the same in each.
// Names of bits come from the tables of layout.ts: of a word its fields, of a page-table entry those of PTE.
// Left out: operators that no definition uses in a way that needs more than infix and brackets.

import { unreachable } from './assert.ts';
import { fieldsOfWord } from './assignments.ts';
import { type ArithmeticOperation, type Event, type Expr, inputs } from './expression.ts';
import { type Field, fieldsOf, PTE, WORD, WORD_NAMES } from './layout.ts';
import { bitTest, conjuncts, isNot } from './simplify.ts';
import type { Definition } from './vocabulary.ts';
import { bracketed, type Wording } from './wording.ts';

const MODES: Readonly<Record<string, string>> = { 0: 'U', 1: 'S', 3: 'M' };
const PTE_FIELDS = Object.values<Field>(fieldsOf(PTE));
/** Numbers up to here are written in decimal, and as negative ones from as far below 2⁶⁴. */
const LARGEST_DECIMAL = 4096n;
const MODULUS = 1n << 64n;
const TOP_BIT = 63;
const FIRST_LETTER = 'a'.charCodeAt(0);

const INFIX: Readonly<Partial<Record<ArithmeticOperation, string>>> = {
  add: '+',
  sub: '-',
  mul: '×',
  and: '&',
  or: '|',
  xor: '^',
  shiftLeft: '<<',
  shiftRight: '>>',
};
const ASSOCIATIVE: readonly string[] = ['add', 'and', 'or', 'xor'];

export function number(value: bigint): string {
  if (value < LARGEST_DECIMAL) return `${value}`;
  return value > MODULUS - LARGEST_DECIMAL ? `${value - MODULUS}` : `0x${value.toString(16)}`;
}

/** Whether a value is a mode: the current one, MPP in its place, or one that was given. */
function isMode(e: Expr): boolean {
  if (e.kind === 'choose') return isMode(e.yes) || isMode(e.no);
  return (e.kind === 'word' && e.index === WORD.mode) || (e.kind === 'parameter' && e.name === 'mode');
}

/** The high and low end of a run of ones; undefined if there is a gap. */
function run(bits: bigint): readonly [high: number, low: number] | undefined {
  const text = bits.toString(2);
  const low = text.length - 1 - text.lastIndexOf('1');
  return /^1+0*$/.test(text) ? [text.length - 1, low] : undefined;
}

export class Prose {
  /** Long values that occur more than once, and the letters that those which were told have got. */
  readonly long = new Set<Expr>();
  readonly letters = new Map<Expr, string>();
  /** What each event's outcome is called. */
  private readonly names = new Map<number, string>();
  private readonly words: Wording;

  constructor(words: Wording) {
    this.words = words;
  }

  nameOf(event: Event): string {
    const known = this.names.get(event.id);
    if (known !== undefined) return known;
    const { pte, answer, value, old } = this.words.names;
    const kind = event.kind === 'loadPhysical' ? pte : event.kind === 'call' ? answer : value;
    const count = [...this.names.values()].filter((name) => name.startsWith(kind)).length;
    const made = event.kind === 'amo' ? old : count === 0 ? kind : `${kind}${count + 1}`;
    this.names.set(event.id, made);
    return made;
  }

  /** A value, in brackets where it stands inside another. */
  value(e: Expr, inside = false): string {
    const text = this.letter(e) ?? this.plain(e);
    return inside ? bracketed(text) : text;
  }

  private letter(e: Expr): string | undefined {
    if (this.long.has(e) && !this.letters.has(e))
      this.letters.set(e, String.fromCharCode(FIRST_LETTER + this.letters.size));
    return this.letters.get(e);
  }

  /** A value in full, even if it has an abbreviation. */
  plain(e: Expr): string {
    switch (e.kind) {
      case 'constant':
        return number(e.value);
      case 'parameter':
        return this.parameter(e.name);
      case 'word':
        return WORD_NAMES[e.index] as string;
      case 'outcome':
        return this.nameOf(e.event);
      case 'time':
        return 'mtime';
      case 'unary':
        return this.words.unary[e.operation](this.value(e.a, true));
      case 'signExtend':
        return this.words.signExtended(this.range(e.a, e.width - 1, 0));
      case 'choose':
        return this.choice(e);
      case 'arithmetic':
        return isNot(e) ? this.truth(e) : this.arithmetic(e);
      case 'compare':
      case 'isMemory':
      case 'ask':
      case 'failed':
        return this.truth(e);
      default:
        return unreachable(e);
    }
  }

  private parameter(name: string): string {
    const { nextPc, instruction } = this.words.names;
    if (name === 'instruction') return instruction;
    return name === 'nextPc' ? nextPc : name;
  }

  private choice({ question, yes, no }: Expr & { kind: 'choose' }): string {
    const asked = this.question(question);
    // "… if SUM is set, else …" reads better than the opposite.
    const opposite = this.words.saysClear(asked);
    const [first, other] = opposite ? [no, yes] : [yes, no];
    const condition = opposite ? this.question(question, false) : asked;
    const rest = other.kind === 'choose' ? this.value(other) : this.value(other, true);
    return this.words.choice(this.value(first, true), condition, rest);
  }

  private truth(question: Expr): string {
    return this.words.choice('1', this.question(question), '0');
  }

  private arithmetic(e: Expr & { kind: 'arithmetic' }): string {
    const { operation, a, b } = e;
    const told = this.words.arithmetic[operation];
    if (told !== undefined) return told(this.value(a, true), this.value(b, true));
    if (operation === 'and' && b.kind === 'constant') return this.maskedValue(a, b.value);
    if (operation === 'xor' && b.kind === 'constant' && b.value === MODULUS - 1n) return `~${this.value(a, true)}`;
    const negative = operation === 'add' && b.kind === 'constant' && b.value > MODULUS - LARGEST_DECIMAL;
    if (negative) return `${this.value(a, true)} - ${MODULUS - b.value}`;
    // A chain of one associative operation needs no brackets.
    const chained = a.kind === 'arithmetic' && a.operation === operation && ASSOCIATIVE.includes(operation);
    const left = this.value(a, !(chained && !this.isMasked(a)));
    return `${left} ${INFIX[operation]} ${this.value(b, true)}`;
  }

  private isMasked({ operation, b }: Expr & { kind: 'arithmetic' }): boolean {
    return operation === 'and' && b.kind === 'constant';
  }

  /** A run of bits of x that stands at bit 0, or is moved elsewhere; other masks as numbers. */
  private maskedValue(a: Expr, bits: bigint): string {
    const at = run(bits);
    if (at === undefined) return `${this.value(a, true)} & 0x${bits.toString(16)}`;
    const [high, low] = at;
    const shifted = a.kind === 'arithmetic' && a.b.kind === 'constant' && !this.long.has(a) ? a : undefined;
    const amount = shifted?.b.kind === 'constant' ? Number(shifted.b.value) : 0;
    const right = { shiftRight: amount, shiftLeft: -amount }[shifted?.operation as string];
    if (right === undefined && low > 0 && high === TOP_BIT)
      return this.words.lowBitsClear(this.value(a, true), low - 1);
    const slice = this.range(right === undefined ? a : (shifted?.a as Expr), high + (right ?? 0), low + (right ?? 0));
    return low === 0 ? slice : `${slice} << ${low}`;
  }

  private range(a: Expr, high: number, low: number): string {
    const field = this.fields(a).find((each) => each.high === high && each.low === low);
    const base = this.value(a, true);
    if (field !== undefined) return `${base}.${field.name}`;
    if (low === 0 && a.possible < 1n << BigInt(high + 1)) return base;
    return high === low ? `${base}[${high}]` : `${base}[${high}:${low}]`;
  }

  private fields(a: Expr): readonly Field[] {
    if (a.kind === 'word') return fieldsOfWord(a.index);
    return a.kind === 'outcome' && a.event.kind === 'loadPhysical' ? PTE_FIELDS : [];
  }

  // Questions.

  question(e: Expr, holds = true): string {
    if (isNot(e)) return this.question(e.a, !holds);
    const parts = conjuncts(e);
    if (parts.length > 1)
      return this.joined(
        parts.map((part) => this.question(part, holds)),
        holds,
      );
    const test = bitTest(e);
    if (test !== undefined && !(e.kind === 'compare' && e.b.kind !== 'constant')) return this.bits(test, holds);
    switch (e.kind) {
      case 'compare': {
        const sign = { equal: ['=', '≠'], less: ['<', '≥'], below: ['<', '≥'] }[e.operation][holds ? 0 : 1];
        const reading = { equal: '', less: this.words.signed, below: this.words.unsigned }[e.operation];
        return `${this.value(e.a, true)} ${sign} ${this.constantFor(e.a, e.b)}${reading}`;
      }
      case 'isMemory':
        return this.words.isMemory(this.value(e.address), holds);
      case 'ask':
        return this.words.says(this.call(e.definition, e.parameters), holds);
      case 'failed':
        return this.words.raised(holds);
      case 'choose':
        return this.words.either(
          this.question(e.question),
          this.question(e.question, false),
          this.question(e.yes, holds),
          this.question(e.no, holds),
        );
      default:
        return `${this.value(e, true)} = ${holds ? 1 : 0}`;
    }
  }

  /** A test of bits of one value, as a clause for each field that it covers. */
  private bits(test: { base: Expr; bits: bigint; value: bigint }, holds: boolean): string {
    const { base, bits, value } = test;
    const clauses: string[] = [];
    let left = bits;
    for (const field of this.fields(base)) {
      if ((field.mask & bits) !== field.mask) continue;
      left &= field.others;
      clauses.push(
        this.clause(
          `${this.value(base, true)}.${field.name}`,
          (value & field.mask) >> field.shift,
          field.high - field.low + 1,
          holds,
        ),
      );
    }
    for (const [high, low] of runs(left)) {
      const part = (value >> BigInt(low)) & ((1n << BigInt(high - low + 1)) - 1n);
      const whole = low === 0 && base.possible < 1n << BigInt(high + 1);
      const width = whole ? 64 : high - low + 1;
      const name = this.range(base, high, low);
      clauses.push(
        isMode(base)
          ? `${this.value(base, true)} ${holds ? '=' : '≠'} ${MODES[`${part}`] ?? part}`
          : this.clause(name, part, width, holds),
      );
    }
    return this.joined(clauses, holds);
  }

  private clause(name: string, value: bigint, width: number, holds: boolean): string {
    if (width === 1) return this.words.isSet(name, (value === 1n) === holds);
    const known = name.endsWith('.MPP') ? MODES[`${value}`] : undefined;
    return `${name} ${holds ? '=' : '≠'} ${known ?? number(value)}`;
  }

  private joined(clauses: readonly string[], holds: boolean): string {
    return clauses.length === 1 ? (clauses[0] as string) : this.words.joined(clauses, holds);
  }

  private constantFor(a: Expr, b: Expr): string {
    return isMode(a) ? this.mode(b) : this.value(b, true);
  }

  /** A value that is a mode. */
  mode(value: Expr): string {
    return (value.kind === 'constant' ? MODES[`${value.value}`] : undefined) ?? this.value(value);
  }

  /** A call with its arguments, by name. */
  private call(definition: Definition, parameters: Readonly<Record<string, Expr>>): string {
    const given = definition.parameters.map((name) => {
      const value = parameters[name] as Expr;
      return `${name} = ${name === 'mode' ? this.mode(value) : this.value(value)}`;
    });
    return `${definition.name}(${given.join(', ')})`;
  }

  // Events.

  event(event: Event): string {
    const { words } = this;
    const [address = ''] = inputs(event).map((input) => this.value(input));
    switch (event.kind) {
      case 'load':
      case 'loadReserved':
        return words[event.kind](this.nameOf(event), event.bytes, address);
      case 'store':
        return words.store(event.bytes, address, this.value(event.value));
      case 'storeConditional':
        return words.storeConditional(this.nameOf(event), event.bytes, address, this.value(event.value));
      case 'amo':
        return words.amo(this.nameOf(event), event.bytes, address, this.value(event.next));
      case 'loadPhysical':
        return `${this.nameOf(event)} ← ${words.physical(address)}`;
      case 'storePhysical':
        return `${words.physical(address)} ← ${this.value(event.value)}`;
      case 'call':
        return `${this.nameOf(event)} ← ${this.call(event.definition, event.parameters)}`;
      case 'float': {
        const operands = event.operands.map((operand) => this.value(operand)).join(', ');
        const call = `${event.operation}.${event.format}(${operands})`;
        return words.float(this.nameOf(event), call, this.value(event.rounding));
      }
      case 'block':
        return words.block[event.operation](address);
      case 'wait':
        return words.wait;
      case 'fence':
        return words.fence[event.what];
      default:
        return unreachable(event);
    }
  }
}

function runs(bits: bigint): (readonly [high: number, low: number])[] {
  const found: (readonly [number, number])[] = [];
  for (let low = 0; low < 64; low++) {
    if (((bits >> BigInt(low)) & 1n) === 0n) continue;
    let high = low;
    while ((bits >> BigInt(high + 1)) & 1n) high++;
    found.push([high, low]);
    low = high;
  }
  return found;
}
