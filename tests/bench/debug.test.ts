// The debugger's bench checks what it times: each facility leaves the run as it is, and each way back leads where it is to.

import { expect, test } from 'vitest';
import { debugTable, measureDebugging } from '../../bench/debug.ts';

test('each facility has a time, and each way back its steps', async () => {
  const report = await measureDebugging('auto', { rounds: 1, looked: 500, free: 500, back: 1000 });
  const rows = report.facilities.filter(({ guest, kind }) => guest === 'rounds' && kind === 'virtual');
  expect(rows.map(({ facility }) => facility)).toEqual(
    expect.arrayContaining(['all off', '--gdb, attached, checkpoints', '--log exits', '--trace x.vcd']),
  );
  expect(rows.every(({ steps, nanoseconds }) => steps > 500 && nanoseconds > 0)).toBe(true);
  const steps = report.back.map(({ steps }) => steps);
  expect(steps.map((each) => (each === 1 ? 1 : Math.round(each / 100)))).toEqual([10, 10, 1, 10, 10, 1]);
  expect(debugTable(report)).toMatch(/reverse-stepi +virtual +1 /);
});
