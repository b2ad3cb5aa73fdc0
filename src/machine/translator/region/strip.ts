// Loops of one block that go through memory by constant steps, as those of memset, memcpy and vector sums do: which of
// their accesses can be looked up once for as many times round as stay in the page (strip-mining, Allen and Kennedy,
// "Optimizing Compilers for Modern Architectures", 2001). What is looked up stays so: nothing in a region changes a TLB.
// Left out: loops with branches inside, and addresses that are more than a register and a constant.

import type { Decoded } from '../../../../isa/decode.ts';
import type { Expr } from '../../../../isa/expression.ts';
import { isFloating } from '../../../../isa/floating.ts';
import { FILE_WORDS } from '../../../../isa/layout.ts';
import { type Node, nodesOf } from '../../../../isa/tree.ts';
import type { Block } from './graph.ts';
import { recordingOf } from './role.ts';

/** Accesses through one register, which are on one page together or are looked up one by one. */
export interface Walk {
  readonly access: 'load' | 'store';
  /** The register's word. */
  readonly register: number;
  /** Bytes from one time round to the next. */
  readonly step: number;
  /** The lowest byte, and the one behind the highest, from what the register is where the block begins. */
  readonly low: number;
  readonly high: number;
}

export interface Strip {
  readonly walks: readonly Walk[];
  /** By an instruction's place in the block: the walk that its access belongs to. */
  readonly walkOf: ReadonlyMap<number, Walk>;
  /** Whether it takes a floating-point unit in use, and whether results may be inexact. */
  readonly needsUnit: boolean;
  readonly computes: boolean;
}

/** In bytes; with longer ones a page is soon over, and looking up is no gain. */
const LONGEST_STEP = 256;
const WIDEST = 1024;

/** A register plus a constant. */
interface Sum {
  readonly register: number;
  readonly addend: number;
}

/** What a block that is a loop by itself can do in strips; undefined where looking up would save nothing. */
export function stripOf({ instructions }: Block): Strip | undefined {
  const steps = stepsOf(instructions.map(({ decoded }) => decoded));
  const walks = new Map<string, Walk>();
  const keys = new Map<number, string>();
  const moved = new Map<number, number>();
  for (const [index, { decoded }] of instructions.entries()) {
    const { tree } = recordingOf(decoded);
    if (tree.kind === 'event' && (tree.event.kind === 'load' || tree.event.kind === 'store')) {
      const { kind: access, address, bytes } = tree.event;
      const sum = sumOf(address, decoded);
      const step = sum && (steps.has(sum.register) ? steps.get(sum.register) : 0);
      if (sum !== undefined && step !== undefined && Math.abs(step) <= LONGEST_STEP) {
        const { register } = sum;
        const at = sum.addend + (moved.get(register) ?? 0);
        const key = `${access} ${register}`;
        const known = walks.get(key);
        const low = Math.min(at, known?.low ?? at);
        const high = Math.max(at + bytes, known?.high ?? at + bytes);
        if (high - low > WIDEST) continue;
        walks.set(key, { access, register, step, low, high });
        keys.set(index, key);
      }
    }
    const sum = incrementOf(decoded);
    if (sum !== undefined) moved.set(sum.register, (moved.get(sum.register) ?? 0) + sum.addend);
  }
  if (walks.size === 0) return undefined;
  const walkOf = new Map([...keys].map(([index, key]) => [index, walks.get(key) as Walk])); // each key was set
  return {
    walks: [...walks.values()],
    walkOf,
    needsUnit: instructions.some(({ decoded }) => isFloating(decoded.instruction)),
    computes: instructions.some(({ decoded }) => nodesOf(recordingOf(decoded).tree).some(isFloatEvent)),
  };
}

/** By each register that is written: what all that is added to it comes to; undefined where it is written otherwise. */
function stepsOf(instructions: readonly Decoded[]): Map<number, number | undefined> {
  const steps = new Map<number, number | undefined>();
  for (const decoded of instructions) {
    const { rd, fd } = decoded.fields;
    if (fd !== undefined || rd === undefined || !recordingOf(decoded).hasResult) continue;
    const register = FILE_WORDS.x + rd;
    const sum = incrementOf(decoded);
    const before = steps.has(register) ? steps.get(register) : 0;
    steps.set(register, sum === undefined || before === undefined ? undefined : before + sum.addend);
  }
  return steps;
}

/** An instruction that adds a constant to a register, and does nothing else. */
function incrementOf(decoded: Decoded): Sum | undefined {
  const { tree } = recordingOf(decoded);
  if (tree.kind !== 'leaf' || tree.end.kind !== 'done' || tree.end.result === undefined) return undefined;
  const sum = sumOf(tree.end.result, decoded);
  return sum?.register === FILE_WORDS.x + (decoded.fields['rd'] as number) ? sum : undefined; // what has a result has rd
}

function sumOf(e: Expr, decoded: Decoded): Sum | undefined {
  if (e.kind === 'parameter') {
    const file = fileOf(e.name, decoded);
    const number = decoded.fields[e.name];
    return file === 'x' && number ? { register: FILE_WORDS.x + number, addend: 0 } : undefined; // x0 has no local
  }
  if (e.kind !== 'arithmetic' || e.operation !== 'add') return undefined;
  const [sum, constant] = e.b.kind === 'parameter' && fileOf(e.b.name, decoded) !== undefined ? [e.b, e.a] : [e.a, e.b];
  const base = sumOf(sum, decoded);
  if (base === undefined || constant.kind !== 'parameter' || fileOf(constant.name, decoded) !== undefined)
    return undefined;
  const addend = decoded.fields[constant.name];
  return addend === undefined ? undefined : { register: base.register, addend: base.addend + addend };
}

const isFloatEvent = (node: Node) => node.kind === 'event' && node.event.kind === 'float';

const fileOf = (name: string, { instruction }: Decoded) =>
  instruction.pattern.fields.find((field) => field.name === name)?.register;
