// Booting: what is where in RAM, what the harts start with, and what does not fit.

import { describe, expect, test } from 'vitest';
import { type BootOptions, boot } from '../../src/platform/boot.ts';
import { type Image, loadImage } from '../../src/platform/image.ts';
import { fakeBoard } from './fake-board.ts';
import { makeElf } from './make-elf.ts';

const BASE = 0x8000_0000n;
const KERNEL = 0x8020_0000n;
const MEBIBYTE = 1024 * 1024;
const FDT_MAGIC = 0xd00d_feedn;
const A0 = 10;
const A1 = 11;
const A2 = 12;

function image(address: bigint, memoryBytes = 4n): Image {
  const result = loadImage(makeElf({ segments: [{ address, memoryBytes }] }));
  if (!result.ok) throw new Error(result.message);
  return result.image;
}
function booted(options: BootOptions, { harts = 1, ramBytes = 8 * MEBIBYTE } = {}) {
  const fake = fakeBoard({ harts, ramBytes });
  const result = boot(fake.board, options);
  if (!result.ok) throw new Error(result.message);
  return { ...fake, result };
}
function refusal(options: BootOptions, ramBytes: number): string {
  const result = boot(fakeBoard({ ramBytes }).board, options);
  return result.ok ? 'booted' : `${result.message}; ${result.hint}`;
}
const bigEndian = (bytes: Uint8Array) => bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);

test('a guest of M-mode finds the reset state, its hart number and the device tree', () => {
  const { harts, ram, result, board } = booted({ image: image(BASE) }, { harts: 2 });
  expect(result.mode).toBe('m');
  for (const [index, state] of harts.entries()) {
    expect([state.privilege, state.pc, state.medeleg]).toEqual([3, BASE, 0n]);
    expect([state.x(A0), state.x(A1)]).toEqual([BigInt(index), result.deviceTree]);
  }
  expect(board.activity).toEqual(['running', 'running']);
  expect(ram.read(BASE, 4)).toBe(0x13n);
  expect(bigEndian(ram.copyOut(result.deviceTree, 4))).toBe(FDT_MAGIC);
});

test('a guest of S-mode finds what an SBI leaves, and the other harts stopped', () => {
  const { hart, board, result } = booted({ image: image(KERNEL) }, { harts: 2 });
  expect([result.mode, hart.privilege, hart.pc, hart.satp.bits]).toEqual(['s', 1, KERNEL, 0n]);
  expect([hart.medeleg, hart.mideleg, hart.menvcfg.STCE, hart.mcounteren.bits]).toEqual([0xb1ffn, 0x222n, 1n, 7n]);
  expect([hart.pmpcfg0, hart['pmpaddr0']]).toEqual([0x1fn, (1n << 54n) - 1n]);
  expect(hart.lines.bits).toBe(0n);
  expect(board.activity).toEqual(['running', 'stopped']);
});

test('the mode can be overridden, and a firmware always gets M-mode', () => {
  expect(booted({ image: image(BASE), mode: 's' }).hart.privilege).toBe(1);
  const { hart, ram } = booted({ image: image(KERNEL), firmware: image(BASE), mode: 's' });
  expect([hart.privilege, hart.pc]).toEqual([3, BASE]);
  expect(ram.read(KERNEL, 4)).toBe(0x13n);
});

test('a firmware finds in a2 where it goes on, as fw_dynamic reads it: magic, version, address, mode, options, hart', () => {
  const { harts, ram } = booted({ image: image(KERNEL), firmware: image(BASE) }, { harts: 2 });
  for (const state of harts) {
    const words = Array.from({ length: 6 }, (_, i) => ram.read(state.x(A2) + BigInt(8 * i), 8));
    expect(words).toEqual([0x4942_534fn, 2n, KERNEL, 1n, 0n, 0n]);
    expect(state.x(A2)).toBeLessThan(state.x(A1));
  }
  expect(booted({ image: image(BASE) }).hart.x(A2)).toBe(0n);
});

