// What a run of the machine came to, as the caller of the door has it told. One record is filled again and again, so
// that coming back allocates nothing that stays.

/**
 * Why `run` came back: `trap`, one to M-mode that the caller owns, with the hart's state as it was before it;
 * `wait`, a WFI retired; `disturbed`, a timer or device may have moved the next event; `breakpoint`, pc is at one.
 * A context alone: `root`, the one that goes with its state is not known; `fill`, its root lacks what its own tables
 * allow; `aside`, only a hart can do the next step.
 */
export type ExitReason = 'budget' | 'trap' | 'wait' | 'disturbed' | 'breakpoint' | 'root' | 'fill' | 'aside';

/** Filled by `run`; made once by the caller, so that an exit allocates nothing. */
export interface Exit {
  reason: ExitReason;
  cause: bigint;
  tval: bigint;
  /** Steps taken, the trap that left included. */
  steps: number;
  /** Instructions retired among them. */
  retired: number;
}

export const newExit = (): Exit => ({ reason: 'budget', cause: 0n, tval: 0n, steps: 0, retired: 0 });
