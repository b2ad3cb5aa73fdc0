// mstatus and sstatus: which fields can be written, what the fixed ones hold, the memory privilege that they lend, and
// the controls that intercept S-mode. Each is a guest that runs in all ways.
// Left out: the interrupt stack on traps and returns (traps.test.ts).

import { describe } from 'vitest';
import { law } from './support/law.ts';

law(
  'interrupt enables and their stacks, MPRV, SUM, MXR, TVM, TW and TSR can be set and cleared, MPP holds M, S and U, SPP S and U',
  [
    'norm:mstatus_sz_acc',
    'norm:mstatus_mie_sie_op1',
    'norm:mstatus_sie_spie_rdonly0',
    'norm:mstatus_mprv_rdonly0_no_umode',
    'norm:mstatus_mxr_rdonly0_no_smode',
    'norm:mstatus_sum_rdonly0',
    'norm:mstatus_tw_warl',
    'norm:mstatus_tw_acc',
    'norm:mstatus_tsr_warl',
    'norm:mstatus_tsr_acc',
    'norm:mstatus_tvm_warl_op',
    'norm:mstatus_xpp_enc',
    'norm:mstatus_xpp_warl',
    'norm:mstatus_mpp_sz',
    'norm:mstatus_spp_sz',
  ],
  `
test:   csrr    s0, mstatus
        .irp    bit, MIE, SIE, MPIE, SPIE, SPP, MPRV, SUM, MXR, TVM, TW, TSR
        li      t0, MSTATUS_\\bit
        csrs    mstatus, t0
        csrr    t1, mstatus
        and     t1, t1, t0
        same    t1, t0
        csrc    mstatus, t0
        csrr    t1, mstatus
        and     t1, t1, t0
        check   t1, 0
        .endr
        li      t0, MSTATUS_MPP
        .irp    mode, M, S, U, S, M
        csrc    mstatus, t0
        li      t1, \\mode << 11
        csrs    mstatus, t1
        csrr    t2, mstatus
        and     t2, t2, t0
        same    t2, t1
        .endr
        li      t1, 1 << 11             # 2, which no mode has, is refused
        csrc    mstatus, t1
        csrr    t2, mstatus
        and     t2, t2, t0
        li      t1, 2 << 11
        xor     t2, t2, t1
        snez    t2, t2
        check   t2, 1
        pass
`,
);

law(
  'SXL and UXL stay 64 bits, MBE, SBE and UBE little-endian, VS and XS off, SDT, SPELP and MDT clear, whatever is written',
  [
    'norm:mstatus_sxl_uxl_warl_op',
    'norm:mstatus_sxl_uxl_enc',
    'norm:mstatus_sxl_acc_mxlen64',
    'norm:mstatus_sxl_rdonly_mxlen64',
    'norm:mstatus_uxl_acc_mxlen64',
    'norm:mstatus_uxl_rdonly_mxlen64',
    'norm:mstatus_uxl_legal_vals_smode',
    'norm:xlen_le_mxlen',
    'norm:mstatus_mstatush_xbe_warl',
    'norm:mstatus_sbe_rocopy',
    'norm:mstatus_ube_rocopy',
    'norm:mstatus_vs_rdonly0_s_no_v',
    'norm:mstatus_xs_acc',
    'norm:menvcfg_dte_op',
    'norm:sstatus_uxl',
    'norm:sstatus_uxl_sz',
    'norm:sstatus_ube',
  ],
  `
        .equ    FIXED, (15 << 32) | (3 << 36) | (3 << 15) | (3 << 9) | (3 << 23) | (1 << 6) | (3 << 41)
test:   li      s0, FIXED
        li      s1, 10 << 32
        csrs    mstatus, s0
        csrr    t1, mstatus
        and     t1, t1, s0
        same    t1, s1
        csrc    mstatus, s0
        csrr    t1, mstatus
        and     t1, t1, s0
        same    t1, s1
        csrs    sstatus, s0
        csrr    t1, sstatus
        and     t1, t1, s0
        check   t1, 2 << 32             # UXL alone
        pass
`,
);

