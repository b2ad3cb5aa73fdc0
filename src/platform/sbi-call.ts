// What a call of the SBI is made of, and what it answers: an error code in a0, a value in a1.
// The names of the errors are the SBI specification's.

import type { PrivilegedState } from '../../isa/state.ts';
import type { Board } from './board.ts';

export interface Call {
  /** The calling hart. */
  readonly state: PrivilegedState;
  readonly board: Board;
  /** Which function of the extension. */
  readonly number: number;
  /** a0 to a5 by index, unsigned. */
  argument(index: number): bigint;
}

/** Error and value, or that the caller's registers are as the call has left them. */
export type Reply = Answer | typeof NEVER_RETURNS;

interface Answer {
  readonly error: number;
  readonly value: bigint;
}

export const NEVER_RETURNS = 'never returns';

export const answer = (value: bigint): Answer => ({ error: 0, value });
const fails = (error: number): Answer => ({ error, value: 0n });

export const SbiError = {
  NotSupported: fails(-2),
  InvalidParameter: fails(-3),
  InvalidAddress: fails(-5),
  AlreadyAvailable: fails(-6),
} as const satisfies Record<string, Answer>;
