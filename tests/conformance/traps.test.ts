// Traps as a guest sees them: where they go, what they leave in the registers, and the way back.
// Each is a guest that runs in all ways; `try` enters a mode and comes back with the trap that ended it.
// Left out: interrupts (interrupts.test.ts), and which access faults (memory.test.ts, translation.test.ts).

import { describe } from 'vitest';
import { law } from './support/law.ts';

/** A handler in S-mode that goes back to M-mode with what it found: a2 to a5 are scause, stval, sepc and sstatus. */
const IN_SUPERVISOR = `
        .balign 4
handle: csrr    a2, scause
        csrr    a3, stval
        csrr    a4, sepc
        csrr    a5, sstatus
        ecall
`;

describe('vectors', () => {
  law(
    'mtvec is a register of 64 bits: four-byte aligned base, and mode Direct or Vectored',
    [
      'norm:mtvec_sz_warl_acc',
      'norm:mtvec_enc',
      'norm:mtvec_mandatory',
      'norm:mtvec_base_align_4B',
      'norm:mtvec_mode_enc',
    ],
    `
test:   csrr    s0, mtvec
        .irp    value, 0x80001004, 0x80001005, 0xffffffffffffffe1, 0x123456789abcdef0, 1, 0
        li      t0, \\value
        csrw    mtvec, t0
        csrr    t1, mtvec
        same    t0, t1
        .endr
        .irp    value, 0x80001006, 0x80001007
        li      t0, \\value
        csrw    mtvec, t0
        csrr    t1, mtvec
        andi    t1, t1, 2
        check   t1, 0                   # no reserved mode is kept
        .endr
        csrw    mtvec, s0
        pass
`,
  );
  law(
    'stvec is a register of 64 bits: four-byte aligned base, and mode Direct or Vectored',
    ['norm:stvec', 'norm:stvec_img', 'norm:stvec_op', 'norm:stvec_sz_base'],
    `
test:   .irp    value, 0x80001004, 0x80001005, 0xffffffffffffffe1, 0x123456789abcdef0, 1, 0
        li      t0, \\value
        csrw    stvec, t0
        csrr    t1, stvec
        same    t0, t1
        .endr
        .irp    value, 0x80001006, 0x80001007
        li      t0, \\value
        csrw    stvec, t0
        csrr    t1, stvec
        andi    t1, t1, 2
        check   t1, 0
        .endr
        la      t0, handle
        csrw    stvec, t0
        li      t0, 1 << ECALL_U
        csrw    medeleg, t0
        try     U, 1f
        check   s8, ECALL_S             # out of the handler
        pass
1:      ecall
${IN_SUPERVISOR}
`,
  );
  law(
    'Direct sends every trap to the base; Vectored sends exceptions there, and interrupts four bytes a cause behind it',
    ['norm:mtvec_mode_direct_op', 'norm:mtvec_mode_vectored_op', 'norm:mtvec_mode_enc', 'norm:stvec_op'],
    `
test:   csrr    s0, mtvec
        li      s2, 0
1:      la      t0, table
        add     t0, t0, s2              # the mode
        csrw    mtvec, t0
        li      s1, 0
        la      t3, 2f
        ecall
2:      check   s1, 1
        la      t3, 3f
        csrwi   mie, 2
        csrwi   mip, 2
        csrsi   mstatus, MSTATUS_MIE    # a software interrupt of S-mode: cause 1
        nop
        j       fail
3:      csrwi   mie, 0
        csrwi   mip, 0
        addi    t1, s2, 1
        same    s1, t1
        addi    s2, s2, 1
        li      t1, 2
        bltu    s2, t1, 1b
        csrw    mtvec, s0
        pass
        .balign 64
table:  j       4f
        j       5f
4:      li      s1, 1
        jr      t3
5:      li      s1, 2
        jr      t3
`,
  );
});

