// Which memory a virtual CPU sees: the part of its state that a shadow's contents depend on besides satp and the PMP.
// All views run in real U-mode; what the guest's mode may do is decided when a leaf is filled, never by the hardware.

import { Mode, TranslationMode } from '../../../isa/layout.ts';
import { effectiveMode } from '../../../isa/translation.ts';
import type { VirtualCpu } from '../virtual-cpu.ts';

/**
 * `machine`: virtual M, no translation. `machine-mprv`: virtual M whose loads and stores have another mode's rights;
 * only fetches are mapped. `bare`: virtual S or U with translation off. `user`, `supervisor`, `supervisor-sum`: Sv39 or Sv48.
 */
export type View = 'machine' | 'machine-mprv' | 'bare' | 'user' | 'supervisor' | 'supervisor-sum';

const BARE = 0n;

export function viewOf(cpu: VirtualCpu): View {
  if (cpu.privilege === Mode.M) return effectiveMode<bigint>(cpu, 'load') === cpu.mode ? 'machine' : 'machine-mprv';
  if (cpu.satp.MODE === BARE) return 'bare';
  if (cpu.privilege === Mode.U) return 'user';
  return cpu.mstatus.SUM === 1n ? 'supervisor-sum' : 'supervisor';
}

/** Whether the view translates by the guest's page tables. */
export function translates(view: View): boolean {
  return view === 'user' || view === 'supervisor' || view === 'supervisor-sum';
}

/** How a shadow translates: with as many levels as the guest's tables have. */
export function modeOf(cpu: VirtualCpu, view: View) {
  const isSv48 = translates(view) && cpu.satp.MODE === BigInt(TranslationMode.Sv48);
  return isSv48 ? TranslationMode.Sv48 : TranslationMode.Sv39;
}

/** What keys a shadow context: everything that its leaves depend on but the contents of the guest's page tables. */
export function contextKey(cpu: VirtualCpu, view: View, protection: number): string {
  if (!translates(view)) return `${view} ${protection}`;
  return `${view} ${protection} ${cpu.satp.bits} ${cpu.mstatus.MXR}`;
}
