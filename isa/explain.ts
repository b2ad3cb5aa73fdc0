// A definition in words, generated from its tree: what it asks, what it raises, what it assigns. All assignments of
// one sentence take their values from before it. The words are a language's (wording.ts).
// The walk is long in this form; beside its source, the questions of one concrete walk tell more.

import { assignments } from './assignments.ts';
import { causeName } from './causes.ts';
import { type Expr, inputs, parts } from './expression.ts';
import type { Language, Told } from './language.ts';
import { Prose } from './prose.ts';
import type { Recording } from './recorder.ts';
import { type End, type Node, nodesOf, successors } from './tree.ts';
import { ENGLISH, type Wording } from './wording.ts';
import { KOREAN } from './wording-korean.ts';

/** Sentences, one a line, what depends on a question indented under it. */
export function explain(recording: Recording, language: Language = 'en'): string {
  return new Explanation(recording, language).text();
}

const WORDINGS: Told<Wording> = { en: ENGLISH, ko: KOREAN };

const INDENT = '  ';
/** From this many parts on a value that occurs more than once gets a name. */
const LONG = 8;

const size = (e: Expr): number => parts(e).reduce((sum, part) => sum + size(part), 1);

/** The values that a node uses itself. */
function values(node: Node): readonly Expr[] {
  if (node.kind === 'if') return [node.question];
  if (node.kind === 'event') return inputs(node.event);
  const { end } = node;
  if (end.kind === 'done') return [...end.writes.map(({ value }) => value), ...(end.result ? [end.result] : [])];
  return end.kind === 'raise' ? [end.tval] : [];
}

class Explanation {
  private readonly recording: Recording;
  private readonly language: Language;
  private readonly words: Wording;
  private readonly prose: Prose;
  private readonly lines: string[] = [];
  /** Its result goes to rd; that of other definitions ends them. */
  private readonly isInstruction: boolean;
  /** Numbers of the parts that several questions lead to. */
  private readonly parts = new Map<Node, number>();

  constructor(recording: Recording, language: Language) {
    this.recording = recording;
    this.language = language;
    this.words = WORDINGS[language];
    this.prose = new Prose(this.words);
    this.isInstruction = recording.parameters.includes('rd');
  }

  text(): string {
    const nodes = nodesOf(this.recording.tree);
    const ways = new Map<Node, number>();
    for (const next of nodes.flatMap(successors)) ways.set(next, (ways.get(next) ?? 0) + 1);
    for (const node of nodes) {
      if (node.kind !== 'leaf' && (ways.get(node) ?? 0) > 1) this.parts.set(node, this.parts.size + 1);
    }
    this.abbreviate(nodes);
    this.body(this.recording.tree, '');
    for (const [node, part] of this.parts) {
      this.lines.push(this.words.part(part));
      this.body(node, INDENT);
    }
    // Telling what a letter stands for may need further letters, which the loop comes to.
    for (const [value, name] of this.prose.letters) this.lines.push(this.words.here(name, this.prose.plain(value)));
    return this.lines.join('\n');
  }

  /** Finds the long values that are used more than once. */
  private abbreviate(nodes: readonly Node[]): void {
    const uses = new Map<Expr, number>();
    const visit = (e: Expr): void => {
      const count = (uses.get(e) ?? 0) + 1;
      uses.set(e, count);
      if (count === 1) for (const each of parts(e)) visit(each);
    };
    for (const node of nodes) for (const e of values(node)) visit(e);
    for (const [e, count] of uses) if (count > 1 && e.possible > 1n && size(e) >= LONG) this.prose.long.add(e);
  }

  /** A node that others lead to as well is told once, in a part of its own. */
  private tell(node: Node, indent: string): void {
    const part = this.parts.get(node);
    if (part === undefined) this.body(node, indent);
    else this.lines.push(`${indent}${this.words.goOn(part)}`);
  }

  private body(node: Node, indent: string): void {
    switch (node.kind) {
      case 'leaf':
        if (!isEmpty(node.end) || this.lines.length === 0) this.say(indent, this.end(node.end));
        return;
      case 'event':
        this.say(indent, this.prose.event(node.event));
        this.tell(node.next, indent);
        return;
      case 'if':
        this.choice(node, indent);
    }
  }

  private choice({ question, yes, no }: Node & { kind: 'if' }, indent: string, ask = this.words.if): void {
    // What ends at once is told first, exceptions before all; the rest goes on without indentation.
    const first = rank(no) < rank(yes) ? no : yes;
    const other = first === yes ? no : yes;
    const asked = ask(this.prose.question(question, first === yes));
    if (first.kind !== 'leaf') {
      this.lines.push(`${indent}${asked}`);
      this.tell(first, indent + INDENT);
      this.lines.push(`${indent}${this.words.otherwise}`);
      this.tell(other, indent + INDENT);
      return;
    }
    this.lines.push(`${indent}${asked} ${this.end(first.end)}.`);
    const ends = first.end.kind !== 'done' || (first.end.result !== undefined && !this.isInstruction);
    if (ends) this.tell(other, indent);
    else if (other.kind === 'if' && !this.parts.has(other)) this.choice(other, indent, this.words.otherwiseIf);
    else if (other.kind === 'leaf') {
      if (!isEmpty(other.end)) this.lines.push(`${indent}${this.words.otherwise} ${this.end(other.end)}.`);
    } else {
      this.lines.push(`${indent}${this.words.otherwise}`);
      this.tell(other, indent + INDENT);
    }
  }

  private say(indent: string, sentence: string): void {
    this.lines.push(`${indent}${this.words.sentence(sentence)}.`);
  }

  private end(end: End): string {
    if (end.kind === 'pass') return this.words.pass(this.prose.nameOf(end.event));
    if (end.kind === 'raise')
      return this.words.raise(causeName(BigInt(end.cause), this.language), this.prose.value(end.tval));
    const { expressions } = this.recording;
    const written = assignments(end.writes, expressions).map(
      ({ name, value }) => `${name} ← ${name === 'mode' ? this.prose.mode(value) : this.prose.value(value)}`,
    );
    if (end.result !== undefined) {
      const result = this.prose.value(end.result);
      written.unshift(this.isInstruction ? `rd ← ${result}` : this.words.result(result));
    }
    return written.length === 0 ? this.words.nothing : written.join('; ');
  }
}

/** Exceptions are told first, other ends next. */
function rank(node: Node): number {
  if (node.kind !== 'leaf') return 2;
  return node.end.kind === 'done' ? 1 : 0;
}
const isEmpty = (end: End) => end.kind === 'done' && end.writes.length === 0 && end.result === undefined;
