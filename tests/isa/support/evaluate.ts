// Runs a recorded tree in the plainest way, over bigint and the reference's own memory: what the tree means, said once
// more, so that a fault of the recorder shows apart from one of a generator.
// Calls and questions of other definitions are answered by the reference.

import { arithmetic, unaryArithmetic } from '../../../isa/bigints.ts';
import type { Event, Expr } from '../../../isa/expression.ts';
import { WORD } from '../../../isa/layout.ts';
import type { Recording } from '../../../isa/recorder.ts';
import type { Reference } from '../../../isa/reference.ts';
import type { End } from '../../../isa/tree.ts';
import type { Definition, Raised } from '../../../isa/vocabulary.ts';

export interface Ended {
  readonly result?: bigint;
  /** Whether it wrote pc. */
  readonly jumped?: boolean;
  readonly raised?: { readonly cause: bigint; readonly tval: bigint };
}

type Inputs = Readonly<Record<string, bigint>>;
/** The reference, whose definitions and memory the events go to. A fault shows as `Raised` in `attempt`. */
export interface Host {
  readonly hart: Reference;
  /** Runs an access of the reference; what it raised, if it did. */
  attempt(access: (hart: Reference) => bigint | Raised): bigint | Raised;
}

export function evaluate(e: Expr, host: Host, inputs: Inputs, outcomes: ReadonlyMap<number, bigint | Raised>): bigint {
  const value = (of: Expr): bigint => evaluate(of, host, inputs, outcomes);
  const values = (of: Readonly<Record<string, Expr>>) =>
    Object.fromEntries(Object.entries(of).map(([name, each]) => [name, value(each)]));
  switch (e.kind) {
    case 'constant':
      return e.value;
    case 'parameter':
      return inputs[e.name] as bigint;
    case 'word':
      return host.hart.word(e.index);
    case 'arithmetic':
      return arithmetic[e.operation](value(e.a), value(e.b));
    case 'unary':
      return unaryArithmetic[e.operation](value(e.a));
    case 'compare': {
      if (e.operation === 'equal') return value(e.a) === value(e.b) ? 1n : 0n;
      return arithmetic[e.operation === 'less' ? 'lessThan' : 'lessThanUnsigned'](value(e.a), value(e.b));
    }
    case 'signExtend':
      return BigInt.asUintN(64, BigInt.asIntN(e.width, value(e.a)));
    case 'choose':
      return value(e.question) === 1n ? value(e.yes) : value(e.no);
    case 'isMemory':
      return host.hart.isMemory(value(e.address)) ? 1n : 0n;
    case 'ask':
      return host.hart.ask(e.definition as Definition<string, 'question'>, values(e.parameters)) ? 1n : 0n;
    case 'time':
      return host.hart.time();
    case 'outcome': {
      const outcome = outcomes.get(e.event.id);
      if (typeof outcome !== 'bigint') throw new Error('an outcome is used where its event did not yield one');
      return outcome;
    }
    case 'failed':
      return typeof outcomes.get(e.event.id) === 'bigint' ? 0n : 1n;
  }
}

export function runTree({ tree }: Recording, host: Host, inputs: Inputs): Ended {
  const outcomes = new Map<number, bigint | Raised>();
  const value = (e: Expr) => evaluate(e, host, inputs, outcomes);
  let node = tree;
  for (;;) {
    if (node.kind === 'leaf') return end(node.end, host.hart, value);
    if (node.kind === 'if') {
      node = value(node.question) === 1n ? node.yes : node.no;
      continue;
    }
    const { event } = node;
    const outcome = host.attempt((hart) => happen(event, hart, value, outcomes));
    outcomes.set(event.id, outcome);
    if (typeof outcome !== 'bigint' && event.kind !== 'call') {
      return { raised: { cause: host.hart.cause, tval: host.hart.tval } };
    }
    node = node.next;
  }
}

function end(how: End, hart: Reference, value: (e: Expr) => bigint): Ended {
  if (how.kind === 'pass') return { raised: { cause: hart.cause, tval: hart.tval } };
  if (how.kind === 'raise') return { raised: { cause: BigInt(how.cause), tval: value(how.tval) } };
  const values = how.writes.map(({ value: each }) => value(each));
  const result = how.result && value(how.result);
  for (const [i, { word }] of how.writes.entries()) hart.setWord(word, values[i] as bigint);
  const jumped = how.writes.some(({ word }) => word === WORD.pc);
  return result === undefined ? { jumped } : { result, jumped };
}

function happen(
  event: Event,
  hart: Reference,
  value: (e: Expr) => bigint,
  outcomes: Map<number, bigint | Raised>,
): bigint | Raised {
  switch (event.kind) {
    case 'load':
      return hart.load(value(event.address), event.bytes);
    case 'store':
      hart.store(value(event.address), event.bytes, value(event.value));
      return 0n;
    case 'loadReserved':
      return hart.loadReserved(value(event.address), event.bytes);
    case 'storeConditional':
      return hart.storeConditional(value(event.address), event.bytes, value(event.value));
    case 'amo':
      return hart.amo(value(event.address), event.bytes, (old) => {
        outcomes.set(event.id, old);
        return value(event.next);
      });
    case 'block':
      hart.block(event.operation, value(event.address));
      return 0n;
    case 'float':
      return hart.float(event.operation, event.format, value(event.rounding), event.operands.map(value));
    case 'loadPhysical':
      return hart.loadPhysical(value(event.address));
    case 'storePhysical':
      hart.storePhysical(value(event.address), value(event.value));
      return 0n;
    case 'call': {
      const parameters = Object.entries(event.parameters).map(([name, each]) => [name, value(each)]);
      return hart.call(event.definition as Definition<string, 'value'>, Object.fromEntries(parameters));
    }
    default:
      return 0n;
  }
}
