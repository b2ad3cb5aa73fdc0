// Turns a definition into a tree that generators read. Its body runs once per path: each question is answered from a
// script, and after each run the last "yes" becomes "no", until every path was taken. Words are tracked as
// expressions, so a path ends in one simultaneous assignment; memory and calls are events with an order.
// A body must be pure in its machine: same questions in the same order. What breaks that is refused here.

import { assert } from './assert.ts';
import { ones } from './bigints.ts';
import type { Cause } from './causes.ts';
import type { Instruction } from './definition.ts';
import type { Event, Expr } from './expression.ts';
import type { FloatFormat, FloatOperation } from './float/operation.ts';
import { type Bits, type Field, fieldsOf, type WordName, wordIndex } from './layout.ts';
import type { PatternField } from './pattern.ts';
import { type Assumption, RecorderValues } from './recorder-values.ts';
import { Expressions, isNot } from './simplify.ts';
import { type End, type Node, nodesOf, Trees } from './tree.ts';
import type { Definition, Machine, Raised, Width } from './vocabulary.ts';
import type { Fields } from './words.ts';

/** A definition as a tree. */
export interface Recording {
  readonly name: string;
  readonly parameters: readonly string[];
  /** Whether it yields a value: for an instruction, what rd gets. */
  readonly hasResult: boolean;
  readonly canRaise: boolean;
  readonly tree: Node;
  readonly expressions: Expressions;
  /** Runs of the body. */
  readonly paths: number;
  /** Encoded fields that the body asked for, as numbers: another value is another recording. */
  readonly encoded: readonly string[];
}

/** Beyond this a definition should ask for values with `choose`, or split off a part with `call`. */
export const MOST_PATHS = 512;

/** Bits of XLEN. */
const XLEN = 64;
const INSTRUCTION_BITS = 32;

/** What a path met, in order, before its end. */
type Met = { readonly question: Expr; readonly answer: boolean } | { readonly event: Event };

/** Paths so far, before folding. */
type Trie =
  | { readonly kind: 'question'; readonly question: Expr; yes?: Trie; no?: Trie }
  | { readonly kind: 'event'; readonly event: Event; next?: Trie }
  | { readonly kind: 'end'; readonly end: End };

interface Exception extends Raised {
  readonly cause: Cause;
  readonly tval: Expr;
}

class Recorder extends RecorderValues implements Machine<Expr> {
  readonly instruction = this.expressions.parameter('instruction', ones[INSTRUCTION_BITS]);
  readonly nextPc = this.expressions.parameter('nextPc');
  private readonly events = new Map<string, Event>();
  private script: boolean[] = [];
  private asked = 0;
  private happened = 0;
  private met: Met[] = [];
  private exception: Exception | undefined;

  /** Runs a body with these answers, "yes" to all further questions. */
  run(script: boolean[], body: () => unknown): { met: readonly Met[]; end: End } {
    this.script = script;
    this.asked = 0;
    this.happened = 0;
    this.met = [];
    this.exception = undefined;
    this.forgetPath();
    const returned = body();
    return { met: this.met, end: this.endOf(returned) };
  }

  private endOf(returned: unknown): End {
    const { exception } = this;
    if (exception !== undefined) {
      assert(returned === exception, 'this definition goes on after raise(): return what it yields');
      assert(this.written.size === 0, 'this definition raises after it wrote a word');
      return { kind: 'raise', cause: exception.cause, tval: exception.tval };
    }
    const result = typeof returned === 'boolean' ? this.k(returned ? 1 : 0) : (returned as Expr | undefined);
    if (result?.kind === 'outcome' && this.answerOf(this.expressions.failed(result.event)) === true) {
      return { kind: 'pass', event: result.event };
    }
    // A value that may be an exception's is neither: failed() tells them apart.
    const isOpen = result?.kind === 'outcome' && result.event.kind === 'call' && this.mayHaveFailed(result.event);
    assert(!isOpen, 'this definition ends in a call: ask failed() first');
    const writes = [...this.written].map(([word, value]) => ({ word, value })).sort((a, b) => a.word - b.word);
    return { kind: 'done', writes, result };
  }

