// Guests that change their page tables: some with the fence that the change needs, by each of its forms, and some that
// forget it. They check themselves as the bare machine has it, where a change counts at once.

const LOAD = `
1:      ld      a0, 0(a1)
        ecall`;

/** Stores to an entry that nobody uses, more than are traced one by one: the page of tables at a register goes out of sync. */
const manyStores = (leaves: string) => `
        .rept   12
        sd      zero, (255 * 8)(${leaves})
        .endr`;

/** `a1` is the page's address, `a3` an ASID of 5, in which everything happens. */
const changing = (fence: string) => `
test:   map     1, page1, PTE_RW
        map     2, page1, PTE_RW
        translate
        csrr    s0, satp
        li      a1, PAGE
        li      a3, 5
        slli    t0, a3, 44
        or      s0, s0, t0
        csrw    satp, s0
        sfence.vma
        try     S, 1f
        la      t0, leaves${manyStores('t0')}
        .rept   3
        map     1, page1, PTE_RW
        ${fence}
        try     S, 1f
        check   a0, 0x1001
        map     1, page2, PTE_RW
        ${fence}
        try     S, 1f
        check   a0, 0x1002
        .endr
        map     1, page2, PTE_RW & ~PTE_R & ~PTE_W      # a reserved pointer
        ${fence}
        try     S, 1f
        check_trap LOAD_PAGE, PAGE
        la      t0, leaves
        sd      zero, 8(t0)
        ${fence}
        try     S, 1f
        check_trap LOAD_PAGE, PAGE
        pass
${LOAD}`;

/** By what the fence names. */
export const FENCES = {
  everything: changing('sfence.vma'),
  'an address': changing('sfence.vma a1, zero'),
  'an address space': changing('sfence.vma zero, a3'),
  'an address in an address space': changing('sfence.vma a1, a3'),
} as const;

/** A superpage whose 2 MiB hold the page tables themselves, so that the shadow has it in parts. */
export const FRAGMENTS = `
test:   la      t2, root
        li      t1, (RAM >> 2) | PTE_RW
        sd      t1, 0(t2)
        translate
        try     S, 1f
        check   s8, ECALL_S
        la      t2, root
        sd      zero, 0(t2)
        li      a1, 9 * PAGE            # a part that nobody has touched
        sfence.vma a1, zero
        .irp    at, 3, 4, 5, 6
        li      a1, \\at * PAGE
        try     S, 2f
        check   s8, LOAD_PAGE
        .endr
        pass
1:      .irp    at, 3, 4, 5, 6
        li      a1, \\at * PAGE
        ld      a0, 0(a1)
        .endr
        ecall
2:      ld      a0, 0(a1)
        ecall
`;

/** An entry that is used in between, in another view, by which the page's copy must not be fooled. */
export const ABA = `
test:   map     1, page1, PTE_RW
        map     2, page1, PTE_RW
        translate
        li      a1, 2 * PAGE
        try     S, 1f                   # something derives from the table
        la      t0, leaves${manyStores('t0')}
        map     1, page2, PTE_RW        # now out of sync, and as page 1 had it: nothing derives from it
        map     1, page1, PTE_RW
        li      a1, PAGE
        map     1, page2, PTE_RW
        try     S, 1f
        check   a0, 0x1002
        map     1, page1, PTE_RW
        sfence.vma
        try     S, 1f
        check   a0, 0x1001
        pass
${LOAD}`;

/** Thirty changes of an entry, each with its fence and its use. */
export const REPEATED = `
test:   map     1, page1, PTE_RW
        translate
        li      a1, PAGE
        la      s0, leaves
        ld      s1, 8(s0)
        la      s2, page2
        srli    s2, s2, 2
        ori     s2, s2, PTE_RW
        li      s3, 15
2:      sd      s1, 8(s0)
        sfence.vma
        try     S, 1f
        check   a0, 0x1001
        sd      s2, 8(s0)
        sfence.vma a1, zero
        try     S, 1f
        check   a0, 0x1002
        addi    s3, s3, -1
        bnez    s3, 2b
        li      s3, 20                  # and fences that have nothing to do
3:      sfence.vma
        addi    s3, s3, -1
        bnez    s3, 3b
        pass
${LOAD}`;

/** In S under the SBI, whose remote fence reaches the caller's own hart too. */
export const REMOTE = `
        .equ    RFENCE, 0x52464e43
        .equ    REMOTE_SFENCE_VMA, 1
        .equ    LEGACY_REMOTE_SFENCE_VMA, 6
test:   map     1, page1, PTE_RW
        map     9, leaves, PTE_RW
        translate
        li      s1, PAGE
        ld      s2, 0(s1)
        li      s3, 9 * PAGE
        ld      s4, 8(s3)${manyStores('s3')}
        li      t0, PAGE >> 2
        add     t1, s4, t0
        sd      t1, 8(s3)
        li      a0, 1
        li      a1, 0
        li      a2, 0
        li      a3, -1
        li      a6, REMOTE_SFENCE_VMA
        li      a7, RFENCE
        ecall
        ld      s5, 0(s1)
        sd      s4, 8(s3)
        li      a0, 0
        li      a7, LEGACY_REMOTE_SFENCE_VMA
        ecall
        ld      s6, 0(s1)
        csrw    satp, zero              # the finisher is not mapped
        check   s2, 0x1001
        check   s5, 0x1002
        check   s6, 0x1001
        pass
`;

const forgetting = (fence: string) => `
test:   map     1, page1, PTE_RW
        translate
        li      a1, PAGE
        try     S, 1f
        check   a0, 0x1001
        la      t0, leaves${manyStores('t0')}
        map     1, page2, PTE_RW
        ${fence}
        try     S, 1f
        check   a0, 0x1002
        pass
${LOAD}`;

/** Each uses page 1 after it was changed, with no fence that names it. */
export const FORGETFUL = {
  'forgets the fence': forgetting(''),
  'fences another address': forgetting('li t0, 2 * PAGE\n sfence.vma t0, zero'),
  'fences another address space': forgetting('li t0, 7\n sfence.vma zero, t0'),
} as const;

/** A hundred entries unmapped after their pages were used, and one fence. */
export const UNMAPPING = `
        .equ    PAGES, 100
test:   la      s0, leaves
        la      t0, page1
        srli    t0, t0, 2
        ori     t0, t0, PTE_RW
        li      s1, PAGES
2:      addi    s1, s1, -1
        slli    t1, s1, 3
        add     t1, t1, s0
        sd      t0, 0(t1)
        bnez    s1, 2b
        translate
        try     S, 1f
        check   s8, ECALL_S
        li      s1, PAGES
3:      addi    s1, s1, -1
        slli    t1, s1, 3
        add     t1, t1, s0
        sd      zero, 0(t1)
        bnez    s1, 3b
        sfence.vma
        li      a1, PAGE
        try     S, 4f
        check_trap LOAD_PAGE, PAGE
        pass
1:      li      a1, (PAGES - 1) * PAGE
5:      ld      a0, 0(a1)
        li      t1, PAGE
        sub     a1, a1, t1
        bnez    a1, 5b
        ecall
4:      ld      a0, 0(a1)
        ecall
`;
