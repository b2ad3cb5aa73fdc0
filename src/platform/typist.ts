// Types again what was typed live in an earlier run, at the same board steps, so that the run is the same again.
// One event at a time is in the queue: its payload is which keystroke comes next.

import type { ConsoleInput } from '../devices/console-input.ts';
import type { Scheduler } from '../devices/device.ts';

/** A byte that arrived from the host, and the board step before which it did. */
export interface Keystroke {
  readonly step: number;
  readonly byte: number;
}

/** The name under which it has events. */
export const TYPIST = 'typist';

export class Typist {
  private readonly keystrokes: readonly Keystroke[];
  private readonly input: ConsoleInput;
  private readonly events: Scheduler;

  constructor(keystrokes: readonly Keystroke[], input: ConsoleInput, events: Scheduler) {
    this.keystrokes = keystrokes;
    this.input = input;
    this.events = events;
    this.schedule(0);
  }

  private schedule(index: number): void {
    const keystroke = this.keystrokes[index];
    if (keystroke !== undefined) this.events.schedule(keystroke.step, 'type', index);
  }
  /** The event of a keystroke is due. */
  type(index: number): void {
    const keystroke = this.keystrokes[index];
    if (keystroke === undefined) return;
    this.input.push(keystroke.byte);
    this.schedule(index + 1);
  }
}
