// The SBI as a kernel calls it: a7 and a6 in, a0 and a1 out.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_RESERVATION } from '../../isa/layout.ts';
import { RAM_BASE } from '../../src/platform/memory-map.ts';
import { sbiCall } from '../../src/platform/sbi.ts';
import { type FakeOptions, fakeBoard } from './fake-board.ts';

const BASE = 0x10n;
const TIME = 0x5449_4d45n;
const IPI = 0x73_5049n;
const RFENCE = 0x5246_4e43n;
const HSM = 0x48_534dn;
const SRST = 0x5352_5354n;
const DBCN = 0x4442_434en;
const NOT_SUPPORTED = -2n;
const INVALID_PARAM = -3n;
const INVALID_ADDRESS = -5n;
const ALREADY_AVAILABLE = -6n;
const ALL = (1n << 64n) - 1n;
const UNTOUCHED = 0x1111n;

function harness(options: FakeOptions = {}) {
  const fake = fakeBoard(options);
  const { hart, board } = fake;
  return {
    ...fake,
    /** [a0 as a signed number, a1] */
    call: (extension: bigint, number: bigint, ...args: bigint[]): [bigint, bigint] => {
      for (let i = 0; i < 6; i++) hart.setX(10 + i, args[i] ?? (i === 1 ? UNTOUCHED : 0n));
      hart.setX(17, BigInt.asUintN(64, extension));
      hart.setX(16, number);
      sbiCall(hart, board);
      return [BigInt.asIntN(64, hart.x(10)), hart.x(11)];
    },
  };
}

test('Base says version 2.0, and which extensions exist', () => {
  const { call } = harness();
  expect(call(BASE, 0n)).toEqual([0n, 0x0200_0000n]);
  for (const extension of [BASE, TIME, IPI, RFENCE, HSM, SRST, DBCN, 0n, 1n, 2n]) {
    expect(call(BASE, 3n, extension)).toEqual([0n, 1n]);
  }
  for (const extension of [4n, 9n, 0x50_4d55n, ALL]) expect(call(BASE, 3n, extension)).toEqual([0n, 0n]);
  expect([4n, 5n, 6n].map((number) => call(BASE, number))).toEqual([
    [0n, 0n],
    [0n, 0n],
    [0n, 0n],
  ]);
});

test('what does not exist is not supported', () => {
  const { call } = harness();
  for (const extension of [4n, 0x99n, -1n, 1n << 40n]) expect(call(extension, 0n)).toEqual([NOT_SUPPORTED, 0n]);
  for (const extension of [BASE, TIME, IPI, RFENCE, HSM, SRST, DBCN]) {
    expect(call(extension, 99n)).toEqual([NOT_SUPPORTED, 0n]);
  }
});

test('set_timer sets stimecmp and its event, the legacy call alike', () => {
  const { call, hart, board } = harness();
  hart.menvcfg.STCE = 1n;
  expect(call(TIME, 0n, 7n)).toEqual([0n, 0n]);
  expect([hart.stimecmp, board.horizon()]).toEqual([7n, 700]);
  expect(call(0n, 0n, 9n)).toEqual([0n, UNTOUCHED]);
  expect(board.horizon()).toBe(900);
  call(TIME, 0n, 0n);
  expect(hart.lines.STI).toBe(1n);
});

