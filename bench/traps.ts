// `npm run bench:traps`: what traps cost, on a quiet machine, as the built command line measures it; a checkout run from
// its sources has slower functions. With `--save` the figures are kept in bench/results, and docs/trap-costs.md gets its
// tables and its chart from them.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { captionOf, filled } from '../src/bench/document.ts';
import { TRAP_KINDS, type TrapKind } from '../src/bench/traps/catalogue.ts';
import { trapsChart } from '../src/bench/traps/chart.ts';
import { disciplinesTable, ownTable, publishedTable, type TrapsReport } from '../src/bench/traps/document.ts';
import type { TrapRow } from '../src/bench/traps/measure.ts';
import { trapsTable } from '../src/bench/traps/table.ts';
import { DISCIPLINES, type Discipline } from '../src/hypervisor/shadow/discipline.ts';
import { DEFAULT_ENGINE } from '../src/machine/hardware.ts';
import { describeHost } from './peers/machine.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const COMMAND = here('../dist/src/cli/main.js');
const RESULTS = here('results/');
const DOCUMENT = here('../docs/trap-costs.md');
/** What the disciplines make a difference to. */
const EDITS = ['table-edit', 'table-rewrite'];

const options = new Command('bench:traps')
  .description('What each kind of trap costs, bare and virtual, and where the time goes.')
  .option('--save', 'write bench/results/traps.json and traps.svg, and the tables of docs/trap-costs.md')
  .parse()
  .opts<{ readonly save?: boolean }>();

type Costs = Omit<TrapRow, 'kind'> & Pick<TrapKind, 'name'>;
/** Has the command line measure some kinds. */
function measured(...rest: readonly string[]): TrapRow[] {
  const { status, stdout } = spawnSync(process.execPath, [COMMAND, 'bench', '--json', ...rest], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`trapeze bench ${rest.join(' ')} ended with ${status}`);
  const { traps } = JSON.parse(stdout) as { readonly traps: readonly Costs[] };
  return traps.map(({ name, ...costs }) => ({
    ...costs,
    kind: TRAP_KINDS.find((kind) => kind.name === name) as TrapKind,
  }));
}

const traps = measured('traps');
process.stdout.write(trapsTable(traps));
if (options.save) {
  const under = DISCIPLINES.map((discipline) => [discipline, measured(...EDITS, '--shadow', discipline)] as const);
  const disciplines = EDITS.map((name) => {
    const { title } = TRAP_KINDS.find((kind) => kind.name === name) as TrapKind;
    const costs = under.map(([discipline, rows]) => {
      const row = rows.find(({ kind }) => kind.name === name) as TrapRow;
      return [discipline, row.virtual.nanoseconds.median] as const;
    });
    return { name, title, nanoseconds: Object.fromEntries(costs) as Record<Discipline, number> };
  });
  const date = new Date().toISOString();
  const machine = describeHost();
  const report: TrapsReport = {
    schema: 'trapeze/trap-costs/1',
    engine: DEFAULT_ENGINE,
    date,
    machine,
    traps,
    disciplines,
  };
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(`${RESULTS}traps.json`, `${JSON.stringify(report, null, 1)}\n`);
  writeFileSync(`${RESULTS}traps.svg`, trapsChart(traps, captionOf(report)));
  let text = readFileSync(DOCUMENT, 'utf8');
  for (const [name, make] of [
    ['ours', ownTable],
    ['disciplines', disciplinesTable],
    ['published', publishedTable],
  ] as const) {
    text = filled(text, name, make(report));
  }
  writeFileSync(DOCUMENT, text);
}
