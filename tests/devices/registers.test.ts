// What devices show of their registers to whoever looks: what a driver's read would yield, and looking changes nothing,
// whatever a guest has done before. A register whose read takes something (a byte, a claim) is among them.

import { inspect } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Slot } from '../../src/platform/bus.ts';
import { TURN_STEPS } from '../../src/platform/interleaver.ts';
import { FINISHER_BASE, UART_BASE, UART_INTERRUPT } from '../../src/platform/memory-map.ts';
import { fakeBoard } from '../platform/fake-board.ts';
import { memoryDisk } from '../support/disks.ts';

type FakeBoard = ReturnType<typeof fakeBoard>;
const RUNS = 60 * Number(process.env['TRAPEZE_RUNS'] ?? 1);
const RAM_BYTES = 4096;
const newBoard = () => fakeBoard({ harts: 2, ramBytes: RAM_BYTES, disks: [memoryDisk(RAM_BYTES)], terminal: 'virtio' });

/** All of a board that there is: every field of every object, its harts and RAM too. */
const stateOf = ({ board }: FakeBoard) => inspect(board, { depth: 12, maxArrayLength: null, maxStringLength: null });
const look = ({ board }: FakeBoard) => board.slots.flatMap((slot) => all(slot));
const all = ({ base, device }: Slot) =>
  device.registers().map((register) => ({ ...register, device: device.name, address: base + BigInt(register.offset) }));

const slots = newBoard().board.slots;
/** Accesses to what devices have and to any offset near it; the machine's end is not asked for. */
const access = fc.record({
  place: fc.constantFrom(...slots.filter(({ base }) => base !== FINISHER_BASE).flatMap((slot) => all(slot))),
  width: fc.option(fc.constantFrom(1, 2, 4, 8)),
  value: fc.option(fc.oneof(fc.bigInt(0n, 255n), fc.bigInt(0n, (1n << 64n) - 1n))),
  steps: fc.integer({ min: 0, max: TURN_STEPS }),
});

test('looking changes nothing, and shows what a read then yields', () => {
  const readable = look(newBoard()).filter(({ writeOnly }) => !writeOnly);
  fc.assert(
    fc.property(fc.array(access, { maxLength: 40 }), fc.nat(readable.length - 1), (accesses, chosen) => {
      const fake = newBoard();
      const { board } = fake;
      for (const { place, width, value, steps } of accesses) {
        const bytes = width ?? place.width;
        if (value === null) board.read(place.address, bytes);
        else board.write(place.address, bytes, value);
        board.clock.now += steps;
        board.advance();
      }
      const before = stateOf(fake);
      const seen = look(fake);
      expect(look(fake)).toEqual(seen);
      expect(stateOf(fake)).toBe(before);
      const register = seen.filter(({ writeOnly }) => !writeOnly)[chosen];
      if (register === undefined) throw new Error('a board has the same registers all its life');
      const { address, width, value } = register;
      expect(board.read(address, width), `${register.device} ${register.name}`).toBe(value);
    }),
    { numRuns: RUNS },
  );
});

test('each device has registers, each at an offset that it answers, no name twice', () => {
  for (const { device } of slots) {
    const registers = device.registers();
    expect(registers.length, device.name).toBeGreaterThan(0);
    expect(new Set(registers.map(({ name }) => name)).size, device.name).toBe(registers.length);
    for (const { name, offset, width, writeOnly } of registers) {
      expect(device.accepts(offset, width, writeOnly ? 'write' : 'read'), `${device.name} ${name}`).toBe(true);
      expect(offset % width, `${device.name} ${name}`).toBe(0);
    }
  }
});

test('a typed byte that the guest has not asked for is neither shown nor taken', () => {
  const fake = fakeBoard({ typed: 'x' });
  const before = stateOf(fake);
  const uart = () => fake.board.uart.registers().map(({ name, value }) => `${name} ${value.toString(16)}`);
  expect(uart()).toEqual(['RBR 0', 'IER 0', 'IIR 1', 'LCR 0', 'MCR 8', 'LSR 60', 'MSR b0', 'SCR 0', 'FCR 0']);
  expect(stateOf(fake)).toBe(before);
  fake.board.read(UART_BASE + 5n, 1);
  expect(uart()[0]).toBe(`RBR ${'x'.charCodeAt(0).toString(16)}`);
  expect(fake.board.read(UART_BASE, 1)).toBe(BigInt('x'.charCodeAt(0)));
});

test('what a read would acknowledge stays: an interrupt of the UART, and the claim of it', () => {
  const { board } = fakeBoard();
  const of = (device: Slot['device'], wanted: string) =>
    device.registers().find(({ name }) => name === wanted)?.value ?? -1n;
  const { plic, uart } = board;
  const [source, context] = [UART_INTERRUPT, 1];
  plic.write(4 * source, 4, 1n);
  plic.write(0x2000 + 0x80 * context, 4, 1n << BigInt(source));
  uart.write(1, 1, 2n); // the transmitter is empty
  for (let looks = 0; looks < 2; looks++) {
    expect(of(uart, 'IIR')).toBe(2n);
    expect(of(plic, `priority[${source}]`)).toBe(1n);
    expect(of(plic, 'pending[0]')).toBe(1n << BigInt(source));
    expect(of(plic, `claim[${context}]`)).toBe(BigInt(source));
  }
  expect(plic.read(0x20_0004 + 0x1000 * context)).toBe(BigInt(source));
  expect(uart.read(2)).toBe(2n);
  expect([of(plic, `claim[${context}]`), of(uart, 'IIR')]).toEqual([0n, 1n]);
});