law(
  'sstatus shows and changes its fields of mstatus, and no other',
  ['norm:sstatus', 'norm:sstatus_spp', 'norm:sstatus_sie', 'norm:sstatus_spie'],
  `
        .equ    OURS, MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP | MSTATUS_SUM | MSTATUS_MXR
        .equ    THEIRS, MSTATUS_MIE | MSTATUS_MPIE | MSTATUS_MPP | MSTATUS_MPRV | MSTATUS_TVM | MSTATUS_TW | MSTATUS_TSR
test:   li      s0, OURS
        li      s1, THEIRS
        li      t0, MSTATUS_TW | MSTATUS_TSR
        csrw    mstatus, t0
        try     S, 1f
        check   s8, ECALL_S
        csrr    t0, mstatus
        and     t1, t0, s0
        same    t1, s0                  # set from S-mode
        and     t1, t0, s1
        li      t2, MSTATUS_TW | MSTATUS_TSR | (S << 11)
        same    t1, t2                  # nothing else but what the trap does
        same    a0, s0
        check   a1, 0
        pass
1:      li      t0, OURS | THEIRS
        csrs    sstatus, t0
        csrr    t1, sstatus
        li      t0, OURS
        and     a0, t1, t0
        li      t0, THEIRS
        and     a1, t1, t0
        ecall
`,
);

describe('memory is little-endian', () => {
  law(
    'to loads and stores of M, S and U',
    ['norm:mstatus_mbe_op', 'norm:mstatus_sbe_op', 'norm:mstatus_ube_op', 'norm:sstatus_ube'],
    `
test:   li      t0, (3 << 36) | (1 << 6)
        csrs    mstatus, t0
        .irp    mode, M, S, U
        la      a1, page1
        sd      zero, (a1)
        try     \\mode, 1f
        check   a2, 1
        check   a3, 0x0807
        .endr
        pass
1:      la      a1, page1
        li      t0, 0x0807060504030201
        sd      t0, (a1)
        lbu     a2, (a1)
        lhu     a3, 6(a1)
        ecall
`,
  );
  law(
    'to fetches in every mode',
    ['norm:endianness_inst_fetch_little', 'norm:sstatus_ube_implicit'],
    `
test:   li      t0, (3 << 36) | (1 << 6)
        csrs    mstatus, t0
        la      a1, page1
        .irp    byte, 0x13, 0x05, 0x70, 0x00, 0x73, 0x00, 0x00, 0x00
        li      t0, \\byte              # li a0, 7; ecall
        sb      t0, (a1)
        addi    a1, a1, 1
        .endr
        fence.i
        .irp    mode, M, S, U
        li      a0, 0
        try     \\mode, page1
        check   a0, 7
        .endr
        pass
`,
  );
  law(
    'to the walk of page tables',
    ['norm:mstatus_sbe_implicit'],
    `
test:   li      t0, (3 << 36) | (1 << 6)
        csrs    mstatus, t0
        la      a1, leaves + 8
        la      a2, page1
        srli    a2, a2, 2
        ori     a2, a2, PTE_RW
        li      t1, 8
1:      sb      a2, (a1)
        srli    a2, a2, 8
        addi    a1, a1, 1
        addi    t1, t1, -1
        bnez    t1, 1b
        translate
        sfence.vma
        try     S, 2f
        check   s8, ECALL_S
        check   a0, 0x1001
        pass
2:      li      a0, PAGE
        ld      a0, (a0)
        ecall
`,
  );
});

