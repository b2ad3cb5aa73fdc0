// What a call of the SBI is made of, and what it answers: an error code in a0, a value in a1.
// The names of the errors are the SBI specification's.

import type { PrivilegedState } from '../../isa/state.ts';
import type { Board } from './board.ts';

/** a0, in which the arguments begin. */
const A0 = 10;
const A6 = 16;
const A7 = 17;
const HALF = 2 ** 32;

export class Call {
  /** The calling hart. */
  readonly state: PrivilegedState;
  readonly board: Board;

  constructor(state: PrivilegedState, board: Board) {
    this.state = state;
    this.board = board;
  }

  /** a7, signed; what a number cannot hold is no extension's. */
  get extension(): number {
    return (this.half(A7, 1) | 0) * HALF + this.half(A7, 0);
  }
  /** Which function of the extension: a6. */
  get number(): number {
    return this.half(A6, 1) * HALF + this.half(A6, 0);
  }
  /** a0 to a5 by index, unsigned. */
  argument(index: number): bigint {
    return this.state.x(A0 + index);
  }
  /** The same by its lower half or its upper, as hot calls read it. */
  argumentHalf(index: number, half: 0 | 1): number {
    return this.half(A0 + index, half);
  }
  /** Sets a0 or a1, by a number that is sign-extended. */
  answer(index: 0 | 1, value: number): void {
    const { halves } = this.state;
    halves[(A0 + index) * 2] = value;
    halves[(A0 + index) * 2 + 1] = Math.floor(value / HALF);
  }
  private half(register: number, half: 0 | 1): number {
    return this.state.halves[register * 2 + half] as number;
  }
}

/** Error and value, or that the caller's registers are as the call has left them. */
export type Reply = Answer | typeof NEVER_RETURNS;

interface Answer {
  readonly error: number;
  readonly value: number;
}

export const NEVER_RETURNS = 'never returns';

export const answer = (value: number): Answer => (value === 0 ? NOTHING : { error: 0, value });
const NOTHING: Answer = { error: 0, value: 0 };
const fails = (error: number): Answer => ({ error, value: 0 });

export const SbiError = {
  NotSupported: fails(-2),
  InvalidParameter: fails(-3),
  InvalidAddress: fails(-5),
  AlreadyAvailable: fails(-6),
} as const satisfies Record<string, Answer>;
