// Exit codes, by how a guest ended.

import { expect, test } from 'vitest';
import { exitCode, type Outcome, tohostOutcome } from '../../src/platform/outcome.ts';

test.each<[Outcome, number]>([
  [{ kind: 'exit', code: 0 }, 0],
  [{ kind: 'exit', code: 7 }, 7],
  [{ kind: 'exit', code: 0xffff }, 255],
  [{ kind: 'limit' }, 124],
  [{ kind: 'timeout' }, 124],
  [{ kind: 'until' }, 0],
  [{ kind: 'idle' }, 3],
  [{ kind: 'interrupted' }, 130],
])('%o is exit code %i', (outcome, code) => {
  expect(exitCode(outcome)).toBe(code);
});
test('tohost ends with 1 as success and 2n+1 as failure n, and with nothing else', () => {
  expect([1n, 3n, 2n * 300n + 1n].map(tohostOutcome)).toEqual([
    { kind: 'exit', code: 0 },
    { kind: 'exit', code: 1 },
    { kind: 'exit', code: 300 },
  ]);
  expect([0n, 2n].map(tohostOutcome)).toEqual([undefined, undefined]);
});
