// What the translator tells of its work: how a hart's steps were taken, what was looked up in vain, how regions were
// left, and what was made. Emitted code counts only where it is slow anyway, so regions' own steps are what is left.

import { WORD } from '../../../isa/layout.ts';
import { SCRATCH } from '../memory-map.ts';

/** What became of a hart's steps since the machine was made. */
export interface Counts {
  /** All steps of the hart, by what took them: they add up to the hart's. */
  readonly steps: {
    readonly regions: number;
    readonly interpreted: number;
    /** Left to the reference, traps that it took among them. */
    readonly asides: number;
    /** Traps that were taken in wasm. */
    readonly traps: number;
  };
  /** What was looked up in vain: in the TLBs, and, by the core, in the jump cache. */
  readonly misses: { readonly load: number; readonly store: number; readonly fetch: number; readonly jump: number };
  /** Ways out of regions to the core, by cause; from one region to another through the jump cache is none. */
  readonly exits: {
    /** A load or store was not in the TLB. */
    readonly lookup: number;
    /** An instruction that no region does, or one that was not known when the region was made. */
    readonly foreign: number;
    readonly budget: number;
    readonly trap: number;
    /** The jump cache's first slot did not have the target. */
    readonly jump: number;
  };
}

/** What was made since then, for all harts. */
export interface Made {
  /** How often a place was found to be hot. */
  readonly arrivals: number;
  readonly regions: number;
  readonly regionInstructions: number;
  /** Those of system instructions too. */
  readonly modules: number;
  /** Host time to make regions' code, and to have the host compile all modules; 0 without a `hostClock`. */
  readonly emitNanoseconds: number;
  readonly compileNanoseconds: number;
}

export interface TranslatorStatistics extends Counts {
  readonly made: Made;
}

const WORD_BYTES = 8;

/** @param base where the hart's state block is, and those of the contexts that it ran: its own steps count these. */
export function countsOf(memory: DataView, base: number, contexts: readonly { readonly base: number }[]): Counts {
  const bases = [base, ...contexts.map((context) => context.base)];
  const at = (from: number, offset: number) => Number(memory.getBigUint64(from + offset, true));
  const count = (offset: number) => bases.reduce((sum, from) => sum + at(from, offset), 0);
  const [interpreted, asides, traps] = [count(SCRATCH.interpreted), count(SCRATCH.asides), count(SCRATCH.traps)];
  const regions = at(base, WORD.steps * WORD_BYTES) - interpreted - asides - traps;
  return {
    steps: { regions, interpreted, asides, traps },
    misses: {
      load: count(SCRATCH.loadMisses),
      store: count(SCRATCH.storeMisses),
      fetch: count(SCRATCH.fetchMisses),
      jump: count(SCRATCH.jumpMisses),
    },
    exits: {
      lookup: count(SCRATCH.lookupExits),
      foreign: count(SCRATCH.foreignExits),
      budget: count(SCRATCH.budgetExits),
      trap: count(SCRATCH.trapExits),
      jump: count(SCRATCH.jumpExits),
    },
  };
}
