// Why emitted code comes back to TypeScript, as the number that it leaves in the hart's scratch words.

export const ExitCode = {
  /** No step is left. */
  Budget: 0,
  /** A trap to M-mode that the caller owns. It is counted as a step; the state is as it was before it. */
  Trap: 1,
  /** pc's frame has no records, or its record is not decoded. */
  Decode: 2,
  /** Control has arrived at pc often, or a region is said to begin there that the jump cache does not know. */
  Hot: 3,
  /** The reference should do the next step. */
  Aside: 4,
  /** Of a context: an exception that leaves the run, or an access that is left to the reference. No step was taken. */
  Fault: 5,
  /** Of a context: its root lacks an access that its own tables allow, by the walk in GLOBAL.contextWalk. */
  Fill: 7,
  /** A wait for an interrupt retired. */
  Wait: 8,
  /** Of a context: the root that goes with its state is not known. */
  Root: 6,
  /** A trap was taken, of a hart that tells of them. */
  Trapped: 9,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
