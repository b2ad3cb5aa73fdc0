// What executes a machine's instructions. The reference runs each definition over bigint and is the oracle; the others
// are the translator's tiers. All give the same run, bit for bit.

export const ENGINES = ['reference', 'baseline', 'regions', 'auto'] as const;
/**
 * `baseline`: the interpreter in wasm. `regions`: hot code's form for all code, compiled at first use. `auto`: the
 * baseline, and regions where code is hot.
 */
export type Engine = (typeof ENGINES)[number];

export const DEFAULT_ENGINE: Engine = 'auto';
