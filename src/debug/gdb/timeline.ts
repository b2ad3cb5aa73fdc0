// A guest's run that can go back: checkpoints as it goes, and a log of all that came from outside (what was typed, what
// the debugger changed), with which any step is reached again from the checkpoint before it. A run is a function of
// these, so what comes again is the same, bit for bit, interrupts and devices too. A change in the past makes a new
// future. Guests cannot see each other, so each has a time of its own. Left out: what no guest sees, such as how often
// the shadow page tables are filled when steps are taken again.

import { type Checkpoint, pageBytes, restoreCheckpoint, takeCheckpoint } from './checkpoint.ts';
import type { DebuggedGuest } from './guest.ts';

/** What came from outside: before which step, at which time of the board, and what it did. */
interface Input {
  readonly position: number;
  readonly now: number;
  readonly apply: () => void;
}

export interface TimelineLimits {
  /** Bytes of pages that all checkpoints hold: as many as two need, where these are more. */
  readonly bytes: number;
  /** Steps between checkpoints, at first. */
  readonly interval: number;
}
export const TIMELINE_LIMITS: TimelineLimits = { bytes: 256 * 1024 * 1024, interval: 2_000_000 };

const MOST_CHECKPOINTS = 48;
/** Checkpoints near where the debugger went back to, so that going back again is short. */
const MOST_NEAR = 8;
const NEAR_STEPS = 10_000;

export class Timeline {
  readonly guest: DebuggedGuest;
  /** Steps that the guest has taken, where it is now. */
  position = 0;
  private readonly limits: TimelineLimits;
  private interval: number;
  private inputs: Input[] = [];
  /** How many of them have been given, where it is now. */
  private given = 0;
  private kept: Checkpoint[];
  private near: Checkpoint[] = [];
  /** No fewer than the bytes of pages that all checkpoints hold. */
  private heldAtMost = 0;
  /** Console bytes written where it is now, and those that were passed on. */
  private written = 0;
  private shown = 0;
  private replays = false;
  /** Called before steps are taken again, which nobody looks at. */
  onTravel: () => void = () => {};

  constructor(guest: DebuggedGuest, limits: TimelineLimits = TIMELINE_LIMITS) {
    this.guest = guest;
    this.limits = limits;
    this.interval = limits.interval;
    const { console } = guest.board;
    const show = console.output.bind(console);
    console.output = (byte) => {
      this.written++;
      if (this.written <= this.shown) return;
      this.shown = this.written;
      show(byte);
    };
    const { input } = console;
    const arrived = input.onArrival;
    input.onArrival = (byte) => {
      if (!this.replays) this.log(input.open ? () => input.push(byte) : () => input.end());
      arrived(byte);
    };
    this.kept = [this.checkpoint(undefined)];
  }

  get ended(): boolean {
    return this.guest.board.outcome !== undefined;
  }

  // Forward.

  /** Takes at most so many steps, less where an input or a checkpoint is due or idle time ends, or begins. */
  run(maxSteps: number, wait: 'skip-idle' | 'stay-awake' = 'skip-idle'): 'ran' | 'idle' | 'ended' {
    const { interleaver } = this.guest;
    this.give();
    if (this.ended) return 'ended';
    const next = this.inputs[this.given];
    // An input at this very step came while the guest waited: it waits there again.
    const room = next === undefined ? maxSteps : Math.max(1, Math.min(maxSteps, next.position - this.position));
    const progress = interleaver.run(Math.min(room, this.interval));
    this.position += progress.steps;
    if (progress.status === 'ended') return 'ended';
    if (progress.status === 'idle') return wait === 'skip-idle' && this.skip(progress.until) ? 'ran' : 'idle';
    const last = this.kept.at(-1) as Checkpoint;
    if (this.position - last.position >= this.interval) this.keep();
    this.give();
    return 'ran';
  }

  /** Lets idle time pass until a hart can take a step. @returns which; undefined where none can, or the guest ended. */
  settle(): number | undefined {
    for (;;) {
      this.give();
      if (this.ended) return undefined;
      const hart = this.guest.interleaver.whoseTurn();
      if (hart !== undefined) return hart;
      const progress = this.guest.interleaver.run(1);
      this.position += progress.steps;
      if (progress.status === 'idle' && !this.skip(progress.until)) return undefined;
    }
  }

