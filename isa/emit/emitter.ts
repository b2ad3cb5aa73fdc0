// The visitor that turns a recorded tree into structured wasm. What differs between a called definition, a handler of
// the interpreter and an instruction in a region is where operands come from and how a path ends: three subclasses.
// Calls and questions of other definitions are the module's (services.ts).

import { assert } from '../assert.ts';
import { type Event, type Expr, inputs, parts } from '../expression.ts';
import type { Recording } from '../recorder.ts';
import { type End, type Node, nodesOf, type Write } from '../tree.ts';
import type { Definition } from '../vocabulary.ts';
import { type Multiplication, multiplyHigh } from './multiply.ts';
import { NO_CAUSE, type Services } from './services.ts';
import { type Structure, structureOf } from './structure.ts';
import { type OutcomeLocals, type Sources, Values } from './values.ts';
import type { Code, Label } from './wasm.ts';

/** An access by virtual address. */
export type VirtualAccess = Extract<Event, { kind: 'load' | 'store' | 'loadReserved' | 'storeConditional' | 'amo' }>;

/** An operation of floating point. */
export type FloatEvent = Extract<Event, { kind: 'float' }>;

const BYTES_PER_WORD = 8;

export abstract class Emitter implements Sources {
  protected readonly code: Code;
  protected readonly services: Services;
  /** The local that says where the state block begins. */
  protected readonly base = 0;
  private structure: Structure = { shared: new Set(), behind: new Map() };
  protected values: Values;
  private labels = new Map<Node, Label>();

  constructor(code: Code, services: Services) {
    this.code = code;
    this.services = services;
    this.values = new Values(code, this, new Map());
  }

  /** Emits a tree. Every path of it leaves, so what is emitted next is reached by branches alone. */
  protected tree({ tree }: Recording): void {
    const mark = this.code.mark();
    const { structure, uses } = shapeOf(tree);
    this.structure = structure;
    this.values = new Values(this.code, this, uses);
    this.labels = new Map();
    this.place(tree);
    this.code.reset(mark);
  }

  /** Ends a path that assigns words and yields a result; it must leave. */
  protected abstract done(end: End & { kind: 'done' }): void;
  /** Ends a path in an exception; each function leaves its value on the stack. */
  protected abstract raise(tval: () => void, cause: () => void): void;
  abstract parameter(name: string): void;

  word(index: number): void {
    this.code.op('local.get', this.base).op('i64.load', index * BYTES_PER_WORD);
  }
  time(): void {
    assert(false, 'the time, where no clock is');
  }
  isMemory(): void {
    this.services.isMemory(this.code);
  }
  ask(definition: Definition, push: () => void): void {
    this.code.op('local.get', this.base);
    push();
    this.services.call(this.code, definition);
    this.code.op('drop').op('i32.wrap_i64'); // a question raises nothing
  }
  multiplyHigh(operation: Multiplication): void {
    multiplyHigh(this.code, operation);
  }
  /** Computes, and puts the outcome where later code looks for it. */
  protected float(_event: FloatEvent): void {
    assert(false, 'floating point, which this code cannot do');
  }
  protected wait(): void {
    assert(false, 'a wait, which this code cannot do');
  }
  /** Nothing is left to do: translation is coherent. */
  protected fence(_what: Extract<Event, { kind: 'fence' }>['what']): void {}

  protected value(e: Expr): void {
    this.values.value(e);
  }

  /** Pushes where each word is and what it becomes; all values are there before the first store. */
  protected pushWrites(writes: readonly Write[]): void {
    for (const { value } of writes) {
      this.code.op('local.get', this.base);
      this.value(value);
    }
  }
  protected storeWrites(writes: readonly Write[]): void {
    for (const { word } of writes.toReversed()) this.code.op('i64.store', word * BYTES_PER_WORD);
  }

  // The tree.

  /** A node's code, and behind it that of the shared nodes that it dominates. */
  private place(node: Node): void {
    const behind = this.structure.behind.get(node) ?? [];
    for (const shared of behind.toReversed()) this.labels.set(shared, this.code.open('block'));
    this.own(node);
    for (const shared of behind) {
      this.code.end();
      this.values.aside(() => this.place(shared));
    }
  }

