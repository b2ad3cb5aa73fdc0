// Makes expressions, simplified as they are made: constants fold with the reference's own arithmetic, a field move
// becomes one shift and one mask, several field writes one `and` and one `or`, and tests of bits of one value can be
// joined. Normal forms: mask(shift(x)), sums and bit operations with the constant on the right, `equal` of masked bits.
// Left out: anything that needs to know what a path has asked; that is the recorder's.

import { arithmetic, MASK64, ones, type UnaryOperation, unaryArithmetic } from './bigints.ts';
import { type ArithmeticOperation, type Comparison, type Event, type Expr, NARROW_WORDS } from './expression.ts';
import { WORD_NAMES, type WordName } from './layout.ts';
import type { Definition } from './vocabulary.ts';

type Unmade = Expr extends infer E ? (E extends Expr ? Omit<E, 'id' | 'partial' | 'costly'> : never) : never;

const BITS = 64;
const COUNTS: readonly UnaryOperation[] = ['countLeadingZeros', 'countTrailingZeros', 'populationCount'];
/** All bits that a count of up to 64 can have. */
const MOST_COUNTED = 0x7fn;
const DIVISIONS: readonly ArithmeticOperation[] = ['divide', 'divideUnsigned', 'remainder', 'remainderUnsigned'];

export class Expressions {
  private readonly made = new Map<string, Expr>();

  /** The one expression of this kind and these parts. */
  private intern(
    key: string,
    parts: readonly Expr[],
    e: Unmade,
    flags: { partial?: boolean; costly?: boolean } = {},
  ): Expr {
    const known = this.made.get(key);
    if (known !== undefined) return known;
    const partial = flags.partial === true || parts.some((part) => part.partial);
    const costly = flags.costly === true || parts.some((part) => part.costly);
    const made = { ...e, id: this.made.size, partial, costly } as Expr; // Omit above lost the union's link to kind
    this.made.set(key, made);
    return made;
  }

  constant(value: number | bigint): Expr {
    const unsigned = BigInt.asUintN(BITS, BigInt(value));
    return this.intern(`${unsigned}`, [], { kind: 'constant', value: unsigned, possible: unsigned });
  }
  private truth(holds: boolean): Expr {
    return this.constant(holds ? 1 : 0);
  }
  parameter(name: string, possible = MASK64): Expr {
    return this.intern(`parameter ${name}`, [], { kind: 'parameter', name, possible });
  }
  word(index: number): Expr {
    const possible = NARROW_WORDS[WORD_NAMES[index] as WordName] ?? MASK64;
    return this.intern(`word ${index}`, [], { kind: 'word', index, possible });
  }
  time(): Expr {
    return this.intern('time', [], { kind: 'time', possible: MASK64 });
  }
  outcome(event: Event, possible = MASK64): Expr {
    return this.intern(`outcome ${event.id}`, [], { kind: 'outcome', event, possible });
  }
  failed(event: Event): Expr {
    return this.intern(`failed ${event.id}`, [], { kind: 'failed', event, possible: 1n });
  }
  isMemory(address: Expr): Expr {
    return this.intern(`memory ${address.id}`, [address], { kind: 'isMemory', address, possible: 1n });
  }
  ask(definition: Definition, parameters: Readonly<Record<string, Expr>>): Expr {
    const values = Object.values(parameters);
    const key = `ask ${definition.name} ${values.map((value) => value.id)}`;
    return this.intern(key, values, { kind: 'ask', definition, parameters, possible: 1n }, { costly: true });
  }

  // Arithmetic.

