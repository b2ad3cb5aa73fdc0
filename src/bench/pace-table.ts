// The paces of workloads as text: million steps a second of each kernel by each way to run it, nanoseconds an operation
// where a workload is counted in those, and how much longer a virtual run takes than a bare one.

import type { Pace } from './pace.ts';
import { geometricMean } from './statistics.ts';
import { type Form, KINDS, type Workload } from './workload.ts';

export interface PaceRow {
  readonly workload: Workload;
  readonly form: Form;
  /** By the name of the way. */
  readonly paces: Readonly<Record<string, Pace>>;
}

/** The two ways whose ratio is told. */
export interface Ratio {
  readonly bare: string;
  readonly virtual: string;
}

const NAME_WIDTH = 20;
const WIDTH = 12;
const MILLION_A_SECOND = 1e3;

export function paceTable(rows: readonly PaceRow[], ways: readonly string[], ratio: Ratio): string {
  const lines: string[] = [];
  for (const kind of KINDS) {
    const chosen = rows.filter(({ workload }) => workload.kind === kind);
    if (chosen.length === 0) continue;
    const unit = kind === 'kernel' ? 'million steps/s' : 'ns an operation';
    if (lines.length > 0) lines.push('');
    lines.push(unit.padEnd(NAME_WIDTH) + [...ways, 'virtual/bare'].map((name) => name.padStart(WIDTH + 1)).join(''));
    for (const row of chosen) lines.push(line(row, ways, ratio));
    if (chosen.length > 1) lines.push(means(chosen, ways, ratio));
  }
  return `${lines.join('\n')}\n`;
}

function line(row: PaceRow, ways: readonly string[], ratio: Ratio): string {
  const name = `${row.workload.name}, ${row.form === 'machine' ? 'bare M' : 'paging'}`.padEnd(NAME_WIDTH);
  return name + [...ways.map((way) => cell(rateOf(row, way))), cell(longer(row, ratio), 2)].join('');
}

function means(rows: readonly PaceRow[], ways: readonly string[], ratio: Ratio): string {
  const columns = ways.map((way) => cell(geometricMean(rows.map((row) => rateOf(row, way)))));
  const longest = geometricMean(rows.map((row) => longer(row, ratio)));
  return 'geometric mean'.padEnd(NAME_WIDTH) + [...columns, cell(longest, 2)].join('');
}

function rateOf({ workload, paces }: PaceRow, way: string): number {
  const pace = paces[way];
  if (pace === undefined) return Number.NaN;
  const { operationsPerPass, sizes } = workload;
  if (operationsPerPass !== undefined) return pace.pass.median / operationsPerPass(sizes);
  return (pace.stepsPerPass / pace.pass.median) * MILLION_A_SECOND;
}

/** How many times as long a pass takes. */
function longer({ paces }: PaceRow, { bare, virtual }: Ratio): number {
  return (paces[virtual]?.pass.median ?? Number.NaN) / (paces[bare]?.pass.median ?? Number.NaN);
}

const cell = (value: number, digits = 1) => (Number.isFinite(value) ? value.toFixed(digits) : '–').padStart(WIDTH + 1);
