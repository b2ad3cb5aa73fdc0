// Where things lie in the image that QEMU and Trapeze both run: the harness, then one region for each sequence, with
// its registers before and after, its code, its data and its page tables. Both sides see the same physical addresses.

import { CSR_NUMBERS } from '../../../isa/csr-names.ts';
import { RAM_BASE } from './qemu.ts';

export const PAGE = 4096;
export const DOUBLE = 8;

/** Pages of the harness: its code, with two pointers in reach of an immediate, and the S-mode trap handler. */
export const HARNESS = { code: 0, handler: PAGE, pages: 2 } as const;
export const POINTERS = { current: PAGE / 2 - 2 * DOUBLE, end: PAGE / 2 - DOUBLE } as const;

/** Offsets in a region. Code may run over from its first page into its second. */
export const REGION = {
  before: 0,
  after: PAGE / 2,
  code: PAGE,
  data: 3 * PAGE,
  root: 5 * PAGE,
  middle: 6 * PAGE,
  leaf: 7 * PAGE,
  bytes: 8 * PAGE,
} as const;

export const FIRST_REGION = RAM_BASE + BigInt(HARNESS.pages * PAGE);

export function regionAddress(index: number): bigint {
  return FIRST_REGION + BigInt(index * REGION.bytes);
}

const pmpAddresses = ['pmpaddr0', 'pmpaddr1', 'pmpaddr2', 'pmpaddr3', 'pmpaddr4'] as const;

/**
 * CSRs that a sequence starts with and that are compared after it, in the order in which the harness writes them:
 * configuration before addresses would leave gaps, and mideleg gates what mip takes.
 */
export const CSR_ORDER = [
  'mtvec',
  'mstatus',
  'satp',
  'medeleg',
  'mideleg',
  'mie',
  'mip',
  'mepc',
  'mcause',
  'mtval',
  'mcounteren',
  'stvec',
  'scounteren',
  'sscratch',
  'sepc',
  'scause',
  'stval',
  ...pmpAddresses,
  'pmpcfg0',
] as const;
export type SavedCsr = (typeof CSR_ORDER)[number];

export const csrNumber = (name: string): number => {
  const number = CSR_NUMBERS[name];
  if (number === undefined) throw new Error(`no CSR ${name}`);
  return number;
};

/** Offset of register x`index` in a block of registers, and of a CSR. */
export const registerOffset = (index: number) => index * DOUBLE;
export const csrOffset = (index: number) => (32 + index) * DOUBLE;
/** Behind them: f registers, and fcsr, which can be reached only while mstatus.FS is not Off. */
export const floatOffset = (index: number) => (64 + index) * DOUBLE;
export const FCSR_OFFSET = 96 * DOUBLE;
