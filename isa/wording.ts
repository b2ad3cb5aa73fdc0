// The words of prose.ts and explain.ts: every template of a value, a question, an event and a sentence, and their
// English. Another language is another table of these (wording-korean.ts); what is told, and in what order, is the
// tree's alone. Left out: names, which are the manual's in every language.

import type { UnaryOperation } from './bigints.ts';
import type { ArithmeticOperation } from './expression.ts';

/** Templates, by what they say. What takes an address takes it without brackets. */
export interface Wording {
  /** Outcomes of events, by what yielded them; `nextPc` and the instruction's bits. */
  readonly names: {
    readonly pte: string;
    readonly answer: string;
    readonly value: string;
    readonly old: string;
    readonly nextPc: string;
    readonly instruction: string;
  };

  // Values. Operands come in brackets where they need some.

  readonly unary: Readonly<Record<UnaryOperation, (a: string) => string>>;
  readonly signExtended: (a: string) => string;
  readonly choice: (first: string, condition: string, other: string) => string;
  readonly arithmetic: Readonly<Partial<Record<ArithmeticOperation, (a: string, b: string) => string>>>;
  /** A value with its bits below one position clear. */
  readonly lowBitsClear: (a: string, highest: number) => string;

  // Questions, as clauses.

  /** How a comparison reads its operands. */
  readonly signed: string;
  readonly unsigned: string;
  readonly isSet: (bit: string, set: boolean) => string;
  /** Whether a clause says just that something is clear. */
  readonly saysClear: (clause: string) => boolean;
  readonly isMemory: (address: string, holds: boolean) => string;
  readonly says: (call: string, yes: boolean) => string;
  readonly raised: (holds: boolean) => string;
  /** A question by whose answer one of two others counts. Only the question itself is also there denied. */
  readonly either: (asked: string, denied: string, yes: string, no: string) => string;
  /** Clauses that must all hold, or of which one must. */
  readonly joined: (clauses: readonly string[], all: boolean) => string;

  // Events.

  readonly load: (name: string, bytes: number, address: string) => string;
  readonly loadReserved: (name: string, bytes: number, address: string) => string;
  readonly store: (bytes: number, address: string, value: string) => string;
  readonly storeConditional: (name: string, bytes: number, address: string, value: string) => string;
  readonly amo: (name: string, bytes: number, address: string, next: string) => string;
  readonly physical: (address: string) => string;
  readonly float: (name: string, call: string, rounding: string) => string;
  readonly block: Readonly<Record<'zero' | 'manage', (address: string) => string>>;
  readonly wait: string;
  readonly fence: Readonly<Record<'instructions' | 'translations', string>>;

  // Sentences.

  /** A whole sentence, without its full stop. */
  readonly sentence: (text: string) => string;
  readonly if: (clause: string) => string;
  readonly otherwiseIf: (clause: string) => string;
  readonly otherwise: string;
  readonly part: (number: number) => string;
  readonly goOn: (number: number) => string;
  readonly here: (name: string, value: string) => string;
  readonly raise: (cause: string, tval: string) => string;
  readonly pass: (name: string) => string;
  readonly result: (value: string) => string;
  readonly nothing: string;
}

/** A text in brackets, but where it is a name or bits of one. */
export const bracketed = (text: string) => (/^[\p{L}\w.-]+(\[[\d:]+\])*$/u.test(text) ? text : `(${text})`);

const upperHalf = (reading: string) => (a: string, b: string) => `the upper half of ${a} × ${b} (${reading})`;
/** Before its operand. */
const of = (what: string) => (a: string) => `${what} of ${a}`;

