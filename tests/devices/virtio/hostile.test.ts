// Drivers that are wrong, in all ways that we could think of and in many that we could not: nothing of theirs throws,
// hangs, or reaches what is not RAM, and a reset makes each device whole again.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VIRTIO_BASE, VIRTIO_STRIDE } from '../../../src/platform/memory-map.ts';
import { fakeBoard } from '../../platform/fake-board.ts';
import { memoryDisk } from '../../support/disks.ts';
import {
  type Buffer,
  type Descriptor,
  Driver,
  INDIRECT,
  NEXT,
  REGISTER,
  STATUS,
  WRITE,
} from '../../support/virtio-driver.ts';

const RUNS = 60 * Number(process.env['TRAPEZE_RUNS'] ?? 1);
const INDIRECT_FEATURE = 28;
const MEBIBYTE = 0x10_0000n;
const RAM = 0x8000_0000n;
const RAM_END = RAM + MEBIBYTE;

function newDriver(slot = 0) {
  const disk = memoryDisk(64 * 512);
  const { board, ram, text } = fakeBoard({ disks: [disk], terminal: 'virtio', typed: 'typed' });
  return { driver: new Driver(board, slot), ram, disk, text };
}

/** A chain of one wrong descriptor, or more. */
const WRONG_CHAINS: Readonly<Record<string, (driver: Driver) => readonly Descriptor[]>> = {
  'is its own successor': ({ data }) => [{ address: data, bytes: 16, flags: NEXT, next: 0 }],
  'is a loop of two': ({ data }) => [
    { address: data, bytes: 16, flags: NEXT, next: 1 },
    { address: data, bytes: 16, flags: NEXT, next: 0 },
  ],
  'goes on behind the table': ({ data }) => [{ address: data, bytes: 16, flags: NEXT, next: 8 }],
  'goes on far behind the table': ({ data }) => [{ address: data, bytes: 16, flags: NEXT, next: 0xffff }],
  'is empty': ({ data }) => [{ address: data, bytes: 0, flags: 0, next: 0 }],
  'is below RAM': () => [{ address: RAM - 1n, bytes: 2, flags: WRITE, next: 0 }],
  'is at address zero': () => [{ address: 0n, bytes: 16, flags: WRITE, next: 0 }],
  'is a device': () => [{ address: VIRTIO_BASE, bytes: 16, flags: WRITE, next: 0 }],
  'is behind RAM': () => [{ address: RAM_END, bytes: 1, flags: WRITE, next: 0 }],
  'leaves RAM by a byte': () => [{ address: RAM_END - 16n, bytes: 17, flags: WRITE, next: 0 }],
  'is longer than RAM': () => [{ address: RAM, bytes: 0xffff_ffff, flags: WRITE, next: 0 }],
  'wraps around 64 bits': () => [{ address: -16n, bytes: 0xffff_ffff, flags: WRITE, next: 0 }],
  'has read-only bytes behind writable ones': ({ data }) => [
    { address: data, bytes: 16, flags: WRITE | NEXT, next: 1 },
    { address: data, bytes: 16, flags: 0, next: 0 },
  ],
  'is an indirect table that is empty': ({ data }) => [{ address: data, bytes: 0, flags: INDIRECT, next: 0 }],
  'is an indirect table of one and a half': ({ data }) => [{ address: data, bytes: 24, flags: INDIRECT, next: 0 }],
  'is an indirect table outside RAM': () => [{ address: RAM_END, bytes: 16, flags: INDIRECT, next: 0 }],
  'is an indirect table that wraps around': () => [{ address: -16n, bytes: 32, flags: INDIRECT, next: 0 }],
  'is an indirect table that goes on': ({ data }) => [{ address: data, bytes: 16, flags: INDIRECT | NEXT, next: 1 }],
  'is an indirect table that is itself': (driver) => [
    { address: driver.queueAt(0), bytes: 16, flags: INDIRECT, next: 0 },
  ],
};

test.each(Object.entries(WRONG_CHAINS))(
  'a chain that %s asks for a reset, touches nothing, and is no matter after it',
  (_name, wrong) => {
    const { driver, ram, disk } = newDriver();
    driver.start([32, INDIRECT_FEATURE]);
    for (const [i, descriptor] of wrong(driver).entries()) driver.describe(driver.queueAt(0), i, descriptor);
    driver.offer(0, 0);
    const before = ram.array.slice();
    driver.notify(0);
    driver.pass(20_000);
    expect(driver.needsReset).toBe(true);
    expect(driver.read(REGISTER.InterruptStatus)).toBe(2);
    expect(globalThis.Buffer.compare(ram.array, before)).toBe(0);
    expect(disk.log).toEqual([]);
    // Whatever it says now, until it resets.
    driver.write(REGISTER.Status, 15);
    driver.notify(0);
    driver.pass(50_000);
    expect(driver.needsReset).toBe(true);
    worksAgain(driver);
  },
);

