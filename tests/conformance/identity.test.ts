// What the machine says it is: misa and the registers of vendor, architecture, implementation and hart, and what a
// hart finds at reset. Each letter of misa is held against an instruction of its extension.
// Left out: the device tree, which tests/platform/devicetree.test.ts has.

import { law } from './support/law.ts';

law(
  'misa has the width in its top two bits, a bit for each letter in its low 26, and zero between',
  [
    'norm:misa_always_rd',
    'norm:misa_enc_img',
    'norm:misa_mxl_op_isa',
    'norm:misa_mxl_op_nz',
    'norm:misa_mxl_enc',
    'norm:misa_sz',
    'norm:misa_extensions_rsv_ret_0',
  ],
  `
test:   csrr    a0, misa
        srli    t0, a0, 62
        check   t0, 2                   # 64 bits
        slli    t0, a0, 2
        srli    t0, t0, 28
        check   t0, 0
        li      t1, 1
        slli    t1, t1, 63
        srli    t1, t1, 63
        check   t1, 1                   # as XLEN is
        pass
`,
);

law(
  'misa can be written, and keeps what it was',
  ['norm:misa_acc', 'norm:misa_mxl_acc', 'norm:misa_e_acc', 'norm:misa_extensions_warl_op'],
  `
test:   csrr    a0, misa
        csrw    misa, zero
        csrr    a1, misa
        same    a0, a1
        li      t0, -1
        csrw    misa, t0
        csrr    a1, misa
        same    a0, a1
        csrc    misa, t0
        csrr    a1, misa
        same    a0, a1
        pass
`,
);

law(
  'a letter of misa is set at reset where instructions of its extension execute, and clear where they do not',
  [
    'norm:misa_extensions_enc_txt',
    'norm:misa_extensions_enc_tbl',
    'norm:misa_extensions_rst1',
    'norm:misa_extensions_rst2',
    'norm:misa_m_op',
    'norm:misa_c_set_line',
    'norm:misa_c_set_list',
  ],
  `
        .macro  letter number, word     # the word executes if and only if the bit is set
        srli    s2, a0, \\number
        andi    s2, s2, 1
        li      s3, 0
        catching 2f
        .word   \\word
        li      s3, 1
2:      la      s11, unexpected
        same    s2, s3
        .endm
test:   csrr    a0, misa
        li      t0, 3 << 13
        csrs    mstatus, t0             # FS
        la      a1, page1
        letter  0, 0x0005a32f           # amoadd.w
        letter  0, 0x1005a32f           # lr.w
        letter  2, 0x00010001           # c.nop, twice
        letter  3, 0x0005b007           # fld
        letter  3, 0x00012180           # c.fld, c.nop
        letter  5, 0x0005a007           # flw
        letter  7, 0x62000073           # hfence.gvma
        letter  12, 0x02630333          # mul
        letter  12, 0x02635333          # divu
        letter  16, 0x0005c007          # flq
        letter  21, 0x00007357          # vsetvli
        pass
`,
);

law(
  'where misa.B is set, instructions of Zba, Zbb and Zbs execute',
  ['norm:misa_b_op'],
  `
test:   csrr    a0, misa
        andi    a0, a0, 2
        beqz    a0, 1f
        .word   0x20632333              # sh1add t1, t1, t1
        .word   0x60031313              # clz t1, t1
        .word   0x28031313              # bseti t1, t1, 0
        andi    t1, t1, 1
        check   t1, 1
1:      pass
`,
);

law(
  'the base is I, not E: sixteen registers more; S and U are there; no extension is non-standard',
  [
    'norm:misa_i_op',
    'norm:misa_e_op',
    'norm:misa_e_not_i',
    'norm:misa_s_op',
    'norm:misa_u_op',
    'norm:misa_x_op',
    'norm:sret_presence',
    'norm:mret_presence',
  ],
  `
test:   csrr    a0, misa
        li      t0, (1 << 4) | (1 << 8) | (1 << 18) | (1 << 20) | (1 << 23)
        and     a0, a0, t0
        check   a0, (1 << 8) | (1 << 18) | (1 << 20)
        li      x16, 16
        li      x30, 30
        add     x16, x16, x30
        check   x16, 46
        try     S, 1f
        check   s8, ECALL_S
        la      t0, 2f
        csrw    sepc, t0
        try     S, 3f
        check   s8, ECALL_U
        pass
1:      ecall
2:      ecall
3:      sret
`,
);

