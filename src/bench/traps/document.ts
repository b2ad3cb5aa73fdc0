// The tables of docs/trap-costs.md, made from a measurement: ours, and the published figures beside it as ratios.

import type { TrapRow } from './measure.ts';
import { PUBLISHED, SOURCES } from './published.ts';
import { COLUMNS, cellsOf, exitsText } from './table.ts';

/** A measurement as it is kept: bench/results/traps.json. */
export interface TrapsReport {
  readonly schema: 'trapeze/trap-costs/1';
  readonly engine: string;
  readonly date: string;
  readonly machine: Readonly<Record<string, string>>;
  readonly traps: readonly TrapRow[];
}

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
const table = (headings: readonly string[], rows: readonly (readonly string[])[]) =>
  [row(headings), row(headings.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(row)].join('\n');
export const captionOf = ({ machine, date }: TrapsReport) =>
  `${Object.values(machine).join('; ')}; ${date.slice(0, 'yyyy-mm-dd'.length)}`;

export function ownTable(report: TrapsReport): string {
  const lines = report.traps.map((each) => {
    const name = `\`${each.kind.name}\`: ${each.kind.title}`;
    return [name, ...cellsOf(each), exitsText(each.exits) || '–'];
  });
  return `${table(['an operation', ...COLUMNS, 'exits'], lines)}\n\n${captionOf(report)}.`;
}

export function publishedTable(report: TrapsReport): string {
  const sources = Object.keys(SOURCES);
  const lines = PUBLISHED.map(({ kind, operation, monitor, host, nanoseconds, source }) => {
    const own = report.traps.find((each) => each.kind.name === kind)?.virtual.nanoseconds.median ?? Number.NaN;
    const times = nanoseconds / own;
    return [
      `${operation}, ${monitor} [${sources.indexOf(source) + 1}]`,
      host,
      nanoseconds.toFixed(0),
      `\`${kind}\``,
      own.toFixed(1),
      times.toFixed(times < 10 ? 1 : 0),
    ];
  });
  const headings = ['what', 'on', 'ns', 'nearest here', 'ns', 'times ours'];
  const notes = Object.values(SOURCES).map((text, index) => `[${index + 1}] ${text}.  `);
  return `${table(headings, lines)}\n\n${notes.join('\n')}`;
}

/** Puts text between the two comments of a name, in a document that has them. */
export function filled(document: string, name: string, text: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [document.indexOf(start), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`no ${start} … ${end} in the document`);
  return `${document.slice(0, from + start.length)}\n${text}\n${document.slice(to)}`;
}