  private mayHaveFailed(event: Event & { kind: 'call' }): boolean {
    return recordDefinition(event.definition).canRaise && this.answerOf(this.expressions.failed(event)) !== false;
  }

  protected override alive(): void {
    assert(this.exception === undefined, 'this definition goes on after raise()');
  }

  protected override question(asked: Expr): boolean {
    this.alive();
    if (asked.kind === 'constant') return asked.value === 1n;
    if (isNot(asked)) return !this.question(asked.a);
    const known = this.answerOf(asked);
    if (known !== undefined) return known;
    const answer = this.script[this.asked] ?? true;
    this.asked++;
    this.met.push({ question: asked, answer });
    this.learn(asked, answer);
    return answer;
  }

  raise(cause: Cause, tval: Expr): Raised {
    this.alive();
    this.exception = { raised: true, cause, tval };
    return this.exception;
  }

  // Events.

  private happen(key: string, make: (id: number) => Event): Event {
    this.alive();
    // An event sees the words as they were, and may end the definition: nothing is written before it.
    assert(this.written.size === 0, 'this definition writes a word and then touches memory or calls');
    const place = `${this.happened} ${key}`;
    const event = this.events.get(place) ?? make(this.events.size);
    this.events.set(place, event);
    this.happened++;
    this.met.push({ event });
    return event;
  }

  load(address: Expr, bytes: Width): Expr {
    const event = this.happen(`load ${address.id} ${bytes}`, (id) => ({ id, kind: 'load', address, bytes }));
    return this.expressions.outcome(event, ones[bytes * 8]);
  }
  store(address: Expr, bytes: Width, value: Expr): void {
    this.happen(`store ${address.id} ${bytes} ${value.id}`, (id) => ({ id, kind: 'store', address, bytes, value }));
  }
  loadReserved(address: Expr, bytes: Width): Expr {
    const event = this.happen(`lr ${address.id} ${bytes}`, (id) => ({ id, kind: 'loadReserved', address, bytes }));
    return this.expressions.outcome(event, ones[bytes * 8]);
  }
  storeConditional(address: Expr, bytes: Width, value: Expr): Expr {
    const kind = 'storeConditional';
    const event = this.happen(`sc ${address.id} ${bytes} ${value.id}`, (id) => ({ id, kind, address, bytes, value }));
    return this.expressions.outcome(event, 1n);
  }
  amo(address: Expr, bytes: Width, next: (old: Expr) => Expr): Expr {
    const event = this.happen(`amo ${address.id} ${bytes}`, (id) => {
      const made = { id, kind: 'amo' as const, address, bytes, next: address };
      made.next = next(this.expressions.outcome(made)); // what is stored is in terms of what was there
      return made;
    });
    return this.expressions.outcome(event);
  }
  float(operation: FloatOperation, format: FloatFormat, rounding: Expr, operands: readonly Expr[]): Expr {
    const key = `float ${operation} ${format} ${rounding.id} ${operands.map(({ id }) => id)}`;
    const event = this.happen(key, (id) => ({ id, kind: 'float', operation, format, rounding, operands }));
    return this.expressions.outcome(event);
  }
  isMemory(address: Expr): boolean {
    return this.question(this.expressions.isMemory(address));
  }
  loadPhysical(address: Expr): Expr {
    const event = this.happen(`loadPhysical ${address.id}`, (id) => ({ id, kind: 'loadPhysical', address }));
    return this.expressions.outcome(event);
  }
  storePhysical(address: Expr, value: Expr): void {
    this.happen(`storePhysical ${address.id} ${value.id}`, (id) => ({ id, kind: 'storePhysical', address, value }));
  }
  block(operation: 'zero' | 'manage', address: Expr): void {
    this.happen(`block ${operation} ${address.id}`, (id) => ({ id, kind: 'block', operation, address }));
  }
  wait(): void {
    this.happen('wait', (id) => ({ id, kind: 'wait' }));
  }
  fence(what: 'instructions' | 'translations'): void {
    this.happen(`fence ${what}`, (id) => ({ id, kind: 'fence', what }));
  }

