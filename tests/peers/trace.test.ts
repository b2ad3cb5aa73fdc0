// GTKWave's own tools read a value change dump and write it again: what comes back has the same changes at the same steps.

import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { scratchFolder, trapeze } from '../support/cli.ts';
import { readChanges } from '../support/trace-formats.ts';

const isThere = (name: string) => spawnSync(name, ['--help']).error === undefined;
const missing = ['vcd2fst', 'fst2vcd'].filter((name) => !isThere(name));
if (missing.length > 0) console.warn(`traces: not compared, for want of ${missing.join(', ')}`);
const folder = scratchFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const sorted = (text: string) =>
  readChanges(text)
    .map(({ time, variable, value }) => `${time} ${variable} ${value.padStart(2, '0')}`)
    .toSorted();

describe.skipIf(missing.length > 0)('GTKWave', () => {
  test.each([
    ['lilliput', '--input', 'guests/lilliput/demo.txt'],
    ['crew', '--smp', '3'],
  ])('reads what %s did', (...guest) => {
    const [dump, converted] = [join(folder, 'x.vcd'), join(folder, 'x.fst')];
    expect(trapeze(['run', ...guest, '--trace', dump])).toMatchObject({ code: 0 });
    expect(spawnSync('vcd2fst', [dump, converted]).status).toBe(0);
    const { status, stdout } = spawnSync('fst2vcd', [converted], { encoding: 'utf8', maxBuffer: 2 ** 28 });
    expect(status).toBe(0);
    const ours = sorted(readFileSync(dump, 'utf8'));
    expect(ours.length).toBeGreaterThan(30);
    const theirs = sorted(stdout);
    expect(theirs.filter((line) => !line.startsWith('0 '))).toEqual(ours.filter((line) => !line.startsWith('0 ')));
  });
});