law(
  'the registers of vendor, architecture, implementation, hart and configuration read as zero, and cannot be written',
  [
    'norm:mvendorid_sz_acc_op',
    'norm:mvendorid_always_rd',
    'norm:marchid_sz_acc_op',
    'norm:marchid_always_rd',
    'norm:mimpid_always_rd',
    'norm:mhartid_sz_acc_op',
    'norm:mhartid_always_rd',
    'norm:mhartid_one_is_zero',
    'norm:mconfigptr_sz_acc',
    'norm:mconfigptr_enc_img',
    'norm:mconfigptr_align',
    'norm:mconfigptr_mandatory',
    'norm:mconfigptr_val',
  ],
  `
test:   .irp    csr, mvendorid, marchid, mimpid, mhartid, mconfigptr
        li      a0, 1
        csrr    a0, \\csr
        check   a0, 0
        catching 1f
        csrw    \\csr, zero
        li      s8, 0
1:      check   s8, ILLEGAL
        .endr
        pass
`,
);

law(
  'each of three harts has a number of its own, and one has zero',
  ['norm:mhartid_unique', 'norm:mhartid_one_is_zero', 'norm:mhartid_sz_acc_op'],
  `
test:   csrr    t0, mhartid
        li      t1, 1
        sll     t1, t1, t0
        la      t2, page1 + 8
        amoor.d t3, t1, (t2)
        and     t3, t3, t1
        check   t3, 0                   # nobody had it before
        bnez    t0, 2f
1:      ld      t3, (t2)
        li      t4, 7
        bne     t3, t4, 1b
        pass
2:      j       2b
`,
  { harts: 3, turnSteps: 40 },
);

law(
  'a hart starts in M-mode at the start of RAM, with interrupts off, MPRV and MBE clear, mcause 0 and no PMP entry on',
  [
    'norm:M-mode_at_rst1',
    'norm:M-mode_at_rst2',
    'norm:mstatus_mie_mprv_rst',
    'norm:mstatus_mstatush_mbe_rst',
    'norm:mcause_rst1_val',
    'norm:mcause_rst_zero',
    'norm:pc_rst',
    'norm:pmp_A_L_rst',
  ],
  `
test:   la      t0, _start              # the prelude has written mtvec, pmpaddr0 and pmpcfg0, and nothing else
        li      t1, RAM
        same    t0, t1
        csrr    a0, mstatus             # M-mode: it does not trap
        li      t0, MSTATUS_MIE | MSTATUS_SIE | MSTATUS_MPRV | (1 << 37)
        and     a0, a0, t0
        check   a0, 0
        csrr    a0, mcause
        check   a0, 0
        csrr    a0, pmpcfg0
        check   a0, PMP_OPEN
        csrr    a0, pmpcfg2
        check   a0, 0
        pass
`,
);

law(
  'after reset WARL fields hold legal values: MPP, SXL and UXL, vector modes and satp.MODE',
  ['norm:warl_rst', 'norm:mstatus_sxl_uxl_enc'],
  `
test:   csrr    a0, mstatus
        srli    t0, a0, 11
        andi    t0, t0, 3
        li      t1, 2
        xor     t0, t0, t1
        snez    t0, t0
        check   t0, 1                   # MPP is not the reserved mode
        srli    t0, a0, 32
        andi    t0, t0, 15
        check   t0, 10                  # 64 bits in S and U
        .irp    csr, stvec, satp, medeleg, mideleg, mie, mcountinhibit, mcounteren, scounteren, sie, sepc, mepc
        csrr    t0, \\csr
        csrw    \\csr, t0               # what it holds it can keep
        csrr    t1, \\csr
        same    t0, t1
        .endr
        csrr    t0, mepc
        andi    t0, t0, 1
        check   t0, 0
        pass
`,
);

law(
  'after reset there is no reservation: an SC fails',
  ['norm:ld_rsv_rst'],
  `
test:   la      a1, page1
        sc.d    a0, zero, (a1)
        snez    a0, a0
        check   a0, 1
        li      a1, 0
        ld      a0, page1
        check   a0, 0x1001
        pass
`,
);

law(
  'registers of RV32 and of what is not implemented do not exist',
  [
    'norm:medelegh_omit_xlen64',
    'norm:menvcfgh_sz_acc_op',
    'norm:mseccfgh_presence',
    'norm:mseccfg_presence',
    'norm:mhpmeventh_presence',
    'norm:pmp_cfg_rv64_illegal',
  ],
  `
        # mstatush, medelegh, menvcfgh, mcycleh, minstreth, mhpmcounter3h, mhpmevent3h, mseccfg, mseccfgh, cycleh,
        # timeh, instreth, stimecmph, pmpcfg1, pmpcfg3, pmpcfg15
test:   .irp    number, 0x310, 0x312, 0x31a, 0xb80, 0xb82, 0xb83, 0x723, 0x747, 0x757, 0xc80, 0xc81, 0xc82, 0x15d, 0x3a1, 0x3a3, 0x3af
        catching 1f
        .word   (\\number << 20) | 0x2573       # csrr a0
        li      s8, 0
1:      check   s8, ILLEGAL
        catching 2f
        .word   (\\number << 20) | 0x1073       # csrw zero
        li      s8, 0
2:      check   s8, ILLEGAL
        .endr
        pass
`,
);
