// The colour of each exit reason, by family: what changes privilege or control, what calls, what concerns memory, what
// reaches a device, interrupts, and what is injected. The colours themselves are tokens.css's.

import { EXIT_REASONS, type ExitReason } from '../hypervisor/reason.ts';

const FAMILY: Readonly<Record<ExitReason, string>> = {
  csr: 'privilege',
  xret: 'privilege',
  wfi: 'privilege',
  fence: 'privilege',
  'cache-block': 'privilege',
  ecall: 'call',
  sbi: 'call',
  mmio: 'device',
  memory: 'memory',
  'shadow-fill': 'memory',
  'page-fault': 'memory',
  'page-table-write': 'memory',
  misaligned: 'memory',
  illegal: 'injected',
  breakpoint: 'injected',
  interrupt: 'interrupt',
  'other-injected': 'injected',
};

export const colourToken = (reason: ExitReason) => `--${FAMILY[reason]}`;
export const reasonAt = (index: number): ExitReason => EXIT_REASONS[index] ?? 'illegal';
/** An inline custom property, which the style sheet's swatches and bars read. */
export const swatch = (reason: ExitReason) => ({ '--swatch': `var(${colourToken(reason)})` });
