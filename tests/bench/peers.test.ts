// What is made of a comparison's times: speeds, the table, the chart. The times are made up, so that every number that
// is shown is known beforehand.

import { describe, expect, test } from 'vitest';
import { meanSpeed, type PeersReport, type Row, resultOf } from '../../src/bench/peers.ts';
import { peersChart } from '../../src/bench/peers-chart.ts';
import { peersTable } from '../../src/bench/peers-table.ts';

const MILLISECOND = 1e6;
const at = (...milliseconds: number[]) => milliseconds.map((time) => time * MILLISECOND);

/** QEMU takes 1 ms a pass and 20 ms to start; the bare machine half of the one and thrice the other. */
const sieve: Row = {
  name: 'sieve',
  group: 'kernels, paging',
  title: 'primes',
  passes: { small: 100, large: 400 },
  stepsPerPass: 1_000_000,
  results: {
    qemu: { times: { small: at(120, 121, 122), large: at(420, 421, 422) } },
    bare: { times: { small: at(110, 110, 110), large: at(260, 260, 260) } },
    virtual: { failure: 'exit code 1' },
  },
};
const crc: Row = {
  ...sieve,
  name: 'crc',
  results: {
    qemu: { times: { small: at(120), large: at(420) } },
    bare: { times: { small: at(300), large: at(900) } },
  },
};
const calls: Row = {
  name: 'calls',
  group: 'operating system',
  title: 'system calls',
  passes: { small: 100, large: 200 },
  operationsPerPass: 1000,
  results: { qemu: { times: { small: at(50), large: at(100) } }, bare: { times: { small: at(70), large: at(80) } } },
};
const boot: Row = {
  name: 'boot',
  group: 'operating system',
  title: 'whole',
  results: { qemu: { times: { large: at(30) } }, bare: { times: { large: at(60) } } },
};
const report: PeersReport = {
  schema: 'trapeze/peers/1',
  date: '2025-11-23T00:00:00.000Z',
  machine: { processor: 'a <fast> & new one', node: 'v20' },
  rounds: 3,
  contenders: ['qemu', 'bare', 'virtual'].map((name) => ({ name, command: `${name} {elf}`, version: `${name} 1.0` })),
  rows: [sieve, crc, calls, boot],
};

describe('a result', () => {
  test('is net of what both lengths have in common', () => {
    const result = resultOf(sieve, 'bare');
    expect(result?.net.median).toBeCloseTo(0.5 * MILLISECOND);
    expect(result?.speed?.net.median).toBeCloseTo(2);
    expect(result?.speed?.whole.median).toBeCloseTo(421 / 260);
  });
  test('is of an operation where passes are counted in those', () => {
    expect(resultOf(calls, 'qemu')?.net.median).toBeCloseTo(500);
  });
  test('is of the farthest length where a contender has one of its own', () => {
    const far = { passes: 1100, nanoseconds: at(1110) };
    const results = { ...calls.results, bare: { times: { small: at(10), large: at(11), far } } };
    expect(resultOf({ ...calls, results }, 'bare')?.net.median).toBeCloseTo(1100);
    expect(resultOf({ ...calls, results }, 'bare')?.whole.median).toBeCloseTo(11 * MILLISECOND);
  });
  test('of one length is the whole run', () => {
    expect(resultOf(boot, 'bare')?.speed?.net.median).toBeCloseTo(0.5);
  });
  test('does not exist where a run went wrong', () => {
    expect(resultOf(sieve, 'virtual')).toBeUndefined();
  });
  test('counts in the mean of its group', () => {
    expect(meanSpeed([sieve, crc], 'bare', 'net')).toBeCloseTo(1);
    expect(meanSpeed([sieve, crc], 'virtual', 'net')).toBeNaN();
  });
});

test('the table has a line a workload, a mean a group, and what failed', () => {
  const table = peersTable(report);
  const line = (name: string) => table.split('\n').find((line) => line.startsWith(name)) ?? '';
  expect(table).toContain('processor: a <fast> & new one');
  expect(line('sieve')).toMatch(/ 1000\.0 +±0% +2000\.0 +±0% +2\.00 +1\.62 +–/);
  expect(line('calls')).toMatch(/ 500\.0 ns +±0% +100\.0 ns +±0% +5\.00 +1\.25/);
  expect(line('boot')).toMatch(/ 30\.0 ms .* 60\.0 ms .* 0\.50 +0\.50/);
  expect(line('geometric mean')).toMatch(/ 1\.00 /);
  expect(table).toContain('sieve (kernels, paging), virtual: exit code 1');
});

test('the chart is XML with a bar for each speed that there is', () => {
  const chart = peersChart(report);
  expect(chart).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" /);
  expect(chart.trimEnd()).toMatch(/<\/svg>$/);
  expect(chart).toContain('a &lt;fast&gt; &amp; new one');
  expect(chart).not.toMatch(/NaN|undefined|Infinity/);
  for (const name of ['sieve', 'crc', 'calls', 'boot', 'kernels, paging', 'operating system']) {
    expect(chart).toContain(`>${name}<`);
  }
  // Four speeds and two means, and a legend for two contenders; the background is one more.
  expect(chart.match(/<rect/g)).toHaveLength(4 + 2 + 2 + 1);
  expect(chart.match(/<\w/g)?.length).toBe((chart.match(/\/>|<\/\w/g) ?? []).length);
});
