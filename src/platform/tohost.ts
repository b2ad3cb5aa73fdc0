// `tohost`, by which bare-metal tests end (riscv-tests, the proxy kernel): a store of 1 or 2n+1 to the doubleword of
// that symbol. Whoever runs the guest watches the doubleword's frame and asks here after an instruction stored to it.
// Left out: the other commands of the host-target interface.

import type { Board } from './board.ts';
import { tohostOutcome } from './outcome.ts';

const BYTES = 8;

export class Tohost {
  private readonly board: Board;
  private readonly address: bigint;
  private touched = false;

  constructor(board: Board, address: bigint) {
    this.board = board;
    this.address = address;
  }

  /** Something in its frame is being stored. */
  touch(): void {
    this.touched = true;
  }
  /** Ends the run if the guest said so. */
  check(): void {
    if (!this.touched) return;
    this.touched = false;
    const outcome = tohostOutcome(this.board.ram.read(this.address, BYTES));
    if (outcome !== undefined) this.board.outcome ??= outcome;
  }
}
