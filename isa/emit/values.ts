// Expressions as wasm: a value leaves an i64 on the stack, a question an i32. What is used more than once goes to a
// local, which later code may use wherever this code has run before it.
// A question is evaluated whole, since all are pure; only one that asks a definition waits for its turn.

import { unreachable } from '../assert.ts';
import type { ArithmeticOperation, Event, Expr } from '../expression.ts';
import { isNot, isQuestion } from '../simplify.ts';
import type { Multiplication } from './multiply.ts';
import { NO_CAUSE } from './services.ts';
import { unary } from './unary.ts';
import type { Code, Operation } from './wasm.ts';

/** How the code around an expression gives it what it starts from. Each leaves its value on the stack. */
export interface Sources {
  parameter(name: string): void;
  word(index: number): void;
  time(): void;
  /** i32: whether the physical address on the stack is memory. */
  isMemory(): void;
  /** i32: the answer of a definition, its arguments pushed by `push`. */
  ask(definition: (Expr & { kind: 'ask' })['definition'], push: () => void): void;
  /** The upper half of a product whose factors are on the stack. */
  multiplyHigh(operation: Multiplication): void;
}

const WASM_OPERATION: Readonly<Record<Exclude<ArithmeticOperation, Multiplication>, Operation>> = {
  add: 'i64.add',
  sub: 'i64.sub',
  mul: 'i64.mul',
  divide: 'i64.div_s',
  divideUnsigned: 'i64.div_u',
  remainder: 'i64.rem_s',
  remainderUnsigned: 'i64.rem_u',
  and: 'i64.and',
  or: 'i64.or',
  xor: 'i64.xor',
  shiftLeft: 'i64.shl',
  shiftRight: 'i64.shr_u',
  shiftRightArithmetic: 'i64.shr_s',
  rotateLeft: 'i64.rotl',
  rotateRight: 'i64.rotr',
};
const EXTENSIONS: Readonly<Record<number, Operation>> = {
  8: 'i64.extend8_s',
  16: 'i64.extend16_s',
  32: 'i64.extend32_s',
};
const XLEN = 64n;

/** The locals that an event left its outcome in. */
export interface OutcomeLocals {
  readonly value: number;
  readonly cause: number;
}

export class Values {
  private readonly code: Code;
  private readonly sources: Sources;
  private readonly uses: ReadonlyMap<Expr, number>;
  /** Locals that hold a value here: code that runs before this filled them. */
  private held: ReadonlyMap<Expr, number> = new Map();
  readonly outcomes = new Map<number, OutcomeLocals>();

  constructor(code: Code, sources: Sources, uses: ReadonlyMap<Expr, number>) {
    this.code = code;
    this.sources = sources;
    this.uses = uses;
  }

  /** Runs a part that may not be executed: what it puts in locals is forgotten after it. */
  aside(emit: () => void): void {
    const { held } = this;
    emit();
    this.held = held;
  }

  value(e: Expr): void {
    const local = this.held.get(e);
    if (local !== undefined) {
      this.code.op('local.get', local);
      return;
    }
    this.compute(e);
    if ((this.uses.get(e) ?? 0) < 2 || e.kind === 'constant' || e.kind === 'outcome') return;
    const made = this.code.scratch('i64');
    this.code.op('local.tee', made);
    this.held = new Map(this.held).set(e, made);
  }

  private compute(e: Expr): void {
    const { code } = this;
    switch (e.kind) {
      case 'constant':
        code.i64(e.value);
        return;
      case 'parameter':
        this.sources.parameter(e.name);
        return;
      case 'word':
        this.sources.word(e.index);
        return;
      case 'time':
        this.sources.time();
        return;
      case 'outcome':
        code.op('local.get', this.outcome(e.event).value);
        return;
      case 'unary':
        this.value(e.a);
        unary(code, e.operation);
        return;
      case 'signExtend':
        this.signExtend(e);
        return;
      case 'choose':
        this.value(e.yes);
        this.value(e.no);
        this.question(e.question);
        code.op('select');
        return;
      case 'arithmetic':
        this.arithmetic(e);
        return;
      case 'compare':
      case 'isMemory':
      case 'ask':
      case 'failed':
        this.question(e);
        code.op('i64.extend_i32_u');
        return;
      default:
        unreachable(e);
    }
  }

  private arithmetic(e: Expr & { kind: 'arithmetic' }): void {
    this.value(e.a);
    this.value(e.b);
    const { operation } = e;
    if (operation === 'mulHigh' || operation === 'mulHighUnsigned' || operation === 'mulHighSignedUnsigned') {
      this.sources.multiplyHigh(operation);
    } else this.code.op(WASM_OPERATION[operation]);
  }

  private signExtend({ a, width }: Expr & { kind: 'signExtend' }): void {
    this.value(a);
    const operation = EXTENSIONS[width];
    if (operation !== undefined) this.code.op(operation);
    else
      this.code
        .i64(XLEN - BigInt(width))
        .op('i64.shl')
        .i64(XLEN - BigInt(width))
        .op('i64.shr_s');
  }

  private outcome(event: Event): OutcomeLocals {
    return this.outcomes.get(event.id) as OutcomeLocals; // an outcome's event is before it on every path
  }

  /** A value of 0 or 1 as an i32. */
  question(e: Expr): void {
    const { code } = this;
    if (isNot(e) && isQuestion(e.a)) {
      this.question(e.a);
      code.op('i32.eqz');
      return;
    }
    if (!isQuestion(e)) {
      this.value(e);
      code.op('i32.wrap_i64');
      return;
    }
    switch (e.kind) {
      case 'compare':
        this.compare(e);
        return;
      case 'isMemory':
        this.value(e.address);
        this.sources.isMemory();
        return;
      case 'ask':
        this.sources.ask(e.definition, () => {
          for (const name of e.definition.parameters) this.value(e.parameters[name] as Expr);
        });
        return;
      case 'failed':
        code.op('local.get', this.outcome(e.event).cause).op('i32.const', NO_CAUSE).op('i32.ne');
        return;
      case 'choose':
        this.question(e.yes);
        this.question(e.no);
        this.question(e.question);
        code.op('select');
        return;
      case 'arithmetic':
        this.connective(e);
        return;
      default:
        this.value(e);
    }
  }

  private connective({ operation, a, b }: Expr & { kind: 'arithmetic' }): void {
    const { code } = this;
    if (operation === 'and' && (a.costly || b.costly)) {
      const [first, second] = a.costly ? [b, a] : [a, b];
      this.question(first);
      code.open('if', 'i32');
      this.aside(() => this.question(second));
      code.op('else').op('i32.const', 0);
      code.end();
      return;
    }
    this.question(a);
    this.question(b);
    code.op(operation === 'and' ? 'i32.and' : operation === 'or' ? 'i32.or' : 'i32.xor');
  }

  private compare({ operation, a, b }: Expr & { kind: 'compare' }): void {
    this.value(a);
    if (operation === 'equal' && b.kind === 'constant' && b.value === 0n) {
      this.code.op('i64.eqz');
      return;
    }
    this.value(b);
    this.code.op(operation === 'equal' ? 'i64.eq' : operation === 'less' ? 'i64.lt_s' : 'i64.lt_u');
  }
}
