// `npm run bench`: whole guests bare and virtual, what each kind of exit costs, and the pieces of the engine.
// --quick: one round; --json: for a program to read. Figures are of the machine that it runs on; nothing is judged.

import { Bench } from 'tinybench';
import { decode } from '../isa/decode.ts';
import { compare, type Timing } from '../src/bench/measure.ts';
import { type PlannedGuest, planGuests } from '../src/cli/machine-options.ts';
import { ConsoleInput } from '../src/devices/console-input.ts';
import type { ExitCount } from '../src/hypervisor/ledger.ts';
import { drive, type Host } from '../src/session/drive.ts';
import { bareSystem, virtualSystem } from '../src/session/system.ts';
import { reference } from './pieces.ts';

const GUESTS = ['ticks', 'lilliput'];
const LILLIPUT_INPUT = { machine: 'lilliput', file: 'guests/lilliput/demo.txt' };
const MEMORY_BYTES = 128 * 1024 * 1024;
const quick = process.argv.includes('--quick');
const json = process.argv.includes('--json');

const host: Host = {
  milliseconds: () => performance.now(),
  breathe: () => new Promise((resolve) => setImmediate(resolve)),
  sleep: () => Promise.resolve(),
};

interface Row {
  readonly guest: string;
  readonly timings: readonly Timing[];
  readonly exits: readonly ExitCount[];
}

async function measureGuest(guest: PlannedGuest): Promise<Row> {
  const spec = () => guest.spec(ConsoleInput.script(guest.typed ?? []), () => {});
  const timings = await compare(
    [
      { name: 'bare', make: () => bareSystem(spec()) },
      { name: 'virtual', make: () => virtualSystem([spec()]) },
    ],
    quick ? 1 : 5,
    host,
  );
  // Exits are timed in a run of their own: reading the clock at each would slow the others down.
  const timed = virtualSystem([spec()]);
  const ledger = timed.guests[0]?.vm?.ledger;
  if (ledger) ledger.clock = () => performance.now() * 1e6;
  await drive(timed, host, { clock: 'virtual' });
  return { guest: guest.name, timings, exits: ledger?.exits().filter(({ count }) => count > 0) ?? [] };
}

async function measurePieces(): Promise<{ name: string; nanoseconds: number }[]> {
  const bench = new Bench({ time: quick ? 100 : 500 });
  const word = 0x00c58533; // add a0, a1, a2
  bench.add('decode', () => decode(word));
  for (const [name, run] of reference()) bench.add(name, run);
  await bench.run();
  return bench.tasks.map(({ name, result }) => ({
    name,
    nanoseconds: 'latency' in result ? result.latency.p50 * 1e6 : Number.NaN,
  }));
}

function text(rows: readonly Row[], pieces: readonly { name: string; nanoseconds: number }[]): string {
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
  lines.push('', 'reference engine, a piece      ns (median)');
  for (const { name, nanoseconds } of pieces) lines.push(`  ${name.padEnd(28)} ${nanoseconds.toFixed(0)}`);
  return lines.join('\n');
}

const planned = planGuests(GUESTS, { memory: MEMORY_BYTES, engine: 'reference', input: [LILLIPUT_INPUT] });
const rows: Row[] = [];
for (const guest of planned) rows.push(await measureGuest(guest));
const pieces = await measurePieces();
const report = { schema: 'trapeze/bench/1', engine: 'reference', node: process.version, rows, pieces };
process.stdout.write(`${json ? JSON.stringify(report, null, 2) : text(rows, pieces)}\n`);
