// Physical memory attributes as a guest sees them: main memory takes every access, devices take theirs and no atomics,
// and misaligned accesses and faults have the addresses that the manual says.
// Left out: protection (protection.test.ts) and translation (translation.test.ts), but for the addresses of faults.

import { describe } from 'vitest';
import { law } from './support/law.ts';

/** `fault` runs an instruction in a mode and checks the trap that it takes; `fine` wants none but the call behind it. */
const FAULTS = `
        .macro  fault mode, target, cause, address
        try     \\mode, \\target
        check   s8, \\cause
        li      t0, \\address
        same    s9, t0
        la      t0, \\target
        same    s10, t0                 # precise: at the instruction itself
        .endm
        .macro  fine mode, target
        try     \\mode, \\target
        check   s8, ECALL_U + \\mode
        .endm
`;

describe('main memory', () => {
  law(
    'takes loads and stores of every width, fetches, all AMOs and LR/SC, of M, S and U alike',
    [
      'norm:pma_mm_rw',
      'norm:pma_mm_ifetch',
      'norm:pma_amo_levels',
      'norm:pma_amo_sz_support',
      'norm:ziccamoa_pma_amo_req',
      'norm:pma_rsrv_levels',
      'norm:pma_indep_exec_context',
    ],
    `
${FAULTS}
test:   fine    M, 1f
        check   a0, 0
        fine    S, 1f
        check   a0, 0
        fine    U, 1f
        check   a0, 0
        pass
        .macro  op name, old, operand, result
        li      t1, \\old
        sd      t1, (a1)
        li      t2, \\operand
        \\name  t3, t2, (a1)
        bne     t3, t1, 2f
        ld      t4, (a1)
        li      t1, \\result
        bne     t4, t1, 2f
        .endm
1:      la      a1, page1
        li      a0, 1
        li      t1, 0x8182838485868788
        sd      t1, (a1)
        sw      t1, 8(a1)
        sh      t1, 12(a1)
        sb      t1, 14(a1)
        ld      t2, (a1)
        bne     t1, t2, 2f
        lwu     t2, 8(a1)
        li      t3, 0x85868788
        bne     t2, t3, 2f
        lhu     t2, 12(a1)
        li      t3, 0x8788
        bne     t2, t3, 2f
        lbu     t2, 14(a1)
        li      t3, 0x88
        bne     t2, t3, 2f
        .irp    suffix, w, d
        op      amoswap.\\suffix, 12, 10, 10
        op      amoadd.\\suffix, 12, 10, 22
        op      amoxor.\\suffix, 12, 10, 6
        op      amoand.\\suffix, 12, 10, 8
        op      amoor.\\suffix, 12, 10, 14
        op      amomin.\\suffix, 12, 10, 10
        op      amomax.\\suffix, 12, 10, 12
        op      amominu.\\suffix, 12, 10, 10
        op      amomaxu.\\suffix, 12, 10, 12
        lr.\\suffix t1, (a1)
        sc.\\suffix t1, t1, (a1)
        bnez    t1, 2f
        .endr
        li      a0, 0
2:      ecall
`,
  );
  law(
    'lets a constrained LR/SC loop make progress, with others on every hart',
    ['norm:ziccrse_pma_rsrv_req', 'norm:pma_rsrv_levels'],
    `
test:   la      a1, page1
        li      s0, 40
        csrr    s1, mhartid
        beqz    s1, 1f
1:      lr.d    t0, (a1)
        addi    t0, t0, 1
        sc.d    t1, t0, (a1)
        bnez    t1, 1b
        addi    s0, s0, -1
        bnez    s0, 1b
2:      bnez    s1, 2b
        li      t1, 0x1001 + 3 * 40
3:      ld      t0, (a1)
        bne     t0, t1, 3b
        pass
`,
    { harts: 3, turnSteps: 13 },
  );
  law(
    'does misaligned loads and stores, and refuses misaligned AMOs, LR and SC with address-misaligned',
    ['norm:pma_mag_op_ldst', 'norm:pma_mag_op_amo', 'norm:pma_mag_op_rsrv', 'norm:mtval_vaddr_wr1'],
    `
${FAULTS}
test:   la      a1, page1 + 1
        li      t0, 0x1122334455667788
        .irp    mode, M, S, U
        sd      zero, -1(a1)
        fine    \\mode, 1f
        ld      t1, (a1)
        same    t1, t0
        fault   \\mode, 2f, STORE_MISALIGNED, PAGE1 + 1
        fault   \\mode, 3f, LOAD_MISALIGNED, PAGE1 + 1
        fault   \\mode, 4f, STORE_MISALIGNED, PAGE1 + 1
        li      t0, 0x1122334455667788
        .endr
        pass
1:      sd      t0, (a1)
        ld      t1, (a1)
        ecall
2:      amoadd.w t1, t1, (a1)
        ecall
3:      lr.w    t1, (a1)
        ecall
4:      sc.w    t1, t1, (a1)
        ecall
`,
  );
});

