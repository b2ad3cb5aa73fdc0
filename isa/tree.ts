// What a recorded definition is: questions and events on the way to leaves, and at a leaf one simultaneous assignment
// of words, a result, or an exception. Equal trees are one object, so the tree is a graph without cycles.
// Building one folds it: branches that do the same become one, and leaves that hardly differ one with `choose`.

import type { Cause } from './causes.ts';
import type { Event, Expr } from './expression.ts';
import { WORD } from './layout.ts';
import { type Expressions, isCheap, isNot } from './simplify.ts';

export interface Write {
  readonly word: number;
  readonly value: Expr;
}

/** How a path ends. */
export type End =
  /** All values are computed before the first word is stored. */
  | { readonly kind: 'done'; readonly writes: readonly Write[]; readonly result: Expr | undefined }
  | { readonly kind: 'raise'; readonly cause: Cause; readonly tval: Expr }
  /** With the exception of the definition that this event called. */
  | { readonly kind: 'pass'; readonly event: Event };

export type Leaf = { readonly id: number; readonly kind: 'leaf' } & { readonly end: End };
export type Node =
  | { readonly id: number; readonly kind: 'if'; readonly question: Expr; readonly yes: Node; readonly no: Node }
  | { readonly id: number; readonly kind: 'event'; readonly event: Event; readonly next: Node }
  | Leaf;

/** More differences than this are better a branch than a choice of values. */
const MOST_CHOICES = 2;

export class Trees {
  private readonly made = new Map<string, Node>();
  private readonly expressions: Expressions;

  constructor(expressions: Expressions) {
    this.expressions = expressions;
  }

  private intern(key: string, make: (id: number) => Node): Node {
    const known = this.made.get(key);
    if (known !== undefined) return known;
    const made = make(this.made.size);
    this.made.set(key, made);
    return made;
  }

  event(event: Event, next: Node): Node {
    return this.intern(`event ${event.id} ${next.id}`, (id) => ({ id, kind: 'event', event, next }));
  }

  leaf(end: End): Node {
    return this.intern(keyOf(end), (id) => ({ id, kind: 'leaf', end }));
  }

  branch(question: Expr, yes: Node, no: Node): Node {
    if (question.kind === 'constant') return question.value === 1n ? yes : no;
    if (yes === no) return yes;
    if (isNot(question)) return this.branch(question.a, no, yes);
    return (
      this.joined(question, yes, no) ??
      this.chosen(question, yes, no) ??
      this.intern(`if ${question.id} ${yes.id} ${no.id}`, (id) => ({ id, kind: 'if', question, yes, no }))
    );
  }

  /** `if a X else if b X else Y` is `if a or b X else Y`, and its three likes. */
  private joined(question: Expr, yes: Node, no: Node): Node | undefined {
    const { expressions } = this;
    if (no.kind === 'if' && isCheap(no.question)) {
      if (no.yes === yes) return this.branch(expressions.either(question, no.question), yes, no.no);
      if (no.no === yes) return this.branch(expressions.either(question, expressions.not(no.question)), yes, no.yes);
    }
    if (yes.kind === 'if' && isCheap(yes.question)) {
      if (yes.no === no) return this.branch(expressions.both(question, yes.question), yes.yes, no);
      if (yes.yes === no) return this.branch(expressions.both(question, expressions.not(yes.question)), yes.no, no);
    }
    return undefined;
  }

  /** Two leaves that differ in few values as one that chooses them. Where pc goes stays a branch. */
  private chosen(question: Expr, yes: Node, no: Node): Node | undefined {
    if (yes.kind !== 'leaf' || no.kind !== 'leaf') return undefined;
    const [a, b] = [yes.end, no.end];
    if (a.kind === 'raise' && b.kind === 'raise') {
      if (a.cause !== b.cause || a.tval.partial || b.tval.partial) return undefined;
      return this.leaf({ kind: 'raise', cause: a.cause, tval: this.expressions.choose(question, a.tval, b.tval) });
    }
    if (a.kind !== 'done' || b.kind !== 'done') return undefined;
    const ours = valuesOf(a);
    const theirs = valuesOf(b);
    const words = [...new Set([...ours.keys(), ...theirs.keys()])];
    const value = (of: ReadonlyMap<number, Expr>, word: number) => of.get(word) ?? this.expressions.word(word);
    const differing = words.filter((word) => value(ours, word) !== value(theirs, word));
    const safe = differing.every((word) => !value(ours, word).partial && !value(theirs, word).partial);
    if (!safe || differing.length > MOST_CHOICES || differing.includes(WORD.pc)) return undefined;
    if ((a.result === undefined) !== (b.result === undefined)) return undefined;
    const writes = words.map((word) => ({
      word,
      value: this.expressions.choose(question, value(ours, word), value(theirs, word)),
    }));
    return this.leaf(done(writes, ours.get(RESULT)));
  }
}

/** Stands for the result among a leaf's words. */
const RESULT = -1;

function valuesOf({ writes, result }: End & { kind: 'done' }): Map<number, Expr> {
  const values = new Map(writes.map(({ word, value }) => [word, value]));
  if (result !== undefined) values.set(RESULT, result);
  return values;
}

function done(values: readonly Write[], hasResult: Expr | undefined): End {
  const result = hasResult && values.find(({ word }) => word === RESULT)?.value;
  return { kind: 'done', writes: values.filter(({ word }) => word !== RESULT).sort((x, y) => x.word - y.word), result };
}

function keyOf(end: End): string {
  switch (end.kind) {
    case 'done':
      return `done ${end.writes.map(({ word, value }) => `${word}=${value.id}`)} ${end.result?.id}`;
    case 'raise':
      return `raise ${end.cause} ${end.tval.id}`;
    case 'pass':
      return `pass ${end.event.id}`;
  }
}

/** Every node that a tree is made of, each once, before the nodes after it. */
export function nodesOf(root: Node): Node[] {
  const seen = new Set<Node>();
  const after: Node[] = [];
  const visit = (node: Node): void => {
    if (seen.has(node)) return;
    seen.add(node);
    for (const next of successors(node).toReversed()) visit(next);
    after.push(node);
  };
  visit(root);
  return after.reverse();
}

export function successors(node: Node): readonly Node[] {
  if (node.kind === 'leaf') return [];
  return node.kind === 'if' ? [node.yes, node.no] : [node.next];
}
