// Trap entry: to S where the trap is delegated and the hart is not in M, else to M (norm:trap_del_S_mode_op,
// norm:trap_never_trans_lower). The interrupt stack of mstatus is pushed and pc goes to the vector.

import { effect, question } from './definition.ts';
import { Mode } from './layout.ts';
import type { Machine, Value } from './vocabulary.ts';

const INTERRUPT = 63;
const VECTORED = 1;

const isInterrupt = <V extends Value>(m: Machine<V>, cause: V) => m.isSet(m.bits(cause, INTERRUPT, INTERRUPT));

/** Whether a trap goes to S: never from M, and otherwise by its bit in medeleg or mideleg. */
export function delegated<V extends Value>(m: Machine<V>, cause: V): boolean {
  const delegation = isInterrupt(m, cause) ? m.mideleg : m.medeleg;
  return m.below(m.mode, m.k(Mode.M)) && m.isSet(m.bits(m.shiftRight(delegation, m.bits(cause, 5, 0)), 0, 0));
}

export const isDelegated = question('isDelegated', ['cause'], (m, { cause }) => delegated(m, cause));

export const enterTrap = effect('enterTrap', ['cause', 'tval'], (m, { cause, tval }) => {
  const { mstatus } = m;
  const vector = (tvec: typeof m.mtvec) => {
    const base = m.shiftLeft(tvec.BASE, m.k(2));
    if (!isInterrupt(m, cause) || !m.is(tvec.MODE, VECTORED)) return base;
    return m.add(base, m.shiftLeft(m.bits(cause, 5, 0), m.k(2)));
  };
  if (delegated(m, cause)) {
    m.scause = cause;
    m.stval = tval;
    m.sepc = m.pc;
    mstatus.SPP = m.mode;
    mstatus.SPIE = mstatus.SIE;
    mstatus.SIE = m.k(0);
    m.mode = m.k(Mode.S);
    m.pc = vector(m.stvec);
  } else {
    m.mcause = cause;
    m.mtval = tval;
    m.mepc = m.pc;
    mstatus.MPP = m.mode;
    mstatus.MPIE = mstatus.MIE;
    mstatus.MIE = m.k(0);
    m.mode = m.k(Mode.M);
    m.pc = vector(m.mtvec);
  }
});
