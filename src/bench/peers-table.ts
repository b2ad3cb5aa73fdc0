// A comparison as text: a table a group, a line a workload, and for each contender what a pass takes (or how many
// million steps it does a second), the spread of that, and how many times as fast as QEMU it is, net and as a whole.

import { GROUPS, meanSpeed, type PeersReport, type Row, resultOf, YARDSTICK } from './peers.ts';
import type { Spread } from './statistics.ts';

const NAME_WIDTH = 15;
const RATE_WIDTH = 11;
const SPREAD_WIDTH = 7;
const RATIO_WIDTH = 7;
const PERCENT = 100;
const NANOSECONDS_A_MILLISECOND = 1e6;
const STEPS_A_NANOSECOND_IN_MILLIONS_A_SECOND = 1e3;

export function peersTable(report: PeersReport): string {
  const names = report.contenders.map(({ name }) => name);
  const lines = Object.entries(report.machine).map(([key, value]) => `${key}: ${value}`);
  lines.push(
    `${report.rounds} round${report.rounds === 1 ? '' : 's'}; medians, ± half the distance of the quartiles; × is speed in multiples of ${YARDSTICK}'s,`,
    'net: of the passes alone (the difference of two lengths); whole: of the longer process, its start included',
  );
  for (const group of GROUPS) {
    const rows = report.rows.filter((row) => row.group === group);
    if (rows.length === 0) continue;
    lines.push('', heading(group, rows, names), ...rows.map((row) => line(row, names)));
    if (rows.length > 1 && names.includes(YARDSTICK)) lines.push(means(rows, names));
  }
  const failures = report.rows.flatMap((row) =>
    Object.entries(row.results).flatMap(([name, result]) =>
      'failure' in result ? [`${row.name} (${row.group}), ${name}: ${result.failure}`] : [],
    ),
  );
  if (failures.length > 0) lines.push('', 'not measured:', ...failures.map((failure) => `  ${failure}`));
  return `${lines.join('\n')}\n`;
}

function heading(group: string, rows: readonly Row[], names: readonly string[]): string {
  const unit = rows.every(({ stepsPerPass }) => stepsPerPass !== undefined) ? 'Mstep/s' : 'time';
  const columns = names.map((name) => {
    const ratio = name === YARDSTICK ? '' : `${'× net'.padStart(RATIO_WIDTH)}${'× whole'.padStart(RATIO_WIDTH + 1)}`;
    return `${`${name}, ${unit}`.padStart(RATE_WIDTH + SPREAD_WIDTH)}${ratio}`;
  });
  return [group.padEnd(NAME_WIDTH), ...columns].join('  ');
}

function line(row: Row, names: readonly string[]): string {
  const columns = names.map((name) => {
    const result = resultOf(row, name);
    const ratioWidth = name === YARDSTICK ? 0 : 2 * RATIO_WIDTH + 1;
    if (result === undefined) return '–'.padStart(RATE_WIDTH + SPREAD_WIDTH + ratioWidth);
    const { net, speed } = result;
    const text = `${rate(row, net.median).padStart(RATE_WIDTH)}${` ±${halfRange(net)}`.padStart(SPREAD_WIDTH)}`;
    if (name === YARDSTICK) return text;
    if (speed === undefined) return text.padEnd(text.length + ratioWidth);
    return `${text}${ratio(speed.net.median)}${ratio(speed.whole.median, RATIO_WIDTH + 1)}`;
  });
  return [row.name.padEnd(NAME_WIDTH), ...columns].join('  ');
}

function means(rows: readonly Row[], names: readonly string[]): string {
  const columns = names.map((name) => {
    const blank = ' '.repeat(RATE_WIDTH + SPREAD_WIDTH);
    if (name === YARDSTICK) return blank;
    return `${blank}${ratio(meanSpeed(rows, name, 'net'))}${ratio(meanSpeed(rows, name, 'whole'), RATIO_WIDTH + 1)}`;
  });
  return ['geometric mean'.padEnd(NAME_WIDTH), ...columns].join('  ');
}

function rate({ stepsPerPass }: Row, nanoseconds: number): string {
  if (!(nanoseconds > 0)) return '–';
  if (stepsPerPass !== undefined) {
    return ((stepsPerPass / nanoseconds) * STEPS_A_NANOSECOND_IN_MILLIONS_A_SECOND).toFixed(1);
  }
  if (nanoseconds >= NANOSECONDS_A_MILLISECOND) return `${(nanoseconds / NANOSECONDS_A_MILLISECOND).toFixed(1)} ms`;
  return `${nanoseconds.toFixed(1)} ns`;
}

function halfRange({ median, lower, upper }: Spread): string {
  const percent = (PERCENT * (upper - lower)) / 2 / median;
  return Number.isFinite(percent) ? `${percent.toFixed(0)}%` : '–';
}

function ratio(value: number, width = RATIO_WIDTH): string {
  return (Number.isFinite(value) && value > 0 ? value.toFixed(value < 0.1 ? 4 : 2) : '–').padStart(width);
}
