// Physical memory protection as a guest sees it: the registers, each way to name a range, rights, locks, priority, and
// which accesses are checked. Each is a guest that runs in all ways.
// Left out: random configurations, which tests/isa/pmp.test.ts holds against a plain function.

import { describe } from 'vitest';
import { law } from './support/law.ts';

const ACCESSES = `
load:   ld      a0, (a1)
        ecall
word:   lw      a0, (a1)
        ecall
store:  sd      a0, (a1)
        ecall
jump:   jr      a1
        .macro  expect mode, access, address, cause
        la      a1, \\address
        try     \\mode, \\access
        check   s8, \\cause
        .if     (\\cause) < ECALL_U
        same    s9, a1
        .endif
        .endm
        # Entry 0 covers what \`address\` says, as \`config\` says; entry 1 opens all memory.
        .macro  protect config, address
        li      t0, \\address
        csrw    pmpaddr0, t0
        li      t0, -1
        csrw    pmpaddr1, t0
        li      t0, (PMP_OPEN << 8) | (\\config)
        csrw    pmpcfg0, t0
        sfence.vma
        .endm
`;

describe('registers', () => {
  law(
    'there are sixteen entries with a byte and an address of 54 bits each; M-mode alone has them',
    [
      'norm:pmp_entry_structure',
      'norm:pmp_entry_count',
      'norm:pmp_cfg_rv64_layout',
      'norm:pmp_addr_registers',
      'norm:pmp_addr_encoding',
      'norm:pmp_addr_warl',
      'norm:pmp_csr_mode',
      'norm:pmp_csrs_warl_access',
      'norm:pmp_rwx_warl',
    ],
    `
test:   li      t0, 0x0b0f0c090d080f1f
        csrw    pmpcfg2, t0
        csrr    t1, pmpcfg2
        same    t1, t0                  # one byte an entry
        csrw    pmpcfg2, zero
        li      t0, 0x7f
        csrw    pmpcfg2, t0
        csrr    t1, pmpcfg2
        check   t1, 0x1f                # two bits are zero
        .irp    reserved, 2, 6, 0x1a, 0x1e
        csrw    pmpcfg2, zero
        li      t0, \\reserved          # W without R
        csrw    pmpcfg2, t0
        csrr    t1, pmpcfg2
        andi    t1, t1, 3
        xori    t1, t1, 2
        snez    t1, t1
        check   t1, 1
        .endr
        csrw    pmpcfg2, zero
        .irp    n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        li      t0, -1
        csrw    pmpaddr\\n, t0
        csrr    t1, pmpaddr\\n
        srli    t0, t0, 10
        same    t1, t0
        csrw    pmpaddr\\n, zero
        csrr    t1, pmpaddr\\n
        check   t1, 0
        .endr
        .irp    number, 0x3a4, 0x3c0, 0x3ef     # pmpcfg4, pmpaddr16, pmpaddr63
        catching 1f
        .word   (\\number << 20) | 0x2573
        li      s8, 0
1:      check   s8, ILLEGAL
        .endr
        try     S, 2f
        check   s8, ILLEGAL
        try     S, 3f
        check   s8, ILLEGAL
        pass
2:      csrr    a0, pmpcfg0
        ecall
3:      csrw    pmpaddr0, zero
        ecall
`,
  );
  law(
    'the grain is four bytes: an address keeps its low bits in every mode, and through changes of the mode',
    ['norm:pmp_granularity', 'norm:pmp_region_granularity_g', 'norm:pmp_addr_retention_on_mode_change'],
    `
test:   .irp    value, 0x20001234, 0x20001235, 0x20001237, 0x2000123f
        li      t0, \\value
        csrw    pmpaddr9, t0
        .irp    config, 0, PMP_TOR, PMP_NA4, PMP_NAPOT, PMP_TOR, PMP_NAPOT, 0
        li      t1, (\\config) << 8
        csrw    pmpcfg2, t1
        csrr    t2, pmpcfg2
        same    t2, t1                  # NA4 can be selected
        csrr    t2, pmpaddr9
        same    t2, t0
        .endr
        .endr
        csrw    pmpaddr1, zero          # probing, as the manual has it
        li      t0, -1
        csrw    pmpaddr1, t0
        csrr    t0, pmpaddr1
        andi    t0, t0, 1
        check   t0, 1
        pass
`,
  );
});

