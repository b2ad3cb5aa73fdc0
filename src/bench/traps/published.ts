// What exits cost elsewhere, as published, for what is nearest among our own rows. Rates are turned into nanoseconds an
// operation. The machines differ from ours and from each other, so these are orders of magnitude, not races.

export interface Published {
  /** The row of ours that comes nearest. */
  readonly kind: string;
  readonly operation: string;
  readonly monitor: string;
  readonly host: string;
  readonly nanoseconds: number;
  readonly source: keyof typeof SOURCES;
}

export const SOURCES = {
  nem: 'VirtualBox, src/VBox/VMM/tools/NemRawBench-1.cpp: the results at its end, as instructions a second (Oracle, 2018)',
  splitx:
    'A. Landau, M. Ben-Yehuda and A. Gordon, SplitX: Split Guest/Hypervisor Execution on Multi-Core (USENIX WIOV 2011): the direct cost of an exit, 2,000 cycles',
} as const;

const SECOND = 1e9;
const rate = (perSecond: number) => SECOND / perSecond;
const cycles = (count: number, gigahertz: number) => count / gigahertz;

const KABY_LAKE = 'Core i7-7920HQ, 3.1 GHz';
const THREADRIPPER = 'Threadripper 1950X, 3.4 GHz';

export const PUBLISHED: readonly Published[] = [
  {
    kind: 'csr-read',
    operation: 'cpuid, answered in the kernel',
    monitor: 'KVM, Linux 4.15',
    host: KABY_LAKE,
    nanoseconds: rate(2_212_038),
    source: 'nem',
  },
  {
    kind: 'csr-read',
    operation: 'cpuid, answered in the kernel',
    monitor: 'KVM, Linux 4.18',
    host: THREADRIPPER,
    nanoseconds: rate(1_745_014),
    source: 'nem',
  },
  {
    kind: 'csr-read',
    operation: 'cpuid',
    monitor: 'VirtualBox r125404',
    host: THREADRIPPER,
    nanoseconds: rate(1_566_343),
    source: 'nem',
  },
  {
    kind: 'csr-read',
    operation: 'cpuid, answered in user space',
    monitor: 'Hyper-V platform API, build 17763',
    host: THREADRIPPER,
    nanoseconds: rate(65_245),
    source: 'nem',
  },
  {
    kind: 'csr-read',
    operation: 'an exit, the switch alone',
    monitor: 'KVM, Linux 2.6.34',
    host: 'Xeon X5570, 2.93 GHz',
    nanoseconds: cycles(2000, 2.93),
    source: 'splitx',
  },
  {
    kind: 'mmio-read',
    operation: 'a load from a device in user space',
    monitor: 'KVM, Linux 4.15',
    host: KABY_LAKE,
    nanoseconds: rate(477_962),
    source: 'nem',
  },
  {
    kind: 'mmio-read',
    operation: 'a load from a device in user space',
    monitor: 'KVM, Linux 4.18',
    host: THREADRIPPER,
    nanoseconds: rate(351_767),
    source: 'nem',
  },
  {
    kind: 'mmio-write',
    operation: 'a store to a device in the kernel',
    monitor: 'VirtualBox r125404',
    host: THREADRIPPER,
    nanoseconds: rate(870_671),
    source: 'nem',
  },
];