/** A flush is answered by a device that was reset. */
function worksAgain(driver: Driver): void {
  driver.start();
  const { ram } = driver.board;
  ram.write(driver.data, 8, 4n);
  ram.write(driver.data + 8n, 8, 0n);
  driver.submit(0, [
    { address: driver.data, bytes: 16 },
    { address: driver.data + 16n, bytes: 1, isWritable: true },
  ]);
  driver.pass(30_000_000);
  expect(driver.used(0)).toEqual([{ head: 0, written: 1 }]);
}

test('an indirect table as long as a queue may be is followed, and a longer one is not', () => {
  for (const [count, isRefused] of [
    [256, false],
    [257, true],
  ] as const) {
    const { driver, ram } = newDriver();
    driver.start([32, INDIRECT_FEATURE]);
    const table = driver.data + 0x1000n;
    const buffers: Buffer[] = Array.from({ length: count }, (_, i) => ({
      address: driver.data + BigInt(i),
      bytes: i === 0 ? 16 : 1,
      isWritable: i > 0,
    }));
    ram.write(driver.data, 8, 8n);
    driver.chain(table, 0, buffers);
    driver.describe(driver.queueAt(0), 0, { address: table, bytes: count * 16, flags: INDIRECT, next: 0 });
    driver.offer(0, 0);
    driver.notify(0);
    driver.pass(20_000);
    expect(driver.needsReset).toBe(isRefused);
  }
});

test('a head that is no descriptor, or an index that is too far ahead, asks for a reset', () => {
  const one = newDriver().driver;
  one.start();
  one.offer(0, 8);
  one.notify(0);
  one.pass(20_000);
  expect(one.needsReset).toBe(true);
  const two = newDriver();
  two.driver.start();
  two.ram.write(two.driver.queueAt(0) + 0x1002n, 2, 9n);
  two.driver.notify(0);
  expect(two.driver.needsReset).toBe(true);
});

test.each([0, 3, 7, 257, 512, 0xffff, 0xffff_ffff])('a queue of %s descriptors is none', (size) => {
  const { driver } = newDriver();
  driver.negotiate([32]);
  driver.setUp(0, { size });
  expect([driver.needsReset, driver.read(REGISTER.QueueReady)]).toEqual([true, 0]);
  worksAgain(driver);
});

test.each([0n, RAM - 0x1000n, RAM_END - 0x1000n, RAM_END, -0x2000n, 1n << 63n])(
  'rings at 0x%x, not wholly in RAM, are found out when they are used',
  (at) => {
    const { driver } = newDriver();
    driver.negotiate([32]);
    driver.setUp(0, { at: BigInt.asUintN(64, at) });
    driver.write(REGISTER.Status, driver.status | STATUS.DRIVER_OK);
    driver.notify(0);
    driver.pass(20_000);
    worksAgain(driver);
  },
);

test('features that are not offered are not agreed to', () => {
  const { driver } = newDriver();
  driver.negotiate([32, 40]);
  expect(driver.status & STATUS.FEATURES_OK).toBe(0);
  driver.negotiate([31]);
  expect(driver.status & STATUS.FEATURES_OK).toBe(0);
  driver.negotiate([32]);
  expect(driver.status & STATUS.FEATURES_OK).toBe(STATUS.FEATURES_OK);
});

test('nothing is done before DRIVER_OK, of queues that do not exist, or that are not ready', () => {
  const { driver, disk } = newDriver();
  driver.negotiate([32]);
  driver.setUp(0);
  driver.notify(0);
  for (const queue of [1, 2, 0xffff, 0xffff_ffff]) {
    driver.setUp(queue);
    driver.notify(queue);
    expect(driver.read(REGISTER.QueueNumMax)).toBe(0);
  }
  driver.pass(20_000);
  expect([disk.log, driver.needsReset]).toEqual([[], false]);
});

test('a driver that offers the most that it can is served in parts, with rests between', () => {
  const { driver, ram, disk } = newDriver();
  const size = 256;
  const greedy = new Driver(driver.board, 0, size);
  greedy.start([32, INDIRECT_FEATURE]);
  const table = greedy.data + 0x1000n;
  ram.write(greedy.data, 8, 13n); // write zeroes, all of the disk, without knowing of flushes
  ram.write(greedy.data + 24n, 4, 64n);
  greedy.chain(table, 0, [
    { address: greedy.data, bytes: 32 },
    { address: greedy.data + 64n, bytes: 1, isWritable: true },
  ]);
  for (let i = 0; i < size; i++) {
    greedy.describe(greedy.queueAt(0), i, { address: table, bytes: 32, flags: INDIRECT, next: 0 });
    greedy.offer(0, i);
  }
  greedy.notify(0);
  greedy.pass(10_000);
  const first = disk.log.length;
  greedy.pass(100_000);
  expect(disk.log.length).toBe(first);
  expect(first).toBeLessThan(2 * size);
  greedy.pass(100_000_000);
  expect(disk.log.length).toBe(2 * size);
});

