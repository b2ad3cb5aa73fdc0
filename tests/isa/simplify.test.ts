// Simplification of expressions keeps their meaning: random chains of operations, made of few values so that they meet
// again and rules fire, are computed by the reference's arithmetic and by evaluating what the recorder made of them.
// The possible bits that an expression states must hold every bit that it ever has.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arithmetic, MASK64, type UnaryOperation, unaryArithmetic } from '../../isa/bigints.ts';
import type { ArithmeticOperation, Comparison, Expr } from '../../isa/expression.ts';
import { WORD } from '../../isa/layout.ts';
import { Expressions } from '../../isa/simplify.ts';
import { evaluate } from './support/evaluate.ts';
import { Hart } from './support/hart.ts';
import { runs } from './support/runs.ts';

/** A value in both worlds. */
interface Both {
  readonly expr: Expr;
  readonly value: bigint;
}

const OPERATIONS: readonly ArithmeticOperation[] = [
  'add',
  'sub',
  'and',
  'or',
  'xor',
  'shiftLeft',
  'shiftRight',
  'shiftRightArithmetic',
  'mul',
  'rotateLeft',
  'rotateRight',
];
const UNARY = Object.keys(unaryArithmetic) as UnaryOperation[];
const COMPARISONS: readonly Comparison[] = ['equal', 'less', 'below'];