describe('harts', () => {
  test('an IPI sets SSIP of the harts in the mask', () => {
    const { call, harts } = harness({ harts: 3 });
    expect(call(IPI, 0n, 0b10n, 1n)).toEqual([0n, 0n]);
    expect(harts.map(({ mip }) => mip.SSIP)).toEqual([0n, 0n, 1n]);
    expect(call(IPI, 0n, 0n, ALL)).toEqual([0n, 0n]);
    expect(harts.map(({ mip }) => mip.SSIP)).toEqual([1n, 1n, 1n]);
    expect(call(IPI, 0n, 1n, 3n)).toEqual([INVALID_PARAM, 0n]);
    expect(call(3n, 0n)).toEqual([0n, UNTOUCHED]);
    expect(harts[0]?.mip.SSIP).toBe(0n);
  });
  test('remote fences answer for harts that exist, those of the H extension are not supported', () => {
    const { call } = harness();
    expect([0n, 1n, 2n].map((number) => call(RFENCE, number, 1n, 0n)[0])).toEqual([0n, 0n, 0n]);
    expect(call(RFENCE, 1n, 2n, 0n)[0]).toBe(INVALID_PARAM);
    expect(call(RFENCE, 3n, 1n, 0n)[0]).toBe(NOT_SUPPORTED);
  });
  test('HSM starts a stopped hart in S-mode with its two arguments', () => {
    const { call, board, harts } = harness({ harts: 2 });
    board.activity[1] = 'stopped';
    expect(call(HSM, 2n, 1n)).toEqual([0n, 1n]);
    expect(call(HSM, 0n, 1n, 0x1000n, 5n)).toEqual([INVALID_ADDRESS, 0n]);
    expect(call(HSM, 0n, 1n, RAM_BASE + 0x100n, 5n)).toEqual([0n, 0n]);
    const started = harts[1];
    expect([started?.privilege, started?.pc, started?.x(10), started?.x(11)]).toEqual([1, RAM_BASE + 0x100n, 1n, 5n]);
    expect(call(HSM, 2n, 1n)).toEqual([0n, 0n]);
    expect(call(HSM, 0n, 1n, RAM_BASE, 5n)).toEqual([ALREADY_AVAILABLE, 0n]);
    expect([call(HSM, 0n, 2n), call(HSM, 2n, 2n), call(HSM, 2n, ALL)]).toEqual(Array(3).fill([INVALID_PARAM, 0n]));
  });
  test('HSM starts a hart with nothing enabled or pending of an earlier start', () => {
    const { call, board, harts } = harness({ harts: 2 });
    const other = harts[1] as (typeof harts)[number];
    board.activity[1] = 'stopped';
    other.mie.bits = 0x222n;
    other.satp.bits = (8n << 60n) | 5n;
    other.mstatus.SIE = 1n;
    other.reservation = RAM_BASE;
    call(IPI, 0n, 2n, 0n);
    call(HSM, 0n, 1n, RAM_BASE, 0n);
    expect([other.mie.bits, other.mip.SSIP, other.satp.bits, other.mstatus.SIE]).toEqual([0n, 0n, 0n, 0n]);
    expect(other.reservation).toBe(NO_RESERVATION);
  });
  test('HSM stops the caller, whose registers stay as they are', () => {
    const { call, board } = harness();
    expect(call(HSM, 1n, 7n, 8n)).toEqual([7n, 8n]);
    expect(board.activity).toEqual(['stopped']);
  });
  test('HSM suspends the caller, which others see until an interrupt that it enables is pending', () => {
    const { call, board, hart } = harness();
    expect(call(HSM, 3n, 0n)).toEqual([0n, 0n]);
    expect(board.activity).toEqual(['suspended']);
    expect(call(HSM, 2n, 0n)).toEqual([0n, 4n]);
    hart.mip.SSIP = 1n;
    expect(board.canRun(0)).toBe(false);
    hart.mie.SSIE = 1n;
    expect(board.canRun(0)).toBe(true);
    board.wakeHarts();
    expect(call(HSM, 2n, 0n)).toEqual([0n, 0n]);
  });
  test('HSM suspends without retention: the hart will start at an address, with its argument', () => {
    const { call, board, hart } = harness();
    hart.mie.bits = 2n;
    hart.satp.bits = 8n << 60n;
    expect(call(HSM, 3n, 0x8000_0000n, RAM_BASE + 0x40n, 9n)).toEqual([0n, 9n]);
    expect(board.activity).toEqual(['suspended']);
    expect([hart.privilege, hart.pc, hart.satp.bits, hart.mie.bits]).toEqual([1, RAM_BASE + 0x40n, 0n, 2n]);
    for (const address of [0n, RAM_BASE + 1n, ALL])
      expect(call(HSM, 3n, 0x8000_0000n, address)).toEqual([INVALID_ADDRESS, 0n]);
  });
  test('suspensions that are reserved, or that a platform may have, are invalid', () => {
    const { call, board } = harness();
    for (const type of [1n, 0x0fff_ffffn, 0x1000_0000n, 0x7fff_ffffn, 0x8000_0001n, 0x9000_0000n, 0xffff_ffffn])
      expect(call(HSM, 3n, type, RAM_BASE)).toEqual([INVALID_PARAM, 0n]);
    expect(board.activity).toEqual(['running']);
  });
});

