// How a run of one guest ended, and the exit code that the command line makes of it.
// A guest ends itself by `exit`; all the other kinds are decided outside of it.

export type Outcome =
  /** By the test finisher, `tohost` or an SBI reset. The code is whole here. */
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'limit' }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'until' }
  /** Every hart waits for something that can never come. */
  | { readonly kind: 'idle' }
  | { readonly kind: 'interrupted' };

/** An exit code of a process is a byte. */
const LARGEST_CODE = 255;
const CODES = { limit: 124, timeout: 124, until: 0, idle: 3, interrupted: 130 } as const;

export function exitCode(outcome: Outcome): number {
  return outcome.kind === 'exit' ? Math.min(outcome.code, LARGEST_CODE) : CODES[outcome.kind];
}

/** What a store of this doubleword to `tohost` means: 1 is success, 2n+1 failure n; anything else is no end. */
export function tohostOutcome(value: bigint): Outcome | undefined {
  return value & 1n ? { kind: 'exit', code: Number(value >> 1n) } : undefined;
}
