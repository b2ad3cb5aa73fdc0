// The C extension (Zca, Zcd): each 16-bit instruction as the 32-bit one that it abbreviates, in the manual's order of
// quadrants. Encodings that the manual reserves do not match (`≠`); those it calls HINTs execute as written, and the
// last argument keeps assemblers from choosing them. c.fld and its like (Zcd) need D too.

import { compressedOf } from './definition.ts';
import { rv64d } from './rv64d.ts';
import { rv64i } from './rv64i.ts';

const insn = compressedOf('C', new Map([...rv64i, ...rv64d].map((instruction) => [instruction.name, instruction])));

export const rv64c = [
  // Quadrant 0
  insn("c.addi4spn rd', sp, nzuimm", "000 nzuimm[5:4|9:6|2|3] rd' 00", 'addi rd, sp, nzuimm'),
  insn("c.fld fd', uimm(rs1')", "001 uimm[5:3] rs1' uimm[7:6] fd' 00", 'fld fd, uimm(rs1)'),
  insn("c.lw rd', uimm(rs1')", "010 uimm[5:3] rs1' uimm[2|6] rd' 00", 'lw rd, uimm(rs1)'),
  insn("c.ld rd', uimm(rs1')", "011 uimm[5:3] rs1' uimm[7:6] rd' 00", 'ld rd, uimm(rs1)'),
  insn("c.fsd fs2', uimm(rs1')", "101 uimm[5:3] rs1' uimm[7:6] fs2' 00", 'fsd fs2, uimm(rs1)'),
  insn("c.sw rs2', uimm(rs1')", "110 uimm[5:3] rs1' uimm[2|6] rs2' 00", 'sw rs2, uimm(rs1)'),
  insn("c.sd rs2', uimm(rs1')", "111 uimm[5:3] rs1' uimm[7:6] rs2' 00", 'sd rs2, uimm(rs1)'),

  // Quadrant 1
  insn('c.nop', '000 0 00000 00000 01', 'addi x0, x0, 0'),
  insn('c.addi rd, imm', '000 imm[5] rd imm[4:0] 01', 'addi rd, rd, imm', ['rd=0', 'imm=0']),
  insn('c.addiw rd, imm', '001 imm[5] rd≠0 imm[4:0] 01', 'addiw rd, rd, imm'),
  insn('c.li rd, imm', '010 imm[5] rd imm[4:0] 01', 'addi rd, x0, imm', ['rd=0']),
  insn('c.addi16sp sp, nzimm', '011 nzimm[9] 00010 nzimm[4|6|8:7|5] 01', 'addi sp, sp, nzimm'),
  insn('c.lui rd, nzimm[31:12]', '011 nzimm[17] rd≠2 nzimm[16:12] 01', 'lui rd, nzimm', ['rd=0']),
  insn("c.srli rd', shamt", "100 shamt[5] 00 rd' shamt[4:0] 01", 'srli rd, rd, shamt', ['shamt=0']),
  insn("c.srai rd', shamt", "100 shamt[5] 01 rd' shamt[4:0] 01", 'srai rd, rd, shamt', ['shamt=0']),
  insn("c.andi rd', imm", "100 imm[5] 10 rd' imm[4:0] 01", 'andi rd, rd, imm'),
  insn("c.sub rd', rs2'", "100 0 11 rd' 00 rs2' 01", 'sub rd, rd, rs2'),
  insn("c.xor rd', rs2'", "100 0 11 rd' 01 rs2' 01", 'xor rd, rd, rs2'),
  insn("c.or rd', rs2'", "100 0 11 rd' 10 rs2' 01", 'or rd, rd, rs2'),
  insn("c.and rd', rs2'", "100 0 11 rd' 11 rs2' 01", 'and rd, rd, rs2'),
  insn("c.subw rd', rs2'", "100 1 11 rd' 00 rs2' 01", 'subw rd, rd, rs2'),
  insn("c.addw rd', rs2'", "100 1 11 rd' 01 rs2' 01", 'addw rd, rd, rs2'),
  insn('c.j imm', '101 imm[11|4|9:8|10|6|7|3:1|5] 01', 'jal x0, imm'),
  insn("c.beqz rs1', imm", "110 imm[8|4:3] rs1' imm[7:6|2:1|5] 01", 'beq rs1, x0, imm'),
  insn("c.bnez rs1', imm", "111 imm[8|4:3] rs1' imm[7:6|2:1|5] 01", 'bne rs1, x0, imm'),

  // Quadrant 2
  insn('c.slli rd, shamt', '000 shamt[5] rd shamt[4:0] 10', 'slli rd, rd, shamt', ['rd=0', 'shamt=0']),
  insn('c.fldsp fd, uimm(sp)', '001 uimm[5] fd uimm[4:3|8:6] 10', 'fld fd, uimm(sp)'),
  insn('c.lwsp rd, uimm(sp)', '010 uimm[5] rd≠0 uimm[4:2|7:6] 10', 'lw rd, uimm(sp)'),
  insn('c.ldsp rd, uimm(sp)', '011 uimm[5] rd≠0 uimm[4:3|8:6] 10', 'ld rd, uimm(sp)'),
  insn('c.jr rs1', '100 0 rs1≠0 00000 10', 'jalr x0, 0(rs1)'),
  insn('c.mv rd, rs2', '100 0 rd rs2≠0 10', 'add rd, x0, rs2', ['rd=0']),
  insn('c.ebreak', '100 1 00000 00000 10', 'ebreak'),
  insn('c.jalr rs1', '100 1 rs1≠0 00000 10', 'jalr ra, 0(rs1)'),
  insn('c.add rd, rs2', '100 1 rd rs2≠0 10', 'add rd, rd, rs2', ['rd=0']),
  insn('c.fsdsp fs2, uimm(sp)', '101 uimm[5:3|8:6] fs2 10', 'fsd fs2, uimm(sp)'),
  insn('c.swsp rs2, uimm(sp)', '110 uimm[5:2|7:6] rs2 10', 'sw rs2, uimm(sp)'),
  insn('c.sdsp rs2, uimm(sp)', '111 uimm[5:3|8:6] rs2 10', 'sd rs2, uimm(sp)'),
];
