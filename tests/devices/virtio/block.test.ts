// The virtio disk alone: each kind of request, what it says of itself, and what becomes of requests that are wrong or
// that the host fails.

import { describe, expect, test } from 'vitest';
import { DISK_LATENCY } from '../../../src/devices/virtio/block.ts';
import { OverlayDisk } from '../../../src/devices/virtio/disk-contents.ts';
import { fakeBoard } from '../../platform/fake-board.ts';
import { type MemoryDisk, memoryDisk } from '../../support/disks.ts';
import { type Buffer, Driver, REGISTER } from '../../support/virtio-driver.ts';

const FEATURE = { RO: 5, FLUSH: 9, DISCARD: 13, WRITE_ZEROES: 14, VERSION_1: 32 } as const;
const TYPE = { IN: 0, OUT: 1, FLUSH: 4, GET_ID: 8, DISCARD: 11, WRITE_ZEROES: 13 } as const;
const OK = 0;
const IOERR = 1;
const UNSUPP = 2;
const SECTOR = 512;
const SECTORS = 64;

function diskBoard(
  disk: MemoryDisk = memoryDisk(SECTORS * SECTOR),
  features: readonly number[] = Object.values(FEATURE),
) {
  const { board, ram } = fakeBoard({ disks: [disk] });
  const driver = new Driver(board, 0);
  const offered = new Set([
    32,
    FEATURE.FLUSH,
    ...(disk.isReadOnly ? [FEATURE.RO] : [FEATURE.DISCARD, FEATURE.WRITE_ZEROES]),
  ]);
  driver.start(features.filter((feature) => offered.has(feature)));
  const header = driver.data;
  const data = driver.data + 0x1000n;
  const status = driver.data + 0x800n;
  /** A request with these buffers between header and status; its status, and how much is said to be written. */
  const request = (type: number, sector: bigint, buffers: readonly Buffer[] = []) => {
    ram.write(header, 4, BigInt(type));
    ram.write(header + 8n, 8, BigInt.asUintN(64, sector));
    ram.write(status, 1, 0xffn);
    driver.submit(0, [{ address: header, bytes: 16 }, ...buffers, { address: status, bytes: 1, isWritable: true }]);
    driver.pass(DISK_LATENCY * 10);
    const [used] = driver.used(0);
    return { status: Number(ram.read(status, 1)), written: used?.written };
  };
  const range = (sector: bigint, sectors: number, flags = 0): Buffer[] => {
    ram.write(data, 8, BigInt.asUintN(64, sector));
    ram.write(data + 8n, 4, BigInt(sectors));
    ram.write(data + 12n, 4, BigInt(flags));
    return [{ address: data, bytes: 16 }];
  };
  return { board, ram, driver, disk, data, request, range };
}

test('it says what it is and how large', () => {
  const { driver } = diskBoard();
  const [magic, version, device, vendor] = [0, 4, 8, 12].map((offset) => driver.read(offset));
  expect([magic, version, device, vendor]).toEqual([0x74726976, 2, 2, 0x554d4551]);
  expect([driver.read(REGISTER.Config), driver.read(REGISTER.Config + 4)]).toEqual([SECTORS, 0]);
  expect(driver.read(REGISTER.Config + 20)).toBe(SECTOR);
});

test('what is written in one piece is read in others', () => {
  const { ram, data, disk, request } = diskBoard();
  const bytes = Uint8Array.from({ length: 3 * SECTOR }, (_, i) => (i * 7) & 0xff);
  ram.copyIn(data, bytes);
  expect(request(TYPE.OUT, 2n, [{ address: data, bytes: bytes.length }])).toEqual({ status: OK, written: 1 });
  expect(disk.array.subarray(2 * SECTOR, 5 * SECTOR)).toEqual(bytes);
  const to = data + 0x2000n;
  const pieces = [100, 412, 1000, 24].map((length, i) => ({
    address: to + BigInt(i * 0x1000),
    bytes: length,
    isWritable: true,
  }));
  expect(request(TYPE.IN, 2n, pieces)).toEqual({ status: OK, written: 3 * SECTOR + 1 });
  expect(pieces.flatMap(({ address, bytes: length }) => [...ram.copyOut(address, length)])).toEqual([...bytes]);
});

test('a request is answered a fixed number of steps after it was told of, and raises its interrupt then', () => {
  const { driver, ram } = diskBoard();
  ram.write(driver.data, 4, BigInt(TYPE.FLUSH));
  driver.submit(0, [
    { address: driver.data, bytes: 16 },
    { address: driver.data + 16n, bytes: 1, isWritable: true },
  ]);
  driver.pass(DISK_LATENCY - 1);
  expect([driver.used(0), driver.read(REGISTER.InterruptStatus)]).toEqual([[], 0]);
  driver.pass(1);
  expect([driver.used(0), driver.read(REGISTER.InterruptStatus)]).toEqual([[{ head: 0, written: 1 }], 1]);
});

