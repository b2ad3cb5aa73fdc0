// Counters and who may read them, and the registers that configure what lower modes may do: mcounteren, scounteren,
// mcountinhibit, menvcfg, senvcfg. Each is a guest that runs in all ways.
// Left out: stimecmp's enables (interrupts.test.ts) and ADUE (translation.test.ts).

import { describe } from 'vitest';
import { law } from './support/law.ts';

describe('counters', () => {
  law(
    'mcycle counts every step and minstret every instruction that retires; both are 64 bits, written from M, and wrap',
    [
      'norm:m_mode_perf_monitoring',
      'norm:mcycle_op',
      'norm:minstret_op',
      'norm:mcycle_minstret_sz',
      'norm:mcycle_minstret_rst',
      'norm:mcycle_minstret_wr',
    ],
    `
test:   .irp    csr, mcycle, minstret
        .irp    value, 0, 1000, 0x123456789abcdef0, -1
        li      t0, \\value
        csrw    \\csr, t0
        csrr    t1, \\csr               # what was written: the write comes behind its own instruction
        csrr    t2, \\csr
        same    t1, t0
        addi    t0, t0, 1
        same    t2, t0
        .endr
        .endr
        csrw    mcycle, zero
        csrw    minstret, zero
        nop
        catching 1f
        ecall                           # a step, but not retired; then four instructions of the handler
1:      csrr    t0, minstret
        csrr    t1, mcycle
        sub     t1, t1, t0
        check   t1, 3                   # the write of minstret, the trap, and one between the reads
        pass
`,
  );
  law(
    'cycle, instret and hpmcounters are read-only shadows of the writable ones',
    ['norm:cycle_instret_hpmcounter_op_rdonly'],
    `
test:   li      t0, 0x123456789abc0000
        csrw    mcycle, t0
        csrr    t1, cycle
        same    t1, t0
        csrw    minstret, t0
        csrr    t1, instret
        same    t1, t0
        .irp    csr, cycle, instret, hpmcounter3, hpmcounter31
        catching 1f
        csrw    \\csr, zero
        li      s8, 0
1:      check   s8, ILLEGAL
        .endr
        .irp    csr, hpmcounter3, hpmcounter31, mhpmcounter3, mhpmcounter31
        csrr    t0, \\csr
        check   t0, 0
        .endr
        pass
`,
  );
  law(
    'there are 29 more counters with their events, which are writable and stay zero: no event',
    [
      'norm:mhpmcounter_num',
      'norm:mhpmcounter_mandatory',
      'norm:mhpmcounter_mhpmevent_rdonly0',
      'norm:mhpmcounter_warl',
      'norm:mhpmevent_sz_warl_op',
      'norm:mhpmevent_enc',
    ],
    `
test:   li      t0, -1
        .irp    n, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
        csrw    mhpmevent\\n, t0
        csrw    mhpmcounter\\n, t0
        csrr    t1, mhpmevent\\n
        check   t1, 0
        csrr    t1, mhpmcounter\\n
        check   t1, 0
        .endr
        .irp    number, 0xb01, 0x321, 0x322        # no writable time, nor events of the fixed ones
        catching 1f
        .word   (\\number << 20) | 0x2573
        li      s8, 0
1:      check   s8, ILLEGAL
        .endr
        pass
`,
  );
  law(
    'mcounteren has CY, TM and IR, and zero in all other of its 32 bits, so hpmcounters are illegal below M; scounteren likewise',
    [
      'norm:mcounteren_sz',
      'norm:mcounteren_enc_img',
      'norm:mcounteren_flds_mandatory_warl',
      'norm:mcounteren_flds_rdonly0',
      'norm:scounteren',
      'norm:scounteren_acc',
    ],
    `
test:   li      t0, -1
        .irp    csr, mcounteren, scounteren
        csrw    \\csr, t0
        csrr    t1, \\csr
        check   t1, 7
        .endr
        try     S, 1f
        check_trap ILLEGAL, 0xc0302573
        try     U, 1f
        check   s8, ILLEGAL
        csrw    mcounteren, zero
        csrr    t1, mcounteren
        check   t1, 0
        csrr    t1, scounteren
        check   t1, 7
        pass
1:      .word   0xc0302573              # csrr a0, hpmcounter3
        ecall
`,
  );
  law(
    'a clear bit of mcounteren makes its counter illegal in S and U, a set one legal in S, and in U where scounteren has it too',
    [
      'norm:mcounteren_op',
      'norm:mcounteren_clr_ill_inst_exc',
      'norm:mcounteren_set_nxt_priv',
      'norm:scounteren',
      'norm:scounteren_op',
    ],
    `
        .macro  readable csr, bit
        .irp    s, 0, 7, 7 ^ (1 << \\bit), 1 << \\bit
        csrwi   scounteren, \\s
        csrwi   mcounteren, 7 ^ (1 << \\bit)
        try     S, 1f
        check   s8, ILLEGAL
        try     U, 1f
        check   s8, ILLEGAL
        csrwi   mcounteren, 1 << \\bit
        try     S, 1f
        check   s8, ECALL_S
        try     U, 1f
        .if     (\\s >> \\bit) & 1
        check   s8, ECALL_U
        .else
        check   s8, ILLEGAL
        .endif
        .endr
        j       2f
1:      csrr    a0, \\csr
        ecall
2:
        .endm
test:   readable cycle, 0
        readable time, 1
        readable instret, 2
        pass
`,
  );
  law(
    'counters that may not be read, or whose enables are read and written, count on',
    ['norm:mcounteren_inc_inaccessible'],
    `
test:   csrw    minstret, zero
        csrw    mcounteren, zero
        csrw    scounteren, zero
        csrr    t0, mcounteren
        csrwi   mcounteren, 7
        csrr    t0, minstret
        check   t0, 4
        pass
`,
  );
  law(
    'mcountinhibit stops mcycle by CY and minstret by IR, has no other bit, and leaves them readable and writable',
    [
      'norm:mcountinhibit_enc_img',
      'norm:mcountinhibit_sz_warl_op1',
      'norm:mcountinhibit_op2',
      'norm:mcountinhibit_only_inc',
    ],
    `
test:   li      t0, -1
        csrw    mcountinhibit, t0
        csrr    t0, mcountinhibit
        check   t0, 5
        csrw    mcountinhibit, zero
        csrwi   mcounteren, 7
        csrwi   scounteren, 7
        .irp    csr, mcycle, minstret
        csrw    \\csr, zero
        nop
        csrr    t0, \\csr
        check   t0, 1
        .endr
        csrwi   mcountinhibit, 1        # CY
        csrw    mcycle, zero
        csrw    minstret, zero
        nop
        csrr    t0, mcycle
        csrr    t1, minstret
        check   t0, 0
        check   t1, 2
        csrwi   mcountinhibit, 4        # IR
        csrw    mcycle, zero
        csrw    minstret, zero
        nop
        csrr    t0, mcycle
        csrr    t1, minstret
        check   t0, 2
        check   t1, 0
        try     U, 1f
        check   s8, ECALL_U
        check   a0, 0
        csrwi   mcountinhibit, 0
        nop
        csrr    t0, minstret
        check   t0, 1
        pass
1:      csrr    a0, cycle
        csrr    a0, instret
        ecall
`,
  );
});

