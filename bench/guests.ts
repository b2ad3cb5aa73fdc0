// Whole bundled guests, bare and virtual, and what each kind of exit costs the monitor.

import { compare, type Timing } from '../src/bench/measure.ts';
import type { Way } from '../src/bench/ways.ts';
import type { PlannedGuest } from '../src/cli/machine-options.ts';
import { planGuests } from '../src/cli/machine-options.ts';
import { ConsoleInput } from '../src/devices/console-input.ts';
import type { ExitCount } from '../src/hypervisor/ledger.ts';
import { drive } from '../src/session/drive.ts';
import { host } from './host.ts';

const GUESTS = ['ticks', 'lilliput'];
const LILLIPUT_INPUT = { machine: 'lilliput', file: 'guests/lilliput/demo.txt' };
const MEMORY_BYTES = 128 * 1024 * 1024;
const NANOSECONDS = 1e6;

export interface GuestRow {
  readonly guest: string;
  readonly timings: readonly Timing[];
  readonly exits: readonly ExitCount[];
}

export async function measureGuests(bare: Way, virtual: Way, rounds: number): Promise<GuestRow[]> {
  const options = { memory: MEMORY_BYTES, engine: 'reference', input: [LILLIPUT_INPUT] } as const;
  const rows: GuestRow[] = [];
  for (const guest of planGuests(GUESTS, options)) rows.push(await measure(guest, bare, virtual, rounds));
  return rows;
}

async function measure(guest: PlannedGuest, bare: Way, virtual: Way, rounds: number): Promise<GuestRow> {
  const spec = () => guest.spec(ConsoleInput.script(guest.typed ?? []), () => {});
  const contenders = [
    { name: 'bare', make: () => bare.make(spec()) },
    { name: 'virtual', make: () => virtual.make(spec()) },
  ];
  const timings = await compare(contenders, rounds, host);
  // Exits are timed in a run of their own: reading the clock at each would slow the others down.
  const timed = virtual.make(spec());
  const ledger = timed.guests[0]?.vm?.ledger;
  if (ledger) ledger.clock = () => performance.now() * NANOSECONDS;
  await drive(timed, host, { clock: 'virtual' });
  return { guest: guest.name, timings, exits: ledger?.exits().filter(({ count }) => count > 0) ?? [] };
}

export function guestsTable(rows: readonly GuestRow[]): string {
  const lines = ['guest       steps        bare Mstep/s  virtual Mstep/s  virtual/bare time'];
  for (const { guest, timings } of rows) {
    const [bare, virtual] = timings as [Timing, Timing];
    const rate = ({ steps, median }: Timing) => ((steps / median) * 1e3).toFixed(2);
    lines.push(
      `${guest.padEnd(11)} ${`${bare.steps}`.padEnd(12)} ${rate(bare).padEnd(13)} ${rate(virtual).padEnd(16)} ${(virtual.median / bare.median).toFixed(2)}`,
    );
  }
  for (const { guest, exits } of rows) {
    lines.push('', `exits of ${guest.padEnd(11)}    count   ns each`);
    for (const { reason, count, hostNanoseconds } of exits) {
      lines.push(
        `  ${reason.padEnd(18)}${`${count}`.padStart(8)}${`${Math.round(hostNanoseconds / count)}`.padStart(10)}`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}