describe('delegation', () => {
  law(
    'without delegation every trap of U, S and M goes to M-mode',
    ['norm:trap_def_M_mode', 'norm:ecall_op2'],
    `
test:   la      t0, fail                # a trap to S-mode would show
        csrw    stvec, t0
        csrr    t0, medeleg
        check   t0, 0
        csrr    t0, mideleg
        check   t0, 0
        try     U, 1f
        check_trap ECALL_U, 0
        try     S, 1f
        check_trap ECALL_S, 0
        try     M, 1f
        check_trap ECALL_M, 0
        try     U, 2f
        check_trap ILLEGAL, 0
        pass
1:      ecall
2:      .word   0
`,
  );
  law(
    'medeleg has a bit for each exception that can come from below M, none fixed; mideleg one for each interrupt of S',
    [
      'norm:medeleg_sz_acc',
      'norm:mideleg_sz_acc',
      'norm:medeleg_mideleg_mandatory_S_mode',
      'norm:medeleg_mideleg_op1',
      'norm:medeleg_mideleg_warl',
      'norm:medeleg_no_rd1',
      'norm:mideleg_no_rd1',
      'norm:medeleg_enc_img',
      'norm:mideleg_enc_img',
      'norm:medeleg_enc_txt',
      'norm:mideleg_enc_txt',
      'norm:medeleg_when_rd0',
      'norm:medeleg_16_no_rd0',
    ],
    `
test:   li      t0, -1
        csrw    medeleg, t0
        csrr    t1, medeleg
        check   t1, 0xb3ff
        csrw    medeleg, zero
        csrr    t1, medeleg
        check   t1, 0
        csrw    mideleg, t0
        csrr    t1, mideleg
        check   t1, 0x222
        csrw    mideleg, zero
        csrr    t1, mideleg
        check   t1, 0
        pass
`,
  );
  law(
    'a delegated trap goes to S-mode from U and from S, with all it has to say, and leaves the registers of M alone; from M it does not',
    [
      'norm:medeleg_mideleg_op2',
      'norm:trap_del_S-mode',
      'norm:trap_del_S_mode_op',
      'norm:trap_del_S_mode_no_M_mode',
      'norm:trap_horiz',
      'norm:trap_never_trans_lower',
      'norm:sepc_op_trap_write',
      'norm:scause',
      'norm:stval',
      'norm:stval_op_illegal_instr',
      'norm:stval_op_illegal_instr_format',
      'norm:sstatus_spp',
      'norm:sstatus_spie',
    ],
    `
        .macro  delegated mode, spp, sie
        li      t0, MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP
        csrc    mstatus, t0
        csrsi   mstatus, \\sie
        li      t0, 0x5a
        csrw    mcause, t0
        csrw    mtval, t0
        try     \\mode, 1f
        check   s8, ECALL_S             # out of the handler
        check   a2, ILLEGAL
        check   a3, 0x8002              # the instruction, not more
        la      t0, 1f
        same    a4, t0
        andi    a5, a5, MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP
        check   a5, (\\spp << 8) | (\\sie << 4)
        .endm
test:   la      t0, handle
        csrw    stvec, t0
        li      t0, 1 << ILLEGAL
        csrw    medeleg, t0
        csrw    scause, zero
        catching 2f
        .half   0x8002, 0xffff          # in M-mode
2:      check   s8, ILLEGAL
        csrr    t0, scause
        check   t0, 0
        delegated U, 0, 0
        delegated U, 0, 2
        delegated S, 1, 0
        delegated S, 1, 2
        la      t0, 3f                  # what M-mode has stays as it was
        csrw    stvec, t0
        li      t0, 0x5a
        csrw    mcause, t0
        csrw    mtval, t0
        la      t0, 4f
        csrw    mepc, t0
        li      t0, MSTATUS_MPP | MSTATUS_SPP
        csrc    mstatus, t0
        li      t0, MSTATUS_MPIE | (S << 11)
        csrs    mstatus, t0
        la      t0, 1f
        csrw    sepc, t0
        la      s11, 5f
        sret
1:      .half   0x8002, 0xffff
        .balign 4
3:      li      a0, 1
        ecall
4:      j       fail
5:      check   a0, 1                   # the handler has run
        pass
${IN_SUPERVISOR}
`,
  );
  law(
    'a trap to S-mode writes none of mcause, mepc, mtval, MPP and MPIE',
    ['norm:trap_del_S_mode_no_M_mode', 'norm:mepc_op', 'norm:mcause_op', 'norm:mtval_op'],
    `
test:   la      t0, 2f
        csrw    stvec, t0
        li      t0, 1 << BREAKPOINT
        csrw    medeleg, t0
        csrw    satp, zero
        la      t0, 1f
        csrw    sepc, t0
        li      t0, MSTATUS_MPP
        csrs    mstatus, t0
        li      t0, MSTATUS_MPIE | MSTATUS_SPP
        csrc    mstatus, t0
        li      t0, 24                  # what a program may write, and a trap may not change
        csrw    mcause, t0
        li      t0, 0x123456
        csrw    mtval, t0
        csrw    mepc, t0
        li      t0, (1 << ECALL_S) | (1 << BREAKPOINT)
        csrw    medeleg, t0
        la      t0, 3f
        csrw    mtvec, t0
        sret                            # to U-mode
1:      ebreak
        .balign 4
2:      li      a0, 9
        .word   0x30002573              # csrr a0, mstatus: not delegated, so M-mode comes next
        .balign 4
3:      csrr    a0, scause
        check   a0, BREAKPOINT
        csrr    a0, mcause
        check   a0, ILLEGAL
        csrr    a0, mstatus
        li      t0, MSTATUS_MPP
        and     a0, a0, t0
        check   a0, S << 11
        pass
`,
  );
});

