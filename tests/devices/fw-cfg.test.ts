// The firmware configuration device through a board: its items by register and by copying, the directory, and requests
// of hostile guests, which reach RAM alone and are done in bounded time. QEMU's answers: tests/peers/fw-cfg.test.ts.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Width } from '../../src/devices/device.ts';
import { FW_CFG_BASE, RAM_BASE } from '../../src/platform/memory-map.ts';
import { fakeBoard } from '../platform/fake-board.ts';

const RUNS = 200 * Number(process.env['TRAPEZE_RUNS'] ?? 1);
const SELECTOR = FW_CFG_BASE + 0x8n;
const DMA = FW_CFG_BASE + 0x10n;
const DIRECTORY = 0x19;
const READ = 0x2;
const SKIP = 0x4;
const SELECT = 0x8;
const WRITE = 0x10;
const ERROR = 1;
/** Where requests are put, and where copies go. */
const REQUEST = RAM_BASE + 0x1000n;
const BUFFER = RAM_BASE + 0x2000n;

function configured(harts = 1) {
  const fake = fakeBoard({ harts });
  const { board, ram } = fake;
  const bytes = (at: bigint, count: number) => String.fromCharCode(...ram.copyOut(at, count));
  const put = (at: bigint, control: number, length: number, address: bigint) => {
    const view = new DataView(new ArrayBuffer(16));
    view.setUint32(0, control);
    view.setUint32(4, length);
    view.setBigUint64(8, address);
    ram.copyIn(at, new Uint8Array(view.buffer));
  };
  const start = (at: bigint) => {
    const address = new DataView(new ArrayBuffer(8));
    address.setBigUint64(0, at);
    board.write(DMA, 8, address.getBigUint64(0, true));
  };
  const finish = () => {
    while (board.horizon() < Number.POSITIVE_INFINITY) {
      board.clock.now = Math.max(board.clock.now, board.horizon());
      board.advance();
    }
  };
  return {
    ...fake,
    bytes,
    put,
    start,
    finish,
    select: (key: number) => board.write(SELECTOR, 2, BigInt(((key & 0xff) << 8) | (key >> 8))),
    read: (width: Width) => board.read(FW_CFG_BASE, width),
    /** A whole request. @returns what its control says in the end. */
    request: (control: number, length: number, address: bigint) => {
      put(REQUEST, control, length, address);
      start(REQUEST);
      finish();
      return new DataView(ram.copyOut(REQUEST, 4).buffer).getUint32(0);
    },
  };
}

test('an item is read in pieces of any width, in the order of memory, and is followed by zeros', () => {
  const { select, read } = configured();
  select(0);
  expect([read(1), read(2), read(4)]).toEqual([0x51n, 0x4d45n, 0x55n]);
  select(0);
  expect([read(8), read(8)]).toEqual([0x554d_4551n, 0n]);
});
test('a key that is nothing reads as zeros, and so do items of one architecture', () => {
  const { select, read } = configured();
  for (const key of [0x02, 0x23, 0x3fff, 0x8000, 0xffff]) {
    select(key);
    expect(read(8)).toBe(0n);
  }
});
test('it tells how many harts there are', () => {
  const { select, read } = configured(4);
  select(5);
  expect(read(2)).toBe(4n);
});
test('the selector is only written, data are only read at their first byte: the rest faults', () => {
  const { board } = configured();
  expect(board.read(SELECTOR, 2)).toBe(undefined);
  expect(board.write(SELECTOR, 4, 0n)).toBe(false);
  expect(board.read(FW_CFG_BASE + 4n, 4)).toBe(undefined);
  expect(board.write(DMA, 2, 0n)).toBe(false);
  expect([board.read(DMA, 8), board.read(DMA + 4n, 4)]).toEqual([0x4746_4320_554d_4551n, 0x4746_4320n]);
});