describe('the console', () => {
  test('DBCN writes a buffer of RAM, at most a page of it, and one byte', () => {
    const { call, ram, text } = harness();
    ram.copyIn(RAM_BASE + 16n, new TextEncoder().encode('hello'));
    expect(call(DBCN, 0n, 5n, RAM_BASE + 16n, 0n)).toEqual([0n, 5n]);
    expect(call(DBCN, 2n, 0x121n)).toEqual([0n, 0n]);
    expect(text()).toBe('hello!');
    expect(call(DBCN, 0n, 10_000n, RAM_BASE, 0n)).toEqual([0n, 4096n]);
  });
  test('DBCN reads what is typed', () => {
    const { call, ram } = harness({ typed: 'abc' });
    expect(call(DBCN, 1n, 2n, RAM_BASE, 0n)).toEqual([0n, 2n]);
    expect(call(DBCN, 1n, 8n, RAM_BASE + 2n, 0n)).toEqual([0n, 2n]);
    expect(call(DBCN, 1n, 8n, RAM_BASE, 0n)).toEqual([0n, 0n]);
    expect([...ram.copyOut(RAM_BASE, 5)]).toEqual([0x61, 0x62, 0x63, 4, 0]);
  });
  test('a buffer that is not all in RAM is an invalid parameter', () => {
    const { call, ram, text } = harness();
    const end = RAM_BASE + BigInt(ram.bytes);
    for (const [bytes, address, high] of [
      [1n, 0n, 0n],
      [8n, end - 4n, 0n],
      [8n, RAM_BASE, 1n],
      [ALL, RAM_BASE, 0n],
      [1n, ALL, 0n],
    ] as const) {
      expect(call(DBCN, 0n, bytes, address, high)).toEqual([INVALID_PARAM, 0n]);
      expect(call(DBCN, 1n, bytes, address, high)).toEqual([INVALID_PARAM, 0n]);
    }
    expect(text()).toBe('');
  });
  test('the legacy calls move one character, and leave a1 alone', () => {
    const { call, text } = harness({ typed: '' });
    expect(call(1n, 0n, 0x41n)).toEqual([0n, UNTOUCHED]);
    expect(text()).toBe('A');
    expect(call(2n, 0n)).toEqual([4n, UNTOUCHED]);
    expect(call(2n, 0n)).toEqual([-1n, UNTOUCHED]);
  });
});

describe('a reset', () => {
  test('that is a shutdown ends the guest with 0, or with 1 after a failure', () => {
    for (const [reason, code] of [
      [0n, 0],
      [1n, 1],
    ] as const) {
      const { call, board } = harness();
      call(SRST, 0n, 0n, reason);
      expect(board.outcome).toEqual({ kind: 'exit', code });
      expect(board.isRestarting).toBe(false);
    }
    const { call, board } = harness();
    call(8n, 0n);
    expect(board.outcome).toEqual({ kind: 'exit', code: 0 });
  });
  test.each([1n, 2n])('that is a reboot, cold (1) or warm (2), starts the guest again: %s', (kind) => {
    const { call, board } = harness();
    call(SRST, 0n, kind, 1n);
    expect(board).toMatchObject({ outcome: undefined, isRestarting: true });
  });
  test('of an unknown kind or reason is an invalid parameter', () => {
    const { call, board } = harness();
    expect([call(SRST, 0n, 3n, 0n)[0], call(SRST, 0n, 0n, 2n)[0]]).toEqual([INVALID_PARAM, INVALID_PARAM]);
    expect(board.outcome).toBe(undefined);
  });
});

test('no call throws, whatever its registers hold', () => {
  const extension = fc.oneof(
    fc.constantFrom(BASE, TIME, IPI, RFENCE, HSM, SRST, DBCN),
    fc.bigInt(0n, 10n),
    fc.bigInt(0n, ALL),
  );
  const word = fc.oneof(
    fc.bigInt(0n, 10n),
    fc.bigInt(RAM_BASE - 8n, RAM_BASE + 8n),
    fc.bigInt(ALL - 10n, ALL),
    fc.bigInt(0n, ALL),
  );
  const calls = fc.array(fc.tuple(extension, word, fc.array(word, { maxLength: 6 })), { maxLength: 20 });
  fc.assert(
    fc.property(calls, (list) => {
      const { call, board } = harness({ harts: 2, typed: 'xyz', ramBytes: 8192 });
      for (const [which, number, args] of list) {
        call(which, number, ...args);
        board.advance();
      }
    }),
  );
});
