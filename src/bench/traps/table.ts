// What traps cost, as text: a line a kind, with where the time of a virtual operation goes and the exits that it takes.

import type { Breakdown, ExitShare, TrapRow } from './measure.ts';

const NAME_WIDTH = 14;
const WIDTH = 9;

/** The columns of a breakdown, and what each means. */
export const PARTS: Readonly<Record<keyof Breakdown, string>> = {
  emitted:
    'emitted code: the guest’s own, the hardware’s walks, exits handled in place; and, in a switch, the scheduler',
  shadow: 'the shadow page tables, filled or fenced',
  devices: 'registers of devices',
  leave: 'the way from emitted code to a handler',
  handle: 'the handler: dispatch and emulation',
  enter: 'the way back into emitted code',
};
const partNames = Object.keys(PARTS) as (keyof Breakdown)[];

const cell = (value: number, digits = 1) => (Number.isFinite(value) ? value.toFixed(digits) : '–');
const part = (value: number) => (value < 0.5 ? '–' : value.toFixed(0));
export const ratioOf = ({ bare, virtual }: TrapRow) => virtual.nanoseconds.median / bare.nanoseconds.median;

export const exitsText = (exits: readonly ExitShare[]) =>
  exits.map(({ reason, count }) => `${reason}${Math.abs(count - 1) < 0.05 ? '' : ` × ${count.toFixed(1)}`}`).join(', ');

/** The cells of a row: nanoseconds bare and virtual, their ratio, steps, and the parts of the virtual time. */
export function cellsOf(row: TrapRow): readonly string[] {
  const { bare, virtual, breakdown } = row;
  return [
    cell(bare.nanoseconds.median),
    cell(virtual.nanoseconds.median),
    cell(ratioOf(row), 2),
    cell(virtual.steps, 0),
    ...partNames.map((name) => part(breakdown[name])),
  ];
}
export const COLUMNS: readonly string[] = ['bare, ns', 'virtual', '×', 'steps', ...partNames];

export function trapsTable(rows: readonly TrapRow[]): string {
  const line = (name: string, cells: readonly string[], rest: string) =>
    `${name.padEnd(NAME_WIDTH)}${cells.map((text) => text.padStart(WIDTH)).join('')}  ${rest}`;
  return [
    line('an operation', COLUMNS, 'exits'),
    ...rows.map((row) => line(row.kind.name, cellsOf(row), exitsText(row.exits))),
    '',
    'Nanoseconds, medians, less the loop around each operation. Of a virtual operation, where its time goes:',
    ...Object.entries(PARTS).map(([name, meaning]) => `${name.padEnd(NAME_WIDTH)}  ${meaning}`),
    '',
    ...rows.map(({ kind }) => `${kind.name.padEnd(NAME_WIDTH)}  ${kind.title}`),
    '',
  ].join('\n');
}
