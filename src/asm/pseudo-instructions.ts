// The manual's pseudo-instructions and GNU as's short forms, each as the instructions that it stands for. One table
// serves both ways: what is SHOWN is also what the disassembler prints, the first that fits; the rest is only WRITTEN.
// Left out: what needs more than a template (`li`, and `la` of a number), which load-immediate.ts has.

import { parseSlot, type Slot } from './slot.ts';

export interface PseudoStep {
  readonly name: string;
  /** Operands as text, in which a slot's name stands for what was written there. */
  readonly operands: readonly string[];
}

export interface PseudoInstruction {
  readonly name: string;
  readonly syntax: string;
  readonly slots: readonly Slot[];
  readonly steps: readonly PseudoStep[];
  /** Tried before the steps where 16-bit instructions may be used; the steps then stay as they are. */
  readonly compressed: PseudoStep | undefined;
}

/** Moves and changes of the sign, in both formats. */
const SIGNS = ['s', 'd']
  .flatMap((format) =>
    ['fmv fsgnj', 'fneg fsgnjn', 'fabs fsgnjx'].map((pair) => {
      const [name, twin] = pair.split(' ');
      return `  ${name}.${format} fd, fs = ${twin}.${format} fd, fs, fs`;
    }),
  )
  .join('\n');

const SHOWN = `
  nop = addi x0, x0, 0
  pause = fence w, 0
  li rd, imm = addi rd, x0, imm
  mv rd, rs = c.mv rd, rs | addi rd, rs, 0
  not rd, rs = xori rd, rs, -1
  neg rd, rs = sub rd, x0, rs
  negw rd, rs = subw rd, x0, rs
  sext.w rd, rs = addiw rd, rs, 0
  zext.w rd, rs = add.uw rd, rs, x0
  zext.b rd, rs = andi rd, rs, 255
  seqz rd, rs = sltiu rd, rs, 1
  snez rd, rs = sltu rd, x0, rs
  ror rd, rs, shamt = rori rd, rs, shamt
  rorw rd, rs, shamt = roriw rd, rs, shamt
  bclr rd, rs, shamt = bclri rd, rs, shamt
  bext rd, rs, shamt = bexti rd, rs, shamt
  binv rd, rs, shamt = binvi rd, rs, shamt
  bset rd, rs, shamt = bseti rd, rs, shamt
  sltz rd, rs = slt rd, rs, x0
  sgtz rd, rs = slt rd, x0, rs

  beqz rs, offset = beq rs, x0, offset
  bnez rs, offset = bne rs, x0, offset
  blez rs, offset = bge x0, rs, offset
  bgez rs, offset = bge rs, x0, offset
  bltz rs, offset = blt rs, x0, offset
  bgtz rs, offset = blt x0, rs, offset

  j offset = c.j offset | jal x0, offset
  jal offset = jal ra, offset
  ret = c.jr ra | jalr x0, 0(ra)
  jr rs = c.jr rs | jalr x0, 0(rs)
  jr imm(rs) = jalr x0, imm(rs)
  jalr rs = c.jalr rs | jalr ra, 0(rs)
  jalr imm(rs) = jalr ra, imm(rs)
  jalr rd, rs = jalr rd, 0(rs)

  fence = fence iorw, iorw
  fence.tso = fence rw, rw, fm=8
  sfence.vma = sfence.vma x0, x0
  sfence.vma rs = sfence.vma rs, x0
  unimp = .2byte 0 | csrrw x0, cycle, x0

  frcsr rd = csrrs rd, fcsr, x0
  fscsr rs = csrrw x0, fcsr, rs
  fscsr rd, rs = csrrw rd, fcsr, rs
  frrm rd = csrrs rd, frm, x0
  fsrm rs = csrrw x0, frm, rs
  fsrm rd, rs = csrrw rd, frm, rs
  fsrmi rd, uimm = csrrwi rd, frm, uimm
  frflags rd = csrrs rd, fflags, x0
  fsflags rs = csrrw x0, fflags, rs
  fsflags rd, rs = csrrw rd, fflags, rs
  fsflagsi rd, uimm = csrrwi rd, fflags, uimm
${SIGNS}
  rdcycle rd = csrrs rd, cycle, x0
  rdtime rd = csrrs rd, time, x0
  rdinstret rd = csrrs rd, instret, x0
  csrr rd, csr = csrrs rd, csr, x0
  csrw csr, rs = csrrw x0, csr, rs
  csrs csr, rs = csrrs x0, csr, rs
  csrc csr, rs = csrrc x0, csr, rs
  csrwi csr, uimm = csrrwi x0, csr, uimm
  csrsi csr, uimm = csrrsi x0, csr, uimm
  csrci csr, uimm = csrrci x0, csr, uimm
`;