  binary(operation: ArithmeticOperation, a: Expr, b: Expr): Expr {
    if (a.kind === 'constant' && b.kind === 'constant' && !(DIVISIONS.includes(operation) && b.value === 0n)) {
      return this.constant(arithmetic[operation](a.value, b.value));
    }
    switch (operation) {
      case 'add':
        return this.add(a, b);
      case 'sub':
        if (b.kind === 'constant') return this.add(a, this.constant(-b.value));
        return a === b ? this.constant(0) : this.raw('sub', a, b);
      case 'and':
        return this.and(a, b);
      case 'or':
        return this.or(a, b);
      case 'xor':
        return this.xor(a, b);
      case 'shiftLeft':
      case 'shiftRight':
        return b.kind === 'constant' ? this.shift(operation, a, Number(b.value & 63n)) : this.raw(operation, a, b);
      case 'rotateLeft':
      case 'rotateRight':
      case 'shiftRightArithmetic':
        return b.kind === 'constant' && (b.value & 63n) === 0n ? a : this.raw(operation, a, b);
      default:
        return this.raw(operation, a, b);
    }
  }

  unary(operation: UnaryOperation, a: Expr): Expr {
    if (a.kind === 'constant') return this.constant(unaryArithmetic[operation](a.value));
    const possible = COUNTS.includes(operation) ? MOST_COUNTED : MASK64;
    return this.intern(`${operation} ${a.id}`, [a], { kind: 'unary', operation, a, possible });
  }

  private raw(operation: ArithmeticOperation, a: Expr, b: Expr, possible = MASK64): Expr {
    const partial = DIVISIONS.includes(operation);
    const [first, second] = COMMUTATIVE.has(operation) && b.id < a.id ? [b, a] : [a, b];
    const e = { kind: 'arithmetic', operation, a, b, possible } as const; // as written: prose reads better so
    return this.intern(`${operation} ${first.id} ${second.id}`, [a, b], e, { partial });
  }

  private add(a: Expr, b: Expr): Expr {
    const [left, right] = ordered(a, b);
    if (right.kind === 'constant') {
      if (right.value === 0n) return left;
      if (left.kind === 'arithmetic' && left.operation === 'add' && left.b.kind === 'constant') {
        return this.add(left.a, this.constant(left.b.value + right.value));
      }
    }
    const apart = (left.possible & right.possible) === 0n; // then nothing carries
    return this.raw('add', left, right, apart ? left.possible | right.possible : MASK64);
  }

  private and(a: Expr, b: Expr): Expr {
    const [left, right] = ordered(a, b);
    if (left === right || (left.possible & right.possible) === 0n) return left === right ? left : this.constant(0);
    if (right.kind === 'constant') return this.mask(left, right.value);
    return this.raw('and', left, right, left.possible & right.possible);
  }

  /** `a` with only these bits. */
  mask(a: Expr, bits: bigint): Expr {
    const kept = a.possible & bits;
    if (kept === a.possible) return a;
    if (a.kind === 'constant' || kept === 0n) return this.constant(a.kind === 'constant' ? a.value & bits : 0n);
    if (a.kind === 'arithmetic') {
      if (a.operation === 'and' && a.b.kind === 'constant') return this.mask(a.a, a.b.value & bits);
      if (a.operation === 'or') return this.or(this.mask(a.a, bits), this.mask(a.b, bits));
    }
    if (a.kind === 'signExtend' && kept <= (ones[a.width] as bigint)) return this.mask(a.a, kept);
    if (a.kind === 'choose' && a.yes.kind === 'constant' && a.no.kind === 'constant') {
      return this.choose(a.question, this.mask(a.yes, bits), this.mask(a.no, bits));
    }
    return this.raw('and', a, this.constant(kept), kept);
  }

  private or(a: Expr, b: Expr): Expr {
    const [left, right] = ordered(a, b);
    if (left === right || (right.kind === 'constant' && right.value === 0n)) return left;
    const terms = [...orTerms(left), ...orTerms(right)];
    let constant = 0n;
    const masks = new Map<Expr, bigint>();
    for (const term of terms) {
      if (term.kind === 'constant') constant |= term.value;
      else {
        const [base, bits] = masked(term);
        masks.set(base, (masks.get(base) ?? 0n) | bits);
      }
    }
    const joined = [...masks].map(([base, bits]) => this.mask(base, bits)).sort((x, y) => x.id - y.id);
    if (constant !== 0n) joined.push(this.constant(constant));
    const [first, ...others] = joined;
    return others.reduce((sum, term) => this.raw('or', sum, term, sum.possible | term.possible), first as Expr);
  }