describe('memory privilege', () => {
  law(
    'SUM and MXR count at once, without a fence: for S-mode, and for M-mode that borrows it by MPRV, not for M-mode itself',
    [
      'norm:mstatus_sum_op',
      'norm:mstatus_mxr_op',
      'norm:mstatus_sum_op_mprv_mpp',
      'norm:sfence_vma_sum_mxr_effect',
      'norm:sstatus_sum',
      'norm:sstatus_mxr',
      'norm:mstatus_mprv_ldst_op',
    ],
    `
        .macro  borrow address, cause   # a load from M-mode as if from S-mode
        li      a1, \\address
        li      s8, 0
        catching 3f
        li      t0, MSTATUS_MPP
        csrc    mstatus, t0
        li      t0, MSTATUS_MPRV | (S << 11)
        csrs    mstatus, t0
        ld      a0, (a1)
3:      li      t0, MSTATUS_MPRV
        csrc    mstatus, t0
        check   s8, \\cause
        .endm
test:   map     1, page1, PTE_RW | PTE_U
        map     2, page2, PTE_V | PTE_X | PTE_A
        translate
        sfence.vma
        .rept   2
        borrow  PAGE, LOAD_PAGE
        borrow  2 * PAGE, LOAD_PAGE
        li      a1, PAGE
        try     S, 1f
        check   s8, LOAD_PAGE
        li      s1, MSTATUS_SUM
        csrs    mstatus, s1
        borrow  PAGE, 0
        borrow  2 * PAGE, LOAD_PAGE
        li      a1, PAGE
        try     S, 1f
        check   s8, ECALL_S
        csrc    mstatus, s1
        li      s1, MSTATUS_MXR
        csrs    mstatus, s1
        borrow  PAGE, LOAD_PAGE
        borrow  2 * PAGE, 0
        li      a1, 2 * PAGE
        try     S, 1f
        check   s8, ECALL_S
        try     S, 2f
        check   s8, STORE_PAGE
        csrc    mstatus, s1
        .endr
        la      a1, page1               # M-mode itself has no pages
        ld      a0, (a1)
        check   a0, 0x1001
        pass
1:      ld      a0, (a1)
        ecall
2:      sd      a0, (a1)
        ecall
`,
  );
  law(
    'SUM and MXR change nothing without translation, nor the faults of PMP and devices',
    ['norm:mstatus_sum_op_no-vm', 'norm:mstatus_mxr_sum_op_acc_fault', 'norm:sstatus_sum', 'norm:sstatus_mxr'],
    `
test:   la      t0, page1 + 0x7ff       # entry 0: page1 is for execution only
        srli    t0, t0, 2
        csrw    pmpaddr0, t0
        li      t0, -1
        csrw    pmpaddr1, t0
        li      t0, (PMP_OPEN << 8) | PMP_NAPOT | PMP_X
        csrw    pmpcfg0, t0
        map     1, page1, PTE_RWX
        li      s2, 0
1:      li      t0, MSTATUS_SUM | MSTATUS_MXR
        csrc    mstatus, t0
        csrs    mstatus, s2
        csrw    satp, zero
        la      a1, page1
        try     S, 2f
        check   s8, LOAD_ACCESS
        la      a1, page2
        try     S, 2f
        check   s8, ECALL_S
        try     U, 2f
        check   s8, ECALL_U
        translate
        sfence.vma
        li      a1, PAGE
        try     S, 2f
        check   s8, LOAD_ACCESS
        check   s9, PAGE
        bnez    s2, 3f
        li      s2, MSTATUS_SUM | MSTATUS_MXR
        j       1b
3:      pass
2:      ld      a0, (a1)
        ecall
`,
  );
});

describe('interception', () => {
  law(
    'TW makes WFI illegal in S-mode even where an interrupt is pending, and never in M-mode; U-mode has no WFI',
    [
      'norm:mstatus_tw_op',
      'norm:mstatus_tw_always_illegal',
      'norm:mstatus_tw_umode_op',
      'norm:wfi_ill_exc',
      'norm:wfi_all_privileged_modes',
      'norm:wfi_enc_img',
      'norm:M_highest_priv_mode',
    ],
    `
test:   csrwi   mie, 2
        csrwi   mip, 2                  # pending and enabled, but for S-mode
        csrwi   mideleg, 2
        try     S, 1f
        check   s8, ECALL_S
        csrwi   mie, 0
        try     U, 1f
        check_trap ILLEGAL, 0x10500073
        li      t0, MSTATUS_TW
        csrs    mstatus, t0
        try     U, 1f
        check   s8, ILLEGAL
        csrwi   mie, 2
        try     S, 1f
        check_trap ILLEGAL, 0x10500073
        .word   0x10500073              # wfi, in M-mode
        pass
1:      .word   0x10500073
        ecall
`,
  );
  law(
    'TSR makes SRET illegal in S-mode, and leaves it to M-mode',
    ['norm:mstatus_tsr_op', 'norm:sret_ill_inst_exc_rst', 'norm:xret_enc_img', 'norm:M_highest_priv_mode'],
    `
test:   la      t0, 2f
        csrw    sepc, t0
        li      t0, MSTATUS_TSR
        csrs    mstatus, t0
        try     S, 1f
        check_trap ILLEGAL, 0x10200073
        li      t0, MSTATUS_SPP
        csrs    mstatus, t0
        la      s11, 3f
        .word   0x10200073              # sret, in M-mode, to S-mode
3:      check   s8, ECALL_S
        li      t0, MSTATUS_TSR
        csrc    mstatus, t0
        try     S, 1f
        check   s8, ECALL_U             # SPP is U now
        pass
1:      .word   0x10200073
2:      ecall
`,
  );
});
