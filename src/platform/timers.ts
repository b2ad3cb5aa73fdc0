// The timer interrupts of a hart: MTI is up while mtime has reached its mtimecmp (norm:mtime_intr_pending), STI, under
// Sstc, while it has reached stimecmp (norm:mip_stip_stimecmp_op2). Lines change at exactly the step of the tick, by
// an event; a write to a comparison, to mtime or to menvcfg.STCE recomputes both.

import type { PrivilegedState } from '../../isa/state.ts';
import type { Clock } from './clock.ts';
import type { EventQueue } from './events.ts';

/** The name under which timers have events; the payload is the hart. */
export const TIMERS = 'timers';

interface Timed {
  readonly harts: readonly PrivilegedState[];
  readonly clock: Clock;
  readonly events: EventQueue;
  readonly clint: { mtimecmp(hart: number): bigint };
}

export function driveTimers(board: Timed, hart: number): void {
  const state = board.harts[hart];
  if (state === undefined) return;
  drive(board, hart, 'MTI', board.clint.mtimecmp(hart));
  drive(board, hart, 'STI', state.menvcfg.STCE === 1n ? state.stimecmp : undefined);
}

function drive({ clock, events, harts }: Timed, hart: number, kind: 'MTI' | 'STI', compare: bigint | undefined): void {
  const event = { device: TIMERS, kind, payload: hart };
  const state = harts[hart] as PrivilegedState; // the caller has looked
  state.lines[kind] = compare !== undefined && clock.ticks() >= compare ? 1n : 0n;
  const step = compare === undefined ? Number.POSITIVE_INFINITY : clock.stepOfChange(compare);
  if (step === Number.POSITIVE_INFINITY) events.cancel(event);
  else events.schedule({ ...event, step });
}