test('its interrupt is a level that the acknowledgement ends; NO_INTERRUPT keeps it from rising', () => {
  const { board, driver, ram, request } = diskBoard();
  const pending = () => Number(board.read(0xc00_1000n, 4)) & 2;
  expect(pending()).toBe(0);
  request(TYPE.FLUSH, 0n);
  expect([driver.read(REGISTER.InterruptStatus), pending()]).toEqual([1, 2]);
  driver.write(REGISTER.InterruptACK, 2);
  expect(driver.read(REGISTER.InterruptStatus)).toBe(1);
  driver.write(REGISTER.InterruptACK, 1);
  expect(driver.read(REGISTER.InterruptStatus)).toBe(0);
  ram.write(driver.queueAt(0) + 0x1000n, 2, 1n);
  request(TYPE.FLUSH, 0n);
  expect(driver.read(REGISTER.InterruptStatus)).toBe(0);
});

describe('what a driver is told to be safe', () => {
  const kinds = (disk: MemoryDisk) => disk.log.map((line) => line.split(' ')[0]);
  test('is flushed when it asks, where it knows of flushes', () => {
    const { disk, data, request } = diskBoard();
    request(TYPE.OUT, 0n, [{ address: data, bytes: SECTOR }]);
    expect(kinds(disk)).toEqual(['write']);
    expect(request(TYPE.FLUSH, 0n)).toEqual({ status: OK, written: 1 });
    expect(kinds(disk)).toEqual(['write', 'flush']);
  });
  test('is flushed with each change, where it does not', () => {
    const { disk, data, request, range } = diskBoard(memoryDisk(SECTORS * SECTOR), [FEATURE.WRITE_ZEROES]);
    request(TYPE.OUT, 0n, [{ address: data, bytes: SECTOR }]);
    request(TYPE.WRITE_ZEROES, 0n, range(1n, 1));
    expect(kinds(disk)).toEqual(['write', 'flush', 'write', 'flush']);
  });
});

test('its name fills 20 bytes, or as many as there is room for', () => {
  const { ram, data, request } = diskBoard();
  ram.copyIn(data, new Uint8Array(20).fill(1));
  expect(request(TYPE.GET_ID, 0n, [{ address: data, bytes: 20, isWritable: true }])).toEqual({
    status: OK,
    written: 21,
  });
  expect(new TextDecoder().decode(ram.copyOut(data, 20))).toBe(`disk0${'\0'.repeat(15)}`);
  expect(request(TYPE.GET_ID, 0n, [{ address: data, bytes: 3, isWritable: true }])).toEqual({ status: OK, written: 4 });
});

test('zeroes are written where they are asked for; a discard leaves the data', () => {
  const { disk, request, range } = diskBoard();
  disk.array.fill(1);
  expect(request(TYPE.DISCARD, 0n, range(0n, 4)).status).toBe(OK);
  expect(disk.array.every((byte) => byte === 1)).toBe(true);
  expect(request(TYPE.WRITE_ZEROES, 0n, range(1n, 2, 1)).status).toBe(OK);
  expect([...disk.array.keys()].filter((i) => disk.array[i] === 0)).toEqual(
    [...Array(2 * SECTOR).keys()].map((i) => i + SECTOR),
  );
});

