// Runs a guest up to where the page asked for it to stop: at a lasting break, or at what was wished for this run alone. A
// scout takes it there on the hot core; where it may stop, one step is taken and looked at.
// Left out: which exits are listened to, which the laboratory knows.

import { prepareScouts } from '../../debug/gdb/scout.ts';
import type { ExitReason } from '../../hypervisor/reason.ts';
import type { LabGuest } from './lab-guest.ts';

/** What a run goes on to, this once. */
export interface Wish {
  readonly guest: LabGuest;
  readonly hit: () => string | undefined;
  readonly breakpoint?: bigint;
  readonly exits: readonly ExitReason[];
}

export class Runner {
  private readonly guests: readonly LabGuest[];
  private readonly milliseconds: () => number;
  /** What is not there while the run goes on until it is paused. */
  private stopAt: Wish | undefined;

  constructor(guests: readonly LabGuest[], milliseconds: () => number) {
    this.guests = guests;
    this.milliseconds = milliseconds;
  }

  wish(wish: Wish | undefined): void {
    this.stopAt = wish;
    this.prepare();
  }
  /** Has each guest's scout heed what there is to stop at now. */
  prepare(): void {
    for (const each of this.guests) {
      const { points, breaks } = each;
      points.clear();
      breaks.addTo(points);
      if (this.stopAt?.guest !== each) continue;
      const { breakpoint, exits } = this.stopAt;
      if (breakpoint !== undefined) points.breakpoints.add(breakpoint);
      for (const reason of exits) points.exits.add(reason);
    }
    const scouts = this.guests.map(({ scout }) => scout);
    prepareScouts(
      scouts,
      this.guests.map(({ guest }) => guest),
    );
  }

  /** Takes at most so many steps, until so many milliseconds. @returns where it stopped, if it did. */
  run(each: LabGuest, steps: number, until: number): string | undefined {
    const { timeline, points, scout } = each;
    if (timeline.ended || each.waiting) return undefined;
    const end = timeline.position + steps;
    while (timeline.position < end) {
      // It may stand at a place to stop at, and goes on from there.
      const hit = this.hitBy(each, () => {
        const ran = timeline.run(points.any ? 1 : end - timeline.position);
        each.waiting = ran === 'idle';
      });
      const stop = hit ?? this.hitBy(each, () => points.any && scout.run(end - timeline.position));
      if (stop !== undefined) return stop;
      if (timeline.ended || each.waiting || (points.any && this.milliseconds() > until)) return undefined;
    }
    return undefined;
  }
  /** What there is to stop at behind some steps. */
  private hitBy(each: LabGuest, takeSteps: () => void): string | undefined {
    const { stopAt } = this;
    const from = each.tape.exits;
    takeSteps();
    if (!each.points.any) return undefined;
    const hit = (stopAt?.guest === each ? stopAt.hit() : undefined) ?? metBy(each, from);
    if (hit !== undefined && stopAt !== undefined) this.wish(undefined);
    return hit;
  }
}

/** Where the next step of a guest is. */
export function nextPc({ guest }: LabGuest): bigint | undefined {
  const hart = guest.interleaver.whoseTurn();
  return hart === undefined ? undefined : guest.states[hart]?.pc;
}
/** The break that a step has met, with the exits on the tape from a count on. */
function metBy(each: LabGuest, from: number): string | undefined {
  const { breaks, tape } = each;
  const pc = nextPc(each);
  const place = pc === undefined ? undefined : breaks.at(pc);
  if (place !== undefined) return place;
  const last = tape.exits > from ? tape.lastExit?.exit?.reason : undefined;
  return breaks.on(last) ? last : undefined;
}
