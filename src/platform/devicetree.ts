// The device tree of the board: what a kernel learns of its harts, memory, devices and interrupts, with the names and
// compatible strings of QEMU's virt board. Addresses come from memory-map.ts, and the rest from the board itself.
// Left out, as the board lacks them: flash and PCI; and a seed of randomness, since runs repeat.

import { Interrupt } from '../../isa/causes.ts';
import { extensionBits, hasExtension } from '../../isa/extensions.ts';
import { isaNames, isaString } from '../../isa/isa-string.ts';
import { BLOCK_BYTES } from '../../isa/layout.ts';
import type { PrivilegedState } from '../../isa/state.ts';
import type { Board } from './board.ts';
import { TIMEBASE_HERTZ } from './clock.ts';
import { flatten, type Node } from './fdt.ts';
import {
  CLINT_BASE,
  FINISHER_BASE,
  FINISHER_WINDOW_BYTES,
  FW_CFG_BASE,
  PLIC_BASE,
  PLIC_SOURCES,
  RTC_BASE,
  RTC_INTERRUPT,
  RTC_WINDOW_BYTES,
  UART_BASE,
  UART_CLOCK_HERTZ,
  UART_INTERRUPT,
  UART_WINDOW_BYTES,
  VIRTIO_BASE,
  VIRTIO_INTERRUPT,
  VIRTIO_SLOTS,
  VIRTIO_STRIDE,
} from './memory-map.ts';

/** Told by `mmu-type`. */
const TRANSLATIONS = extensionBits(['Sv39', 'Sv48']);

/** Nodes that others refer to: the PLIC, the finisher, then two for each hart. */
const PLIC_HANDLE = 1;
const FINISHER_HANDLE = 2;
const cpuHandle = (hart: number) => 3 + 2 * hart;
const intcHandle = (hart: number) => 4 + 2 * hart;

/** What poweroff and reboot write to the finisher. */
const POWEROFF = 0x5555;
const REBOOT = 0x7777;
const WORD_BITS = 32n;
const HEX = 16;

/** Where an initial RAM disk is in RAM. */
interface InitialDisk {
  readonly address: bigint;
  readonly bytes: number;
}

/** @param append the kernel's command line. */
export function deviceTree(board: Board, append?: string, initrd?: InitialDisk): Uint8Array {
  const { ram, fwCfg } = board;
  return flatten({
    name: '',
    properties: {
      '#address-cells': [2],
      '#size-cells': [2],
      compatible: 'riscv-virtio',
      model: 'riscv-virtio,qemu',
    },
    children: [
      {
        name: 'chosen',
        properties: {
          'stdout-path': `/soc/${at('serial', UART_BASE)}`,
          ...(append === undefined ? {} : { bootargs: append }),
          ...(initrd && {
            'linux,initrd-start': cells(initrd.address),
            'linux,initrd-end': cells(initrd.address + BigInt(initrd.bytes)),
          }),
        },
      },
      syscon('poweroff', POWEROFF),
      syscon('reboot', REBOOT),
      { name: at('memory', ram.base), properties: { device_type: 'memory', reg: region(ram.base, ram.bytes) } },
      cpus(board),
      {
        name: at('fw-cfg', FW_CFG_BASE),
        properties: {
          'dma-coherent': true,
          reg: region(FW_CFG_BASE, fwCfg.size),
          compatible: 'qemu,fw-cfg-mmio',
        },
      },
      {
        name: 'soc',
        properties: { '#address-cells': [2], '#size-cells': [2], compatible: 'simple-bus', ranges: true },
        children: devices(board),
      },
    ],
  });
}

