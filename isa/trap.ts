// Trap entry: to S where the trap is delegated and the hart is not in M, else to M (norm:trap_del_S_mode_op,
// norm:trap_never_trans_lower). The interrupt stack of mstatus is pushed and pc goes to the vector.

import { effect } from './definition.ts';
import { Mode } from './layout.ts';

const INTERRUPT = 63;
const VECTORED = 1;

export const enterTrap = effect('enterTrap', ['cause', 'tval'], (m, { cause, tval }) => {
  const { mstatus } = m;
  const interrupt = m.isSet(m.bits(cause, INTERRUPT, INTERRUPT));
  const code = m.bits(cause, 5, 0);
  const vector = (tvec: typeof m.mtvec) => {
    const base = m.shiftLeft(tvec.BASE, m.k(2));
    return interrupt && m.is(tvec.MODE, VECTORED) ? m.add(base, m.shiftLeft(code, m.k(2))) : base;
  };
  const delegated = m.bits(m.shiftRight(interrupt ? m.mideleg : m.medeleg, code), 0, 0);
  if (m.below(m.mode, m.k(Mode.M)) && m.isSet(delegated)) {
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