  private xor(a: Expr, b: Expr): Expr {
    const [left, right] = ordered(a, b);
    if (left === right) return this.constant(0);
    if (right.kind === 'constant') {
      if (right.value === 0n) return left;
      if (left.kind === 'arithmetic' && left.operation === 'xor' && left.b.kind === 'constant') {
        return this.xor(left.a, this.constant(left.b.value ^ right.value));
      }
    }
    return this.raw('xor', left, right, left.possible | right.possible);
  }

  private shift(operation: 'shiftLeft' | 'shiftRight', a: Expr, by: number): Expr {
    if (by === 0) return a;
    const move = (value: bigint) => arithmetic[operation](value, BigInt(by));
    const possible = move(a.possible);
    if (possible === 0n || a.kind === 'constant') return this.constant(a.kind === 'constant' ? move(a.value) : 0);
    if (a.kind === 'arithmetic' && a.b.kind === 'constant') {
      if (a.operation === 'and') return this.mask(this.shift(operation, a.a, by), move(a.b.value));
      if (a.operation === operation) {
        const sum = Number(a.b.value) + by;
        return sum >= BITS ? this.constant(0) : this.shift(operation, a.a, sum);
      }
      if (a.operation === 'shiftLeft' || a.operation === 'shiftRight') {
        // Back and forth: one shift by the difference, of the bits that both let through.
        const left = operation === 'shiftLeft' ? by - Number(a.b.value) : Number(a.b.value) - by;
        const through = move(arithmetic[a.operation](MASK64, a.b.value));
        return this.mask(
          left >= 0 ? this.shift('shiftLeft', a.a, left) : this.shift('shiftRight', a.a, -left),
          through,
        );
      }
    }
    if (a.kind === 'arithmetic' && a.operation === 'or')
      return this.or(this.shift(operation, a.a, by), this.shift(operation, a.b, by));
    return this.raw(operation, a, this.constant(by), possible);
  }

  bits(a: Expr, high: number, low: number): Expr {
    return this.mask(this.shift('shiftRight', a, low), ones[high - low + 1] as bigint);
  }

  signExtend(a: Expr, width: number): Expr {
    if (a.kind === 'constant') return this.constant(BigInt.asIntN(width, a.value));
    if (width === BITS || a.possible < 1n << BigInt(width - 1)) return a;
    if (a.kind === 'signExtend' && a.width <= width) return a;
    const inner = a.kind === 'arithmetic' && a.operation === 'and' && a.b.kind === 'constant' ? a : undefined;
    const wide =
      inner !== undefined && ((inner.b as Expr & { value: bigint }).value & (ones[width] as bigint)) === ones[width];
    const from = wide && inner !== undefined ? inner.a : a;
    return this.intern(`sign ${width} ${from.id}`, [from], { kind: 'signExtend', a: from, width, possible: MASK64 });
  }

  // Questions: values of 0 or 1.

  compare(operation: Comparison, a: Expr, b: Expr): Expr {
    if (operation === 'equal') return this.equal(a, b);
    if (a === b) return this.constant(0);
    if (a.kind === 'constant' && b.kind === 'constant') {
      const fold = operation === 'less' ? arithmetic.lessThan : arithmetic.lessThanUnsigned;
      return this.constant(fold(a.value, b.value));
    }
    if (operation === 'below') {
      if (b.kind === 'constant' && a.possible < b.value) return this.constant(1);
      if (a.kind === 'constant' && b.possible <= a.value) return this.constant(0);
      if (b.kind === 'constant' && b.value <= 1n) return b.value === 0n ? this.constant(0) : this.isZero(a);
      if (a.kind === 'constant' && a.value === 0n) return this.not(this.isZero(b));
      // Below the greatest value that it can have: other than that.
      if (b.kind === 'constant' && a.possible === b.value && isOneBit(b.value + 1n)) return this.not(this.equal(a, b));
    }
    return this.intern(`${operation} ${a.id} ${b.id}`, [a, b], { kind: 'compare', operation, a, b, possible: 1n });
  }

