// The recorder's values, words and what a path knows, apart from its events and scripts: each operation makes an
// expression, a word is what was last written on this path, and an answer that follows from earlier ones is not asked.
// What follows is kept simple: the same question, and other values of bits that are known.

import type { Expr } from './expression.ts';
import { type Field, WORD } from './layout.ts';
import { bitTest, conjuncts, type Expressions, isNot } from './simplify.ts';
import { Words } from './words.ts';

/** A field of a word that a recording takes to have a value; whoever runs its tree has looked. */
export interface Assumption {
  readonly word: number;
  readonly field: readonly [high: number, low: number];
  readonly value: number;
}

export abstract class RecorderValues extends Words<Expr> {
  readonly expressions: Expressions;
  private readonly assumptions: readonly Assumption[];
  /** Words that this path has written. */
  protected readonly written = new Map<number, Expr>();
  /** Questions that this path has answered with yes, opposites of those it answered with no. */
  private readonly facts = new Set<Expr>();

  constructor(expressions: Expressions, assumptions: readonly Assumption[]) {
    super();
    this.expressions = expressions;
    this.assumptions = assumptions;
  }

  protected abstract alive(): void;
  protected abstract question(asked: Expr): boolean;

  protected forgetPath(): void {
    this.written.clear();
    this.facts.clear();
  }

  protected learn(question: Expr, answer: boolean): void {
    const fact = answer ? question : this.expressions.not(question);
    for (const part of conjuncts(fact)) this.facts.add(part);
  }

  /** The answer that this path already knows. */
  protected answerOf(question: Expr): boolean | undefined {
    if (this.facts.has(question)) return true;
    if (this.facts.has(this.expressions.not(question))) return false;
    const test = bitTest(question);
    if (test === undefined) return undefined;
    for (const fact of this.facts) {
      const known = bitTest(fact);
      if (known?.base !== test.base) continue;
      if ((known.value ^ test.value) & known.bits & test.bits) return false;
      if ((test.bits & ~known.bits) === 0n) return true;
    }
    return undefined;
  }

  // Words.

  override word(index: number): Expr {
    return this.written.get(index) ?? this.expressions.word(index);
  }
  override setWord(index: number, value: Expr): void {
    this.alive();
    // Writing pc is a jump even where it goes nowhere.
    if (value === this.expressions.word(index) && index !== WORD.pc) this.written.delete(index);
    else this.written.set(index, value);
  }
  private assumed(index: number, { high, low }: Field): Expr | undefined {
    const found = this.assumptions.find(({ word, field }) => word === index && field[0] === high && field[1] === low);
    return found && this.k(found.value);
  }
  override field(index: number, field: Field): Expr {
    return this.assumed(index, field) ?? this.bits(this.word(index), field.high, field.low);
  }
  override setField(index: number, field: Field, value: Expr): void {
    const { mask, others, low } = field;
    const { expressions } = this;
    if (value === this.assumed(index, field)) return;
    const placed = expressions.mask(this.shiftLeft(value, this.k(low)), mask);
    this.setWord(index, this.or(expressions.mask(this.word(index), others), placed));
  }

  // Values.

  k(constant: number | bigint): Expr {
    return this.expressions.constant(constant);
  }
  readonly add = (a: Expr, b: Expr) => this.expressions.binary('add', a, b);
  readonly sub = (a: Expr, b: Expr) => this.expressions.binary('sub', a, b);
  readonly mul = (a: Expr, b: Expr) => this.expressions.binary('mul', a, b);
  readonly mulHigh = (a: Expr, b: Expr) => this.expressions.binary('mulHigh', a, b);
  readonly mulHighUnsigned = (a: Expr, b: Expr) => this.expressions.binary('mulHighUnsigned', a, b);
  readonly mulHighSignedUnsigned = (a: Expr, b: Expr) => this.expressions.binary('mulHighSignedUnsigned', a, b);
  readonly divide = (a: Expr, b: Expr) => this.expressions.binary('divide', a, b);
  readonly divideUnsigned = (a: Expr, b: Expr) => this.expressions.binary('divideUnsigned', a, b);
  readonly remainder = (a: Expr, b: Expr) => this.expressions.binary('remainder', a, b);
  readonly remainderUnsigned = (a: Expr, b: Expr) => this.expressions.binary('remainderUnsigned', a, b);
  readonly and = (a: Expr, b: Expr) => this.expressions.binary('and', a, b);
  readonly or = (a: Expr, b: Expr) => this.expressions.binary('or', a, b);
  readonly xor = (a: Expr, b: Expr) => this.expressions.binary('xor', a, b);
  readonly shiftLeft = (a: Expr, by: Expr) => this.expressions.binary('shiftLeft', a, by);
  readonly shiftRight = (a: Expr, by: Expr) => this.expressions.binary('shiftRight', a, by);
  readonly shiftRightArithmetic = (a: Expr, by: Expr) => this.expressions.binary('shiftRightArithmetic', a, by);
  readonly rotateLeft = (a: Expr, by: Expr) => this.expressions.binary('rotateLeft', a, by);
  readonly rotateRight = (a: Expr, by: Expr) => this.expressions.binary('rotateRight', a, by);
  readonly countLeadingZeros = (a: Expr) => this.expressions.unary('countLeadingZeros', a);
  readonly countTrailingZeros = (a: Expr) => this.expressions.unary('countTrailingZeros', a);
  readonly populationCount = (a: Expr) => this.expressions.unary('populationCount', a);
  readonly reverseBytes = (a: Expr) => this.expressions.unary('reverseBytes', a);
  readonly orCombineBytes = (a: Expr) => this.expressions.unary('orCombineBytes', a);
  not(a: Expr): Expr {
    return this.xor(a, this.k(-1));
  }
  bits(a: Expr, high: number, low: number): Expr {
    return this.expressions.bits(a, high, low);
  }
  signExtend(a: Expr, width: number): Expr {
    return this.expressions.signExtend(a, width);
  }
  lessThan(a: Expr, b: Expr): Expr {
    return this.expressions.compare('less', a, b);
  }
  lessThanUnsigned(a: Expr, b: Expr): Expr {
    return this.expressions.compare('below', a, b);
  }
  choose(flag: Expr, yes: Expr, no: Expr): Expr {
    const question = this.expressions.isSet(flag);
    const opposite = isNot(question);
    const known = this.answerOf(opposite ? question.a : question);
    if (known !== undefined) return known !== opposite ? yes : no;
    return this.expressions.choose(flag, yes, no);
  }

  // Questions.

  is(a: Expr, constant: number | bigint): boolean {
    return this.question(this.expressions.compare('equal', a, this.k(constant)));
  }
  eq(a: Expr, b: Expr): boolean {
    return this.question(this.expressions.compare('equal', a, b));
  }
  below(a: Expr, b: Expr): boolean {
    return this.question(this.expressions.compare('below', a, b));
  }
  less(a: Expr, b: Expr): boolean {
    return this.question(this.expressions.compare('less', a, b));
  }
  isSet(a: Expr): boolean {
    return this.question(this.expressions.isSet(a));
  }
}
