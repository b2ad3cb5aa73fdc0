// Why a trap is taken: exception codes and interrupt numbers, with the names that the privileged manual gives them
// (norm:mcause_exccode_op, norm:mcause_intr_op). The codes of the hypervisor extension are left out until H exists.

export const Cause = {
  InstructionAddressMisaligned: 0,
  InstructionAccessFault: 1,
  IllegalInstruction: 2,
  Breakpoint: 3,
  LoadAddressMisaligned: 4,
  LoadAccessFault: 5,
  StoreAddressMisaligned: 6,
  StoreAccessFault: 7,
  EnvironmentCallFromU: 8,
  EnvironmentCallFromS: 9,
  EnvironmentCallFromM: 11,
  InstructionPageFault: 12,
  LoadPageFault: 13,
  StorePageFault: 15,
} as const;
export type Cause = (typeof Cause)[keyof typeof Cause];

/** Interrupt numbers: bit positions in `mip` and `mie`, and exception codes under `mcause.Interrupt`. */
export const Interrupt = { SSI: 1, MSI: 3, STI: 5, MTI: 7, SEI: 9, MEI: 11 } as const;
export type Interrupt = (typeof Interrupt)[keyof typeof Interrupt];

/** The bit that `mcause` and `scause` carry for an interrupt. */
export const INTERRUPT_BIT = 1n << 63n;

const exceptionNames: Readonly<Record<number, string>> = {
  0: 'instruction address misaligned',
  1: 'instruction access fault',
  2: 'illegal instruction',
  3: 'breakpoint',
  4: 'load address misaligned',
  5: 'load access fault',
  6: 'store/AMO address misaligned',
  7: 'store/AMO access fault',
  8: 'environment call from U-mode',
  9: 'environment call from S-mode',
  11: 'environment call from M-mode',
  12: 'instruction page fault',
  13: 'load page fault',
  15: 'store/AMO page fault',
};
const interruptNames: Readonly<Record<number, string>> = {
  1: 'supervisor software interrupt',
  3: 'machine software interrupt',
  5: 'supervisor timer interrupt',
  7: 'machine timer interrupt',
  9: 'supervisor external interrupt',
  11: 'machine external interrupt',
};

/** The manual's words for the contents of `mcause` or `scause`. */
export function causeName(cause: bigint): string {
  const code = Number(cause & 63n);
  const names = cause & INTERRUPT_BIT ? interruptNames : exceptionNames;
  return names[code] ?? `${cause & INTERRUPT_BIT ? 'interrupt' : 'exception'} ${code}`;
}
