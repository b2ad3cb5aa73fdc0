// Which interrupts are pending, and which one is taken next: by priority MEI, MSI, MTI, SEI, SSI, STI, those that
// mideleg gives to S after all others (norm:intr_M_mode_pri, norm:s_interrupt_priority). LCOFI comes with Sscofpmf.

import { INTERRUPT_BIT, Interrupt } from './causes.ts';
import { value } from './definition.ts';
import { Mode } from './layout.ts';
import type { Machine, Value } from './vocabulary.ts';

const STIP = 1n << BigInt(Interrupt.STI);

/**
 * The bits of mip: those that software set, and the wires. Under Sstc the supervisor timer is a wire alone
 * (norm:mip_stip_stimecmp_op2).
 */
export function pendingInterrupts<V extends Value>(m: Machine<V>, stored: V): V {
  const software = m.choose(m.menvcfg.STCE, m.and(stored, m.k(~STIP)), stored);
  return m.or(software, m.lines.bits);
}

const LOWEST_FIRST = [Interrupt.STI, Interrupt.SSI, Interrupt.SEI, Interrupt.MTI, Interrupt.MSI, Interrupt.MEI];

/** The cause of the interrupt to take before the next instruction, or 0. */
export const selectInterrupt = value('selectInterrupt', [], (m) => {
  const { mstatus } = m;
  const enabled = m.and(pendingInterrupts(m, m.mip.bits), m.mie.bits);
  const forMachine = m.and(enabled, m.not(m.mideleg));
  const forSupervisor = m.and(enabled, m.mideleg);
  const none = m.k(0);
  const inMachine = m.lessThanUnsigned(m.k(Mode.S), m.mode);
  const inUser = m.lessThanUnsigned(m.mode, m.k(Mode.S));
  // Interrupts for a higher mode are always enabled, for the own mode by its xIE, for a lower one never.
  const machine = m.choose(inMachine, m.choose(mstatus.MIE, forMachine, none), forMachine);
  const belowMachine = m.choose(inUser, forSupervisor, m.choose(mstatus.SIE, forSupervisor, none));
  const supervisor = m.choose(inMachine, none, belowMachine);
  const highest = <V extends Value>(machine: Machine<V>, among: V, otherwise: V) =>
    LOWEST_FIRST.reduce(
      (cause, code) => machine.choose(machine.bits(among, code, code), machine.k(INTERRUPT_BIT | BigInt(code)), cause),
      otherwise,
    );
  return highest(m, machine, highest(m, supervisor, none));
});
