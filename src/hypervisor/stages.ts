// Where the time of exits goes, for a bench that asks: the way out of emitted code to a handler, the handler, the way
// back in; and, within emitted code, calls that fill or fence the shadow and calls of devices. What is left of a run is
// emitted code, the guest's own and that of exits handled in place. Reading a clock takes time of its own, which is
// measured first and taken off.

import type { Surroundings } from '../machine/hardware.ts';

export const STAGES = ['leave', 'handle', 'enter', 'shadow', 'devices'] as const;
export type Stage = (typeof STAGES)[number];

const READINGS = 1001;

export class Stages {
  /** The host's time in nanoseconds. */
  readonly clock: () => number;
  readonly nanoseconds: Record<Stage, number> = { leave: 0, handle: 0, enter: 0, shadow: 0, devices: 0 };
  /** What a reading takes of the interval that it ends. */
  private readonly reading: number;

  constructor(clock: () => number) {
    this.clock = clock;
    const times = Array.from({ length: READINGS }, () => -clock() + clock()).sort((one, other) => one - other);
    this.reading = times[Math.floor(READINGS / 2)] as number;
  }

  /** Something of this stage began then and has just ended. @returns when. */
  since(stage: Stage, start: number): number {
    const now = this.clock();
    this.nanoseconds[stage] += now - start - this.reading;
    return now;
  }
}

/** A board whose devices are timed. */
export class TimedBoard implements Surroundings {
  private readonly board: Surroundings;
  private readonly stages: Stages;
  readonly clock: Surroundings['clock'];

  constructor(board: Surroundings, stages: Stages) {
    this.board = board;
    this.stages = stages;
    this.clock = board.clock;
  }

  read(...access: Parameters<Surroundings['read']>): bigint | undefined {
    return this.timed(() => this.board.read(...access));
  }
  write(...access: Parameters<Surroundings['write']>): boolean {
    return this.timed(() => this.board.write(...access));
  }
  readWord(...access: Parameters<Surroundings['readWord']>): number {
    return this.timed(() => this.board.readWord(...access));
  }
  writeWord(...access: Parameters<Surroundings['writeWord']>): boolean {
    return this.timed(() => this.board.writeWord(...access));
  }
  timersChanged(hart: number): void {
    this.timed(() => this.board.timersChanged(hart));
  }
  runsUntil(step: number): number {
    return this.board.runsUntil(step);
  }
  private timed<T>(access: () => T): T {
    const start = this.stages.clock();
    const value = access();
    this.stages.since('devices', start);
    return value;
  }
}
