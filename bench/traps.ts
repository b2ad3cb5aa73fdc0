// `npm run bench:traps`: what traps cost, on a quiet machine. With `--save` the figures are kept in bench/results, and
// docs/trap-costs.md gets its tables and its chart from them.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { captionOf, filled } from '../src/bench/document.ts';
import { TRAP_KINDS } from '../src/bench/traps/catalogue.ts';
import { trapsChart } from '../src/bench/traps/chart.ts';
import { ownTable, publishedTable, type TrapsReport } from '../src/bench/traps/document.ts';
import { measureTraps } from '../src/bench/traps/measure.ts';
import { trapsTable } from '../src/bench/traps/table.ts';
import { DEFAULT_ENGINE } from '../src/machine/hardware.ts';
import { host } from './host.ts';
import { describeHost } from './peers/machine.ts';
import { progress } from './progress.ts';
import { readWorkload } from './sources.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const RESULTS = here('results/');
const DOCUMENT = here('../docs/trap-costs.md');
const EFFORT = { milliseconds: 300, rounds: 7 } as const;

const options = new Command('bench:traps')
  .description('What each kind of trap costs, bare and virtual, and where the time goes.')
  .option('--save', 'write bench/results/traps.json and traps.svg, and the tables of docs/trap-costs.md')
  .parse()
  .opts<{ readonly save?: boolean }>();

const traps = await measureTraps(TRAP_KINDS, {
  engine: DEFAULT_ENGINE,
  effort: EFFORT,
  host,
  read: readWorkload,
  progress,
});
progress('');
process.stdout.write(trapsTable(traps));
if (options.save) {
  const date = new Date().toISOString();
  const machine = describeHost();
  const report: TrapsReport = { schema: 'trapeze/trap-costs/1', engine: DEFAULT_ENGINE, date, machine, traps };
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(`${RESULTS}traps.json`, `${JSON.stringify(report, null, 1)}\n`);
  writeFileSync(`${RESULTS}traps.svg`, trapsChart(traps, captionOf(report)));
  const text = filled(readFileSync(DOCUMENT, 'utf8'), 'ours', ownTable(report));
  writeFileSync(DOCUMENT, filled(text, 'published', publishedTable(report)));
}
