// The virtio console alone: output, input, and what typed bytes wait for.

import { expect, test } from 'vitest';
import { fakeBoard } from '../../platform/fake-board.ts';
import { Driver, REGISTER } from '../../support/virtio-driver.ts';

const SLOT = 6;
const RECEIVE = 0;
const TRANSMIT = 1;
const TYPED = new TextEncoder();

function consoleBoard(typed?: string) {
  const fake = fakeBoard({ terminal: 'virtio', ...(typed !== undefined && { typed }) });
  const driver = new Driver(fake.board, SLOT);
  const received = () =>
    driver.used(RECEIVE).map(({ written }) => String.fromCharCode(...fake.ram.copyOut(driver.data, written)));
  return { ...fake, driver, received };
}

test('its slot says what it is; the slot is empty without it', () => {
  expect(consoleBoard().driver.read(REGISTER.DeviceID)).toBe(3);
  expect(new Driver(fakeBoard().board, SLOT).read(REGISTER.DeviceID)).toBe(0);
});

test('what is sent is shown, however it lies in buffers, and comes back with nothing written', () => {
  const { driver, ram, text } = consoleBoard();
  driver.start([32], 2);
  ram.copyIn(driver.data, TYPED.encode('hello, world'));
  driver.submit(TRANSMIT, [
    { address: driver.data, bytes: 5 },
    { address: driver.data + 5n, bytes: 7 },
  ]);
  driver.pass(1);
  expect(text()).toBe('hello, world');
  expect(driver.used(TRANSMIT)).toEqual([{ head: 0, written: 0 }]);
  expect(driver.read(REGISTER.InterruptStatus)).toBe(1);
});

test('input that is there fills a buffer as far as both go, then Ctrl-D', () => {
  const { driver, received } = consoleBoard('abcde');
  driver.start([32], 2);
  const buffer = [{ address: driver.data, bytes: 4, isWritable: true }];
  driver.submit(RECEIVE, buffer);
  driver.pass(1);
  expect(received()).toEqual(['abcd']);
  driver.submit(RECEIVE, buffer, 1);
  driver.pass(1000);
  expect(received()).toEqual(['e\x04']);
  driver.submit(RECEIVE, buffer, 2);
  driver.pass(1000);
  expect(received()).toEqual([]);
});

test('a buffer waits for what is typed later, and typed bytes wait for a buffer', () => {
  const { driver, input, received } = consoleBoard();
  driver.start([32], 2);
  driver.submit(RECEIVE, [{ address: driver.data, bytes: 4, isWritable: true }]);
  driver.pass(5000);
  expect(received()).toEqual([]);
  input.push(0x78);
  driver.pass(1);
  expect(received()).toEqual(['x']);
  input.push(0x79);
  input.push(0x7a);
  driver.pass(1000);
  expect(received()).toEqual([]);
  driver.submit(RECEIVE, [{ address: driver.data, bytes: 4, isWritable: true }], 1);
  driver.pass(1000);
  expect(received()).toEqual(['yz']);
});

test('nothing typed reaches a driver that is not ready, nor is any of it lost', () => {
  const { driver, input, received } = consoleBoard();
  driver.negotiate([32]);
  driver.setUp(RECEIVE);
  driver.submit(RECEIVE, [{ address: driver.data, bytes: 4, isWritable: true }]);
  input.push(0x61);
  driver.pass(1000);
  expect(received()).toEqual([]);
  driver.start([32], 2);
  driver.submit(RECEIVE, [{ address: driver.data, bytes: 4, isWritable: true }]);
  driver.pass(1000);
  expect(received()).toEqual(['a']);
});

test('a receive buffer without room, or one request of megabytes to send, asks for a reset', () => {
  for (const [queue, bytes] of [
    [RECEIVE, 4],
    [TRANSMIT, 0x20_0000],
  ] as const) {
    const { board } = fakeBoard({ terminal: 'virtio', ramBytes: 0x80_0000 });
    const driver = new Driver(board, SLOT);
    driver.start([32], 2);
    driver.submit(queue, [{ address: driver.data, bytes }]);
    driver.pass(1);
    expect(driver.needsReset).toBe(true);
    expect(driver.read(REGISTER.InterruptStatus)).toBe(2);
    driver.write(REGISTER.Status, 0);
    expect(driver.status).toBe(0);
  }
});