describe('devices', () => {
  law(
    'take accesses of the widths that they have, aligned, and refuse others with access faults of load and store',
    ['norm:pma_io_rwx_per_sz', 'norm:pma_idp_misaligned_exc', 'norm:pma_precise_recom', 'norm:pma_indep_exec_context'],
    `
${FAULTS}
test:   .irp    mode, M, S, U
        li      a1, CLINT + 0x4000
        fine    \\mode, 1f               # ld
        fine    \\mode, 2f               # lw
        fault   \\mode, 3f, LOAD_ACCESS, CLINT + 0x4000
        fault   \\mode, 4f, STORE_ACCESS, CLINT + 0x4000
        li      a1, CLINT + 0x4002
        fault   \\mode, 1f, LOAD_ACCESS, CLINT + 0x4002
        fault   \\mode, 2f, LOAD_ACCESS, CLINT + 0x4002
        fault   \\mode, 5f, STORE_ACCESS, CLINT + 0x4002
        li      a1, CLINT
        fault   \\mode, 1f, LOAD_ACCESS, CLINT
        fine    \\mode, 2f
        .endr
        pass
1:      ld      a0, (a1)
        ecall
2:      lw      a0, (a1)
        ecall
3:      lbu     a0, (a1)
        ecall
4:      sh      a0, (a1)
        ecall
5:      sd      a0, (a1)
        ecall
`,
  );
  law(
    'take no atomics, in any mode, with and without translation',
    [
      'norm:pma_amo_levels',
      'norm:pma_amo_far_subset_proc',
      'norm:pma_rsrv_levels',
      'norm:pma_indep_exec_context',
      'norm:pma_chk_paddr',
      'norm:mcause_exccode_ld_ldrsv',
      'norm:mcause_exccode_st_sc_amo',
      'norm:mtval_vaddr_not_paddr',
    ],
    `
${FAULTS}
        .macro  refused mode, address
        li      a1, \\address
        fault   \\mode, 1f, LOAD_ACCESS, \\address
        fault   \\mode, 2f, STORE_ACCESS, \\address
        fault   \\mode, 3f, STORE_ACCESS, \\address
        fault   \\mode, 4f, STORE_ACCESS, \\address
        .endm
test:   .irp    mode, M, S, U
        refused \\mode, CLINT + 0x4000
        .endr
        li      t0, ((CLINT + 0x4000) >> 2) | PTE_RW
        la      t1, leaves
        sd      t0, 24(t1)
        translate
        sfence.vma
        refused S, 3 * PAGE             # the fault names the virtual address
        pass
1:      lr.w    a0, (a1)
        ecall
2:      sc.w    a0, a0, (a1)
        ecall
3:      amoswap.w a0, a0, (a1)
        ecall
4:      amoadd.d a0, a0, (a1)
        ecall
`,
  );
  law(
    'see each access once: a byte that is read from the receiver is gone',
    ['norm:pma_idp_no_spec'],
    `
test:   li      a1, UART
        li      s0, 0
        li      s1, 3
1:      lbu     t0, 5(a1)
        andi    t0, t0, 1
        beqz    t0, 1b
        lbu     t0, (a1)
        slli    s0, s0, 8
        or      s0, s0, t0
        addi    s1, s1, -1
        bnez    s1, 1b
        check   s0, 0x616263
        li      t0, 'x                  # and one that is written is written once
        sb      t0, (a1)
        pass
`,
    { input: 'abc', console: 'x' },
  );
  law(
    'hold no code and no page tables: access faults of the fetch, or of the access that is translated',
    ['norm:pma_vm_hw_tbl_acc', 'norm:pma_io_rwx_per_sz', 'norm:mtval_vaddr_not_paddr', 'norm:pma_chk_paddr'],
    `
${FAULTS}
test:   li      a1, UART
        la      s11, 1f
        jr      a1
1:      check   s8, FETCH_ACCESS
        check   s9, UART
        check   s10, UART
        li      t0, (UART >> 12) | (8 << 60)    # the root is in a device
        csrw    satp, t0
        sfence.vma
        try     S, 2f
        check   s8, FETCH_ACCESS
        la      t0, 2f
        same    s9, t0
        la      t0, leaves
        li      t1, ((UART >> 2) | PTE_V)
        la      t2, middle
        sd      t1, 8(t2)               # a table of the second megapage is in a device
        translate
        sfence.vma
        li      a1, 0x200008
        fault   S, 2f, LOAD_ACCESS, 0x200008
        fault   S, 3f, STORE_ACCESS, 0x200008
        pass
2:      ld      a0, (a1)
        ecall
3:      sd      a0, (a1)
        ecall
`,
  );
});