describe('what a trap leaves', () => {
  law(
    'mepc, mscratch, mcause and mtval hold 64 bits, mepc an even number',
    [
      'norm:mepc_sz_acc',
      'norm:mepc_align',
      'norm:mepc_warl',
      'norm:mepc_enc_img',
      'norm:mscratch_sz_acc',
      'norm:mscratch_enc_img',
      'norm:mcause_sz_acc',
      'norm:mtval_sz_acc',
      'norm:mtval_rdonly0',
      'norm:mtval_warl',
      'norm:mtval_enc_img',
      'norm:mtval_vaddr_and_0_sz',
      'norm:mtval_instr_bits_sz',
      'norm:sepc',
      'norm:sepc_acc_invalid_addr',
      'norm:sscratch',
      'norm:stval_acc',
    ],
    `
test:   .irp    csr, mscratch, mtval, sscratch, stval
        .irp    value, 0, 0xffffffff, 0xffffffffffffffff, 0x5a5a5a5a5a5a5a5a, 0x3fffffffff, 0xffffffc000000000
        li      t0, \\value
        csrw    \\csr, t0
        csrr    t1, \\csr
        same    t0, t1
        .endr
        .endr
        .irp    csr, mepc, sepc
        .irp    value, 0, 0xfffffffe, 0xfffffffffffffffe, 0x5a5a5a5a5a5a5a5a, 0x3ffffffffe, 0xffffffc000000000
        li      t0, \\value
        ori     t0, t0, 1
        csrw    \\csr, t0
        csrr    t1, \\csr
        addi    t0, t0, -1
        same    t0, t1
        .endr
        .endr
        pass
`,
  );
  law(
    'mcause and scause hold every code that has a meaning, with and without the interrupt bit, and scause 0 to 31',
    [
      'norm:mcause_sz_acc',
      'norm:mcause_enc_img',
      'norm:mcause_exccode_wlrl',
      'norm:scause_exception_code_acc',
      'norm:scause_exception_code_sz',
    ],
    `
test:   li      s0, 0
1:      csrw    mcause, s0
        csrr    t0, mcause
        same    t0, s0
        csrw    scause, s0
        csrr    t0, scause
        same    t0, s0
        li      t1, 1 << 63
        or      t1, t1, s0
        csrw    mcause, t1
        csrr    t0, mcause
        same    t0, t1
        csrw    scause, t1
        csrr    t0, scause
        same    t0, t1
        addi    s0, s0, 1
        sltiu   t0, s0, 32
        bnez    t0, 1b
        pass
`,
  );
  law(
    'ECALL and EBREAK leave their own address in the epc of the mode that takes them, do nothing else, and do not retire',
    [
      'norm:ecall_op2',
      'norm:ebreak_op2',
      'norm:ecall_ebreak_epc_value',
      'norm:ecall_ebreak_no_minstret_inc',
      'norm:stval_op_breakpoint',
      'norm:sepc_op_trap_write',
    ],
    `
test:   .irp    mode, M, S, U
        try     \\mode, 1f
        la      t0, 1f
        same    s10, t0
        check   s9, 0
        try     \\mode, 2f
        la      t0, 2f
        same    s10, t0
        same    s9, t0
        check   s8, BREAKPOINT
        .endr
        la      t0, handle
        csrw    stvec, t0
        li      t0, 1 << BREAKPOINT
        csrw    medeleg, t0
        try     S, 2f
        check   s8, ECALL_S
        la      t0, 2f
        same    a4, t0
        same    a3, t0
        check   a2, BREAKPOINT
        catching 3f
        csrw    minstret, zero
        ebreak
3:      csrr    t0, minstret            # behind the four of the handler of this file
        check   t0, 4
        catching 4f
        csrw    minstret, zero
        ecall
4:      csrr    t0, minstret
        check   t0, 4
        pass
1:      ecall
2:      ebreak
${IN_SUPERVISOR}
`,
  );
  law(
    'an illegal instruction leaves its own bits, 16 or 32 of them, and zero above',
    [
      'norm:mtval_instr_bits_lead-in',
      'norm:mtval_instr_bits_list',
      'norm:mtval_ill_instr_exc_in_low_bits',
      'norm:mtval_instr_bits_sz',
    ],
    `
        .macro  illegal word, shown
        .irp    mode, M, S, U
        try     \\mode, 1f
        check_trap ILLEGAL, \\shown
        la      t0, 1f
        same    s10, t0
        .endr
        j       2f
1:      .word   \\word
2:
        .endm
test:   illegal 0xffffffff, 0xffffffff
        illegal 0x8000007f, 0x8000007f
        illegal 0xffff0000, 0
        illegal 0xffff8002, 0x8002      # c.jr x0
        illegal 0x00006081, 0x6081      # c.lui with 0
        pass
`,
  );
  law(
    'a trap that has nothing to say leaves zero',
    ['norm:mtval_other_traps_zero', 'norm:stval_op_other_traps', 'norm:mtval_op', 'norm:stval'],
    `
test:   li      t0, -1
        csrw    mtval, t0
        csrw    stval, t0
        try     U, 1f
        check   s9, 0
        li      t0, -1
        csrw    mtval, t0
        csrwi   mie, 2
        csrwi   mip, 2
        catching 2f
        csrsi   mstatus, MSTATUS_MIE
        nop
        j       fail
2:      check   s9, 0
        csrwi   mip, 0
        li      t0, 1 << ECALL_U
        csrw    medeleg, t0
        la      t0, handle
        csrw    stvec, t0
        try     U, 1f
        check   a2, ECALL_U
        check   a3, 0
        pass
1:      ecall
${IN_SUPERVISOR}
`,
  );
  law(
    'the interrupt bit of mcause and scause is set for interrupts alone, and the code says which',
    [
      'norm:mcause_intr_op',
      'norm:mcause_exccode_op',
      'norm:mcause_exccode_enc_img',
      'norm:mcause_op',
      'norm:scause_interrupt',
      'norm:scause',
      'norm:mepc_op',
    ],
    `
test:   li      t0, 0x222
        csrw    mie, t0
        csrwi   mip, 2
        catching 1f
        csrsi   mstatus, MSTATUS_MIE
3:      nop
        j       fail
1:      check   s8, INTERRUPT | 1
        la      t0, 3b
        same    s10, t0                 # the instruction that was interrupted
        la      t0, handle
        csrw    stvec, t0
        li      t0, 0x222
        csrw    mideleg, t0
        li      t0, 1 << ECALL_U
        csrw    medeleg, t0
        try     U, 2f
        check   s8, ECALL_S
        check   a2, INTERRUPT | 1
        la      t0, 2f
        same    a4, t0
        csrwi   mip, 0
        try     U, 2f
        check   a2, ECALL_U
        pass
2:      ecall
${IN_SUPERVISOR}
`,
  );
  law(
    'mepc, mcause and mtval change by traps to M-mode and by writes, and by nothing else',
    ['norm:mepc_op', 'norm:mcause_op', 'norm:mtval_op', 'norm:sepc_op_trap_write', 'norm:stval', 'norm:scause'],
    `
test:   li      s0, 0x5a
        .irp    csr, mepc, mcause, mtval, sepc, scause, stval
        csrw    \\csr, s0
        .endr
        li      t0, 1 << ECALL_S
        csrw    medeleg, t0
        fence.i
        sfence.vma
        csrw    sscratch, t0
        la      t1, page1
        lr.d    t0, (t1)
        sc.d    t0, t0, (t1)
        csrwi   mie, 2
        csrwi   mip, 2
        wfi
        .irp    csr, mepc, mcause, mtval, sepc, scause, stval
        csrr    t0, \\csr
        same    t0, s0
        .endr
        pass
`,
  );
});