describe('ranges', () => {
  law(
    'OFF covers nothing, NA4 four bytes, NAPOT a power of two, TOR from the entry below; the lowest entry that covers a byte decides',
    [
      'norm:pmp_a_field_encoding',
      'norm:pmp_a_field_off',
      'norm:pmp_a_field_napot_na4',
      'norm:pmp_napot_encoding_low_bits',
      'norm:pmp_a_field_tor',
      'norm:pmp_entry_priority',
      'norm:pmp_granularity',
    ],
    `
${ACCESSES}
test:   protect 0, PAGE1 >> 2
        expect  S, load, page1, ECALL_S
        protect PMP_NA4, PAGE1 >> 2
        expect  S, word, page1, LOAD_ACCESS
        expect  S, word, page1 + 4, ECALL_S
        expect  S, word, page1 - 4, ECALL_S
        protect PMP_NAPOT, PAGE1 >> 2           # eight bytes
        expect  S, load, page1, LOAD_ACCESS
        expect  S, load, page1 + 8, ECALL_S
        expect  S, load, page1 - 8, ECALL_S
        protect PMP_NAPOT, (PAGE1 >> 2) | 7     # 64 bytes
        expect  S, load, page1 + 56, LOAD_ACCESS
        expect  S, load, page1 + 64, ECALL_S
        expect  S, load, page1 - 8, ECALL_S
        protect PMP_NAPOT, (PAGE1 >> 2) | 0x1ff # a page
        expect  S, load, page1 + PAGE - 8, LOAD_ACCESS
        expect  S, load, page2, ECALL_S
        li      t0, (PAGE1 + 8) >> 2            # TOR of entry 1, between two addresses
        csrw    pmpaddr0, t0
        li      t0, (PAGE1 + 16) >> 2
        csrw    pmpaddr1, t0
        li      t0, -1
        csrw    pmpaddr2, t0
        li      t0, (PMP_OPEN << 16) | (PMP_TOR << 8)
        csrw    pmpcfg0, t0
        expect  S, load, page1, ECALL_S
        expect  S, load, page1 + 8, LOAD_ACCESS
        expect  S, load, page1 + 16, ECALL_S
        li      t0, (PAGE1 + 16) >> 2           # an empty range, and one that ends before it starts
        csrw    pmpaddr0, t0
        expect  S, load, page1 + 8, ECALL_S
        li      t0, (PAGE1 + 64) >> 2
        csrw    pmpaddr0, t0
        expect  S, load, page1 + 8, ECALL_S
        li      t0, PAGE1 >> 2                  # TOR of entry 0 starts at zero
        csrw    pmpaddr0, t0
        li      t0, (PMP_OPEN << 16) | ((PMP_TOR | PMP_R | PMP_W | PMP_X) << 8) | (PMP_TOR | PMP_X | PMP_R)
        csrw    pmpcfg0, t0
        expect  S, store, page1 - 8, STORE_ACCESS
        expect  S, store, page1, ECALL_S
        protect PMP_OPEN, (PAGE1 >> 2) | 0x1ff  # the lower entry wins, whichever is wider
        li      t0, (PMP_NAPOT << 8) | PMP_OPEN | (PMP_OPEN << 24)
        csrw    pmpcfg0, t0
        li      t0, (PAGE1 >> 2) | 0x3ff
        csrw    pmpaddr1, t0
        li      t0, -1
        csrw    pmpaddr3, t0
        expect  S, load, page1, ECALL_S
        expect  S, load, page1 - 8, LOAD_ACCESS
        pass
`,
  );
  law(
    'an access fails unless the entry that covers its first bytes covers all of it; a misaligned one may fail in one part',
    ['norm:pmp_full_match_required', 'norm:pmp_misaligned_access_behavior', 'norm:pmp_entry_priority'],
    `
${ACCESSES}
test:   protect PMP_NA4 | PMP_R | PMP_W, PAGE1 >> 2
        expect  S, word, page1, ECALL_S
        expect  S, load, page1, LOAD_ACCESS     # though each half has its rights
        expect  S, store, page1, STORE_ACCESS
        la      t0, page1
        lwu     t0, (t0)
        check   t0, 0x1001                      # nothing was stored
        expect  M, load, page1, LOAD_ACCESS     # for M-mode too, though the entry is not locked
        expect  M, word, page1, ECALL_M
        protect PMP_NA4, (PAGE1 + 8) >> 2
        la      a1, page1 + 6                   # misaligned, into it
        try     S, word
        check   s8, LOAD_ACCESS
        la      a1, page1 + 12
        try     S, word
        check   s8, ECALL_S
        pass
`,
  );
  law(
    'where no entry matches, M-mode has all rights, and S and U have none; U no more than S',
    ['norm:pmp_no_entry_match', 'norm:pmp_access_fault_exception', 'norm:pmp_check_priv_modes'],
    `
${ACCESSES}
test:   li      t0, (RAM >> 2) | 0x7fff | 0x400 # the first pages of RAM
        li      t0, PAGE1 >> 2          # all but page1
        csrw    pmpaddr0, t0
        li      t0, PAGE2 >> 2
        csrw    pmpaddr1, t0
        li      t0, -1
        csrw    pmpaddr2, t0
        li      t0, ((PMP_TOR | PMP_R | PMP_X) << 16) | PMP_TOR | PMP_R | PMP_X
        csrw    pmpcfg0, t0
        .irp    mode, S, U
        expect  \\mode, load, page1, LOAD_ACCESS
        expect  \\mode, store, page1, STORE_ACCESS
        expect  \\mode, jump, page1, FETCH_ACCESS
        expect  \\mode, load, _start, ECALL_U + \\mode
        expect  \\mode, store, _start, STORE_ACCESS
        .endr
        expect  M, load, page1, ECALL_M
        expect  M, store, page1, ECALL_M
        expect  M, store, page2, ECALL_M
        pass
`,
  );
});