  private own(node: Node): void {
    const { code, values } = this;
    switch (node.kind) {
      case 'leaf':
        this.leaf(node.end);
        return;
      case 'event':
        this.event(node.event);
        values.aside(() => this.go(node.next));
        return;
      case 'if':
        values.question(node.question);
        code.open('if');
        values.aside(() => this.go(node.yes));
        code.op('else');
        values.aside(() => this.go(node.no));
        code.end();
    }
  }

  private go(node: Node): void {
    const label = this.labels.get(node);
    if (label === undefined) this.place(node);
    else this.code.leave(label);
  }

  private leaf(end: End): void {
    switch (end.kind) {
      case 'done':
        this.done(end);
        return;
      case 'raise':
        this.raise(
          () => this.value(end.tval),
          () => this.code.op('i32.const', end.cause),
        );
        return;
      case 'pass':
        this.pass(this.values.outcomes.get(end.event.id) as OutcomeLocals); // its event is before it
    }
  }

  private pass({ value, cause }: OutcomeLocals): void {
    this.raise(
      () => this.code.op('local.get', value),
      () => this.code.op('local.get', cause),
    );
  }

  private event(event: Event): void {
    const { code, services } = this;
    switch (event.kind) {
      case 'wait':
        this.wait();
        return;
      case 'fence':
        this.fence(event.what);
        return;
      case 'block':
        assert(false, 'a cache block, which the reference sees to');
        return;
      case 'float':
        this.float(event);
        return;
      case 'storePhysical':
        this.value(event.address);
        this.value(event.value);
        services.storePhysical(code);
        return;
      case 'loadPhysical':
        this.value(event.address);
        services.loadPhysical(code);
        code.op('i32.const', NO_CAUSE);
        this.keep(event);
        return;
      case 'call':
        code.op('local.get', this.base);
        for (const name of event.definition.parameters) this.value(event.parameters[name] as Expr);
        services.call(code, event.definition);
        this.keep(event);
        return;
      default:
        this.access(event);
    }
  }

  /** An access to virtual memory: puts its outcome where later code looks for it, and leaves where it faults. */
  protected access(event: VirtualAccess): void {
    assert(false, `a ${event.kind} of virtual memory where there is none`);
  }

  /** Puts an event's value and cause, which are on the stack, where its outcome is looked for. */
  protected keep(event: Event): OutcomeLocals {
    const locals = { value: this.code.scratch('i64'), cause: this.code.scratch('i32') };
    this.code.op('local.set', locals.cause).op('local.set', locals.value);
    this.values.outcomes.set(event.id, locals);
    return locals;
  }
}

/** What is known of a tree wherever it is emitted: of an instruction's, that is once for each that is translated. */
interface Shape {
  readonly structure: Structure;
  readonly uses: ReadonlyMap<Expr, number>;
}
const shapes = new WeakMap<Node, Shape>();

function shapeOf(tree: Node): Shape {
  const known = shapes.get(tree);
  if (known !== undefined) return known;
  const shape = { structure: structureOf(tree), uses: usesIn(tree) };
  shapes.set(tree, shape);
  return shape;
}

/** How often each expression is needed, by nodes and by other expressions. */
function usesIn(tree: Node): Map<Expr, number> {
  const uses = new Map<Expr, number>();
  const use = (e: Expr): void => {
    const count = (uses.get(e) ?? 0) + 1;
    uses.set(e, count);
    if (count === 1) for (const part of parts(e)) use(part);
  };
  for (const node of nodesOf(tree)) {
    if (node.kind === 'if') use(node.question);
    else if (node.kind === 'event') for (const input of inputs(node.event)) use(input);
    else if (node.end.kind === 'raise') use(node.end.tval);
    else if (node.end.kind === 'done') {
      for (const { value } of node.end.writes) use(value);
      if (node.end.result !== undefined) use(node.end.result);
    }
  }
  return uses;
}