  // Other definitions, kept apart.

  call<P extends string>(definition: Definition<P, 'value'>, parameters: Readonly<Record<P, Expr>>): Expr | Raised {
    const inputs = Object.values<Expr>(parameters).map((value) => value.id);
    const event = this.happen(`call ${definition.name} ${inputs}`, (id) => ({
      id,
      kind: 'call',
      definition,
      parameters,
    }));
    return this.expressions.outcome(event);
  }
  failed(result: Expr | Raised): result is Raised {
    if ('raised' in result) return true;
    assert(result.kind === 'outcome' && result.event.kind === 'call', 'failed() asks about the result of a call');
    return recordDefinition(result.event.definition).canRaise && this.question(this.expressions.failed(result.event));
  }
  ask<P extends string>(definition: Definition<P, 'question'>, parameters: Readonly<Record<P, Expr>>): boolean {
    assert(this.written.size === 0, 'this definition writes a word and then asks another');
    return this.question(this.expressions.ask(definition, parameters));
  }

  // Words and names of bits are in RecorderValues; what depends on a path is here.

  named(name: WordName): Expr {
    return this.word(wordIndex(name));
  }
  setNamed(name: WordName, value: Expr): void {
    this.setWord(wordIndex(name), value);
  }
  time(): Expr {
    return this.expressions.time();
  }
  view<const T extends Record<string, Bits>>(value: Expr, table: T): Readonly<Fields<Expr, keyof T & string>> {
    const record = { bits: value } as Record<string, Expr>;
    for (const [name, { high, low }] of Object.entries<Field>(fieldsOf(table)))
      record[name] = this.bits(value, high, low);
    return record as Fields<Expr, keyof T & string>; // its keys are the table's
  }
}

interface Source {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly encoded: ReadonlySet<string>;
  readonly assumptions?: readonly Assumption[];
  readonly body: (m: Recorder) => unknown;
}

function record({ name, parameters, body, encoded, assumptions = [] }: Source): Recording {
  const expressions = new Expressions();
  const recorder = new Recorder(expressions, assumptions);
  let trie: Trie | undefined;
  let paths = 0;
  for (let script: boolean[] | undefined = []; script !== undefined; paths++) {
    assert(paths < MOST_PATHS, `${name} has more than ${MOST_PATHS} paths: use choose() or call()`);
    const { met, end } = recorder.run(script, () => body(recorder));
    trie = insert(trie, met, 0, end, name);
    script = nextScript(met);
  }
  assert(trie !== undefined, 'a body runs at least once');
  const tree = fold(trie, new Trees(expressions));
  const ends = nodesOf(tree).flatMap((node) => (node.kind === 'leaf' ? [node.end] : []));
  const hasResult = ends.some((end) => end.kind === 'done' && end.result !== undefined);
  const canRaise = ends.some((end) => end.kind !== 'done');
  return { name, parameters, hasResult, canRaise, tree, expressions, paths, encoded: [...encoded] };
}

/** The answers of this path up to its last "yes", which becomes "no". */
function nextScript(met: readonly Met[]): boolean[] | undefined {
  const answers = met.flatMap((step) => ('answer' in step ? [step.answer] : []));
  const last = answers.lastIndexOf(true);
  return last < 0 ? undefined : [...answers.slice(0, last), false];
}

function insert(trie: Trie | undefined, met: readonly Met[], at: number, end: End, name: string): Trie {
  const step = met[at];
  if (step === undefined) {
    assert(trie === undefined, `${name} takes one path twice: is its body pure?`);
    return { kind: 'end', end };
  }
  if ('event' in step) {
    const node = trie ?? { kind: 'event', event: step.event };
    assert(node.kind === 'event' && node.event === step.event, `${name} replays in another order: is its body pure?`);
    node.next = insert(node.next, met, at + 1, end, name);
    return node;
  }
  const node = trie ?? { kind: 'question', question: step.question };
  const same = node.kind === 'question' && node.question === step.question;
  assert(same, `${name} replays in another order: is its body pure?`);
  const side = step.answer ? 'yes' : 'no';
  node[side] = insert(node[side], met, at + 1, end, name);
  return node;
}