describe('returns', () => {
  law(
    'MRET and SRET go to the epc, in the mode of xPP, with xIE from xPIE; xPIE becomes 1, xPP U, and MPRV 0 below M',
    [
      'norm:xret_op',
      'norm:mstatus_xret_op',
      'norm:mstatus_xpie_xpp_op',
      'norm:mstatus_mprv_clr_mret_sret_less_priv',
      'norm:xret_in_higher_mode',
      'norm:mret_presence',
      'norm:sret_presence',
      'norm:xret_enc_img',
      'norm:sstatus_spp',
      'norm:sstatus_spie',
    ],
    `
        .equ    STACK, MSTATUS_MIE | MSTATUS_MPIE | MSTATUS_MPP | MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP | MSTATUS_MPRV
        .macro  status value            # exactly these bits of the stack
        csrr    t0, mstatus
        li      t1, STACK
        and     t0, t0, t1
        li      t1, \\value
        same    t0, t1
        .endm
        .macro  set value
        li      t0, STACK
        csrc    mstatus, t0
        li      t0, \\value
        csrs    mstatus, t0
        .endm
test:   csrw    mie, zero
        .irp    pie, 0, 1
        la      t0, 1f
        csrw    mepc, t0
        set     (\\pie << 7) | MSTATUS_MPP | MSTATUS_MPRV
        .word   0x30200073              # mret, to M-mode
        j       fail
1:      status  (\\pie << 3) | MSTATUS_MPIE | MSTATUS_MPRV
        la      t0, 2f
        csrw    sepc, t0
        la      s11, 3f
        set     (\\pie << 5) | MSTATUS_SPP | MSTATUS_MPRV | MSTATUS_MIE
        .word   0x10200073              # sret in M-mode, to S-mode
        j       fail
2:      ecall
3:      check   s8, ECALL_S
        status  (\\pie << 1) | MSTATUS_SPIE | MSTATUS_MPIE | (S << 11)
        la      t0, 4f
        csrw    mepc, t0
        la      s11, 5f
        set     (\\pie << 7) | MSTATUS_MPRV
        .word   0x30200073              # mret, to U-mode
        j       fail
4:      ecall
5:      check   s8, ECALL_U
        status  (\\pie << 7)            # the trap moved MIE to MPIE
        .endr
        pass
`,
  );
  law(
    'an xRET below its mode is an illegal instruction, and changes nothing',
    ['norm:xret_in_lower_mode', 'norm:M_highest_priv_mode'],
    `
test:   la      t0, fail
        csrw    sepc, t0
        li      t0, MSTATUS_SPIE
        csrs    mstatus, t0
        try     U, 1f
        check_trap ILLEGAL, 0x10200073
        la      t0, 1f
        same    s10, t0
        try     U, 2f
        check_trap ILLEGAL, 0x30200073
        try     S, 2f
        check_trap ILLEGAL, 0x30200073
        csrr    t0, mstatus
        andi    t0, t0, MSTATUS_SPIE | MSTATUS_SIE
        check   t0, MSTATUS_SPIE
        pass
1:      sret
2:      mret
`,
  );
});
