// The names and numbers of all control and status registers that the official table names, whether or not this
// machine has them: the assembler takes every name, and csrs.ts takes its numbers from here. RV32's upper halves are
// in another official table and left out.

const TABLE = `
  fflags 001, frm 002, fcsr 003, vstart 008, vxsat 009, vxrm 00a, vcsr 00f, ssp 011, seed 015, jvt 017,
  cycle c00, time c01, instret c02, hpmcounter3 c03, hpmcounter4 c04, hpmcounter5 c05, hpmcounter6 c06,
  hpmcounter7 c07, hpmcounter8 c08, hpmcounter9 c09, hpmcounter10 c0a, hpmcounter11 c0b, hpmcounter12 c0c,
  hpmcounter13 c0d, hpmcounter14 c0e, hpmcounter15 c0f, hpmcounter16 c10, hpmcounter17 c11, hpmcounter18 c12,
  hpmcounter19 c13, hpmcounter20 c14, hpmcounter21 c15, hpmcounter22 c16, hpmcounter23 c17, hpmcounter24 c18,
  hpmcounter25 c19, hpmcounter26 c1a, hpmcounter27 c1b, hpmcounter28 c1c, hpmcounter29 c1d, hpmcounter30 c1e,
  hpmcounter31 c1f, vl c20, vtype c21, vlenb c22, mtype c23, sstatus 100, sie 104, stvec 105, scounteren 106,
  senvcfg 10a, sstateen0 10c, sstateen1 10d, sstateen2 10e, sstateen3 10f, scountinhibit 120, sscratch 140,
  sepc 141, scause 142, stval 143, sip 144, stimecmp 14d, sctrctl 14e, sctrstatus 14f, siselect 150, sireg 151,
  sireg2 152, sireg3 153, sireg4 155, sireg5 156, sireg6 157, stopei 15c, sctrdepth 15f, satp 180, srmcfg 181,
  spmpen 183, scontext 5a8, vsstatus 200, vsie 204, vstvec 205, vsscratch 240, vsepc 241, vscause 242,
  vstval 243, vsip 244, vstimecmp 24d, vsctrctl 24e, vsiselect 250, vsireg 251, vsireg2 252, vsireg3 253,
  vsireg4 255, vsireg5 256, vsireg6 257, vstopei 25c, vsatp 280, hstatus 600, hedeleg 602, hideleg 603, hie 604,
  htimedelta 605, hcounteren 606, hgeie 607, hvien 608, hvictl 609, henvcfg 60a, hstateen0 60c, hstateen1 60d,
  hstateen2 60e, hstateen3 60f, htval 643, hip 644, hvip 645, hviprio1 646, hviprio2 647, htinst 64a, hgatp 680,
  hcontext 6a8, hgeip e12, vstopi eb0, scountovf da0, stopi db0, utvt 007, unxti 045, uintstatus 046,
  uscratchcsw 048, uscratchcswl 049, stvt 107, snxti 145, sintstatus 146, sscratchcsw 148, sscratchcswl 149,
  mtvt 307, mpmpdeleg 316, mnxti 345, mintstatus 346, mscratchcsw 348, mscratchcswl 349, mstatus 300, misa 301,
  medeleg 302, mideleg 303, mie 304, mtvec 305, mcounteren 306, mvien 308, mvip 309, menvcfg 30a, mstateen0 30c,
  mstateen1 30d, mstateen2 30e, mstateen3 30f, mcountinhibit 320, mscratch 340, mepc 341, mcause 342, mtval 343,
  mip 344, mtinst 34a, mtval2 34b, mctrctl 34e, miselect 350, mireg 351, mireg2 352, mireg3 353, mireg4 355,
  mireg5 356, mireg6 357, mtopei 35c, pmpcfg0 3a0, pmpcfg1 3a1, pmpcfg2 3a2, pmpcfg3 3a3, pmpcfg4 3a4,
  pmpcfg5 3a5, pmpcfg6 3a6, pmpcfg7 3a7, pmpcfg8 3a8, pmpcfg9 3a9, pmpcfg10 3aa, pmpcfg11 3ab, pmpcfg12 3ac,
  pmpcfg13 3ad, pmpcfg14 3ae, pmpcfg15 3af, pmpaddr0 3b0, pmpaddr1 3b1, pmpaddr2 3b2, pmpaddr3 3b3, pmpaddr4 3b4,
  pmpaddr5 3b5, pmpaddr6 3b6, pmpaddr7 3b7, pmpaddr8 3b8, pmpaddr9 3b9, pmpaddr10 3ba, pmpaddr11 3bb,
  pmpaddr12 3bc, pmpaddr13 3bd, pmpaddr14 3be, pmpaddr15 3bf, pmpaddr16 3c0, pmpaddr17 3c1, pmpaddr18 3c2,
  pmpaddr19 3c3, pmpaddr20 3c4, pmpaddr21 3c5, pmpaddr22 3c6, pmpaddr23 3c7, pmpaddr24 3c8, pmpaddr25 3c9,
  pmpaddr26 3ca, pmpaddr27 3cb, pmpaddr28 3cc, pmpaddr29 3cd, pmpaddr30 3ce, pmpaddr31 3cf, pmpaddr32 3d0,
  pmpaddr33 3d1, pmpaddr34 3d2, pmpaddr35 3d3, pmpaddr36 3d4, pmpaddr37 3d5, pmpaddr38 3d6, pmpaddr39 3d7,
  pmpaddr40 3d8, pmpaddr41 3d9, pmpaddr42 3da, pmpaddr43 3db, pmpaddr44 3dc, pmpaddr45 3dd, pmpaddr46 3de,
  pmpaddr47 3df, pmpaddr48 3e0, pmpaddr49 3e1, pmpaddr50 3e2, pmpaddr51 3e3, pmpaddr52 3e4, pmpaddr53 3e5,
  pmpaddr54 3e6, pmpaddr55 3e7, pmpaddr56 3e8, pmpaddr57 3e9, pmpaddr58 3ea, pmpaddr59 3eb, pmpaddr60 3ec,
  pmpaddr61 3ed, pmpaddr62 3ee, pmpaddr63 3ef, mseccfg 747, tselect 7a0, tdata1 7a1, tdata2 7a2, tdata3 7a3,
  tinfo 7a4, tcontrol 7a5, mcontext 7a8, mscontext 7aa, dcsr 7b0, dpc 7b1, dscratch0 7b2, dscratch1 7b3,
  mcycle b00, minstret b02, mhpmcounter3 b03, mhpmcounter4 b04, mhpmcounter5 b05, mhpmcounter6 b06,
  mhpmcounter7 b07, mhpmcounter8 b08, mhpmcounter9 b09, mhpmcounter10 b0a, mhpmcounter11 b0b, mhpmcounter12 b0c,
  mhpmcounter13 b0d, mhpmcounter14 b0e, mhpmcounter15 b0f, mhpmcounter16 b10, mhpmcounter17 b11,
  mhpmcounter18 b12, mhpmcounter19 b13, mhpmcounter20 b14, mhpmcounter21 b15, mhpmcounter22 b16,
  mhpmcounter23 b17, mhpmcounter24 b18, mhpmcounter25 b19, mhpmcounter26 b1a, mhpmcounter27 b1b,
  mhpmcounter28 b1c, mhpmcounter29 b1d, mhpmcounter30 b1e, mhpmcounter31 b1f, mcyclecfg 321, minstretcfg 322,
  mhpmevent3 323, mhpmevent4 324, mhpmevent5 325, mhpmevent6 326, mhpmevent7 327, mhpmevent8 328, mhpmevent9 329,
  mhpmevent10 32a, mhpmevent11 32b, mhpmevent12 32c, mhpmevent13 32d, mhpmevent14 32e, mhpmevent15 32f,
  mhpmevent16 330, mhpmevent17 331, mhpmevent18 332, mhpmevent19 333, mhpmevent20 334, mhpmevent21 335,
  mhpmevent22 336, mhpmevent23 337, mhpmevent24 338, mhpmevent25 339, mhpmevent26 33a, mhpmevent27 33b,
  mhpmevent28 33c, mhpmevent29 33d, mhpmevent30 33e, mhpmevent31 33f, mvendorid f11, marchid f12, mimpid f13,
  mhartid f14, mconfigptr f15, mtopi fb0
`;

const rows = TABLE.trim()
  .split(/,\s*/)
  .map((row) => row.split(' ') as [name: string, hexadecimal: string]);

/** CSR numbers by name. */
export const CSR_NUMBERS: Readonly<Record<string, number>> = Object.fromEntries(
  rows.map(([name, hexadecimal]) => [name, Number.parseInt(hexadecimal, 16)]),
);

const names = new Map(rows.map(([name]) => [CSR_NUMBERS[name], name]));

/** The name of a CSR number, if it has one. */
export function csrName(number: number): string | undefined {
  return names.get(number);
}