const WRITTEN = `
  move rd, rs = c.mv rd, rs | addi rd, rs, 0
  sgt rd, rs, rt = slt rd, rt, rs
  sgtu rd, rs, rt = sltu rd, rt, rs
  sext.b rd, rs = slli rd, rs, 56; srai rd, rd, 56
  sext.h rd, rs = slli rd, rs, 48; srai rd, rd, 48
  zext.h rd, rs = slli rd, rs, 48; srli rd, rd, 48
  zext.w rd, rs = slli rd, rs, 32; srli rd, rd, 32
  bgt rs, rt, offset = blt rt, rs, offset
  ble rs, rt, offset = bge rt, rs, offset
  bgtu rs, rt, offset = bltu rt, rs, offset
  bleu rs, rt, offset = bgeu rt, rs, offset

  jr rs, imm = jalr x0, imm(rs)
  jalr rs, imm = jalr ra, imm(rs)
  jalr rd, rs, imm = jalr rd, imm(rs)
  la rd, symbol = auipc rd, %pcrel_hi(symbol); addi rd, rd, %pcrel_lo(auipc)
  lla rd, symbol = auipc rd, %pcrel_hi(symbol); addi rd, rd, %pcrel_lo(auipc)
  call symbol = auipc ra, %pcrel_hi(symbol); jalr ra, %pcrel_lo(auipc)(ra)
  call rd, symbol = auipc t1, %pcrel_hi(symbol); jalr rd, %pcrel_lo(auipc)(t1)
  tail symbol = auipc t1, %pcrel_hi(symbol); jalr x0, %pcrel_lo(auipc)(t1)
  jump symbol, rt = auipc rt, %pcrel_hi(symbol); jalr x0, %pcrel_lo(auipc)(rt)

  csrw csr, uimm = csrrwi x0, csr, uimm
  csrs csr, uimm = csrrsi x0, csr, uimm
  csrc csr, uimm = csrrci x0, csr, uimm
  csrrw rd, csr, uimm = csrrwi rd, csr, uimm
  csrrs rd, csr, uimm = csrrsi rd, csr, uimm
  csrrc rd, csr, uimm = csrrci rd, csr, uimm

  fsrmi uimm = csrrwi x0, frm, uimm
  fsflagsi uimm = csrrwi x0, fflags, uimm
  frsr rd = csrrs rd, fcsr, x0
  fssr rs = csrrw x0, fcsr, rs
  fssr rd, rs = csrrw rd, fcsr, rs
  fmv.x.s rd, fs = fmv.x.w rd, fs
  fmv.s.x fd, rs = fmv.w.x fd, rs
  fgt.s rd, fs, ft = flt.s rd, ft, fs
  fge.s rd, fs, ft = fle.s rd, ft, fs
  fgt.d rd, fs, ft = flt.d rd, ft, fs
  fge.d rd, fs, ft = fle.d rd, ft, fs

  c.unimp = .2byte 0
  scall = ecall
  sbreak = ebreak
`;

/** Register forms that take a number too, which is their immediate form: 'add rd, rs, imm' is addi. */
const IMMEDIATE_TWINS = 'add and or xor slt addw'.split(' ').map((name) => [name, name.replace(/w?$/, 'i$&')] as const);
const SHIFT_TWINS = 'sll srl sra sllw srlw sraw'.split(' ').map((name) => [name, name.replace(/w?$/, 'i$&')] as const);
const twins = [
  ...[...IMMEDIATE_TWINS, ['sltu', 'sltiu'] as const].map(
    ([name, twin]) => `${name} rd, rs, imm = ${twin} rd, rs, imm`,
  ),
  ...SHIFT_TWINS.map(([name, twin]) => `${name} rd, rs, shamt = ${twin} rd, rs, shamt`),
];

/** Loads and stores of a symbol: the address's upper part goes through a register. */
const symbolic = [
  ...'lb lh lw ld lbu lhu lwu'.split(' ').map((name) => {
    return `${name} rd, symbol = auipc rd, %pcrel_hi(symbol); ${name} rd, %pcrel_lo(auipc)(rd)`;
  }),
  ...'flw fld'.split(' ').map((name) => {
    return `${name} fd, symbol, rt = auipc rt, %pcrel_hi(symbol); ${name} fd, %pcrel_lo(auipc)(rt)`;
  }),
  ...'fsw fsd'.split(' ').map((name) => {
    return `${name} fs, symbol, rt = auipc rt, %pcrel_hi(symbol); ${name} fs, %pcrel_lo(auipc)(rt)`;
  }),
  ...'sb sh sw sd'.split(' ').map((name) => {
    return `${name} rs, symbol, rt = auipc rt, %pcrel_hi(symbol); ${name} rs, %pcrel_lo(auipc)(rt)`;
  }),
];

function parseStep(text: string): PseudoStep {
  const [name = '', rest] = splitWord(text.trim());
  return { name, operands: rest === '' ? [] : rest.split(', ') };
}

function splitWord(text: string): [string, string] {
  const at = text.indexOf(' ');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function parseRow(row: string): PseudoInstruction {
  const at = row.indexOf(' = ');
  const syntax = row.slice(0, at);
  const alternatives = row.slice(at + ' = '.length).split(' | ');
  const [name, operands] = splitWord(syntax);
  return {
    name,
    syntax,
    slots: operands === '' ? [] : operands.split(', ').map(parseSlot),
    steps: (alternatives[alternatives.length - 1] as string).split(';').map(parseStep),
    compressed: alternatives.length > 1 ? parseStep(alternatives[0] as string) : undefined,
  };
}

const rowsOf = (table: string) =>
  table
    .split('\n')
    .map((row) => row.trim())
    .filter((row) => row !== '')
    .map(parseRow);

export const SHOWN_PSEUDO: readonly PseudoInstruction[] = rowsOf(SHOWN);
export const PSEUDO: readonly PseudoInstruction[] = [
  ...SHOWN_PSEUDO,
  ...rowsOf([WRITTEN, ...twins, ...symbolic].join('\n')),
];
