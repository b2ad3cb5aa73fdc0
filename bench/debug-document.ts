// Keeps what the debugger, logs and traces cost: bench/results/debug.json, and the tables of docs/debugging.md.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { captionOf, filled, table } from '../src/bench/document.ts';
import type { DebugReport, FacilityRow } from './debug.ts';
import { describeHost } from './peers/machine.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const DOCUMENT = here('../docs/debugging.md');
const RESULTS = here('results/debug.json');
const MOST_DIGITS = 10;
const OFF = 'all off';

export function keep(report: DebugReport): void {
  const kept = {
    schema: 'trapeze/debug-costs/1',
    date: new Date().toISOString(),
    machine: describeHost(),
    ...report,
  };
  writeFileSync(RESULTS, `${JSON.stringify(kept, null, 1)}\n`);
  const text = filled(readFileSync(DOCUMENT, 'utf8'), 'costs', `${costs(report)}\n\n${captionOf(kept)}.`);
  writeFileSync(DOCUMENT, filled(text, 'back', back(report)));
}

/** A line a facility, a column a guest and a way to run it: how many times as long as with all off. */
function costs({ facilities }: DebugReport): string {
  const columns = [...new Set(facilities.map(({ guest, kind }) => `${guest}, ${kind}`))].toSorted();
  const names = [...new Set(facilities.map(({ facility }) => facility))];
  const cell = (name: string, column: string) => {
    const row = facilities.find(({ facility, guest, kind }) => facility === name && `${guest}, ${kind}` === column);
    if (row === undefined) return '–';
    return row.facility === OFF ? rate(row) : `× ${row.ratio.toFixed(row.ratio < MOST_DIGITS ? 2 : 0)}`;
  };
  return table(
    ['', ...columns],
    names.map((name) => [`\`${name}\``, ...columns.map((column) => cell(name, column))]),
  );
}
const rate = ({ steps, nanoseconds }: FacilityRow) => `${((steps / nanoseconds) * 1e3).toFixed(0)} Mstep/s`;

function back({ back }: DebugReport): string {
  return table(
    ['from the last step', 'runs', 'steps back', 'ms'],
    back.map(({ way, kind, steps, milliseconds }) => [
      `\`${way}\``,
      kind,
      steps.toLocaleString('en'),
      milliseconds.toFixed(0),
    ]),
  );
}