/** An address that is worth trying: in RAM, at its edges, anywhere. */
const address = fc.oneof(
  { weight: 4, arbitrary: fc.bigInt(RAM, RAM + 0x1_0000n) },
  fc.bigInt(RAM_END - 32n, RAM_END + 32n),
  fc.bigInt(RAM - 32n, RAM + 32n),
  fc.bigInt(0n, (1n << 64n) - 1n),
);
const bytes = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 1024 }) },
  fc.integer({ min: 0, max: 0xffff_ffff }),
);
const small = fc.integer({ min: 0, max: 9 });
const action = fc.oneof(
  fc.record({
    kind: fc.constant('register' as const),
    offset: fc.constantFrom(...Object.values(REGISTER)),
    value: fc.oneof(small, fc.integer({ min: 0, max: 0xffff_ffff })),
  }),
  fc.record({
    kind: fc.constant('access' as const),
    offset: fc.integer({ min: -8, max: 0x208 }),
    width: fc.constantFrom(1 as const, 2 as const, 4 as const, 8 as const),
    value: fc.option(fc.bigInt(0n, (1n << 64n) - 1n)),
  }),
  fc.record({ kind: fc.constant('start' as const), size: fc.constantFrom(1, 2, 8, 256), at: fc.option(address) }),
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('describe' as const),
      index: small,
      address,
      bytes,
      flags: fc.integer({ min: 0, max: 7 }),
      next: small,
    }),
  },
  fc.record({
    kind: fc.constant('write' as const),
    address: fc.bigInt(RAM, RAM + 0x1_0000n),
    value: fc.bigInt(0n, (1n << 64n) - 1n),
  }),
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('offer' as const), head: small, queue: fc.integer({ min: 0, max: 2 }) }),
  },
  fc.record({
    kind: fc.constant('index' as const),
    value: fc.integer({ min: 0, max: 0xffff }),
    queue: fc.integer({ min: 0, max: 1 }),
  }),
  fc.record({ kind: fc.constant('pass' as const), steps: fc.integer({ min: 0, max: 30_000 }) }),
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

function act(driver: Driver, slot: number, step: Action): void {
  const { board } = driver;
  const base = VIRTIO_BASE + BigInt(slot) * VIRTIO_STRIDE;
  switch (step.kind) {
    case 'register':
      driver.write(step.offset, step.value);
      break;
    case 'access': {
      const at = base + BigInt(step.offset);
      if (step.value !== null) board.write(at, step.width, step.value);
      else {
        const read = board.read(at, step.width);
        expect(read === undefined || (read >= 0n && read < 1n << BigInt(8 * step.width))).toBe(true);
      }
      break;
    }
    case 'start':
      driver.negotiate([32, INDIRECT_FEATURE]);
      for (const queue of [0, 1]) driver.setUp(queue, { size: step.size, ...(step.at !== null && { at: step.at }) });
      driver.write(REGISTER.Status, driver.status | STATUS.DRIVER_OK);
      break;
    case 'describe':
      driver.describe(driver.queueAt(step.index % 2), step.index, step);
      break;
    case 'write':
      board.ram.write(step.address & ~7n, 8, step.value);
      break;
    case 'offer':
      driver.offer(step.queue, step.head);
      driver.notify(step.queue);
      break;
    case 'index':
      board.ram.write(driver.queueAt(step.queue) + 0x1002n, 2, BigInt(step.value));
      driver.notify(step.queue);
      break;
    case 'pass':
      driver.pass(step.steps);
      break;
  }
}

test('whatever a driver does to a disk, a console or entropy, nothing throws, and time goes on', () => {
  fc.assert(
    fc.property(fc.constantFrom(0, 6, 7), fc.array(action, { maxLength: 80 }), (slot, actions) => {
      const { driver } = newDriver(slot);
      driver.start([32, INDIRECT_FEATURE], 2);
      for (const step of actions) {
        act(driver, slot, step);
        expect(driver.board.events.pending().length).toBeLessThanOrEqual(2 * 257);
      }
      driver.pass(1_000_000);
      driver.write(REGISTER.Status, 0);
      expect(driver.status).toBe(0);
      driver.pass(1);
      expect(driver.board.events.pending()).toEqual([]);
    }),
    { numRuns: RUNS },
  );
});
