// What traps cost, as text: a line a kind, with the exits that an operation takes.

import type { TrapRow } from './measure.ts';

const NAME_WIDTH = 14;
const WIDTH = 10;

export function trapsTable(rows: readonly TrapRow[]): string {
  const columns = ['bare, ns', 'steps', 'virtual, ns', 'steps', '×', 'handlers'];
  const heading = `${'an operation'.padEnd(NAME_WIDTH)}${columns.map((name) => name.padStart(WIDTH + 2)).join('')}  exits`;
  return [
    heading,
    ...rows.map(line),
    '',
    'Medians, less the loop around each operation. handlers: of the virtual time, in exit handlers outside WebAssembly;',
    'an exit without any is handled in place.',
    '',
    ...rows.map(({ kind }) => `${kind.name.padEnd(NAME_WIDTH)}  ${kind.title}`),
    '',
  ].join('\n');
}

function line({ kind, bare, virtual, exits }: TrapRow): string {
  const ratio = virtual.nanoseconds.median / bare.nanoseconds.median;
  const handlers = exits.reduce((sum, { handlerNanoseconds }) => sum + handlerNanoseconds, 0);
  const cells = [
    bare.nanoseconds.median.toFixed(1),
    bare.steps.toFixed(1),
    virtual.nanoseconds.median.toFixed(1),
    virtual.steps.toFixed(1),
    Number.isFinite(ratio) ? ratio.toFixed(2) : '–',
    handlers === 0 ? '–' : handlers.toFixed(0),
  ];
  const taken = exits.map(
    ({ reason, count }) => `${reason}${Math.abs(count - 1) < 0.05 ? '' : ` × ${count.toFixed(1)}`}`,
  );
  return `${kind.name.padEnd(NAME_WIDTH)}${cells.map((cell) => cell.padStart(WIDTH + 2)).join('')}  ${taken.join(', ')}`;
}
