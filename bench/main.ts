// `npm run bench`: every workload on each engine, bare and virtual, in this process; whole guests and what each kind of
// exit costs; the debugger, logs and traces; and the pieces of the reference engine. --quick: shorter and once; --json:
// for a program to read; --only NAME…: these alone. Figures are of the machine that it runs on; nothing is judged.

import { Command, Option } from 'commander';
import { Bench } from 'tinybench';
import { WORKLOADS } from '../src/bench/catalogue.ts';
import { guestOf } from '../src/bench/guest.ts';
import { buildElf } from '../src/bench/image.ts';
import { type Effort, type Pace, paceOf } from '../src/bench/pace.ts';
import { type PaceRow, paceTable } from '../src/bench/pace-table.ts';
import { bareOn, virtualOn, type Way } from '../src/bench/ways.ts';
import { FORMS, type Form, type Workload } from '../src/bench/workload.ts';
import { ENGINES, type Engine } from '../src/machine/engine.ts';
import { type DebugReport, debugTable, measureDebugging } from './debug.ts';
import { keep } from './debug-document.ts';
import { guestsTable, measureGuests } from './guests.ts';
import { host } from './host.ts';
import { describeHost } from './peers/machine.ts';
import { pieces } from './pieces.ts';
import { progress } from './progress.ts';
import { readWorkload } from './sources.ts';

interface Options {
  readonly quick?: boolean;
  readonly json?: boolean;
  readonly save?: boolean;
  readonly only?: readonly string[];
  readonly form?: Form;
  readonly engines: readonly Engine[];
}

const EFFORT: Effort = { milliseconds: 600, rounds: 3 };
const QUICK: Effort = { milliseconds: 200, rounds: 1 };
const ROUNDS = { quick: 1, full: 5 } as const;
/** The million steps back, and guests that run freely or whose every step is looked at. */
const DEBUG = {
  quick: { rounds: 1, looked: 20_000, free: 400_000, back: 100_000 },
  full: { rounds: 3, looked: 100_000, free: 20_000_000, back: 1_000_000 },
} as const;
const PIECE_MILLISECONDS = { quick: 100, full: 500 } as const;
const NANOSECONDS = 1e6;

const MEASURED: readonly Engine[] = ['baseline', 'regions', 'auto'];

const NAMES = [...WORKLOADS.map(({ name }) => name), 'guests', 'debug', 'pieces'];

const program = new Command('bench')
  .description('Workloads on each engine, bare and virtual, in this process.')
  .option('--quick', 'shorter runs, once')
  .option('--json', 'for a program to read')
  .option('--save', 'keep those of debug in bench/results/debug.json and docs/debugging.md')
  .addOption(new Option('--only <names...>', 'these alone').choices(NAMES))
  .addOption(new Option('--form <form>', 'bare M-mode, or under Sv39; both by default').choices(FORMS))
  .addOption(
    new Option('--engines <engines...>', 'what runs them bare; virtual, the last of these')
      .choices(ENGINES)
      .default(MEASURED),
  );

async function main({ quick = false, json = false, save = false, only, form, engines }: Options): Promise<void> {
  const wanted = (name: string) => only?.includes(name) ?? true;
  const last = engines.at(-1) as Engine;
  const ways = [...engines.map(bareOn), virtualOn(last)];
  const rows: PaceRow[] = [];
  for (const workload of WORKLOADS.filter(({ name }) => wanted(name))) {
    for (const each of workload.forms.filter((other) => form === undefined || other === form)) {
      rows.push({ workload, form: each, paces: await paces(workload, each, ways, quick ? QUICK : EFFORT) });
    }
  }
  const guests = wanted('guests')
    ? await measureGuests(bareOn(last), virtualOn(last), quick ? ROUNDS.quick : ROUNDS.full)
    : [];
  const debug: DebugReport | undefined = wanted('debug')
    ? await measureDebugging(last, quick ? DEBUG.quick : DEBUG.full)
    : undefined;
  if (save && debug !== undefined) keep(debug);
  const timedPieces = wanted('pieces') ? await measurePieces(quick) : [];
  progress('');
  if (json) {
    const workloads = rows.map(({ workload, form, paces }) => ({ workload: workload.name, form, paces }));
    const report = {
      schema: 'trapeze/bench/2',
      machine: describeHost(),
      workloads,
      guests,
      debug,
      pieces: timedPieces,
    };
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    return;
  }
  const parts: string[] = [];
  const ratio = { bare: last, virtual: 'virtual' };
  if (rows.length > 0)
    parts.push(
      paceTable(
        rows,
        ways.map(({ name }) => name),
        ratio,
      ),
    );
  if (guests.length > 0) parts.push(guestsTable(guests));
  if (debug !== undefined) parts.push(debugTable(debug));
  if (timedPieces.length > 0) parts.push(piecesTable(timedPieces));
  process.stdout.write(parts.join('\n'));
}

async function paces(workload: Workload, form: Form, ways: readonly Way[], effort: Effort): Promise<PaceRow['paces']> {
  const found: Record<string, Pace> = {};
  for (const { name, make } of ways) {
    progress(`${workload.name}, ${form}: ${name}`);
    const passes = (count: number) => make(guestOf(workload.name, buildElf(workload, form, count, readWorkload)));
    found[name] = await paceOf(`${workload.name} (${name})`, passes, effort, host);
  }
  return found;
}

interface Piece {
  readonly name: string;
  readonly nanoseconds: number;
}

async function measurePieces(quick: boolean): Promise<Piece[]> {
  progress('pieces');
  const bench = new Bench({ time: quick ? PIECE_MILLISECONDS.quick : PIECE_MILLISECONDS.full });
  for (const [name, run] of pieces()) bench.add(name, run);
  await bench.run();
  return bench.tasks.map(({ name, result }) => ({
    name,
    nanoseconds: 'latency' in result ? result.latency.p50 * NANOSECONDS : Number.NaN,
  }));
}

function piecesTable(timed: readonly Piece[]): string {
  const lines = timed.map(({ name, nanoseconds }) => `  ${name.padEnd(28)} ${nanoseconds.toFixed(0)}`);
  return `${['a piece                        ns (median)', ...lines].join('\n')}\n`;
}

await main(program.parse().opts<Options>());
