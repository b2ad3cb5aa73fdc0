// Address translation as a guest sees it: satp, the walk of Sv39 and Sv48 by page size, address and entry, accessed and
// dirty bits, and which exception comes first. Each is a guest that runs in all ways.
// Left out: fences (fences.test.ts), and SUM and MXR (status.test.ts).

import { describe } from 'vitest';
import { law } from './support/law.ts';

const ACCESSES = `
        .macro  expect access, address, cause
        li      a1, \\address
        try     S, \\access
        check   s8, \\cause
        .if     (\\cause) < ECALL_U
        same    s9, a1
        .endif
        .endm
load:   ld      a0, (a1)
        ecall
store:  sd      a0, (a1)
        ecall
jump:   jr      a1
        .macro  entry table, index, value
        la      t0, \\table
        li      t1, \\value
        li      t2, \\index * 8
        add     t0, t0, t2
        sd      t1, (t0)
        sfence.vma
        .endm
        .equ    OFFSET, PAGE1 - RAM     # of a page that holds 0x1001
`;

/** A guest under each scheme: \`on\` translates by \`top\`. Under Sv48 the prelude's root is the third level. */
const SCHEMES = {
  Sv39: `
        .macro  on
        translate
        sfence.vma
        .endm
        .equ    VA_BITS, 39
        .equ    ABOVE, 0xffffffff80000000       # where the upper half has RAM
        .macro  upper_half
        entry   root, 510, (RAM >> 2) | PTE_RWX
        .endm
`,
  Sv48: `
        .macro  on
        la      t6, top
        srli    t6, t6, 12
        li      s8, 9 << 60
        or      t6, t6, s8
        csrw    satp, t6
        sfence.vma
        .endm
        .equ    VA_BITS, 48
        .equ    ABOVE, 0xffffff8080000000
        .macro  upper_half
        la      t0, top
        ld      t1, (t0)
        li      t2, 511 * 8
        add     t0, t0, t2
        sd      t1, (t0)
        .endm
        .balign PAGE
top:    pte     root, PTE_V
        .zero   511 * 8
`,
} as const;

describe('satp', () => {
  law(
    'holds Bare, Sv39 and Sv48 with an ASID of 16 bits and a PPN of 44; another MODE makes the whole write void',
    [
      'norm:satp',
      'norm:satp_mode',
      'norm:satp_mode_sxlen64',
      'norm:satp_mode_op_unsupported',
      'norm:svbare_satp_mode_bare',
      'norm:asidlen',
      'norm:satp_ppn_sv39_sz',
      'norm:satp_ppn_sv48_sz',
      'norm:Sv39_sxlen',
      'norm:Sv48_sxlen',
      'norm:Sv48_requires_Sv39',
    ],
    `
test:   .irp    mode, 8, 9
        li      s0, (\\mode << 60) | ((1 << 60) - 1)
        csrw    satp, s0
        csrr    t1, satp
        same    t1, s0
        .irp    other, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15
        li      t0, (\\other << 60) | 5
        csrw    satp, t0
        csrr    t1, satp
        same    t1, s0
        .endr
        csrw    satp, zero
        csrr    t1, satp
        check   t1, 0
        .endr
        pass
`,
  );
  law(
    'translates below M-mode alone; Bare leaves addresses as they are, and a change of MODE counts at once, without a fence',
    ['norm:satp_op_active', 'norm:satp_mode', 'norm:sfence_vma_mode_effect'],
    `
test:   li      t0, (8 << 60) | 0xfffffffffff   # a root where no memory is
        csrw    satp, t0
        la      a1, page1
        ld      a0, (a1)                # M-mode does not look
        check   a0, 0x1001
        csrw    satp, zero
        map     1, page2, PTE_RW
        sfence.vma
        try     S, 1f
        check   s8, LOAD_ACCESS         # by the last load
        check   a2, 0x1001
        check   a3, 0x1002
        check   a4, 0x1001
        pass
1:      la      t0, root
        srli    t0, t0, 12
        li      t1, 8 << 60
        or      t0, t0, t1
        la      a1, page1
        li      a0, PAGE
        ld      a2, (a1)                # at its own address
        csrw    satp, t0
        ld      a3, (a0)
        ld      a4, (a1)                # by the gigapage
        csrw    satp, zero
        ld      a5, (a0)
        ecall
`,
  );
});

