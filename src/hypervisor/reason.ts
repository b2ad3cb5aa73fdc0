// Why a guest exits to the monitor: a closed list, one file in exits/ each, and the names are what the ledger shows.
// `shadow-fill` is hidden from the guest; every other exit is exactly one step of it.

export const EXIT_REASONS = [
  'csr',
  'xret',
  'wfi',
  'fence',
  'cache-block', // Zicbom and Zicboz, whose controls are the guest's
  'ecall',
  'sbi',
  'mmio',
  'memory', // an access to RAM that the shadow must withhold: under MPRV, or where the PMP covers a page in part
  'shadow-fill',
  'page-fault',
  'page-table-write',
  'misaligned',
  'illegal',
  'breakpoint',
  'interrupt',
  'other-injected',
] as const;
export type ExitReason = (typeof EXIT_REASONS)[number];
