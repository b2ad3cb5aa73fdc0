// What is around memory while a run is on: each access comes with what is left of the run's budget, from which the time
// follows, and may move the run's end nearer. Left out: who counts the budget, and devices themselves.

import type { Width } from '../../isa/vocabulary.ts';
import { NO_WORD, type Surroundings, type WordWidth } from './surroundings.ts';

export class RunBus {
  surroundings: Surroundings | undefined;
  /** The step at which the budget ends. */
  end = 0;

  /** Begins a run. @returns the step at which it begins. */
  begin(surroundings: Surroundings | undefined, budget: number): number {
    const now = surroundings?.clock.now ?? 0;
    this.surroundings = surroundings;
    this.end = now + budget;
    return now;
  }

  read(left: number, address: bigint, bytes: Width): bigint | undefined {
    return this.at(left)?.read(address, bytes);
  }
  write(left: number, address: bigint, bytes: Width, value: bigint): boolean {
    return this.at(left)?.write(address, bytes, value) ?? false;
  }
  /** The same for at most four bytes as numbers; NO_WORD, or false, where the access must come by the other way. */
  readWord(left: number, address: number, bytes: WordWidth): number {
    return this.at(left)?.readWord(address, bytes) ?? NO_WORD;
  }
  writeWord(left: number, address: number, bytes: WordWidth, value: number): boolean {
    return this.at(left)?.writeWord(address, bytes, value) ?? false;
  }
  /** A hart has written stimecmp. */
  timersChanged(left: number, hart: number): void {
    this.at(left)?.timersChanged(hart);
  }
  /** Sets the time to what it is with so many steps left. */
  at(left: number): Surroundings | undefined {
    if (this.surroundings !== undefined) this.surroundings.clock.now = this.end - left;
    return this.surroundings;
  }

  /**
   * Has the run end sooner, where what was just done says so: an event is due earlier than its end, say.
   * @param left the most that can be taken off what is left of the budget. @returns what is.
   */
  cut(left: number): number {
    const until = this.surroundings?.runsUntil(this.end) ?? this.end;
    const off = Math.min(left, this.end - until);
    this.end -= off;
    return off;
  }
}
