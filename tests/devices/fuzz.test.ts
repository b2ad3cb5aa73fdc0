// No access that a guest can make throws, hangs, or yields what is wider than asked for, whatever came before it.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TURN_STEPS } from '../../src/platform/interleaver.ts';
import {
  CLINT_BASE,
  FINISHER_BASE,
  FW_CFG_BASE,
  PLIC_BASE,
  RTC_BASE,
  UART_BASE,
  VIRTIO_BASE,
  VIRTIO_STRIDE,
} from '../../src/platform/memory-map.ts';
import { fakeBoard } from '../platform/fake-board.ts';

type Pair = [ReturnType<typeof fakeBoard>, ReturnType<typeof fakeBoard>];
const VIRTIO = [0n, 6n, 7n].map((slot) => VIRTIO_BASE + slot * VIRTIO_STRIDE);
const RUNS = 300 * Number(process.env['TRAPEZE_RUNS'] ?? 1);
const bases = [FINISHER_BASE, RTC_BASE, CLINT_BASE, PLIC_BASE, UART_BASE, FW_CFG_BASE];
/** Offsets where registers are, near them, and anywhere in and around a window. */
const offset = fc.oneof(
  fc.integer({ min: 0, max: 0x40 }),
  fc.constantFrom(0x1000, 0x2000, 0x2080, 0x4000, 0xbff8, 0xbffc, 0x20_0000, 0x20_0004, 0x20_1000, 0x20_1004),
  fc.integer({ min: -8, max: 0x60_0008 }),
);
const access = fc.record({
  base: fc.constantFrom(...bases),
  offset,
  width: fc.constantFrom(1, 2, 4, 8),
  value: fc.option(fc.oneof(fc.bigInt(0n, 255n), fc.bigInt(0n, (1n << 64n) - 1n))),
  steps: fc.integer({ min: 0, max: TURN_STEPS }),
});

test('random accesses to all devices, with time passing between them', () => {
  fc.assert(
    fc.property(fc.array(access, { maxLength: 60 }), (accesses) => {
      const { board } = fakeBoard({ harts: 2, typed: 'some input' });
      for (const { base, offset, width, value, steps } of accesses) {
        const address = base + BigInt(offset);
        if (value === null) {
          const read = board.read(address, width);
          expect(read === undefined || (read >= 0n && read < 1n << BigInt(8 * width))).toBe(true);
        } else {
          board.write(address, width, value);
        }
        board.clock.now += steps;
        board.advance();
        expect(board.horizon()).toBeGreaterThan(board.clock.now);
        // Two timers a hart, an alarm, a copy.
        expect(board.events.pending().length).toBeLessThanOrEqual(6);
      }
    }),
    { numRuns: RUNS },
  );
});

test('an access by a number comes to what the same access by a bigint does', () => {
  const width = fc.constantFrom(1 as const, 2 as const, 4 as const);
  const word = fc.integer({ min: 0, max: 0xffff_ffff });
  const wordAccess = fc.record({ base: fc.constantFrom(...bases, ...VIRTIO), offset, width, value: fc.option(word) });
  fc.assert(
    fc.property(fc.array(wordAccess, { maxLength: 60 }), (accesses) => {
      const [plain, fast] = [0, 1].map(() => fakeBoard({ harts: 2, typed: 'some input', terminal: 'virtio' })) as Pair;
      for (const { base, offset: at, width: bytes, value } of accesses) {
        const address = base + BigInt(at);
        const number = Number(address);
        if (value === null) {
          const wanted = plain.board.read(address, bytes);
          const answered = fast.board.readWord(number, bytes);
          // What has no answer in words, or none at all, is asked for the other way.
          expect(answered < 0 ? fast.board.read(address, bytes) : BigInt(answered)).toBe(wanted);
        } else {
          const held = value % 2 ** (8 * bytes);
          const isTaken = fast.board.writeWord(number, bytes, held) || fast.board.write(address, bytes, BigInt(held));
          expect(plain.board.write(address, bytes, BigInt(value))).toBe(isTaken);
        }
        expect(fast.board.badAccesses).toBe(plain.board.badAccesses);
        expect(fast.hart.lines.bits).toBe(plain.hart.lines.bits);
      }
    }),
    { numRuns: RUNS },
  );
});