const constant = fc.oneof(
  fc.constantFrom(0n, 1n, 2n, 3n, 5n, 8n, 32n, 63n, MASK64, MASK64 - 1n),
  fc.nat({ max: 63 }).map((bit) => 1n << BigInt(bit)),
  fc
    .tuple(fc.nat({ max: 63 }), fc.nat({ max: 63 }))
    .map(([a, b]) => ((1n << BigInt(a)) - 1n) << BigInt(Math.min(b, 63 - a))),
  fc.bigInt({ min: 0n, max: MASK64 }),
);
const pick = fc.nat({ max: 1000 });
const step = fc.oneof(
  fc.record({ kind: fc.constant('arithmetic' as const), operation: fc.constantFrom(...OPERATIONS), a: pick, b: pick }),
  fc.record({ kind: fc.constant('unary' as const), operation: fc.constantFrom(...UNARY), a: pick }),
  fc.record({ kind: fc.constant('masked' as const), a: pick, by: constant }),
  fc.record({ kind: fc.constant('shifted' as const), left: fc.boolean(), a: pick, by: fc.nat({ max: 70 }) }),
  fc.record({ kind: fc.constant('compare' as const), operation: fc.constantFrom(...COMPARISONS), a: pick, b: pick }),
  fc.record({ kind: fc.constant('is' as const), a: pick, to: constant }),
  fc.record({ kind: fc.constant('join' as const), how: fc.constantFrom('both', 'either', 'not'), a: pick, b: pick }),
  fc.record({ kind: fc.constant('choose' as const), flag: pick, a: pick, b: pick }),
  fc.record({ kind: fc.constant('signExtend' as const), a: pick, width: fc.integer({ min: 1, max: 64 }) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const truth = (holds: boolean) => (holds ? 1n : 0n);

/** One more value and perhaps a question, of those there are. */
function extend(x: Expressions, values: Both[], questions: Both[], s: Step): void {
  const of = (list: readonly Both[], index: number) => list[index % list.length] as Both;
  const add = (list: Both[], expr: Expr, value: bigint) => list.push({ expr, value });
  switch (s.kind) {
    case 'arithmetic': {
      const [a, b] = [of(values, s.a), of(values, s.b)];
      add(values, x.binary(s.operation, a.expr, b.expr), arithmetic[s.operation](a.value, b.value));
      return;
    }
    case 'unary': {
      const a = of(values, s.a);
      add(values, x.unary(s.operation, a.expr), unaryArithmetic[s.operation](a.value));
      return;
    }
    case 'masked': {
      const a = of(values, s.a);
      add(values, x.binary('and', a.expr, x.constant(s.by)), a.value & s.by);
      return;
    }
    case 'shifted': {
      const a = of(values, s.a);
      const operation = s.left ? 'shiftLeft' : 'shiftRight';
      add(values, x.binary(operation, a.expr, x.constant(s.by)), arithmetic[operation](a.value, BigInt(s.by)));
      return;
    }
    case 'compare': {
      const [a, b] = [of(values, s.a), of(values, s.b)];
      const holds = {
        equal: a.value === b.value,
        less: BigInt.asIntN(64, a.value) < BigInt.asIntN(64, b.value),
        below: a.value < b.value,
      }[s.operation];
      add(questions, x.compare(s.operation, a.expr, b.expr), truth(holds));
      return;
    }
    case 'is': {
      const a = of(values, s.a);
      const to = s.to & a.expr.possible; // otherwise nearly all are never
      add(questions, x.compare('equal', a.expr, x.constant(to)), truth(a.value === to));
      return;
    }
    case 'join': {
      const [a, b] = [of(questions, s.a), of(questions, s.b)];
      if (s.how === 'not') add(questions, x.not(a.expr), a.value ^ 1n);
      else if (s.how === 'both') add(questions, x.both(a.expr, b.expr), a.value & b.value);
      else add(questions, x.either(a.expr, b.expr), a.value | b.value);
      return;
    }
    case 'choose': {
      const [flag, a, b] = [of(questions, s.flag), of(values, s.a), of(values, s.b)];
      add(values, x.choose(flag.expr, a.expr, b.expr), flag.value === 1n ? a.value : b.value);
      return;
    }
    case 'signExtend': {
      const a = of(values, s.a);
      add(values, x.signExtend(a.expr, s.width), BigInt.asUintN(64, BigInt.asIntN(s.width, a.value)));
    }
  }
}

test('an expression evaluates to what its operations compute, within its possible bits', () => {
  const hart = new Hart();
  const input = fc.oneof(fc.bigInt({ min: 0n, max: MASK64 }), constant);
  fc.assert(
    fc.property(input, input, fc.constantFrom(0n, 1n, 3n), fc.array(step, { maxLength: 24 }), (p, q, mode, steps) => {
      const x = new Expressions();
      hart.mode = mode;
      const values: Both[] = [
        { expr: x.parameter('p'), value: p },
        { expr: x.parameter('q', 0xffn), value: q & 0xffn },
        { expr: x.word(WORD.mode), value: mode },
        { expr: x.constant(5), value: 5n },
      ];
      const questions: Both[] = [{ expr: x.isSet(x.parameter('p')), value: truth(p !== 0n) }];
      for (const s of steps) extend(x, values, questions, s);
      for (const { expr, value } of [...values, ...questions]) {
        expect(evaluate(expr, hart, { p, q: q & 0xffn }, new Map())).toBe(value);
        expect(value & ~expr.possible).toBe(0n);
      }
    }),
    runs(3000),
  );
});

describe('what is equal is one object', () => {
  const x = new Expressions();
  const p = x.parameter('p');
  const word = x.word(WORD.mstatus);

  test('a field that is moved is one shift and one mask', () => {
    const moved = x.binary('shiftLeft', x.bits(word, 5, 5), x.constant(1));
    expect(moved).toBe(x.mask(x.binary('shiftRight', word, x.constant(4)), 2n));
  });
  test('operands of commutative operations in either order', () => {
    for (const operation of ['add', 'and', 'or', 'xor', 'mul'] as const) {
      expect(x.binary(operation, p, word)).toBe(x.binary(operation, word, p));
    }
  });
  test('tests of bits of one value become one test', () => {
    const bit = (at: number) => x.isSet(x.bits(word, at, at));
    const none = x.compare('equal', x.mask(word, 0b1011n), x.constant(0));
    expect(x.not(x.either(x.either(bit(0), bit(1)), bit(3)))).toBe(none);
    expect(x.both(bit(0), x.not(bit(0)))).toBe(x.constant(0));
  });
  test('a test that is put twice, and its opposite', () => {
    const question = x.compare('below', p, word);
    expect(x.both(question, question)).toBe(question);
    expect(x.either(question, x.not(question))).toBe(x.constant(1));
  });
});
