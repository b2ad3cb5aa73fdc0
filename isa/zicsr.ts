// Zicsr: the six instructions that read and write control and status registers, and Zifencei's fence.i.
// Whether one reads or writes depends on register numbers and immediates as encoded, not on values
// (norm:csrrwi_rd_x0, norm:csrrs_csrrc_rs1_x0, norm:csrrsi_csrrci_uimm_zero).

import { csrAccess } from './csr-access.ts';
import { instructionsOf } from './definition.ts';

const insn = instructionsOf('Zicsr');

export const zicsr = [
  insn('csrrw rd, csr, rs1', 'csr rs1 001 rd 1110011', (m, { rs1 }, { csr }) =>
    csrAccess(m, { csr, combine: 'write', source: rs1, writes: true }),
  ),
  insn('csrrs rd, csr, rs1', 'csr rs1 010 rd 1110011', (m, { rs1 }, { csr, rs1: register }) =>
    csrAccess(m, { csr, combine: 'set', source: rs1, writes: register !== 0 }),
  ),
  insn('csrrc rd, csr, rs1', 'csr rs1 011 rd 1110011', (m, { rs1 }, { csr, rs1: register }) =>
    csrAccess(m, { csr, combine: 'clear', source: rs1, writes: register !== 0 }),
  ),
  insn('csrrwi rd, csr, uimm', 'csr uimm 101 rd 1110011', (m, { uimm }, { csr }) =>
    csrAccess(m, { csr, combine: 'write', source: uimm, writes: true }),
  ),
  insn('csrrsi rd, csr, uimm', 'csr uimm 110 rd 1110011', (m, { uimm: source }, { csr, uimm }) =>
    csrAccess(m, { csr, combine: 'set', source, writes: uimm !== 0 }),
  ),
  insn('csrrci rd, csr, uimm', 'csr uimm 111 rd 1110011', (m, { uimm: source }, { csr, uimm }) =>
    csrAccess(m, { csr, combine: 'clear', source, writes: uimm !== 0 }),
  ),
];

const fenceInsn = instructionsOf('Zifencei');

// imm, rs1 and rd are reserved for finer fences and ignored by implementations of today.
export const zifencei = [
  fenceInsn('fence.i', 'ignored[21:10] ignored[9:5] 001 ignored[4:0] 0001111', (m) => m.fence('instructions')),
];