describe('a request that is wrong fails, and changes nothing', () => {
  const wrong: readonly [
    string,
    (board: ReturnType<typeof diskBoard>) => ReturnType<ReturnType<typeof diskBoard>['request']>,
    number,
  ][] = [
    [
      'reads behind the end',
      ({ data, request }) => request(TYPE.IN, 64n, [{ address: data, bytes: SECTOR, isWritable: true }]),
      IOERR,
    ],
    [
      'reads over the end',
      ({ data, request }) => request(TYPE.IN, 63n, [{ address: data, bytes: 2 * SECTOR, isWritable: true }]),
      IOERR,
    ],
    [
      'reads part of a sector',
      ({ data, request }) => request(TYPE.IN, 0n, [{ address: data, bytes: 511, isWritable: true }]),
      IOERR,
    ],
    [
      'writes where 64 bits overflow',
      ({ data, request }) => request(TYPE.OUT, (1n << 55n) * 3n - 1n, [{ address: data, bytes: SECTOR }]),
      IOERR,
    ],
    [
      'writes at the last sector that 64 bits have',
      ({ data, request }) => request(TYPE.OUT, -1n, [{ address: data, bytes: SECTOR }]),
      IOERR,
    ],
    ['zeroes over the end', ({ request, range }) => request(TYPE.WRITE_ZEROES, 0n, range(60n, 5)), IOERR],
    ['zeroes 2 TiB', ({ request, range }) => request(TYPE.WRITE_ZEROES, 0n, range(0n, 0xffff_ffff)), IOERR],
    ['zeroes where 64 bits overflow', ({ request, range }) => request(TYPE.WRITE_ZEROES, 0n, range(-1n, 2)), IOERR],
    ['discards behind the end', ({ request, range }) => request(TYPE.DISCARD, 0n, range(64n, 1)), IOERR],
    ['unmaps in a discard', ({ request, range }) => request(TYPE.DISCARD, 0n, range(0n, 1, 1)), UNSUPP],
    [
      'zeroes with flags that do not exist',
      ({ request, range }) => request(TYPE.WRITE_ZEROES, 0n, range(0n, 1, 2)),
      UNSUPP,
    ],
    [
      'zeroes half a range',
      ({ data, request }) => request(TYPE.WRITE_ZEROES, 0n, [{ address: data, bytes: 8 }]),
      UNSUPP,
    ],
    ['asks for what does not exist', ({ request }) => request(77, 0n), UNSUPP],
  ];
  test.each(wrong)('it %s', (_what, ask, status) => {
    const board = diskBoard();
    board.disk.array.fill(1);
    expect(ask(board).status).toBe(status);
    expect(board.disk.array.every((byte) => byte === 1)).toBe(true);
    expect(board.driver.needsReset).toBe(false);
    expect(board.request(TYPE.FLUSH, 0n).status).toBe(OK);
  });
});

test('a disk that is read only says so, and refuses each change', () => {
  const { driver, disk, data, request, range } = diskBoard(memoryDisk(SECTORS * SECTOR, { isReadOnly: true }));
  driver.write(REGISTER.DeviceFeaturesSel, 0);
  expect((driver.read(REGISTER.DeviceFeatures) >>> FEATURE.RO) & 1).toBe(1);
  const changes = [
    request(TYPE.OUT, 0n, [{ address: data, bytes: SECTOR }]),
    request(TYPE.WRITE_ZEROES, 0n, range(0n, 1)),
    request(TYPE.DISCARD, 0n, range(0n, 1)),
  ];
  expect(changes.map(({ status }) => status)).toEqual([IOERR, IOERR, IOERR]);
  expect(disk.log.filter((line) => line.startsWith('write'))).toEqual([]);
});

test('where the host fails, so does the request, and the next one may succeed', () => {
  const { disk, data, request } = diskBoard();
  disk.fails = true;
  expect(request(TYPE.IN, 0n, [{ address: data, bytes: SECTOR, isWritable: true }])).toEqual({
    status: IOERR,
    written: 0,
  });
  expect(request(TYPE.OUT, 0n, [{ address: data, bytes: SECTOR }]).status).toBe(IOERR);
  expect(request(TYPE.FLUSH, 0n).status).toBe(IOERR);
  disk.fails = false;
  expect(request(TYPE.FLUSH, 0n).status).toBe(OK);
});

test('a reset drops the requests that are under way', () => {
  const { driver, ram, data, disk } = diskBoard();
  ram.write(driver.data, 4, BigInt(TYPE.OUT));
  driver.submit(0, [
    { address: driver.data, bytes: 16 },
    { address: data, bytes: SECTOR },
    { address: driver.data + 16n, bytes: 1, isWritable: true },
  ]);
  driver.write(REGISTER.Status, 0);
  driver.pass(DISK_LATENCY * 2);
  expect([disk.log, driver.used(0), driver.read(REGISTER.InterruptStatus)]).toEqual([[], [], 0]);
});

test('what an overlay is given it gives back, over what is below, which stays', () => {
  const below = memoryDisk(10 * SECTOR);
  below.array.fill(9);
  const disk = new OverlayDisk(below);
  disk.write(4000, new Uint8Array(200).fill(5));
  const read = disk.read(3990, 220);
  expect([...(read ?? [])]).toEqual([...Array(10).fill(9), ...Array(200).fill(5), ...Array(10).fill(9)]);
  expect(below.array.every((byte) => byte === 9)).toBe(true);
  disk.write(10 * SECTOR - 1, Uint8Array.of(3));
  expect(disk.read(10 * SECTOR - 2, 2)).toEqual(Uint8Array.of(9, 3));
});
