// The board as a hart finds it: what answers where, which wire leads where, timers at their step, live input.

import { describe, expect, test } from 'vitest';
import {
  CLINT_BASE,
  FINISHER_BASE,
  PLIC_BASE,
  RAM_BASE,
  RTC_BASE,
  UART_BASE,
  UART_INTERRUPT,
} from '../../src/platform/memory-map.ts';
import { fakeBoard } from './fake-board.ts';

const MTIMECMP = CLINT_BASE + 0x4000n;
const MTIME = CLINT_BASE + 0xbff8n;
const LSR = UART_BASE + 5n;

describe('the bus', () => {
  test('answers where devices are, and counts accesses to nothing', () => {
    const { board } = fakeBoard();
    expect(board.read(UART_BASE + 3n, 1)).toBe(0n);
    for (const address of [0n, UART_BASE - 1n, UART_BASE + 8n, RAM_BASE, 1n << 63n]) {
      expect(board.read(address, 1)).toBe(undefined);
      expect(board.write(address, 1, 0n)).toBe(false);
    }
    expect(board.badAccesses).toBe(10);
  });
  test('refuses what is not aligned, and widths that a register lacks', () => {
    const { board } = fakeBoard();
    expect(board.read(MTIME + 2n, 4)).toBe(undefined);
    expect(board.read(CLINT_BASE, 8)).toBe(undefined);
    expect(board.read(PLIC_BASE, 8)).toBe(undefined);
    expect(board.read(RTC_BASE, 2)).toBe(undefined);
    expect(board.read(RTC_BASE + 0x20n, 8)).toBe(undefined);
  });
  test('lets a wide access to the UART reach one byte', () => {
    const { board } = fakeBoard({ typed: '' });
    expect(board.read(UART_BASE + 4n, 4)).toBe(0x08n);
  });
  test('keeps RAM for itself', () => {
    const { board, ram } = fakeBoard();
    const end = RAM_BASE + BigInt(ram.bytes);
    expect([board.isRam(RAM_BASE, 8), board.isRam(end - 8n, 8)]).toEqual([true, true]);
    expect([board.isRam(RAM_BASE - 1n, 1), board.isRam(end - 7n, 8), board.isRam(end, 1)]).toEqual([
      false,
      false,
      false,
    ]);
  });
});

describe('timers', () => {
  test('MTI is up at exactly the step when mtime reaches mtimecmp', () => {
    // norm:mtime_intr_pending, norm:mtime_intr_mtip_visibility
    const { board, hart } = fakeBoard();
    board.write(MTIMECMP, 8, 3n);
    expect([hart.lines.MTI, board.horizon()]).toEqual([0n, 300]);
    board.clock.now = 299;
    board.advance();
    expect(hart.lines.MTI).toBe(0n);
    board.clock.now = 300;
    board.advance();
    expect(hart.lines.MTI).toBe(1n);
    board.write(MTIMECMP, 8, 5n);
    expect([hart.lines.MTI, board.horizon()]).toEqual([0n, 500]);
  });
  test('a write to mtime moves every timer', () => {
    const { board, harts } = fakeBoard({ harts: 2 });
    board.write(MTIMECMP, 8, 1000n);
    board.write(MTIMECMP + 8n, 8, 2000n);
    board.write(MTIME, 8, 1500n);
    expect(harts.map(({ lines }) => lines.MTI)).toEqual([1n, 0n]);
    expect(board.horizon(), 'a run that computes time must end').toBe(0);
    board.advance();
    expect(board.horizon()).toBe(50_000);
  });
  test('STI follows stimecmp only where menvcfg.STCE is set', () => {
    const { board, hart } = fakeBoard();
    hart.stimecmp = 2n;
    board.timersChanged(0);
    expect(board.horizon()).toBe(Number.POSITIVE_INFINITY);
    hart.menvcfg.STCE = 1n;
    board.timersChanged(0);
    expect(board.horizon()).toBe(200);
    board.clock.now = 200;
    board.advance();
    expect(hart.lines.STI).toBe(1n);
    hart.menvcfg.STCE = 0n;
    board.timersChanged(0);
    expect(hart.lines.STI).toBe(0n);
  });
  test('msip is the software interrupt of its hart', () => {
    const { board, harts } = fakeBoard({ harts: 2 });
    board.write(CLINT_BASE + 4n, 4, 1n);
    expect(harts.map(({ lines }) => lines.MSI)).toEqual([0n, 1n]);
  });
});

test('a typed byte interrupts through UART and PLIC: context 0 is M of hart 0, context 1 its S', () => {
  const { board, hart, input } = fakeBoard();
  board.write(UART_BASE + 1n, 1, 1n);
  board.write(PLIC_BASE + BigInt(4 * UART_INTERRUPT), 4, 1n);
  board.write(PLIC_BASE + 0x2080n, 4, 1n << BigInt(UART_INTERRUPT));
  expect(hart.lines.bits).toBe(0n);
  board.clock.now = 77;
  input.push(0x61);
  expect([hart.lines.MEI, hart.lines.SEI]).toEqual([0n, 1n]);
  expect(board.typed).toEqual([{ step: 77, byte: 0x61 }]);
  expect(board.read(PLIC_BASE + 0x20_1004n, 4)).toBe(BigInt(UART_INTERRUPT));
  expect(board.read(UART_BASE, 1)).toBe(0x61n);
  board.write(PLIC_BASE + 0x20_1004n, 4, BigInt(UART_INTERRUPT));
  expect(hart.lines.bits).toBe(0n);
});

test('what was typed live is typed again by a replay at the same steps', () => {
  const replay = [
    { step: 5, byte: 0x61 },
    { step: 5, byte: 0x62 },
    { step: 9, byte: 0x63 },
  ];
  const { board } = fakeBoard({ replay });
  const seen: string[] = [];
  for (; board.clock.now < 12; board.clock.now++) {
    board.advance();
    while (Number(board.read(LSR, 1)) & 1) seen.push(`${board.clock.now}:${board.read(UART_BASE, 1)}`);
  }
  expect(seen).toEqual(['5:97', '5:98', '9:99']);
  expect(board.typed).toEqual(replay);
});

test('the finisher ends the guest, and the first end counts', () => {
  const { board } = fakeBoard();
  board.write(FINISHER_BASE, 4, 0x0003_3333n);
  board.write(FINISHER_BASE, 4, 0x5555n);
  expect(board.outcome).toEqual({ kind: 'exit', code: 3 });
});
