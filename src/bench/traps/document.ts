// The tables of docs/trap-costs.md, made from a measurement: ours, and the published figures beside it as ratios.

import { DISCIPLINES, type Discipline } from '../../hypervisor/shadow/discipline.ts';
import { captionOf, table } from '../document.ts';
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
  /** Of the kinds that edit page tables: nanoseconds of a virtual operation under each discipline. */
  readonly disciplines: readonly DisciplineRow[];
}
export interface DisciplineRow {
  readonly name: string;
  readonly title: string;
  readonly nanoseconds: Readonly<Record<Discipline, number>>;
}

export function ownTable(report: TrapsReport): string {
  const lines = report.traps.map((each) => {
    const name = `\`${each.kind.name}\`: ${each.kind.title}`;
    return [name, ...cellsOf(each), exitsText(each.exits) || '–'];
  });
  return `${table(['an operation', ...COLUMNS, 'exits'], lines)}\n\n${captionOf(report)}.`;
}

export function disciplinesTable({ disciplines }: TrapsReport): string {
  const lines = disciplines.map(({ name, title, nanoseconds }) => [
    `\`${name}\`: ${title}`,
    ...DISCIPLINES.map((discipline) => nanoseconds[discipline].toFixed(0)),
  ]);
  return table(['ns an operation', ...DISCIPLINES.map((discipline) => `\`${discipline}\``)], lines);
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