describe('the device tree', () => {
  test('is at the last boundary of 2 MiB that has room for it, as on QEMU', () => {
    expect(booted({ image: image(BASE) }).result.deviceTree).toBe(BASE + BigInt(6 * MEBIBYTE));
  });
  test('is at the end of a RAM that is small or full', () => {
    const { deviceTree } = booted({ image: image(BASE) }, { ramBytes: MEBIBYTE }).result;
    expect(BASE + BigInt(MEBIBYTE) - deviceTree).toBeLessThanOrEqual(8192n);
    const full = booted({ image: image(BASE, BigInt(7 * MEBIBYTE)) }).result.deviceTree;
    expect(full).toBeGreaterThanOrEqual(BASE + BigInt(7 * MEBIBYTE));
  });
  test('has the command line', () => {
    const { ram, result } = booted({ image: image(BASE), append: 'console=hvc0 quiet' });
    const text = new TextDecoder('latin1').decode(ram.copyOut(result.deviceTree, 4096));
    expect(text).toContain('console=hvc0 quiet\0');
  });
});

describe('an initial RAM disk', () => {
  const initrd = Uint8Array.of(1, 2, 3, 4, 5);
  /** Its address, as the tree says it in four cells: start, then end. */
  function placed(ramBytes: number, image: Image) {
    const { ram, result } = booted({ image, initrd }, { ramBytes });
    const at = (bytes: readonly number[]) => {
      for (let address = BASE; address < result.deviceTree; address += 4096n) {
        if (bytes.every((byte, i) => ram.read(address + BigInt(i), 1) === BigInt(byte))) return address;
      }
      return undefined;
    };
    const tree = ram.copyOut(result.deviceTree, 4096);
    const says = (value: bigint) =>
      Buffer.from(tree).includes(Buffer.from(value.toString(16).padStart(16, '0'), 'hex'));
    const address = at([...initrd]) as bigint;
    return { address, isTold: says(address) && says(address + 5n) };
  }
  test('is half of RAM behind the kernel, as on QEMU, and the tree tells where', () => {
    expect(placed(16 * MEBIBYTE, image(KERNEL))).toEqual({ address: KERNEL + BigInt(8 * MEBIBYTE), isTold: true });
  });
  test('is right behind an image that reaches further, and where there is room for nothing more', () => {
    const large = image(KERNEL, BigInt(10 * MEBIBYTE + 1));
    expect(placed(16 * MEBIBYTE, large)).toEqual({ address: KERNEL + BigInt(10 * MEBIBYTE + 4096), isTold: true });
    expect(placed(4 * MEBIBYTE - 1024 * 512, image(KERNEL + 0x10_0000n)).address).toBe(KERNEL + 0x10_1000n);
  });
  test('is refused where it does not fit', () => {
    expect(refusal({ image: image(BASE), initrd: new Uint8Array(MEBIBYTE) }, MEBIBYTE)).toMatch(
      /^no room for the device tree .*and the initial RAM disk \(1048576 bytes\)/,
    );
  });
});

test.each<[string, BootOptions, number]>([
  [
    'occupies 0x80000000 to 0x80200000, RAM is 0x80000000 to 0x80100000; give the guest more --memory',
    { image: image(BASE, 0x20_0000n) },
    MEBIBYTE,
  ],
  [
    'does not fit RAM: it occupies 0x1000 to 0x1004, RAM is 0x80000000 to 0x80100000; link it at 0x80000000',
    { image: image(0x1000n) },
    MEBIBYTE,
  ],
  ['does not fit RAM', { image: image((1n << 64n) - 2n) }, MEBIBYTE],
  ['no room for the device tree', { image: image(BASE, BigInt(MEBIBYTE)) }, MEBIBYTE],
  ['no room for the device tree', { image: image(BASE) }, 64],
  ['the firmware and the image overlap', { image: image(BASE + 2n), firmware: image(BASE) }, MEBIBYTE],
])('is refused: %s', (message, options, ramBytes) => {
  expect(refusal(options, ramBytes)).toContain(message);
});