  private skip(until: number): boolean {
    const next = this.inputs[this.given];
    const to = next?.position === this.position ? Math.min(until, next.now) : until;
    if (to === Number.POSITIVE_INFINITY) return false;
    const { interleaver, board } = this.guest;
    interleaver.skipTo(to);
    board.advance();
    return true;
  }

  // What comes from outside.

  /** Does something to the guest now, and whenever its run comes here again. */
  change(apply: () => void): void {
    this.log(apply);
    this.replays = true;
    apply();
    this.replays = false;
  }
  private log(apply: () => void): void {
    this.forget();
    this.inputs.push({ position: this.position, now: this.guest.board.clock.now, apply });
    this.given = this.inputs.length;
  }
  /** Gives what is due. */
  private give(): void {
    for (;;) {
      const next = this.inputs[this.given];
      if (next === undefined || next.position !== this.position || this.guest.board.clock.now < next.now) return;
      this.given++;
      this.replays = true;
      next.apply();
      this.replays = false;
    }
  }
  /** What comes behind this step will not come again. */
  private forget(): void {
    this.inputs.length = this.given;
    const isPast = ({ position, inputs }: Checkpoint) => position <= this.position && inputs <= this.given;
    this.kept = this.kept.filter(isPast);
    this.near = this.near.filter(isPast);
    this.shown = this.written;
  }

  // Back.

  /** Goes to a step in the past, or one ahead that is known. */
  goTo(position: number): void {
    this.onTravel();
    const from = this.before(position);
    if (position < this.position || from.position > this.position) this.restore(from);
    if (position - this.position > 2 * NEAR_STEPS) {
      this.forwardTo(position - NEAR_STEPS);
      const near = this.checkpoint(this.before(position));
      this.near.push(near);
      if (this.near.length > MOST_NEAR) this.near.shift();
      this.fit(near);
    }
    this.forwardTo(position);
  }
  /** Goes to a step at which it is, before idle time passed there. */
  goBefore(position: number): void {
    this.restore(this.before(position));
    this.goTo(position);
  }
  /** The last checkpoint at or before a step. */
  before(position: number): Checkpoint {
    const all = [...this.kept, ...this.near].filter((each) => each.position <= position);
    return all.reduce((best, each) => (each.position > best.position ? each : best));
  }
  /** Starts over. */
  reset(): void {
    this.restore(this.kept[0] as Checkpoint);
    this.forget();
    this.inputs.length = 0;
    this.given = 0;
  }

  private forwardTo(position: number): void {
    while (this.position < position && this.run(position - this.position) === 'ran');
  }
  private restore(from: Checkpoint): void {
    restoreCheckpoint(this.guest, from);
    this.position = from.position;
    this.given = from.inputs;
    this.written = from.written;
  }

  private checkpoint(before: Checkpoint | undefined): Checkpoint {
    const { position, given: inputs, written } = this;
    return takeCheckpoint(this.guest, { position, inputs, written }, before);
  }
  private keep(): void {
    const latest = this.checkpoint(this.kept.at(-1));
    this.kept.push(latest);
    if (this.kept.length > MOST_CHECKPOINTS) this.thin();
    this.fit(latest);
  }
  /** Makes room for a checkpoint. To look at what all hold costs as much as they are many: only where they may be too many. */
  private fit({ freshBytes }: Checkpoint): void {
    this.heldAtMost += freshBytes;
    while (this.heldAtMost > this.limits.bytes) {
      this.heldAtMost = this.heldBytes;
      if (this.heldAtMost <= this.limits.bytes) return;
      if (this.near.length > 0) this.near.length = 0;
      else if (this.kept.length > 2) this.thin();
      else return;
    }
  }
  /** Bytes of pages that all checkpoints hold together. */
  get heldBytes(): number {
    return pageBytes([...this.kept, ...this.near]);
  }
  /** Drops every second, but the first and the last, and takes half as many from now on. */
  private thin(): void {
    const last = this.kept.length - 1;
    this.kept = this.kept.filter((_, index) => index % 2 === 0 || index === last);
    this.interval *= 2;
  }
}
