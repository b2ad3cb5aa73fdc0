// What is known of a graph as a whole: which registers it uses and writes, which may differ from the state block when
// control leaves a block, and how many instructions the longest way to the next loop or out of the region has.

import { FILE_WORDS } from '../../../../isa/layout.ts';
import { type Block, type Graph, successorsOf } from './graph.ts';
import { loopHeaders, nest } from './nest.ts';
import { recordingOf } from './role.ts';

export interface Flow {
  /** Words of the registers that an instruction reads or writes, x0 never. */
  readonly used: ReadonlySet<number>;
  readonly written: ReadonlySet<number>;
  successors(block: bigint): readonly bigint[];
  /** Registers that may have been written when a block is done. */
  dirtyAfter(block: bigint): ReadonlySet<number>;
  /** Instructions on the longest way from one of these blocks to the next loop's header or out of the region. */
  longest(blocks: readonly bigint[]): number;
}

export function flowOf(graph: Graph): Flow {
  const { blocks, entries } = graph;
  const successors = new Map(
    [...blocks].map(([start, block]) => [start, successorsOf(block).filter((to) => blocks.has(to))]),
  );
  const after = (start: bigint) => successors.get(start) ?? [];
  const writes = new Map([...blocks].map(([start, block]) => [start, registersOf(block, true)]));
  const read = [...blocks.values()].map((block) => registersOf(block, false));
  const written = union([...writes.values()]);
  const checked = new Set(loopHeaders(nest(entries, after)));

  const lengths = new Map<bigint, number>();
  const length = (start: bigint): number => {
    const known = lengths.get(start);
    if (known !== undefined) return known;
    const next = after(start).map((to) => (checked.has(to) ? 0 : length(to)));
    const own = blocks.get(start)?.instructions.length ?? 0;
    const whole = own + Math.max(0, ...next);
    lengths.set(start, whole);
    return whole;
  };

  return {
    used: union([written, ...read]),
    written,
    successors: after,
    dirtyAfter: reaching(graph, after, writes),
    longest: (starts) => Math.max(...starts.map(length)),
  };
}

const DESTINATIONS: readonly string[] = ['rd', 'fd'];

/** Words of the registers that a block writes, or reads. */
function registersOf({ instructions }: Block, isWritten: boolean): ReadonlySet<number> {
  const found = new Set<number>();
  for (const { decoded } of instructions) {
    for (const { name, register } of decoded.instruction.pattern.fields) {
      const word = register && FILE_WORDS[register] + (decoded.fields[name] as number);
      if (!word || DESTINATIONS.includes(name) !== isWritten) continue; // x0 has no local
      if (!isWritten || recordingOf(decoded).hasResult) found.add(word);
    }
  }
  return found;
}

const union = (sets: readonly ReadonlySet<number>[]) => new Set(sets.flatMap((set) => [...set]));

/** Registers that some way from an entry to a block's end writes. */
function reaching(
  { blocks, entries }: Graph,
  successors: (start: bigint) => readonly bigint[],
  writes: ReadonlyMap<bigint, ReadonlySet<number>>,
): (start: bigint) => ReadonlySet<number> {
  const dirty = new Map([...blocks.keys()].map((start) => [start, new Set<number>()]));
  const pending = [...entries, ...blocks.keys()];
  for (let start = pending.pop(); start !== undefined; start = pending.pop()) {
    const before = dirty.get(start) as Set<number>; // every block is there
    const afterwards = union([before, writes.get(start) ?? new Set()]);
    for (const next of successors(start)) {
      const known = dirty.get(next) as Set<number>;
      const size = known.size;
      for (const register of afterwards) known.add(register);
      if (known.size > size) pending.push(next);
    }
  }
  return (start) => union([dirty.get(start) ?? new Set(), writes.get(start) ?? new Set()]);
}
