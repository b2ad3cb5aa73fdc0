// dtc, the reference compiler of device trees, reads the board's tree without a complaint, and what it reads says the
// same of our devices as the tree that QEMU makes of its virt board.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { deviceTree } from '../../src/platform/devicetree.ts';
import { fakeBoard } from '../platform/fake-board.ts';
import { missingTools } from '../support/tools.ts';

const missing = missingTools('device tree', ['dtc', 'qemu-system-riscv64']);

const MEBIBYTE = 1024 * 1024;
const HARTS = 2;

function decompile(tree: Uint8Array): { source: string; warnings: string } {
  const { stdout, stderr, status } = spawnSync('dtc', ['-I', 'dtb', '-O', 'dts', '-s', '-'], { input: tree });
  expect(status).toBe(0);
  return { source: stdout.toString(), warnings: stderr.toString() };
}

function qemuTree(): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'trapeze-'));
  try {
    const file = join(folder, 'virt.dtb');
    const options = ['-M', `virt,dumpdtb=${file}`, '-m', '128M', '-smp', String(HARTS), '-display', 'none'];
    execFileSync('qemu-system-riscv64', options, { stdio: 'ignore' });
    return readFileSync(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The properties of a node, without those that number nodes. */
function properties(source: string, node: string): string[] {
  const start = source.indexOf(`${node} {`);
  expect(start).toBeGreaterThan(0);
  const lines = source.slice(start, source.indexOf('}', start)).split('\n').slice(1);
  const numbering = /phandle|interrupt-parent|interrupts-extended|regmap/;
  return lines.map((line) => line.trim()).filter((line) => line !== '' && !numbering.test(line));
}

test.skipIf(missing.includes('dtc'))('dtc reads the tree and warns of nothing', () => {
  const { board } = fakeBoard({ harts: HARTS });
  expect(decompile(deviceTree(board, 'console=ttyS0')).warnings).toBe('');
});

test.skipIf(missing.length > 0)('each device has the properties that it has in the tree of QEMU', () => {
  const { board } = fakeBoard({ harts: HARTS, ramBytes: 128 * MEBIBYTE });
  const ours = decompile(deviceTree(board)).source;
  const theirs = decompile(qemuTree()).source;
  const nodes = [
    'rtc@101000',
    'serial@10000000',
    'virtio_mmio@10001000',
    'virtio_mmio@10008000',
    'test@100000',
    'plic@c000000',
    'clint@2000000',
    'memory@80000000',
    'fw-cfg@10100000',
    'poweroff',
    'reboot',
  ];
  for (const node of nodes) expect([node, ...properties(ours, node)]).toEqual([node, ...properties(theirs, node)]);
});
