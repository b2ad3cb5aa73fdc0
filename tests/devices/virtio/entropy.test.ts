// The entropy device alone: bytes that depend on the seed and on what was asked before, and look random.

import { expect, test } from 'vitest';
import { fakeBoard } from '../../platform/fake-board.ts';
import { Driver, REGISTER } from '../../support/virtio-driver.ts';

const SLOT = 7;

/** What requests of these sizes get, and how much of it is said to be written. */
function entropy(seed: bigint, sizes: readonly number[]) {
  const { board, ram } = fakeBoard({ seed });
  const driver = new Driver(board, SLOT);
  driver.start();
  return sizes.map((bytes) => {
    driver.submit(0, [{ address: driver.data, bytes, isWritable: true }]);
    driver.pass(1000);
    const written = driver.used(0)[0]?.written ?? 0;
    return [...ram.copyOut(driver.data, written)];
  });
}

test('its slot says what it is', () => {
  expect(new Driver(fakeBoard().board, SLOT).read(REGISTER.DeviceID)).toBe(4);
});

test('it fills what is asked for, up to 4096 bytes at once', () => {
  const sizes = entropy(1n, [1, 7, 64, 4096, 5000]).map(({ length }) => length);
  expect(sizes).toEqual([1, 7, 64, 4096, 4096]);
});

test('the same seed and requests give the same bytes; another seed, any bit of it, others', () => {
  const run = entropy(5n, [16, 16]);
  expect(entropy(5n, [16, 16])).toEqual(run);
  expect(run[0]).not.toEqual(run[1]);
  for (let bit = 0n; bit < 64n; bit++) expect(entropy(5n ^ (1n << bit), [16])[0]).not.toEqual(run[0]);
});

test('each bit of its bytes is set about half the time', () => {
  const bytes = entropy(0n, Array(8).fill(4096)).flat();
  expect(bytes.length).toBe(8 * 4096);
  for (let bit = 0; bit < 8; bit++) {
    const set = bytes.filter((byte) => (byte >> bit) & 1).length;
    // Within six standard deviations.
    expect(Math.abs(set - bytes.length / 2)).toBeLessThan(3 * Math.sqrt(bytes.length));
  }
  expect(new Set(bytes).size).toBe(256);
});

test('a request without room asks for a reset', () => {
  const { board } = fakeBoard();
  const driver = new Driver(board, SLOT);
  driver.start();
  driver.submit(0, [{ address: driver.data, bytes: 8 }]);
  driver.pass(1);
  expect(driver.needsReset).toBe(true);
});

test('many requests keep the host at work no longer than the guest itself', () => {
  const { board } = fakeBoard();
  const driver = new Driver(board, SLOT);
  driver.start();
  let bytes = 0;
  for (let i = 0; i < 200; i++) {
    driver.submit(0, [{ address: driver.data, bytes: 4096, isWritable: true }], i % driver.size);
    driver.pass(3);
    bytes += driver.used(0).reduce((sum, { written }) => sum + written, 0);
    if (driver.needsReset) break; // it offered more than fits
  }
  expect(bytes).toBeLessThanOrEqual(4096 + 16 * board.clock.now);
});
