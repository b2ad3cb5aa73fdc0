// The test finisher: which writes end a run, and with which code.

import { expect, test } from 'vitest';
import { Finisher } from '../../src/devices/finisher.ts';

function codesOf(...writes: [offset: number, value: bigint][]): number[] {
  const codes: number[] = [];
  const finisher = new Finisher({ exit: (code) => codes.push(code) });
  for (const [offset, value] of writes) finisher.write(offset, 4, value);
  return codes;
}

test('0x5555 passes, 0x3333 fails with the code above it, 0x7777 ends as well', () => {
  expect(codesOf([0, 0x5555n], [0, 0x0007_3333n], [0, 0xffff_3333n], [0, 0x7777n])).toEqual([0, 7, 0xffff, 0]);
});
test('anything else does nothing, and reads as zero', () => {
  expect(codesOf([0, 0n], [0, 0x1234n], [4, 0x5555n])).toEqual([]);
  expect(new Finisher({ exit: () => {} }).read()).toBe(0n);
});
test('it takes half words and words', () => {
  const finisher = new Finisher({ exit: () => {} });
  expect(([1, 2, 4, 8] as const).map((width) => finisher.accepts(0, width))).toEqual([false, true, true, false]);
});