describe('environment configuration', () => {
  law(
    'menvcfg is there and writable; fields of extensions that are not implemented are zero',
    [
      'norm:menvcfg_sz_acc',
      'norm:menvcfg_op',
      'norm:menvcfg_enc_img',
      'norm:menvcfg_menvcfgh_no_U_mode',
      'norm:menvcfg_pbmte_rdonly0',
      'norm:menvcfg_cde_rdonly0',
      'norm:menvcfg_pmm_rdonly0',
      'norm:menvcfg_dte_op',
    ],
    `
        # PBMTE, CDE, DTE, PMM, SSE, LPE and what has no name
        .equ    ABSENT, ~((1 << 63) | (1 << 61) | 0xf1)
test:   csrr    s0, menvcfg
        li      t0, -1
        csrw    menvcfg, t0
        csrr    t1, menvcfg
        li      t2, ABSENT
        and     t2, t1, t2
        check   t2, 0
        li      t2, 1 | (1 << 61) | (1 << 63)
        and     t1, t1, t2
        same    t1, t2                  # FIOM, ADUE and STCE are there
        csrw    menvcfg, zero
        csrr    t1, menvcfg
        check   t1, 0
        csrw    menvcfg, s0
        li      t0, 1 << 24             # without Ssdbltrp there is no SDT
        csrs    sstatus, t0
        csrr    t1, sstatus
        and     t1, t1, t0
        check   t1, 0
        pass
`,
  );
  law(
    'senvcfg is there and writable; SSE and other fields of extensions that are not implemented are zero',
    ['norm:senvcfg', 'norm:menvcfg_sse_rdonly0'],
    `
test:   li      t0, -1
        csrw    senvcfg, t0
        csrr    t1, senvcfg
        li      t2, ~0xf1               # LPE, SSE, PMM
        and     t2, t1, t2
        check   t2, 0
        andi    t1, t1, 1
        check   t1, 1                   # FIOM
        csrw    senvcfg, zero
        csrr    t1, senvcfg
        check   t1, 0
        try     S, 1f
        check   s8, ECALL_S
        try     U, 1f
        check   s8, ILLEGAL
        pass
1:      csrr    a0, senvcfg
        ecall
`,
  );
});