describe('rights', () => {
  law(
    'R, W and X each permit their kind of access, to S and U, and forbid nothing to M unless the entry is locked',
    [
      'norm:pmp_cfg_permissions',
      'norm:pmp_rwx_check',
      'norm:pmp_exec_fault',
      'norm:pmp_load_fault',
      'norm:pmp_store_fault',
      'norm:pmp_access_fault_exception',
      'norm:pmp_violation_precise_trap',
      'norm:pmp_check_priv_modes',
      'norm:pmp_l_bit_m_mode_enforcement',
    ],
    `
${ACCESSES}
        .macro  allowed config, access  # from S and U; M always may
        protect PMP_NAPOT | (\\config), (PAGE1 >> 2) | 0x1ff
        expect  S, \\access, page1, ECALL_S
        expect  U, \\access, page1, ECALL_U
        .endm
        .macro  denied config, access, cause
        protect PMP_NAPOT | (\\config), (PAGE1 >> 2) | 0x1ff
        .irp    mode, S, U
        expect  \\mode, \\access, page1, \\cause
        .ifndef jump_\\access
        la      t0, \\access
        same    s10, t0                 # precise
        .endif
        .endr
        expect  M, \\access, page1, ECALL_M
        .endm
        .equ    jump_jump, 1
test:   la      a0, page1
        li      t0, 0x73                # ecall, for the jumps, and what is stored
        sd      t0, (a0)
        mv      a0, t0
        fence.i
        allowed PMP_R, load
        li      a0, 0x73
        denied  PMP_R, store, STORE_ACCESS
        denied  PMP_R, jump, FETCH_ACCESS
        allowed PMP_R | PMP_W, load
        li      a0, 0x73
        allowed PMP_R | PMP_W, store
        denied  PMP_R | PMP_W, jump, FETCH_ACCESS
        allowed PMP_X, jump
        denied  PMP_X, load, LOAD_ACCESS
        li      a0, 0x73
        denied  PMP_X, store, STORE_ACCESS
        allowed PMP_R | PMP_X, jump
        denied  0, load, LOAD_ACCESS
        denied  0, jump, FETCH_ACCESS
        li      a0, 0x73
        denied  0, store, STORE_ACCESS
        pass
`,
  );
  law(
    'LR needs R and SC and AMOs W; refused, they fault as load and as store',
    ['norm:pmp_load_fault', 'norm:pmp_store_fault', 'norm:mcause_exccode_ld_ldrsv', 'norm:mcause_exccode_st_sc_amo'],
    `
${ACCESSES}
test:   protect PMP_NAPOT | PMP_X, (PAGE1 >> 2) | 0x1ff
        .irp    mode, S, U
        expect  \\mode, 1f, page1, LOAD_ACCESS
        expect  \\mode, 2f, page1, STORE_ACCESS
        expect  \\mode, 3f, page1, STORE_ACCESS
        .endr
        protect PMP_NAPOT | PMP_R, (PAGE1 >> 2) | 0x1ff
        .irp    mode, S, U
        expect  \\mode, 1f, page1, ECALL_U + \\mode
        expect  \\mode, 2f, page1, STORE_ACCESS
        expect  \\mode, 3f, page1, STORE_ACCESS
        .endr
        pass
1:      lr.d    a0, (a1)
        ecall
2:      sc.d    a0, a0, (a1)
        ecall
3:      amoor.d a0, a0, (a1)
        ecall
`,
  );
  law(
    'a locked entry binds M-mode, and neither its configuration nor its address can be written, nor the one below a TOR',
    [
      'norm:pmp_l_bit_function',
      'norm:pmp_l_bit_write_protection',
      'norm:pmp_l_bit_m_mode_enforcement',
      'norm:pmp_mmode_locking',
      'norm:pmp_check_priv_modes',
    ],
    `
${ACCESSES}
        .macro  kept csr, value         # a write changes nothing
        li      t0, \\value
        csrr    t1, \\csr
        csrw    \\csr, t0
        csrr    t0, \\csr
        same    t0, t1
        .endm
test:   li      t0, PAGE1 >> 2
        csrw    pmpaddr0, t0
        li      t0, (PAGE1 + 64) >> 2
        csrw    pmpaddr1, t0
        li      t0, -1
        csrw    pmpaddr2, t0
        li      t0, (PMP_OPEN << 16) | ((PMP_TOR | PMP_R | PMP_L) << 8)
        csrw    pmpcfg0, t0
        expect  M, load, page1, ECALL_M
        expect  M, store, page1, STORE_ACCESS
        expect  M, jump, page1, FETCH_ACCESS
        expect  S, load, page1, ECALL_S
        expect  S, store, page1, STORE_ACCESS
        expect  M, store, page1 + 64, ECALL_M
        kept    pmpaddr1, 0
        kept    pmpaddr0, 0             # the bottom of a locked TOR
        li      t0, 0x1f1f00            # entry 0 and 2 can still be written
        csrw    pmpcfg0, t0
        csrr    t1, pmpcfg0
        li      t0, (PMP_OPEN << 16) | ((PMP_TOR | PMP_R | PMP_L) << 8)
        same    t1, t0
        li      t0, 0x123
        csrw    pmpaddr2, t0
        csrr    t1, pmpaddr2
        same    t0, t1
        li      t0, -1
        csrw    pmpaddr2, t0
        li      t0, (PMP_OPEN << 16) | PMP_L    # locked though off
        csrs    pmpcfg0, t0
        li      t0, PMP_OPEN
        csrw    pmpcfg0, t0
        csrr    t0, pmpcfg0
        andi    t0, t0, 0xff
        check   t0, PMP_L
        pass
`,
  );
});