test('a request selects, skips and copies, with zeros behind the end of the item', () => {
  const { request, bytes, ram } = configured();
  ram.copyIn(BUFFER, new Uint8Array(8).fill(0xee));
  expect(request((0 << 16) | SELECT | SKIP, 1, 0n)).toBe(0);
  expect(request(READ, 6, BUFFER)).toBe(0);
  expect(bytes(BUFFER, 8)).toBe('EMU\0\0\0\u00ee\u00ee');
});
test('the directory names files, whose keys then find them', () => {
  const { request, bytes, ram } = configured();
  expect(request((DIRECTORY << 16) | SELECT | READ, 4 + 3 * 64, BUFFER)).toBe(0);
  const view = new DataView(ram.copyOut(BUFFER, 4 + 3 * 64).buffer);
  expect(view.getUint32(0)).toBe(3);
  expect(bytes(BUFFER + 4n + 128n + 8n, 19)).toBe('etc/boot-fail-wait\0');
  expect(request((view.getUint16(4 + 128 + 4) << 16) | SELECT | READ, view.getUint32(4 + 128), BUFFER)).toBe(0);
  expect(bytes(BUFFER, 4)).toBe('\u00ff\u00ff\u00ff\u00ff');
});
test('the address of a request may come in halves', () => {
  const { board, put, finish, bytes } = configured();
  put(REQUEST, SELECT | READ, 4, BUFFER);
  board.write(DMA, 4, 0n);
  board.write(DMA + 4n, 4, 0x0010_0080n);
  finish();
  expect(bytes(BUFFER, 4)).toBe('QEMU');
});
test('writing an item, and copying to where no RAM is, are errors', () => {
  const { request, start, finish, ram } = configured();
  expect(request(SELECT | WRITE, 4, BUFFER)).toBe(ERROR);
  expect(request(SELECT | READ, 4, 0x1000n)).toBe(ERROR);
  expect(request(SELECT | READ, 0xffff_ffff, BUFFER)).toBe(ERROR);
  expect(request(SELECT | READ, 8, RAM_BASE + BigInt(ram.bytes) - 4n)).toBe(ERROR);
  start(0n);
  start(RAM_BASE + BigInt(ram.bytes) - 8n);
  finish();
  expect(request(SELECT | READ, 4, BUFFER)).toBe(0);
});
test('a copy takes time that grows with it, and a second one waits for nothing: it is not taken', () => {
  const { board, put, start, bytes } = configured();
  put(REQUEST, SELECT | READ, 0x8_0000, BUFFER);
  start(REQUEST);
  put(REQUEST + 0x100n, SELECT | READ, 4, RAM_BASE);
  start(REQUEST + 0x100n);
  expect(board.horizon()).toBe(0x8000);
  board.clock.now = 0x8000;
  board.advance();
  expect([bytes(BUFFER, 4), bytes(RAM_BASE, 4)]).toEqual(['QEMU', '\0\0\0\0']);
  expect(board.horizon()).toBe(Number.POSITIVE_INFINITY);
});
test('a copy ends a reservation of the bytes that it writes', () => {
  const { request, hart } = configured();
  hart.reservation = BUFFER + 0x40n;
  request(SELECT | READ, 4, BUFFER);
  expect(hart.reservation).toBe(BUFFER + 0x40n);
  request(SELECT | READ, 0x48, BUFFER);
  expect(hart.reservation).not.toBe(BUFFER + 0x40n);
});

test('requests of any content reach RAM alone', () => {
  const address = fc.oneof(
    fc.bigInt(0n, (1n << 64n) - 1n),
    fc.bigInt(RAM_BASE - 32n, RAM_BASE + 0x10_0020n),
    fc.constantFrom(RAM_BASE + 0xf_fff0n, RAM_BASE + 0xf_fff8n, FW_CFG_BASE, 0n),
  );
  const length = fc.oneof(fc.nat(300), fc.nat(0xffff_ffff), fc.constantFrom(0xffff_ffff, 0x8000_0000));
  const control = fc.oneof(fc.nat(0x1f), fc.nat(0xffff_ffff));
  fc.assert(
    fc.property(fc.array(fc.record({ at: address, control, length, address }), { maxLength: 20 }), (requests) => {
      const { put, start, finish, board, ram } = configured();
      for (const { at, control, length, address } of requests) {
        if (board.isRam(at, 16)) put(at, control, length, address);
        start(at);
        finish();
        expect(ram.array.length).toBe(ram.bytes);
      }
    }),
    { numRuns: RUNS },
  );
});
