// The remote protocol's packets, and QEMU's answers to the requests that the harness relies on.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { Code } from './encode.ts';
import { Qemu, RAM_BASE } from './qemu.ts';
import { packet } from './remote.ts';

const VALUE = 0x1234_5678_9abc_def0n;
let qemu: Qemu;

beforeAll(async () => {
  const code = new Code().emit('addi', { rd: 1, rs1: 1, imm: 1 }).label('end').to('end', 'jal', { rd: 0 });
  qemu = await Qemu.start(code.image());
});
afterAll(() => qemu?.stop());

test('a packet ends in the sum of its bytes', () => {
  expect(packet('g')).toBe('$g#67');
});

test('registers are written and read, by the names of the target description', async () => {
  await qemu.setRegister('ra', VALUE);
  await qemu.setRegister('mscratch', VALUE);
  expect(await qemu.register('ra')).toBe(VALUE);
  expect(await qemu.register('mscratch')).toBe(VALUE);
  expect(await qemu.register('priv')).toBe(3n);
});

test('a breakpoint stops the board, and a step moves it on by one instruction', async () => {
  await qemu.setBreakpoint(RAM_BASE);
  expect(await qemu.run(5000)).toBe(true);
  await qemu.setRegister('ra', 41n);
  await qemu.step();
  const registers = await qemu.general();
  expect(registers[1]).toBe(42n);
  expect(registers[32]).toBe(RAM_BASE + 4n);
});

test('a board that runs on is stopped in the end', async () => {
  expect(await qemu.run(100)).toBe(false);
});

test('memory through the port and through the file behind it is the same', async () => {
  const data = Uint8Array.of(1, 2, 3, 4);
  await qemu.write(RAM_BASE + 64n, data);
  expect(await qemu.read(RAM_BASE + 64n, 4)).toEqual(Buffer.from(data));
  expect(qemu.ramImage(68).slice(64)).toEqual(data);
});
