// The firmware configuration device answers a guest as QEMU's does: every item, widths and offsets that fault, and
// copies. Left out: copies that leave RAM in part, of which QEMU makes the part that fits, and misaligned accesses,
// which fault here at any device and at some of QEMU's.

import { rmSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { FW_CFG_BASE } from '../../src/platform/memory-map.ts';
import { type Access, accessGuest, BUFFERS } from '../support/accesses.ts';
import { scratchFolder, trapeze } from '../support/cli.ts';
import { missingTools } from '../support/tools.ts';
import { assembleFile, qemuConsole } from './virt.ts';

const folder = scratchFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const missing = missingTools('firmware configuration', ['qemu-system-riscv64']);

const SELECTOR = FW_CFG_BASE + 0x8n;
const DMA = FW_CFG_BASE + 0x10n;
const DIRECTORY = 0x19;
const DIRECTORY_WORDS = 40;
const FEWEST_LINES = 50;
/** All keys below the last file's, one more, and some with bits that ask for something else. */
const KEYS = [...Array(0x41).keys(), 0x4000, 0x4019, 0x8000, 0x8019, 0xffff];

const swap = (value: bigint, bytes: number) =>
  Array.from({ length: bytes }, (_, at) => (value >> BigInt(8 * at)) & 0xffn).reduce(
    (all, byte) => (all << 8n) | byte,
    0n,
  );
const select = (key: number): Access => ({ write: SELECTOR, width: 2, value: swap(BigInt(key), 2) });
const read = (address: bigint, width: 1 | 2 | 4 | 8): Access => ({ read: address, width });

function items(): Access[] {
  return KEYS.flatMap((key) => [
    select(key),
    ...Array.from({ length: key === DIRECTORY ? DIRECTORY_WORDS : 3 }, () => read(FW_CFG_BASE, 8)),
  ]);
}
function widths(): Access[] {
  const offsets = [...Array(0x19).keys()];
  return offsets.flatMap((offset) =>
    ([1, 2, 4, 8] as const).flatMap((width) =>
      offset % width !== 0
        ? []
        : [
            select(0),
            read(FW_CFG_BASE + BigInt(offset), width),
            // Not the registers that start a copy.
            ...(offset < 16 ? [{ write: FW_CFG_BASE + BigInt(offset), width, value: 0n } as const] : []),
          ],
    ),
  );
}
function copies(): Access[] {
  const target = BUFFERS + 0x100n;
  const request = (control: number, length: number, address: bigint): Access[] => [
    { write: target, width: 8, value: 0xeeee_eeee_eeee_eeeen },
    { write: BUFFERS, width: 8, value: swap((BigInt(control) << 32n) | BigInt(length), 8) },
    { write: BUFFERS + 8n, width: 8, value: swap(address, 8) },
    { write: DMA, width: 8, value: swap(BUFFERS, 8) },
    // Gives a copy the time that it may take.
    ...Array.from({ length: 4 }, () => read(DMA, 8)),
    read(BUFFERS, 8),
    read(BUFFERS + 8n, 8),
    read(target, 8),
    read(target + 8n, 8),
  ];
  return [
    ...request(0x0a, 4, target),
    ...request(0x0a, 16, target),
    ...request(0x0c, 2, 0n),
    ...request(0x02, 4, target),
    ...request(0x19_000a, 16, target),
    ...request(0x02, 16, target),
    ...request(0x06, 8, target),
    ...request(0x08, 8, target),
    ...request(0x00, 8, target),
    ...request(0x02, 0, target),
    ...request(0x18, 4, target),
    ...request(0x18, 0, target),
    ...request(0x10, 4, target),
    ...request(0x22_000a, 8, target),
    ...request(0x7f_000a, 8, target),
    ...request(0x0a, 4, 0x1n),
    ...request(0x02, 4, target),
  ];
}

test.skipIf(missing.length > 0).each([
  ['items, widths and copies', [...items(), ...widths(), ...copies()], '1'],
  ['items', items(), '4'],
])('%s', (_name, accesses, harts) => {
  const image = assembleFile(folder, 'accesses.bin', accessGuest(accesses));
  const theirs = qemuConsole(['-bios', image, '-smp', harts]);
  expect(theirs.split('\n').length).toBeGreaterThan(FEWEST_LINES);
  for (const kind of [[], ['--bare']]) expect(trapeze(['run', image, '--smp', harts, ...kind]).stdout).toBe(theirs);
});
