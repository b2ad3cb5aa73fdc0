// The kinds of traps whose cost is told, in the manner of the nano-benchmarks of Adams and Agesen ("A Comparison of
// Software and Hardware Techniques for x86 Virtualization", ASPLOS 2006): bench/workloads/traps.s holds each of them,
// in a loop. NONE is the loop itself, which is taken off the others.

import type { ReadSource } from '../image.ts';
import { assembleWorkload } from '../image.ts';

export interface TrapKind {
  readonly name: string;
  /** What an operation is. */
  readonly title: string;
  /** Its symbol in traps.s. */
  readonly symbol: string;
  /** Does not trap, bare or virtual: what traps are compared with. */
  readonly isControl?: boolean;
  /** Virtual machines that do it in turn, if not one. */
  readonly machines?: number;
}

/** The empty loop. */
export const EMPTY: TrapKind = {
  name: 'loop',
  title: 'the loop around each operation',
  symbol: 'NONE',
  isControl: true,
};

export const TRAP_KINDS: readonly TrapKind[] = [
  { name: 'call', title: 'call and return', symbol: 'CALL', isControl: true },
  { name: 'divide', title: 'a division', symbol: 'DIVIDE', isControl: true },
  { name: 'system-call', title: 'ecall from U to the kernel, and back', symbol: 'SYSCALL' },
  { name: 'csr-read', title: 'sscratch read', symbol: 'READ' },
  { name: 'csr-write', title: 'sscratch written', symbol: 'WRITE' },
  { name: 'sret', title: 'sepc and sstatus.SPP written, sret to S', symbol: 'SRET' },
  { name: 'time', title: 'time read', symbol: 'TIME' },
  { name: 'page-fault', title: 'a load from an unmapped page: handled, and back', symbol: 'FAULT' },
  { name: 'hidden-fault', title: 'the first load from a mapped page', symbol: 'HIDDEN' },
  { name: 'table-edit', title: 'a page-table entry changed, fenced, used', symbol: 'EDIT' },
  { name: 'table-rewrite', title: 'all 512 entries of a table changed, a fence of all, one used', symbol: 'REWRITE' },
  { name: 'satp', title: 'satp switched, a fence of all, a load', symbol: 'SATP' },
  { name: 'mmio-read', title: 'a register of the UART read', symbol: 'LOAD' },
  { name: 'mmio-write', title: 'a register of the UART written', symbol: 'STORE' },
  { name: 'sbi', title: 'a call of the SBI: its version', symbol: 'SBI' },
  { name: 'set-timer', title: 'a call of the SBI: a timer set', symbol: 'SET_TIMER' },
  { name: 'wfi', title: 'a wait for an interrupt that is pending', symbol: 'WFI' },
  { name: 'timer', title: 'stimecmp set to the past: the interrupt, and back', symbol: 'TIMER' },
  {
    name: 'world-switch',
    title: 'stimecmp set, wfi: the other of two virtual machines runs',
    symbol: 'WORLD',
    machines: 2,
  },
  { name: 'ipi', title: 'an interrupt to oneself by the SBI, and back', symbol: 'IPI' },
];

/** Operations in a pass of the loop. */
export const UNROLLED = 8;
/** Where an image starts in S-mode, on the SBI. */
const KERNEL = 0x8020_0000n;

export function trapElf({ symbol }: TrapKind, passes: number, read: ReadSource): Uint8Array {
  return assembleWorkload({
    name: symbol,
    sources: ['traps.s', 'finish.s'],
    numbers: { [symbol]: 1, UNROLLED, ITERATIONS: passes },
    expected: BigInt(passes * UNROLLED),
    base: KERNEL,
    read,
  });
}