  private equal(a: Expr, b: Expr): Expr {
    const [left, right] = ordered(a, b);
    if (left === right) return this.constant(1);
    if (right.kind !== 'constant') return this.rawEqual(left, right);
    const { value } = right;
    if (left.kind === 'constant' || (value & ~left.possible) !== 0n) return this.constant(0);
    if (isQuestion(left)) return value === 0n ? this.not(left) : left;
    if (left.kind === 'choose' && left.yes.kind === 'constant' && left.no.kind === 'constant') {
      return this.choose(left.question, this.truth(left.yes.value === value), this.truth(left.no.value === value));
    }
    if (left.kind === 'arithmetic' && left.b.kind === 'constant') {
      // Bits are tested where they stand: equal(mask(x >> n, m), v) is equal(mask(x, m << n), v << n).
      const [base, bits] = masked(left);
      if (base.kind === 'arithmetic' && base.b.kind === 'constant') {
        const by = base.b.value;
        if (base.operation === 'shiftRight') {
          return this.equal(this.mask(base.a, arithmetic.shiftLeft(bits, by)), this.constant(value << by));
        }
        if (base.operation === 'shiftLeft')
          return this.equal(this.mask(base.a, bits >> by), this.constant(value >> by));
      }
      if (left.operation === 'add') return this.equal(left.a, this.constant(value - left.b.value));
      if (left.operation === 'xor') return this.equal(left.a, this.constant(value ^ left.b.value));
    }
    if (left.possible === value && isOneBit(value)) return this.not(this.rawEqual(left, this.constant(0)));
    return this.rawEqual(left, right);
  }

  private rawEqual(a: Expr, b: Expr): Expr {
    const [first, second] = b.id < a.id ? [b, a] : [a, b];
    return this.intern(`equal ${first.id} ${second.id}`, [a, b], {
      kind: 'compare',
      operation: 'equal',
      a,
      b,
      possible: 1n,
    });
  }

  isZero(a: Expr): Expr {
    return this.equal(a, this.constant(0));
  }
  /** A value that is 0 or not, as a question in normal form. */
  isSet(a: Expr): Expr {
    return this.not(this.isZero(a));
  }
  not(question: Expr): Expr {
    return this.xor(question, this.constant(1));
  }

  /** Both; tests of bits of one value become one test. */
  both(a: Expr, b: Expr): Expr {
    const terms = [...conjuncts(a), ...conjuncts(b)];
    const joined: Expr[] = [];
    for (const term of terms) {
      const test = bitTest(term);
      const at = test === undefined ? -1 : joined.findIndex((other) => bitTest(other)?.base === test.base);
      const other = at < 0 ? undefined : bitTest(joined[at] as Expr);
      if (test === undefined || other === undefined) joined.push(term);
      else if ((test.value ^ other.value) & test.bits & other.bits) return this.constant(0);
      else
        joined[at] = this.equal(this.mask(test.base, test.bits | other.bits), this.constant(test.value | other.value));
    }
    if (joined.some((term) => joined.includes(this.not(term)))) return this.constant(0);
    return joined.reduce((all, term) => this.and(all, term));
  }
  either(a: Expr, b: Expr): Expr {
    return this.not(this.both(this.not(a), this.not(b)));
  }

