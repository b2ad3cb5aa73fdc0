// The test finisher: which writes end a run, and with which code.

import { expect, test } from 'vitest';
import { Finisher } from '../../src/devices/finisher.ts';

const noHands = { exit: () => {}, restart: () => {} };

/** What writes of words come to: codes of ends, and `again`. */
function endsBy(...writes: [offset: number, value: bigint][]): (number | 'again')[] {
  const ends: (number | 'again')[] = [];
  const finisher = new Finisher({ exit: (code) => ends.push(code), restart: () => ends.push('again') });
  for (const [offset, value] of writes) finisher.write(offset, 4, value);
  return ends;
}

test('0x5555 passes, 0x3333 fails with the code above it, 0x7777 starts the guest again', () => {
  const ends = endsBy([0, 0x5555n], [0, 0x0007_3333n], [0, 0xffff_3333n], [0, 0x7777n]);
  expect(ends).toEqual([0, 7, 0xffff, 'again']);
});
test('anything else does nothing, and reads as zero', () => {
  expect(endsBy([0, 0n], [0, 0x1234n], [4, 0x5555n])).toEqual([]);
  expect(new Finisher(noHands).read()).toBe(0n);
});
test('it takes half words and words', () => {
  const finisher = new Finisher(noHands);
  expect(([1, 2, 4, 8] as const).map((width) => finisher.accepts(0, width))).toEqual([false, true, true, false]);
});