describe.each(Object.entries(SCHEMES))('%s', (name, scheme) => {
  const sv48 = name === 'Sv48';
  law(
    'maps pages of every level, whose offset is not translated, and refuses frames that are not aligned to the size',
    [
      'norm:Sv39_page_sizes',
      'norm:Sv39_leaf_any_level',
      'norm:Sv39_levels',
      'norm:Sv39_LEVELS',
      'norm:Sv39_PTESIZE',
      'norm:Sv39_pte_sz',
      'norm:Sv39_pte_count',
      'norm:Sv39_pt_sz',
      'norm:Sv39_pt_align',
      'norm:Sv39_page_offset_sz',
      'norm:Sv39_superpage_align',
      'norm:Sv39_superpage_align_fault',
      'norm:Sv48_page_sizes',
      'norm:Sv48_leaf_any_level',
      'norm:Sv48_levels',
      'norm:Sv48_LEVELS',
      'norm:Sv48_PTESIZE',
      'norm:Sv48_page_offset_sz',
      'norm:Sv48_superpage_align',
      'norm:Sv48_superpage_align_fault',
    ],
    `
${scheme}
${ACCESSES}
test:   on
        la      t0, page1
        srli    t0, t0, 2
        ori     t0, t0, PTE_RW
        li      t1, LEAVES + 511 * 8    # the last of a table
        sd      t0, (t1)
        sfence.vma
        la      t0, page1               # a mark at the end of the page
        li      t1, PAGE - 8
        add     t0, t0, t1
        li      t1, 0x5a5a
        sd      t1, (t0)
        expect  load, 511 * PAGE, ECALL_S
        check   a0, 0x1001
        expect  load, 512 * PAGE - 8, ECALL_S
        check   a0, 0x5a5a
        entry   middle, 511, (RAM >> 2) | PTE_RW
        expect  load, (511 << 21) + OFFSET, ECALL_S
        check   a0, 0x1001
        entry   root, 509, (RAM >> 2) | PTE_RW
        expect  load, (509 << 30) + OFFSET, ${sv48 ? 'ECALL_S' : 'LOAD_PAGE'}
        expect  load, (${sv48 ? '' : '0xffffff8000000000 | '}(509 << 30)) + OFFSET, ECALL_S
        check   a0, 0x1001
        ${
          sv48
            ? `
        entry   top, 3, PTE_RW
        expect  load, (3 << 39) + PAGE1, ECALL_S
        check   a0, 0x1001
        .irp    bit, 10, 18, 19, 27, 28, 36
        entry   top, 3, (1 << \\bit) | PTE_RW
        expect  load, (3 << 39) + PAGE1, LOAD_PAGE
        .endr`
            : ''
        }
        .irp    bit, 10, 11, 17, 18
        entry   middle, 511, (RAM >> 2) | (1 << \\bit) | PTE_RW
        expect  load, (511 << 21) + OFFSET, LOAD_PAGE
        expect  store, (511 << 21) + OFFSET, STORE_PAGE
        .endr
        .irp    bit, 10, 18, 19, 27
        entry   root, 4, (RAM >> 2) | (1 << \\bit) | PTE_RWX
        expect  load, (4 << 30) + OFFSET, LOAD_PAGE
        expect  jump, (4 << 30) + OFFSET, FETCH_PAGE
        .endr
        pass
`,
  );
  law(
    'takes addresses whose upper bits equal the highest of the VPN, and faults on each that differs in one bit',
    [
      'norm:Sv39_va_sz',
      'norm:Sv39_va_signext',
      'norm:Sv39_vpn_sz',
      'norm:Sv48_va_sz',
      'norm:Sv48_va_signext',
      'norm:Sv48_vpn_sz',
    ],
    `
${scheme}
${ACCESSES}
test:   on
        upper_half
        expect  load, ABOVE + OFFSET, ECALL_S
        check   a0, 0x1001
        li      s0, VA_BITS
1:      li      t0, 1
        sll     t0, t0, s0
        li      a1, ABOVE + OFFSET
        xor     a1, a1, t0
        try     S, load
        check   s8, LOAD_PAGE
        same    s9, a1
        li      t0, 1
        sll     t0, t0, s0
        la      a1, page1
        xor     a1, a1, t0
        try     S, store
        check   s8, STORE_PAGE
        try     S, jump
        check   s8, FETCH_PAGE
        same    s9, a1
        addi    s0, s0, 1
        sltiu   t0, s0, 64
        bnez    t0, 1b
        li      a1, 1 << (VA_BITS - 1)  # the first address of the gap
        try     S, load
        check   s8, LOAD_PAGE
        pass
`,
  );
  law(
    'refuses entries that are not valid, that are reserved, or that have a bit set of 54 to 63, at each level',
    [
      'norm:Sv39_pte_future_rsv',
      'norm:Sv39_pte_svpbmt_rsv',
      'norm:Sv39_pte_svnapot_rsv',
      'norm:Sv39_pte_sz',
      'norm:menvcfg_pbmte_rdonly0',
    ],
    `
${scheme}
${ACCESSES}
test:   on
        li      t0, 1 << 62             # PBMTE cannot be turned on
        csrs    menvcfg, t0
        map     1, page1, PTE_RW
        expect  load, PAGE, ECALL_S
        li      s3, PAGE
        .irp    table, leaves, middle, root${sv48 ? ', top' : ''}
        li      s0, 54
1:      la      t0, \\table
        .ifc    \\table, leaves
        addi    t0, t0, 8
        .endif
        ld      s1, (t0)
        li      t1, 1
        sll     t1, t1, s0
        or      t1, t1, s1
        mv      s2, t0
        sd      t1, (s2)
        sfence.vma
        mv      a1, s3
        try     S, load
        .ifc    \\table, top            # the code is below it too
        check   s8, FETCH_PAGE
        .else
        check   s8, LOAD_PAGE
        same    s9, s3
        .endif
        sd      s1, (s2)
        addi    s0, s0, 1
        sltiu   t0, s0, 64
        bnez    t0, 1b
        .endr
        .irp    flags, 0, PTE_R, PTE_V | PTE_W, PTE_V | PTE_W | PTE_X, PTE_V, PTE_V | PTE_W | PTE_A | PTE_D
        map     1, page1, \\flags
        sfence.vma
        expect  load, PAGE, LOAD_PAGE
        expect  store, PAGE, STORE_PAGE
        expect  jump, PAGE, FETCH_PAGE
        .endr
        .irp    bit, PTE_U, PTE_A, PTE_D        # in a pointer
        map     1, page1, PTE_RW
        la      t0, leaves
        srli    t0, t0, 2
        li      t1, PTE_V | \\bit
        or      t1, t1, t0
        la      t0, middle
        sd      t1, (t0)
        sfence.vma
        expect  load, PAGE, LOAD_PAGE
        .endr
        pass
`,
  );
  law(
    'needs R for loads, W for stores, X for fetches; LR is a load, SC and AMOs are stores',
    [
      'norm:load_page_fault_no_r',
      'norm:store_page_fault_no_w',
      'norm:fetch_page_fault_no_x',
      'norm:mcause_exccode_ld_ldrsv',
      'norm:mcause_exccode_st_sc_amo',
    ],
    `
${scheme}
${ACCESSES}
        .macro  rights flags, load, store, jump
        map     1, page1, PTE_V | PTE_A | PTE_D | \\flags
        sfence.vma
        li      a0, 0x73                # ecall, where the jump arrives
        expect  store, PAGE, \\store
        expect  sc, PAGE, \\store
        expect  amo, PAGE, \\store
        expect  load, PAGE, \\load
        expect  lr, PAGE, \\load
        expect  jump, PAGE, \\jump
        .endm
test:   on
        la      t0, page1
        li      t1, 0x73
        sd      t1, (t0)
        fence.i
        rights  PTE_R, ECALL_S, STORE_PAGE, FETCH_PAGE
        rights  PTE_R | PTE_W, ECALL_S, ECALL_S, FETCH_PAGE
        rights  PTE_X, LOAD_PAGE, STORE_PAGE, ECALL_S
        rights  PTE_R | PTE_X, ECALL_S, STORE_PAGE, ECALL_S
        rights  PTE_R | PTE_X | PTE_U, LOAD_PAGE, STORE_PAGE, FETCH_PAGE
        pass
lr:     lr.d    a2, (a1)
        ecall
sc:     sc.d    a2, a0, (a1)
        ecall
amo:    amoor.d a2, zero, (a1)
        ecall
`,
  );
});

