// What a definition touches, as data: registers, words and fields of the state, memory, exceptions. Read off its tree,
// so it cannot disagree with what the definition does.
// Left out: which of it happens on which path; an effect listed here may happen.

import { assignments } from './assignments.ts';
import type { Cause } from './causes.ts';
import type { Decoded } from './decode.ts';
import { type Event, type Expr, inputs, parts } from './expression.ts';
import { BLOCK_BYTES, WORD, WORD_NAMES } from './layout.ts';
import type { Recording } from './recorder.ts';
import { nodesOf } from './tree.ts';
import type { Width } from './vocabulary.ts';

export type MemoryKind =
  | 'load'
  | 'store'
  | 'loadReserved'
  | 'storeConditional'
  | 'amo'
  | 'block'
  | 'loadPhysical'
  | 'storePhysical';
export interface MemoryEffect {
  readonly kind: MemoryKind;
  readonly bytes: Width | typeof BLOCK_BYTES;
}

export interface Effects {
  /** Parameters that its outcome depends on: operands, `nextPc`, `instruction`. */
  readonly parameters: readonly string[];
  /** Whether it yields a value, which an instruction puts in rd. */
  readonly result: boolean;
  /** Words that its outcome depends on, by name. */
  readonly reads: readonly string[];
  /** Words that it assigns, field by field where only some of a word's fields change: 'sepc', 'mstatus.SIE'. */
  readonly writes: readonly string[];
  readonly memory: readonly MemoryEffect[];
  /** Exceptions that it raises itself; accesses to memory raise their own. */
  readonly raises: readonly Cause[];
  /** Other definitions that it calls or asks. */
  readonly calls: readonly string[];
  readonly jumps: boolean;
  readonly waits: boolean;
  readonly fences: readonly ('instructions' | 'translations')[];
}

const PHYSICAL_BYTES = 8;

export function effectsOf({ tree, expressions, hasResult }: Recording): Effects {
  const used = new Set<Expr>();
  const events: Event[] = [];
  const raises = new Set<Cause>();
  const writes = new Set<string>();
  const use = (e: Expr): void => {
    if (used.has(e)) return;
    used.add(e);
    for (const part of parts(e)) use(part);
  };
  for (const node of nodesOf(tree)) {
    if (node.kind === 'if') use(node.question);
    else if (node.kind === 'event') {
      events.push(node.event);
      if (node.event.kind === 'float') writes.add('fcsr'); // its flags
      for (const input of inputs(node.event)) use(input);
    } else if (node.end.kind === 'raise') {
      raises.add(node.end.cause);
      use(node.end.tval);
    } else if (node.end.kind === 'done') {
      if (node.end.result !== undefined) use(node.end.result);
      for (const { name, value } of assignments(node.end.writes, expressions)) {
        writes.add(name);
        use(value);
      }
    }
  }
  const kinds = (kind: Expr['kind']) => [...used].filter((e) => e.kind === kind);
  const words = kinds('word').map((e) => (e.kind === 'word' ? e.index : 0));
  return {
    parameters: kinds('parameter').map((e) => (e.kind === 'parameter' ? e.name : '')),
    result: hasResult,
    reads: words.sort((a, b) => a - b).map((index) => WORD_NAMES[index] as string),
    writes: [...writes],
    memory: distinct(events.flatMap(memoryEffect)),
    raises: [...raises].sort((a, b) => a - b),
    calls: [
      ...new Set([...events, ...kinds('ask')].flatMap((each) => ('definition' in each ? [each.definition.name] : []))),
    ],
    jumps: writes.has(WORD_NAMES[WORD.pc] as string),
    waits: events.some((event) => event.kind === 'wait'),
    fences: events.flatMap((event) => (event.kind === 'fence' ? [event.what] : [])),
  };
}

function memoryEffect(event: Event): MemoryEffect[] {
  switch (event.kind) {
    case 'call':
    case 'float':
    case 'wait':
    case 'fence':
      return [];
    case 'block':
      return [{ kind: event.kind, bytes: BLOCK_BYTES }];
    case 'loadPhysical':
    case 'storePhysical':
      return [{ kind: event.kind, bytes: PHYSICAL_BYTES }];
    default:
      return [{ kind: event.kind, bytes: event.bytes }];
  }
}

function distinct(effects: readonly MemoryEffect[]): MemoryEffect[] {
  return [...new Map(effects.map((effect) => [`${effect.kind} ${effect.bytes}`, effect])).values()];
}

/** Integer registers that one decoded instruction reads and writes. x0 is none: it reads as a constant. */
export function registersOf({ instruction, fields }: Decoded, { parameters, result }: Effects) {
  const registers = instruction.pattern.fields.filter((field) => field.register === 'x' && field.name !== 'rd');
  const read = registers.filter(({ name }) => parameters.includes(name)).map(({ name }) => fields[name] as number);
  const rd = result ? (fields['rd'] ?? 0) : 0;
  return {
    reads: [...new Set(read)].filter((register) => register !== 0).sort((a, b) => a - b),
    writes: rd === 0 ? [] : [rd],
  };
}
