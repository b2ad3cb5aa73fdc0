// The privileged instructions: returns from traps, waiting for an interrupt, and the translation fence, with the
// controls that make each of them illegal (norm:mstatus_tsr_op, norm:mstatus_tw_op, norm:mstatus_tvm_warl_op).
// TW waits for no bounded time here: an S-mode wfi under TW traps at once.

import { instructionsOf } from './definition.ts';
import { illegal } from './illegal.ts';
import { pendingInterrupts } from './interrupts.ts';
import { Mode } from './layout.ts';

const insn = instructionsOf('Privileged');

export const system = [
  insn('sret', '0001000 00010 00000 000 00000 1110011', (m) => {
    const { mstatus } = m;
    if (m.is(m.mode, Mode.U) || (m.is(m.mode, Mode.S) && m.isSet(mstatus.TSR))) return illegal(m);
    m.mode = mstatus.SPP;
    mstatus.SIE = mstatus.SPIE;
    mstatus.SPIE = m.k(1);
    mstatus.SPP = m.k(Mode.U);
    mstatus.MPRV = m.k(0); // SPP never names M
    m.pc = m.sepc;
  }),
  insn('mret', '0011000 00010 00000 000 00000 1110011', (m) => {
    const { mstatus } = m;
    if (!m.is(m.mode, Mode.M)) return illegal(m);
    if (!m.is(mstatus.MPP, Mode.M)) mstatus.MPRV = m.k(0);
    m.mode = mstatus.MPP;
    mstatus.MIE = mstatus.MPIE;
    mstatus.MPIE = m.k(1);
    mstatus.MPP = m.k(Mode.U);
    m.pc = m.mepc;
  }),
  insn('wfi', '0001000 00101 00000 000 00000 1110011', (m) => {
    if (m.is(m.mode, Mode.U)) return illegal(m);
    if (m.is(m.mode, Mode.S) && m.isSet(m.mstatus.TW)) return illegal(m);
    // Over at once where an interrupt is pending that `mie` enables, whatever else says (norm:wfi_resume_reason).
    if (m.isSet(m.and(pendingInterrupts(m, m.mip.bits), m.mie.bits))) return;
    m.wait();
  }),
  insn('sfence.vma rs1, rs2', '0001001 rs2 rs1 000 00000 1110011', (m) => {
    if (m.is(m.mode, Mode.U)) return illegal(m);
    if (m.is(m.mode, Mode.S) && m.isSet(m.mstatus.TVM)) return illegal(m);
    m.fence('translations');
  }),
];