describe('accessed and dirty bits', () => {
  law(
    'are written by hardware under ADUE, and are page faults without; a fence is enough to change between them',
    ['norm:menvcfg_adue_op', 'norm:menvcfg_adue_fence', 'norm:svade_access_ad_bit_clear'],
    `
${ACCESSES}
        .macro  flags value
        la      t0, leaves
        ld      t0, 8(t0)
        andi    t0, t0, 0xff
        check   t0, \\value
        .endm
        .equ    NEITHER, PTE_V | PTE_R | PTE_W | PTE_X
test:   translate
        li      s0, 1 << 61
        .rept   2
        csrc    menvcfg, s0
        sfence.vma
        .irp    access, load, jump, store
        map     1, page1, NEITHER
        sfence.vma
        li      a1, PAGE
        try     S, \\access
        .ifc    \\access, load
        check_trap LOAD_PAGE, PAGE
        .endif
        .ifc    \\access, jump
        check_trap FETCH_PAGE, PAGE
        .endif
        .ifc    \\access, store
        check_trap STORE_PAGE, PAGE
        .endif
        flags   NEITHER                 # and nothing is written
        .endr
        map     1, page1, NEITHER | PTE_A
        sfence.vma
        expect  load, PAGE, ECALL_S
        expect  store, PAGE, STORE_PAGE
        flags   NEITHER | PTE_A
        csrs    menvcfg, s0
        sfence.vma
        expect  store, PAGE, ECALL_S
        flags   NEITHER | PTE_A | PTE_D
        map     1, page1, NEITHER
        sfence.vma
        expect  load, PAGE, ECALL_S
        flags   NEITHER | PTE_A
        map     1, page1, NEITHER & ~PTE_W
        sfence.vma
        expect  store, PAGE, STORE_PAGE
        flags   NEITHER & ~PTE_W        # an access that is refused writes nothing
        .endr
        pass
`,
  );
  law(
    'of pages and tables that no instruction uses stay as they are: nothing is walked without need',
    ['norm:sfence_vma_implicit_access'],
    `
test:   .irp    n, 1, 2, 3, 4, 5
        map     \\n, page1, PTE_V | PTE_R | PTE_W
        .endr
        li      t0, 1 << 61
        csrs    menvcfg, t0
        translate
        sfence.vma
        li      a1, 3 * PAGE
        try     S, 1f
        check   s8, ECALL_S
        la      t0, leaves
        .irp    n, 1, 2, 4, 5
        ld      t1, (\\n * 8)(t0)
        andi    t1, t1, PTE_A | PTE_D
        check   t1, 0
        .endr
        ld      t1, 24(t0)
        andi    t1, t1, PTE_A | PTE_D
        check   t1, PTE_A
        pass
1:      ld      a0, (a1)
        ecall
`,
  );
});