describe('which accesses are checked', () => {
  law(
    'those of M-mode that borrow S or U by MPRV, and no other of M-mode',
    ['norm:pmp_check_priv_modes', 'norm:mstatus_mprv_ldst_op', 'norm:mstatus_mprv_inst_xlat_op'],
    `
${ACCESSES}
test:   protect PMP_NAPOT, (PAGE1 >> 2) | 0x1ff
        .irp    mpp, U, S, M
        li      t0, MSTATUS_MPP
        csrc    mstatus, t0
        li      t0, MSTATUS_MPRV | (\\mpp << 11)
        la      a1, page1
        li      s8, 0
        catching 1f
        csrs    mstatus, t0
        ld      a0, (a1)
1:      li      t0, MSTATUS_MPRV
        csrc    mstatus, t0
        .if     \\mpp == M
        check   s8, 0
        .else
        check   s8, LOAD_ACCESS
        .endif
        .endr
        la      t0, page1               # a fetch borrows nothing
        li      t1, 0x8067              # ret
        sw      t1, (t0)
        fence.i
        li      t1, MSTATUS_MPRV
        csrs    mstatus, t1
        jalr    t0
        li      t1, MSTATUS_MPRV
        csrc    mstatus, t1
        pass
`,
  );
  law(
    'those to page tables, as of S-mode, and both parts of what an instruction needs: tables and data',
    [
      'norm:pmp_check_pagetable_access',
      'norm:pmp_with_paging',
      'norm:pmp_sfence_required',
      'norm:mtval_vaddr_not_paddr',
    ],
    `
${ACCESSES}
test:   map     1, page1, PTE_RW
        translate
        protect PMP_NAPOT, (LEAVES >> 2) | 0x1ff        # the last table
        li      a1, PAGE
        try     S, load
        check_trap LOAD_ACCESS, PAGE
        try     S, store
        check_trap STORE_ACCESS, PAGE
        protect PMP_NAPOT | PMP_R, (LEAVES >> 2) | 0x1ff
        li      a1, PAGE
        try     S, load
        check   s8, ECALL_S
        map     1, page1, PTE_V | PTE_R | PTE_W | PTE_A # a table that hardware cannot write
        li      t0, 1 << 61
        csrs    menvcfg, t0
        sfence.vma
        li      a1, PAGE
        try     S, load
        check   s8, ECALL_S
        try     S, store
        check_trap STORE_ACCESS, PAGE
        map     1, page1, PTE_RW
        protect PMP_NAPOT | PMP_R, (PAGE1 >> 2) | 0x1ff # the data
        li      a1, PAGE
        try     S, load
        check   s8, ECALL_S
        try     S, store
        check_trap STORE_ACCESS, PAGE
        protect PMP_NAPOT | PMP_R | PMP_W, (PAGE1 >> 2) | 0x1ff
        li      a1, PAGE
        try     S, store
        check   s8, ECALL_S
        pass
`,
  );
});
