// What a machine, or a context that a hart of it runs, finds around its memory: devices and time, which another answers
// for. Left out: what they are.

import type { Width } from '../../isa/vocabulary.ts';

/** Bytes of an access whose value is a number. */
export type WordWidth = Exclude<Width, 8>;

/** Instead of a word: the access must come by the other way. */
export const NO_WORD = -1;

/** What the machine is plugged into: devices and time. A machine that a monitor drives has neither. */
export interface Surroundings {
  /** Steps since reset; the machine adds each as it is taken. */
  readonly clock: { now: number; readonly offset: bigint; ticks(): bigint };
  /** Device registers; undefined where nothing answers. */
  read(address: bigint, bytes: Width): bigint | undefined;
  write(address: bigint, bytes: Width, value: bigint): boolean;
  /** The same for at most four bytes as numbers; NO_WORD, or false, where the access must come by the other way. */
  readWord(address: number, bytes: WordWidth): number;
  writeWord(address: number, bytes: WordWidth, value: number): boolean;
  /** A hart's stimecmp has changed. */
  timersChanged(hart: number): void;
  /**
   * Until which step a run that is to end at `step` may go on: the next event, if that is earlier; now, where a hart that
   * waited has work or the board has an outcome.
   */
  runsUntil(step: number): number;
}