law(
  'of several exceptions the one of the fetch comes first, then the instruction’s own, then those of the access: of its translation before its address',
  ['norm:exc_priority', 'norm:mcause_exccode_pri1'],
  `
${ACCESSES}
        .macro  run address, cause, tval
        li      a3, \\address
        try     S, hop
        check_trap \\cause, \\tval
        .endm
test:   translate
        map     1, page1, PTE_RW        # holds an illegal instruction, and is not for execution
        la      t0, page1
        sd      zero, (t0)
        sfence.vma
        run     PAGE, FETCH_PAGE, PAGE
        map     1, page1, PTE_RWX
        sfence.vma
        run     PAGE, ILLEGAL, 0
        li      t0, (PAGE1 >> 2) | 0x1ff        # PMP: page1 is closed
        csrw    pmpaddr0, t0
        li      t0, -1
        csrw    pmpaddr1, t0
        li      t0, (PMP_OPEN << 8) | PMP_NAPOT
        csrw    pmpcfg0, t0
        sfence.vma
        run     PAGE, FETCH_ACCESS, PAGE        # before the illegal instruction
        map     1, page1, PTE_V | PTE_A | PTE_D | PTE_W | PTE_R | PTE_U
        sfence.vma
        run     PAGE, FETCH_PAGE, PAGE          # translation before PMP
        expect  load, PAGE, LOAD_PAGE
        expect  store, PAGE, STORE_PAGE
        map     1, page1, PTE_RW
        sfence.vma
        expect  load, PAGE, LOAD_ACCESS
        li      t0, (UART >> 2) | PTE_V         # the table is nowhere: what is met first in the walk
        la      t1, middle
        sd      t0, (t1)
        sfence.vma
        expect  load, PAGE, LOAD_ACCESS
        run     PAGE, FETCH_ACCESS, PAGE
        csrw    satp, zero
        try     U, 1f                           # the privilege of an instruction before its operand
        check   s8, ILLEGAL
        pass
hop:    jr      a3
1:      csrw    satp, zero
`,
);