function fold(trie: Trie | undefined, trees: Trees): Node {
  assert(trie !== undefined, 'every path was taken');
  if (trie.kind === 'end') return trees.leaf(trie.end);
  if (trie.kind === 'event') return trees.event(trie.event, fold(trie.next, trees));
  return trees.branch(trie.question, fold(trie.yes, trees), fold(trie.no, trees));
}

const recorded = new WeakMap<Definition, Recording>();

/** The tree of a piece of the privileged architecture. */
export function recordDefinition(definition: Definition): Recording {
  const known = recorded.get(definition);
  if (known !== undefined) return known;
  const { name, parameters, body } = definition;
  const made = record({
    name,
    parameters,
    encoded: new Set(),
    body: (m) =>
      body<Expr>(m, Object.fromEntries(parameters.map((parameter) => [parameter, m.expressions.parameter(parameter)]))),
  });
  recorded.set(definition, made);
  return made;
}

/**
 * The tree of an instruction, over its operands as parameters.
 * @param encoded the fields whose numbers it needs (a CSR's number, whether rs1 is x0); asking for another is refused.
 * @param assumptions the same list for the same assumptions: recordings are kept by it.
 */
export function recordInstruction(
  instruction: Instruction,
  encoded: Readonly<Record<string, number>> = {},
  assumptions: readonly Assumption[] = NONE,
): Recording {
  const recordedForms = formsUnder(assumptions);
  const known = recordedForms.get(instruction) ?? { fields: [], byNumbers: new Map<string, Recording>() };
  const numbers = `${known.fields.map((field) => encoded[field])}`;
  const recording = known.byNumbers.get(numbers);
  if (recording !== undefined) return recording;
  const made = recordForm(instruction, encoded, assumptions);
  // The fields that one form asks for, every form may: CSR instructions ask for both or neither.
  const fields = [...new Set([...known.fields, ...made.encoded])];
  const byNumbers = fields.length === known.fields.length ? known.byNumbers : new Map<string, Recording>();
  byNumbers.set(`${fields.map((field) => encoded[field])}`, made);
  recordedForms.set(instruction, { fields, byNumbers });
  return made;
}

interface RecordedForms {
  /** Encoded fields that its recordings depend on. */
  readonly fields: readonly string[];
  /** By the numbers of those fields. */
  readonly byNumbers: Map<string, Recording>;
}
const NONE: readonly Assumption[] = [];
const recordedUnder = new WeakMap<readonly Assumption[], WeakMap<Instruction, RecordedForms>>();
function formsUnder(assumptions: readonly Assumption[]): WeakMap<Instruction, RecordedForms> {
  const known = recordedUnder.get(assumptions) ?? new WeakMap<Instruction, RecordedForms>();
  recordedUnder.set(assumptions, known);
  return known;
}

function recordForm(
  instruction: Instruction,
  encoded: Readonly<Record<string, number>>,
  assumptions: readonly Assumption[],
): Recording {
  const { name, pattern, body } = instruction;
  const used = new Set<string>();
  const numbers = new Proxy(encoded, {
    get(fields, field: string) {
      const number = fields[field];
      assert(number !== undefined, `${name} depends on the encoded field ${field}`);
      used.add(field);
      return number;
    },
  });
  return record({
    name,
    parameters: pattern.fields.map((field) => field.name),
    encoded: used,
    assumptions,
    body: (m) => {
      const operands = pattern.fields.map((field) => [
        field.name,
        m.expressions.parameter(field.name, possible(field)),
      ]);
      return body<Expr>(m, Object.fromEntries(operands) as Record<string, Expr>, numbers);
    },
  });
}

/** The bits that an operand can have: a register's value and a sign-extended immediate can have all. */
function possible({ register, signed, width }: PatternField): bigint | undefined {
  return register || signed ? ones[XLEN] : ones[width];
}
