// dtc, the reference compiler of device trees, reads the board's tree without a complaint, and what it reads is the tree
// that QEMU makes of its virt board, node by node, but for what is listed here. Disks are in neither: their slots are.

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

function decompile(tree: Uint8Array): { source: string; warnings: string } {
  const { stdout, stderr, status } = spawnSync('dtc', ['-I', 'dtb', '-O', 'dts', '-s', '-'], { input: tree });
  expect(status).toBe(0);
  return { source: stdout.toString(), warnings: stderr.toString() };
}

function qemuTree(harts: number): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'trapeze-'));
  try {
    const file = join(folder, 'virt.dtb');
    const options = ['-M', `virt,dumpdtb=${file}`, '-m', '128M', '-smp', String(harts), '-display', 'none'];
    execFileSync('qemu-system-riscv64', options, { stdio: 'ignore' });
    return readFileSync(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Devices that our board lacks. */
const QEMU_ONLY = ['/flash@20000000', '/platform-bus@4000000', '/pmu', '/soc/pci@30000000'];
/** Properties of one of the two alone, or of their own. */
const OWN = [
  /^\/chosen rng-seed /, // a run of ours repeats
  /^\/cpus\/cpu@\d+ riscv,(isa(-base|-extensions)?|cbo[mz]-block-size) /, // extensions differ, and QEMU 7.2 lacks what is newer
  /^\/cpus\/cpu@\d+\/interrupt-controller #address-cells /, // which dtc misses in QEMU's
  /^\/cpus\/cpu-map\/cluster0\/core\d+ cpu /, // QEMU numbers cores backwards
];
const REFERENCES = ['interrupt-parent', 'regmap', 'cpu'];

/** Each property of each node, as 'path name value', with paths for the numbers by which nodes are referred to. */
function flat(source: string): string[] {
  const properties: { path: string; name: string; value: string }[] = [];
  const paths: string[] = [];
  for (const line of source.split('\n').map((text) => text.trim())) {
    const [, opened] = /^(\S+) \{$/.exec(line) ?? [];
    const [, name, value = ''] = /^([^\s=;]+)(?: = (.*))?;$/.exec(line) ?? [];
    if (opened !== undefined) paths.push(opened === '/' ? '' : `${paths.at(-1)}/${opened}`);
    else if (line === '};') paths.pop();
    else if (name !== undefined && paths.length > 0) properties.push({ path: paths.at(-1) as string, name, value });
  }
  const handles = new Map(properties.filter(({ name }) => name === 'phandle').map(({ path, value }) => [value, path]));
  const resolve = (value: string) => handles.get(value) ?? value;
  return properties
    .filter(({ name }) => name !== 'phandle')
    .map(({ path, name, value }) => {
      const wires = (value.match(/0x[0-9a-f]+/g) ?? []).map((cell, at) => (at % 2 === 0 ? resolve(`<${cell}>`) : cell));
      const told =
        name === 'interrupts-extended' ? wires.join(' ') : REFERENCES.includes(name) ? resolve(value) : value;
      return `${path} ${name} ${told}`;
    })
    .filter((text) => !QEMU_ONLY.some((path) => text.startsWith(path)) && !OWN.some((pattern) => pattern.test(text)))
    .sort();
}

test.skipIf(missing.includes('dtc')).each([1, 4])('dtc reads the tree of %i hart(s) and warns of nothing', (harts) => {
  const { board } = fakeBoard({ harts });
  expect(decompile(deviceTree(board, 'console=ttyS0')).warnings).toBe('');
});

test.skipIf(missing.length > 0).each([1, 4])(
  "every node has the properties that it has in QEMU's tree, for %i hart(s)",
  (harts) => {
    const { board } = fakeBoard({ harts, ramBytes: 128 * MEBIBYTE });
    const ours = flat(decompile(deviceTree(board)).source);
    expect(ours).toEqual(flat(decompile(qemuTree(harts)).source));
    expect(ours).toContain('/fw-cfg@10100000 compatible "qemu,fw-cfg-mmio"');
    expect(ours).toContain('/soc/serial@10000000 interrupt-parent /soc/plic@c000000');
  },
);
