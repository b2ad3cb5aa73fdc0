// Values as the recorder knows them: a graph of operations over what a definition starts from, its parameters and the
// words of the state. Equal expressions are one object, so comparing is `===`, and each carries the bits that can be
// set in it, so that masks which change nothing vanish. simplify.ts makes them; a question is a value of 0 or 1.

import type { BinaryOperation, UnaryOperation } from './bigints.ts';
import type { FloatFormat, FloatOperation } from './float/operation.ts';
import type { WordName } from './layout.ts';
import type { Definition, Width } from './vocabulary.ts';

export type ArithmeticOperation = Exclude<BinaryOperation, 'lessThan' | 'lessThanUnsigned'>;

interface Common {
  /** In the order of making, unique among expressions that meet. */
  readonly id: number;
  /** Bits that can be 1. */
  readonly possible: bigint;
  /** It divides, so evaluating it is only safe on the path that asked about the divisor. */
  readonly partial: boolean;
  /** It asks a whole definition, which a generator should do only where it must. */
  readonly costly: boolean;
}

export type Expr = Common &
  (
    | { readonly kind: 'constant'; readonly value: bigint }
    /** A parameter of a definition; a field of an instruction: a register's value or an immediate. */
    | { readonly kind: 'parameter'; readonly name: string }
    /** A word of the state as it was when the definition began. */
    | { readonly kind: 'word'; readonly index: number }
    | { readonly kind: 'arithmetic'; readonly operation: ArithmeticOperation; readonly a: Expr; readonly b: Expr }
    | { readonly kind: 'unary'; readonly operation: UnaryOperation; readonly a: Expr }
    | { readonly kind: 'compare'; readonly operation: Comparison; readonly a: Expr; readonly b: Expr }
    | { readonly kind: 'signExtend'; readonly a: Expr; readonly width: number }
    | { readonly kind: 'choose'; readonly question: Expr; readonly yes: Expr; readonly no: Expr }
    /** Whether a physical address is memory, and the answer of a question: pure, since words change at the end. */
    | { readonly kind: 'isMemory'; readonly address: Expr }
    | { readonly kind: 'ask'; readonly definition: Definition; readonly parameters: Readonly<Record<string, Expr>> }
    | { readonly kind: 'time' }
    /** What an event yielded, and whether it raised. */
    | { readonly kind: 'outcome'; readonly event: Event }
    | { readonly kind: 'failed'; readonly event: Event }
  );

export type Comparison = 'equal' | 'less' | 'below';

/** What happens in order: it reads or changes memory, or it may raise. */
export type Event = { readonly id: number } & (
  | { readonly kind: 'load' | 'loadReserved'; readonly address: Expr; readonly bytes: Width }
  | { readonly kind: 'store' | 'storeConditional'; readonly address: Expr; readonly bytes: Width; readonly value: Expr }
  /** `next` is in terms of the event's own outcome, the old value. */
  | { readonly kind: 'amo'; readonly address: Expr; readonly bytes: Width; readonly next: Expr }
  | { readonly kind: 'loadPhysical'; readonly address: Expr }
  | { readonly kind: 'storePhysical'; readonly address: Expr; readonly value: Expr }
  | {
      readonly kind: 'call';
      readonly definition: Definition;
      readonly parameters: Readonly<Record<string, Expr>>;
    }
  /** It also sets flags of `fcsr`. */
  | {
      readonly kind: 'float';
      readonly operation: FloatOperation;
      readonly format: FloatFormat;
      readonly rounding: Expr;
      readonly operands: readonly Expr[];
    }
  | { readonly kind: 'block'; readonly operation: 'zero' | 'manage'; readonly address: Expr }
  | { readonly kind: 'wait' }
  | { readonly kind: 'fence'; readonly what: 'instructions' | 'translations' }
);

/** Words that hold less than 64 bits. */
export const NARROW_WORDS: Partial<Record<WordName, bigint>> = { mode: 3n };

/** The expressions that an expression is directly made of. */
export function parts(e: Expr): readonly Expr[] {
  switch (e.kind) {
    case 'arithmetic':
    case 'compare':
      return [e.a, e.b];
    case 'unary':
    case 'signExtend':
      return [e.a];
    case 'choose':
      return [e.question, e.yes, e.no];
    case 'isMemory':
      return [e.address];
    case 'ask':
      return Object.values(e.parameters);
    default:
      return [];
  }
}

/** The expressions that an event needs. */
export function inputs(event: Event): readonly Expr[] {
  switch (event.kind) {
    case 'load':
    case 'loadReserved':
    case 'loadPhysical':
    case 'block':
      return [event.address];
    case 'store':
    case 'storeConditional':
    case 'storePhysical':
      return [event.address, event.value];
    case 'amo':
      return [event.address, event.next];
    case 'float':
      return [event.rounding, ...event.operands];
    case 'call':
      return Object.values(event.parameters);
    default:
      return [];
  }
}