describe('the address of a fault', () => {
  law(
    'of a load or store over two pages is that of the part that faulted, and nothing is stored',
    ['norm:mtval_vaddr_wr2', 'norm:mtval_vaddr_wr1', 'norm:mtval_vaddr_not_paddr', 'norm:pma_precise_recom'],
    `
${FAULTS}
test:   map     1, page1, PTE_RW
        map     2, page2, 0
        translate
        sfence.vma
        li      a1, 2 * PAGE - 4
        li      a0, -1
        fault   S, 1f, LOAD_PAGE, 2 * PAGE
        fault   S, 2f, STORE_PAGE, 2 * PAGE
        la      t0, page1
        li      t1, PAGE - 8
        add     t0, t0, t1
        ld      t0, (t0)
        check   t0, 0
        map     1, page1, 0
        map     2, page2, PTE_RW
        sfence.vma
        fault   S, 1f, LOAD_PAGE, 2 * PAGE - 4
        fault   S, 2f, STORE_PAGE, 2 * PAGE - 4
        pass
1:      ld      a0, (a1)
        ecall
2:      sd      a0, (a1)
        ecall
`,
  );
  law(
    'of an instruction over two pages is that of the half that faulted, while the epc is its beginning; delegated or not',
    [
      'norm:mtval_varlen_wr',
      'norm:mepc_varlen_wr',
      'norm:stval_faulting_address_variable_instr',
      'norm:stval_op_faulting_addr',
      'norm:fetch_page_fault_no_x',
    ],
    `
test:   map     1, page1, PTE_RWX
        map     2, page2, PTE_RW
        la      t0, page2               # addi a0, zero, 5 over the end of page1
        li      t1, 0x0513
        sh      t1, -2(t0)
        li      t1, 0x0050
        sh      t1, (t0)
        fence.i
        translate
        sfence.vma
        la      s11, 1f
        li      t0, 2 * PAGE - 2
        csrw    mepc, t0
        li      t0, MSTATUS_MPP
        csrc    mstatus, t0
        li      t0, S << 11
        csrs    mstatus, t0
        mret
1:      check   s8, FETCH_PAGE
        check   s9, 2 * PAGE
        check   s10, 2 * PAGE - 2
        li      t0, 1 << FETCH_PAGE
        csrw    medeleg, t0
        la      t0, 2f
        csrw    stvec, t0
        la      s11, 3f
        mret                            # again, now to S-mode
2:      csrr    a0, scause
        csrr    a1, stval
        csrr    a2, sepc
        ecall
3:      check   a0, FETCH_PAGE
        check   a1, 2 * PAGE
        check   a2, 2 * PAGE - 2
        pass
`,
  );
  law(
    'is the virtual one for fetches, loads and stores in S-mode, with the registers of the mode that takes it',
    [
      'norm:stval_op_faulting_addr',
      'norm:stval_op_load_store_fault',
      'norm:stval',
      'norm:mtval_vaddr_wr1',
      'norm:load_page_fault_no_r',
      'norm:store_page_fault_no_w',
      'norm:mcause_exccode_st_sc_amo',
      'norm:mcause_exccode_ld_ldrsv',
    ],
    `
        .macro  delegated target, cause, address
        try     U, \\target, USER
        check   s8, ECALL_S
        check   a3, \\cause
        li      t0, \\address
        same    a4, t0
        la      t0, \\target
        li      t1, USER
        add     t0, t0, t1
        same    a5, t0
        .endm
test:   map     1, page1, PTE_RW | PTE_U
        map     2, page2, PTE_V | PTE_R | PTE_A | PTE_U
        map     3, page2, PTE_V | PTE_X | PTE_A | PTE_U
        translate
        sfence.vma
        li      t0, 0xb1ff
        csrw    medeleg, t0
        li      t0, 1 << ECALL_S
        csrc    medeleg, t0
        la      t0, 9f
        csrw    stvec, t0
        li      a1, 3 * PAGE + 8        # for execution alone
        delegated 1f, LOAD_PAGE, 3 * PAGE + 8
        delegated 2f, STORE_PAGE, 3 * PAGE + 8
        delegated 3f, LOAD_PAGE, 3 * PAGE + 8
        delegated 4f, STORE_PAGE, 3 * PAGE + 8
        delegated 5f, STORE_PAGE, 3 * PAGE + 8
        li      a1, 2 * PAGE            # for loads alone
        delegated 2f, STORE_PAGE, 2 * PAGE
        delegated 4f, STORE_PAGE, 2 * PAGE
        delegated 5f, STORE_PAGE, 2 * PAGE
        li      a1, 3 * PAGE - 3        # its second part faults
        delegated 1f, LOAD_PAGE, 3 * PAGE
        pass
1:      ld      a0, (a1)
        ecall
2:      sd      a0, (a1)
        ecall
3:      lr.d    a0, (a1)
        ecall
4:      sc.d    a0, a0, (a1)
        ecall
5:      amoadd.d a0, a0, (a1)
        ecall
        .balign 4
9:      csrr    a3, scause
        csrr    a4, stval
        csrr    a5, sepc
        ecall
`,
  );
});
