// The device tree as a kernel parses it: a small reader of the format, and the properties that drivers need.
// tests/peers/devicetree.test.ts has dtc check the same bytes.

import { expect, test } from 'vitest';
import { extensionBits } from '../../isa/extensions.ts';
import { isaString } from '../../isa/isa-string.ts';
import { deviceTree } from '../../src/platform/devicetree.ts';
import { fakeBoard } from './fake-board.ts';

type Properties = Readonly<Record<string, Uint8Array>>;
const BEGIN = 1;
const END = 2;
const PROPERTY = 3;

/** Properties by the path of their node. */
function parse(bytes: Uint8Array): Map<string, Properties> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [magic, total, structure, strings] = [0, 4, 8, 12].map((at) => view.getUint32(at)) as [
    number,
    number,
    number,
    number,
  ];
  expect([magic, total]).toEqual([0xd00d_feed, bytes.length]);
  const textAt = (at: number) => new TextDecoder().decode(bytes.subarray(at, bytes.indexOf(0, at)));
  const align = (at: number) => (at + 3) & ~3;
  const nodes = new Map<string, Record<string, Uint8Array>>();
  const path: string[] = [];
  for (let at = structure; ; ) {
    const token = view.getUint32(at);
    at += 4;
    if (token === BEGIN) {
      const name = textAt(at);
      path.push(name);
      nodes.set(path.join('/') || '/', {});
      at = align(at + name.length + 1);
    } else if (token === PROPERTY) {
      const length = view.getUint32(at);
      const node = nodes.get(path.join('/') || '/') as Record<string, Uint8Array>;
      node[textAt(strings + view.getUint32(at + 4))] = bytes.slice(at + 8, at + 8 + length);
      at = align(at + 8 + length);
    } else if (token === END) path.pop();
    else return nodes;
  }
}

const cells = (value: Uint8Array | undefined) => {
  const view = new DataView((value as Uint8Array).buffer);
  return Array.from({ length: view.byteLength / 4 }, (_, i) => view.getUint32(4 * i));
};
const text = (value: Uint8Array | undefined) => new TextDecoder().decode(value).replace(/\0$/, '');

test('it describes the board with the names that drivers know', () => {
  const { board, ram } = fakeBoard({ harts: 2 });
  board.harts[1]?.equip(extensionBits(['I', 'M', 'A', 'C', 'Zicntr', 'Zicsr', 'Zihpm', 'Sv39', 'Svadu']));
  const nodes = parse(deviceTree(board, 'quiet'));
  const compatible = [...nodes].flatMap(([path, node]) =>
    node['compatible'] ? [`${path} ${text(node['compatible'])}`] : [],
  );
  expect(compatible).toEqual([
    '/ riscv-virtio',
    '/poweroff syscon-poweroff',
    '/reboot syscon-reboot',
    '/cpus/cpu@0 riscv',
    '/cpus/cpu@0/interrupt-controller riscv,cpu-intc',
    '/cpus/cpu@1 riscv',
    '/cpus/cpu@1/interrupt-controller riscv,cpu-intc',
    '/fw-cfg@10100000 qemu,fw-cfg-mmio',
    '/soc simple-bus',
    '/soc/rtc@101000 google,goldfish-rtc',
    '/soc/serial@10000000 ns16550a',
    ...[1, 2, 3, 4, 5, 6, 7, 8].map((page) => `/soc/virtio_mmio@1000${page}000 virtio,mmio`),
    '/soc/test@100000 sifive,test1\0sifive,test0\0syscon',
    '/soc/plic@c000000 sifive,plic-1.0.0\0riscv,plic0',
    '/soc/clint@2000000 sifive,clint0\0riscv,clint0',
  ]);
  const of = (path: string, name: string) => nodes.get(path)?.[name];
  expect(text(of('/chosen', 'stdout-path'))).toBe('/soc/serial@10000000');
  expect(text(of('/chosen', 'bootargs'))).toBe('quiet');
  expect(cells(of('/memory@80000000', 'reg'))).toEqual([0, 0x8000_0000, 0, ram.bytes]);
  expect(cells(of('/cpus', 'timebase-frequency'))).toEqual([10_000_000]);
  expect(text(of('/cpus/cpu@0', 'mmu-type'))).toBe('riscv,sv48');
  expect(text(of('/cpus/cpu@1', 'mmu-type'))).toBe('riscv,sv39');
  expect(text(of('/cpus/cpu@0', 'riscv,isa'))).toBe(
    isaString(board.harts[0]?.extensions.bits ?? 0n).replace(/_sv39(_sv48)?/, ''),
  );
  expect(text(of('/cpus/cpu@1', 'riscv,isa-extensions')).split('\0')).toEqual([
    'i',
    'm',
    'a',
    'c',
    'zicntr',
    'zicsr',
    'zihpm',
    'svadu',
  ]);
});

test('controllers name the wires of each hart in the order of their contexts', () => {
  const nodes = parse(deviceTree(fakeBoard({ harts: 2 }).board));
  const intc = [0, 1].map((hart) => cells(nodes.get(`/cpus/cpu@${hart}/interrupt-controller`)?.['phandle'])[0]);
  const [first, second] = intc;
  expect(cells(nodes.get('/soc/plic@c000000')?.['interrupts-extended'])).toEqual([
    first,
    11,
    first,
    9,
    second,
    11,
    second,
    9,
  ]);
  expect(cells(nodes.get('/soc/clint@2000000')?.['interrupts-extended'])).toEqual([
    first,
    3,
    first,
    7,
    second,
    3,
    second,
    7,
  ]);
  const plic = cells(nodes.get('/soc/plic@c000000')?.['phandle']);
  expect(cells(nodes.get('/soc/serial@10000000')?.['interrupt-parent'])).toEqual(plic);
});

test('RAM above 4 GiB has its size in two cells', () => {
  const { board } = fakeBoard();
  const big = Object.create(board, { ram: { value: { base: 0x8000_0000n, bytes: 0x1_8000_0000 } } }) as typeof board;
  expect(cells(parse(deviceTree(big)).get('/memory@80000000')?.['reg'])).toEqual([0, 0x8000_0000, 1, 0x8000_0000]);
});
