// Images: what each kind becomes, and what is said of those that cannot be used.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Image, type LoadOptions, loadImage } from '../../src/platform/image.ts';
import { type MadeElf, makeElf } from './make-elf.ts';

const RUNS = 2000 * Number(process.env['TRAPEZE_RUNS'] ?? 1);
const BASE = 0x8000_0000n;
const KERNEL = 0x8020_0000n;

function load(bytes: Uint8Array, options?: LoadOptions): Image {
  const result = loadImage(bytes, options);
  if (!result.ok) throw new Error(result.message);
  return result.image;
}
function refusal(bytes: Uint8Array): string {
  const result = loadImage(bytes);
  return result.ok ? 'accepted' : result.message;
}
const refusalOf = (made: MadeElf) => refusal(makeElf(made));

describe('an ELF', () => {
  test('gives entry, segments and symbols', () => {
    const bytes = makeElf({
      segments: [
        { address: BASE, data: [1, 2, 3, 4] },
        { address: BASE + 0x1000n, data: [5], memoryBytes: 100n },
        { address: 0n, type: 2 },
        { address: 0n, memoryBytes: 0n },
      ],
      symbols: { _start: BASE, $x: BASE, main: BASE + 2n },
    });
    const { format, entry, segments, symbols, mode, tohost } = load(bytes);
    expect([format, entry, mode, tohost]).toEqual(['elf', BASE, 'm', undefined]);
    expect(segments).toEqual([
      { address: BASE, data: Uint8Array.of(1, 2, 3, 4), bytes: 4, executable: true },
      { address: BASE + 0x1000n, data: Uint8Array.of(5), bytes: 100, executable: true },
    ]);
    expect(symbols.map(({ name, value }) => [name, value])).toEqual([
      ['_start', BASE],
      ['main', BASE + 2n],
    ]);
  });
  test('that starts where kernels do starts in S-mode', () => {
    expect(load(makeElf({ segments: [{ address: KERNEL }] })).mode).toBe('s');
  });
  test('that is linked at virtual addresses starts at the physical ones', () => {
    const virtual = 0xffff_ffff_8000_0000n;
    const made = { segments: [{ address: virtual, physical: KERNEL }], symbols: { tohost: virtual + 2n } };
    expect(load(makeElf(made))).toMatchObject({ entry: KERNEL, tohost: KERNEL + 2n, mode: 's' });
  });
  test('without symbols is as good', () => {
    expect(load(makeElf()).symbols).toEqual([]);
  });

  test.each<[string, MadeElf]>([
    ['is not a 64-bit one', { patches: { 4: 1 } }],
    ['is not little-endian', { patches: { 5: 2 } }],
    ['is for another machine (x86-64), not RISC-V', { patches: { 18: 62 } }],
    ['is for another machine (1), not RISC-V', { patches: { 18: 1 } }],
    ['is an object file', { patches: { 16: 1 } }],
    ['is position-independent', { patches: { 16: 3 } }],
    ['is of type 4, not an executable', { patches: { 16: 4 } }],
    ['has an odd entry point', { entry: BASE + 1n }],
    ['has nothing to load', { segments: [] }],
    ['has program headers of an unknown size', { patches: { 54: 32 } }],
    ['has 65535 program headers', { patches: { 56: 0xff, 57: 0xff } }],
    ['truncated: its program headers go past the end', { patches: { 37: 1 } }],
    ['truncated: a segment goes past the end', { segments: [{ address: BASE, offset: 4000n }] }],
    [
      'truncated: a segment goes past the end',
      { segments: [{ address: BASE, fileBytes: (1n << 64n) - 1n, memoryBytes: (1n << 64n) - 1n }] },
    ],
    ['larger in the file than in memory', { segments: [{ address: BASE, memoryBytes: 1n }] }],
    [
      'a segment of the ELF has 18446744073709551615 bytes',
      { segments: [{ address: BASE, memoryBytes: (1n << 64n) - 1n }] },
    ],
    ['overlap at 0x80000002', { segments: [{ address: BASE + 2n }, { address: BASE }] }],
    ['truncated: its symbols go past the end', { symbols: { main: BASE }, patches: { 44: 1 } }],
  ])('is refused because it %s', (message, made) => {
    expect(refusalOf(made)).toContain(message);
  });
  test('that is cut anywhere is refused as truncated', () => {
    const bytes = makeElf({ symbols: { main: BASE } });
    for (let length = 4; length < bytes.length; length++) {
      expect(refusal(bytes.subarray(0, length))).toContain('truncated');
    }
  });
});

describe('a Linux image', () => {
  function linux(patches: (view: DataView) => void = () => {}): Uint8Array {
    const bytes = new Uint8Array(128);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(8, 0x20_0000n, true);
    view.setBigUint64(16, 4096n, true);
    bytes.set(new TextEncoder().encode('RISCV'), 48);
    bytes.set(new TextEncoder().encode('RSC\x05'), 56);
    patches(view);
    return bytes;
  }
  test('loads where kernels do, occupies what its header says, and starts in S-mode', () => {
    const { format, entry, mode, segments } = load(linux());
    expect([format, entry, mode]).toEqual(['linux', KERNEL, 's']);
    expect(segments.map(({ address, bytes }) => [address, bytes])).toEqual([[KERNEL, 4096]]);
  });
  test('is refused where it is big-endian or of an impossible size', () => {
    expect(refusal(linux((view) => view.setUint8(24, 1)))).toContain('big-endian');
    expect(refusal(linux((view) => view.setBigUint64(16, 1n << 63n, true)))).toContain('claims to occupy');
  });
});

test('raw bytes load at the start of RAM in M-mode, behind a firmware where kernels do', () => {
  expect(load(Uint8Array.of(1, 2))).toMatchObject({ format: 'raw', entry: BASE, mode: 'm' });
  expect(load(Uint8Array.of(1, 2), { behindFirmware: true })).toMatchObject({ entry: KERNEL, mode: 's' });
});
test('an empty file is refused', () => {
  expect(refusal(new Uint8Array())).toBe('the file is empty');
});

test('no bytes make the loader throw: ELFs with random bytes in them, cut anywhere', () => {
  const good = makeElf({
    segments: [{ address: BASE }, { address: BASE + 64n, memoryBytes: 256n }],
    symbols: { main: BASE, tohost: BASE + 64n },
  });
  const byte = fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255));
  const changes = fc.array(fc.tuple(fc.nat(good.length - 1), byte), { maxLength: 8 });
  fc.assert(
    fc.property(changes, fc.nat(good.length), fc.boolean(), (list, length, cut) => {
      const bytes = good.slice(0, cut ? length : good.length);
      for (const [at, value] of list) if (at < bytes.length) bytes[at] = value;
      const result = loadImage(bytes);
      if (!result.ok) expect(result.message).toMatch(/^(the|a|segments) /);
      const segments = result.ok ? result.image.segments : [];
      for (const { data, bytes: size } of segments) expect(size).toBeGreaterThanOrEqual(data.length);
    }),
    { numRuns: RUNS },
  );
});