export const ENGLISH: Wording = {
  names: {
    pte: 'pte',
    answer: 'answer',
    value: 'value',
    old: 'old',
    nextPc: 'next pc',
    instruction: 'instruction',
  },
  unary: {
    countLeadingZeros: of('the number of leading zeros'),
    countTrailingZeros: of('the number of trailing zeros'),
    populationCount: of('the number of set bits'),
    reverseBytes: of('the bytes in reverse order'),
    orCombineBytes: of('each byte, as all ones where it is not 0,'),
  },
  signExtended: (a) => `${a} sign-extended`,
  choice: (first, condition, other) => `${first} if ${condition}, else ${other}`,
  arithmetic: {
    divide: (a, b) => `${a} ÷ ${b} (signed)`,
    divideUnsigned: (a, b) => `${a} ÷ ${b} (unsigned)`,
    remainder: (a, b) => `${a} modulo ${b} (signed)`,
    remainderUnsigned: (a, b) => `${a} modulo ${b} (unsigned)`,
    shiftRightArithmetic: (a, b) => `${a} >> ${b} (arithmetic)`,
    rotateLeft: (a, b) => `${a} rotated left by ${b}`,
    rotateRight: (a, b) => `${a} rotated right by ${b}`,
    mulHigh: upperHalf('signed'),
    mulHighUnsigned: upperHalf('unsigned'),
    mulHighSignedUnsigned: upperHalf('signed × unsigned'),
  },
  lowBitsClear: (a, highest) => `${a} with ${highest === 0 ? 'bit 0' : `bits [${highest}:0]`} clear`,

  signed: ' (signed)',
  unsigned: ' (unsigned)',
  isSet: (bit, set) => `${bit} is ${set ? 'set' : 'clear'}`,
  saysClear: (clause) => clause.endsWith(' is clear'),
  isMemory: (address, holds) => `${address} is ${holds ? '' : 'not '}memory`,
  says: (call, yes) => `${call} says ${yes ? 'yes' : 'no'}`,
  raised: (holds) => `that ${holds ? 'raised' : 'did not raise'}`,
  either: (asked, _, yes, no) => `(${asked} ? ${yes} : ${no})`,
  joined: (clauses, all) =>
    clauses.map((clause) => (/ (and|or) /.test(clause) ? `(${clause})` : clause)).join(all ? ' and ' : ' or '),

  load: (name, bytes, address) => `${name} ← ${bytes} bytes at ${address}`,
  loadReserved: (name, bytes, address) => `${name} ← ${bytes} bytes at ${address}, which it reserves`,
  store: (bytes, address, value) => `${bytes} bytes at ${address} ← ${value}`,
  storeConditional: (name, bytes, address, value) =>
    `if ${address} is reserved, ${bytes} bytes there ← ${value}; ${name} ← 0 if it stored, else 1; the reservation ends`,
  amo: (name, bytes, address, next) => `${name} ← ${bytes} bytes at ${address}, sign-extended, which become ${next}`,
  physical: (address) => `the doubleword at physical address ${address}`,
  float: (name, call, rounding) => `${name} ← ${call}, rounded by mode ${rounding}; fcsr gets its flags`,
  block: {
    zero: (address) => `the cache block around ${address} ← 0`,
    manage: (address) => `bring the cache block around ${address} in line with memory`,
  },
  wait: 'wait for an interrupt',
  fence: {
    instructions: 'order later instruction fetches after earlier stores',
    translations: 'order later translations after earlier stores',
  },

  // Assignments begin with a name, as it is written; sentences with a capital.
  sentence: (text) => (/^[\w.]+ ←/.test(text) ? text : `${text[0]?.toUpperCase()}${text.slice(1)}`),
  if: (clause) => `If ${clause}:`,
  otherwiseIf: (clause) => `Otherwise if ${clause}:`,
  otherwise: 'Otherwise:',
  part: (number) => `Part ${number}:`,
  goOn: (number) => `Go on with part ${number}.`,
  here: (name, value) => `Here ${name} is ${value}.`,
  raise: (cause, tval) => `raise ${cause}, tval = ${tval}`,
  pass: (name) => `raise what ${name} raised`,
  result: (value) => `the result is ${value}`,
  nothing: 'nothing changes',
};