  choose(flag: Expr, yes: Expr, no: Expr): Expr {
    const question = this.isSet(flag);
    if (question.kind === 'constant') return question.value === 0n ? no : yes;
    if (yes === no) return yes;
    if (isNot(question)) return this.choose(question.a, no, yes);
    if (yes.kind === 'constant' && no.kind === 'constant' && (yes.value | no.value) === 1n) {
      return yes.value === 1n ? question : this.not(question);
    }
    const then = yes.kind === 'choose' && yes.question === question ? yes.yes : yes;
    const other = no.kind === 'choose' && no.question === question ? no.no : no;
    if (other.kind === 'choose' && isCheap(other.question)) {
      if (other.yes === then) return this.choose(this.either(question, other.question), then, other.no);
      if (other.no === then) return this.choose(this.either(question, this.not(other.question)), then, other.yes);
    }
    const key = `choose ${question.id} ${then.id} ${other.id}`;
    const possible = then.possible | other.possible;
    return this.intern(key, [question, then, other], { kind: 'choose', question, yes: then, no: other, possible });
  }
}

const COMMUTATIVE: ReadonlySet<ArithmeticOperation> = new Set([
  'add',
  'mul',
  'mulHigh',
  'mulHighUnsigned',
  'and',
  'or',
  'xor',
]);

/** The operands of a commutative operation, a constant last. */
function ordered(a: Expr, b: Expr): [Expr, Expr] {
  return a.kind === 'constant' ? [b, a] : [a, b];
}

/** Whether a question may be asked although an earlier one might have made it needless. */
export const isCheap = (question: Expr) => !question.partial && !question.costly;

const isOneBit = (value: bigint) => value !== 0n && (value & (value - 1n)) === 0n;

/** Whether an expression is a question already, rather than a value that happens to be one bit wide. */
export function isQuestion(e: Expr): boolean {
  if (['compare', 'isMemory', 'ask', 'failed'].includes(e.kind)) return true;
  if (e.kind === 'choose') return isQuestion(e.yes) && isQuestion(e.no);
  if (e.kind !== 'arithmetic' || !['and', 'or', 'xor'].includes(e.operation)) return false;
  const right = e.b.kind === 'constant' ? e.b.value === 1n : isQuestion(e.b);
  return isQuestion(e.a) && right;
}

type Not = Expr & { readonly kind: 'arithmetic' };
/** Whether a question is the opposite of its part `a`. */
export function isNot(question: Expr): question is Not {
  return (
    question.kind === 'arithmetic' &&
    question.operation === 'xor' &&
    question.b.kind === 'constant' &&
    question.b.value === 1n &&
    question.possible === 1n
  );
}

/** The questions that a question asks to be true together. */
export function conjuncts(question: Expr): Expr[] {
  const joins = question.kind === 'arithmetic' && question.operation === 'and' && isQuestion(question);
  return joins ? [...conjuncts(question.a), ...conjuncts(question.b)] : [question];
}

/** The terms of a chain of `or`. */
function orTerms(e: Expr): Expr[] {
  return e.kind === 'arithmetic' && e.operation === 'or' ? [...orTerms(e.a), ...orTerms(e.b)] : [e];
}

/** An expression as a base and the bits that are kept of it. */
export function masked(e: Expr): readonly [base: Expr, bits: bigint] {
  if (e.kind === 'arithmetic' && e.operation === 'and' && e.b.kind === 'constant') return [e.a, e.b.value];
  return [e, e.possible];
}

/** A question of the form: these bits of that value are so. A test that one bit is set has the form not(bit = 0). */
export function bitTest(question: Expr): { base: Expr; bits: bigint; value: bigint } | undefined {
  if (isNot(question)) {
    const test = bitTest(question.a);
    return test !== undefined && test.value === 0n && isOneBit(test.bits) ? { ...test, value: test.bits } : undefined;
  }
  if (question.kind !== 'compare' || question.operation !== 'equal' || question.b.kind !== 'constant') return undefined;
  const [base, bits] = masked(question.a);
  return { base, bits, value: question.b.value };
}