function cpus({ harts }: Board): Node {
  const cpu = (hart: number, { extensions: { bits } }: PrivilegedState): Node => ({
    name: `cpu@${hart.toString(HEX)}`,
    properties: {
      phandle: [cpuHandle(hart)],
      device_type: 'cpu',
      reg: [hart],
      status: 'okay',
      compatible: 'riscv',
      'riscv,isa': isaString(bits & ~TRANSLATIONS),
      'riscv,isa-base': 'rv64i',
      'riscv,isa-extensions': isaNames(bits & ~TRANSLATIONS),
      ...(hasExtension(bits, 'Zicbom') && { 'riscv,cbom-block-size': [BLOCK_BYTES] }),
      ...(hasExtension(bits, 'Zicboz') && { 'riscv,cboz-block-size': [BLOCK_BYTES] }),
      'mmu-type': hasExtension(bits, 'Sv48') ? 'riscv,sv48' : 'riscv,sv39',
    },
    children: [
      {
        name: 'interrupt-controller',
        properties: {
          '#address-cells': [0],
          '#interrupt-cells': [1],
          'interrupt-controller': true,
          compatible: 'riscv,cpu-intc',
          phandle: [intcHandle(hart)],
        },
      },
    ],
  });
  const numbers = [...harts.keys()];
  const cores = numbers.map((hart) => ({ name: `core${hart}`, properties: { cpu: [cpuHandle(hart)] } }));
  return {
    name: 'cpus',
    properties: { '#address-cells': [1], '#size-cells': [0], 'timebase-frequency': [TIMEBASE_HERTZ] },
    children: [
      ...harts.map((state, hart) => cpu(hart, state)),
      { name: 'cpu-map', properties: {}, children: [{ name: 'cluster0', properties: {}, children: cores }] },
    ],
  };
}

function devices({ harts, plic, clint }: Board): readonly Node[] {
  /** The wires of a controller into every hart, in the order of its contexts. */
  const wires = (...numbers: number[]) =>
    [...harts.keys()].flatMap((hart) => numbers.flatMap((number) => [intcHandle(hart), number]));
  const interrupt = (number: number) => ({ interrupts: [number], 'interrupt-parent': [PLIC_HANDLE] });
  return [
    {
      name: at('rtc', RTC_BASE),
      properties: {
        ...interrupt(RTC_INTERRUPT),
        reg: region(RTC_BASE, RTC_WINDOW_BYTES),
        compatible: 'google,goldfish-rtc',
      },
    },
    {
      name: at('serial', UART_BASE),
      properties: {
        ...interrupt(UART_INTERRUPT),
        reg: region(UART_BASE, UART_WINDOW_BYTES),
        'clock-frequency': [UART_CLOCK_HERTZ],
        compatible: 'ns16550a',
      },
    },
    ...Array.from({ length: VIRTIO_SLOTS }, (_, slot) => {
      const base = VIRTIO_BASE + BigInt(slot) * VIRTIO_STRIDE;
      return {
        name: at('virtio_mmio', base),
        properties: {
          ...interrupt(VIRTIO_INTERRUPT + slot),
          reg: region(base, Number(VIRTIO_STRIDE)),
          compatible: 'virtio,mmio',
        },
      };
    }),
    {
      name: at('test', FINISHER_BASE),
      properties: {
        phandle: [FINISHER_HANDLE],
        reg: region(FINISHER_BASE, FINISHER_WINDOW_BYTES),
        compatible: ['sifive,test1', 'sifive,test0', 'syscon'],
      },
    },
    {
      name: at('plic', PLIC_BASE),
      properties: {
        phandle: [PLIC_HANDLE],
        'riscv,ndev': [PLIC_SOURCES],
        reg: region(PLIC_BASE, plic.size),
        'interrupts-extended': wires(Interrupt.MEI, Interrupt.SEI),
        'interrupt-controller': true,
        compatible: ['sifive,plic-1.0.0', 'riscv,plic0'],
        '#address-cells': [0],
        '#interrupt-cells': [1],
      },
    },
    {
      name: at('clint', CLINT_BASE),
      properties: {
        'interrupts-extended': wires(Interrupt.MSI, Interrupt.MTI),
        reg: region(CLINT_BASE, clint.size),
        compatible: ['sifive,clint0', 'riscv,clint0'],
      },
    },
  ];
}

/** A way to end the run that kernels know: a value to write to the finisher. */
const syscon = (name: string, value: number): Node => ({
  name,
  properties: { value: [value], offset: [0], regmap: [FINISHER_HANDLE], compatible: `syscon-${name}` },
});

const at = (name: string, base: bigint) => `${name}@${base.toString(HEX)}`;

/** A `reg` of one range: address and size, two cells each. */
function region(base: bigint, bytes: number): readonly number[] {
  return [...cells(base), ...cells(BigInt(bytes))];
}

const cells = (value: bigint): readonly number[] => [Number(value >> WORD_BITS), Number(BigInt.asUintN(32, value))];
