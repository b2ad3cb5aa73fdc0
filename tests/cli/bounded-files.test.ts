// What a run writes beside its consoles stays within its size, is whole where it ends, and says that there was more.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder, trapeze } from '../support/cli.ts';
import { readChanges, readTraceEvents } from '../support/trace-formats.ts';

const folder = scratchFolder();
const LILLIPUT = ['lilliput', '--input', 'lilliput=guests/lilliput/demo.txt'];
const LEAST = 64 * 1024;
const sized = (name: string, ...args: string[]) => {
  const path = join(folder, name);
  const { code, stderr } = trapeze(['run', ...args.map((arg) => arg.replace('FILE', path))]);
  expect(code).toBe(0);
  return { path, stderr };
};
const textOf = (path: string) => {
  const text = readFileSync(path, 'utf8');
  expect(text.length).toBeGreaterThan(LEAST / 2);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(LEAST);
  return text;
};
test('a log ends with a line that says so', () => {
  const { path, stderr } = sized('l.log', 'hello', '--log', 'instructions,FILE', '--log-size', '64K');
  expect(textOf(path)).toMatch(/\nthere was no room for more: 64K \(--log-size\)\n$/);
  expect(stderr).toContain(`${path} ends where it reached 64K`);
});
test('a trace of two machines is still a document of trace events, and says so last', () => {
  const { path, stderr } = sized('t.json', 'ticks', ...LILLIPUT, '--trace', 'FILE', '--trace-size', '64K');
  expect(stderr).toContain(`${path} ends where it reached 64K`);
  const { events, slices } = readTraceEvents(textOf(path));
  expect(events.at(-2)).toMatchObject({ ph: 'i', name: 'there was no room for more' });
  expect(new Set(slices.map(({ pid }) => pid))).toEqual(new Set([1, 2]));
  const names = events.filter(({ name }) => name === 'process_name').map(({ args }) => args['name']);
  expect(names).toEqual(['ticks', 'lilliput']);
});
test('a whole trace of two machines has each exit in a slice of its mode, and counted in its window', () => {
  const path = join(folder, 'whole.json');
  expect(trapeze(['run', 'ticks', ...LILLIPUT, '--trace', path])).toMatchObject({ code: 0 });
  const { events, slices } = readTraceEvents(readFileSync(path, 'utf8'));
  for (const [pid, modes] of [
    [1, ['kernel']],
    [2, ['machine', 'kernel', 'user']],
  ] as const) {
    const own = slices.filter((slice) => slice.pid === pid);
    const outer = own.filter(({ depth }) => depth === 0);
    expect(new Set(outer.map(({ name }) => name))).toEqual(new Set(modes));
    for (const [index, { start }] of outer.entries()) expect(start).toBeCloseTo(outer[index - 1]?.end ?? 0, 6);
    const exits: Record<string, number> = {};
    for (const { name, depth } of own) if (depth > 0) exits[name] = (exits[name] ?? 0) + 1;
    const counted: Record<string, number> = {};
    const counters = events.filter(({ ph, pid: process }) => ph === 'C' && process === pid);
    for (const { args } of counters)
      for (const [reason, count] of Object.entries(args)) counted[reason] = (counted[reason] ?? 0) + Number(count);
    expect(counted).toEqual(exits);
    expect(counters.map(({ ts }) => ts)).toEqual(counters.map(({ ts }) => ts).toSorted((one, other) => one - other));
    const threads = events.filter(({ name, pid: process }) => name === 'thread_name' && process === pid);
    expect(threads.map(({ tid, args }) => [tid, args['name']])).toEqual([[0, 'hart 0']]);
  }
});
test('of two machines, each has a dump of its own', () => {
  const { path } = sized('t.vcd', 'ticks', 'hello', '--trace', 'FILE');
  const privileges = readChanges(readFileSync(path.replace('.vcd', '-ticks.vcd'), 'utf8')).filter(
    ({ variable }) => variable === 'ticks.hart0.privilege',
  );
  expect(new Set(privileges.map(({ value }) => value))).toEqual(new Set(['01']));
  readChanges(readFileSync(path.replace('.vcd', '-hello.vcd'), 'utf8'));
});
test('less than what must be said in any case is bad usage', () => {
  expect(trapeze(['run', 'hello', '--trace-size', '1K'])).toMatchObject({ code: 2 });
});
