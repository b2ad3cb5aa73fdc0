// Changes of page tables, by every way in which a guest can make them: each takes effect at once here (the hardware is
// coherent), so bare and virtual agree even where the guest forgets a fence. Address spaces and ASIDs come last.

import { expect, test } from 'vitest';
import { runCase } from '../support/assembly.ts';

/** Each way stores t1 to the entry of page 1 (`entry` is its address). What precedes it maps the table for that way. */
const WAYS = {
  'the table at its own address, from M': { prepare: '', store: 'sd t1, 0(t0)' },
  'a byte of the entry': {
    prepare: '',
    store:
      'sb t1, 0(t0)\n srli t1, t1, 8\n sb t1, 1(t0)\n srli t1, t1, 8\n sh t1, 2(t0)\n srli t1, t1, 16\n sw t1, 4(t0)',
  },
  'a store that straddles two entries': {
    prepare: '',
    store: `slli t2, t1, 32
        sd      t2, -4(t0)
        srli    t2, t1, 32
        sd      t2, 4(t0)`,
  },
  'an AMO': { prepare: '', store: 'amoswap.d zero, t1, (t0)' },
  'a store-conditional': { prepare: '', store: '5: lr.d t2, (t0)\n sc.d t2, t1, (t0)\n bnez t2, 5b' },
  'MPRV and a mapping of the table': {
    prepare: 'map 9, leaves, PTE_RW',
    store: `li t2, MSTATUS_MPP
        csrc    mstatus, t2
        li      t2, MSTATUS_MPRV | (1 << 11)
        csrs    mstatus, t2
        li      t0, 9 * PAGE + 8
        sd      t1, 0(t0)
        li      t2, MSTATUS_MPRV
        csrc    mstatus, t2`,
  },
} as const;

test.each(Object.entries(WAYS))('a page is mapped anew at once by %s', (_, { prepare, store }) => {
  runCase(`
test:   map     1, page1, PTE_RW
        ${prepare}
        translate
        .rept   2
        try     S, 1f
        check   a0, 0x1001
        la      t1, page2
        srli    t1, t1, 2
        ori     t1, t1, PTE_RW
        la      t0, leaves + 8
        ${store}
        try     S, 1f
        check   a0, 0x1002
        la      t1, page1
        srli    t1, t1, 2
        ori     t1, t1, PTE_RW
        la      t0, leaves + 8
        ${store}
        .endr
        la      t0, leaves + 8
        sd      zero, 0(t0)
        try     S, 1f
        check_trap LOAD_PAGE, PAGE
        pass
1:      li      a1, PAGE
        ld      a0, 0(a1)
        ecall
`);
});

test('a program changes its own page table through a mapping of it, and a right less counts at once', () => {
  const vm = runCase(`
test:   map     1, page1, PTE_RW | PTE_U
        map     9, leaves, PTE_RW | PTE_U
        map     10, middle, PTE_RW | PTE_U
        translate
        try     U, 1f, USER
        check   s8, STORE_PAGE
        check   a0, 0x1001
        check   a1, 0x1002
        check   a2, 0x1002
        try     U, 2f, USER
        check   s8, LOAD_PAGE
        pass
1:      li      s0, PAGE
        li      s1, 9 * PAGE
        ld      a0, 0(s0)
        ld      t0, 8(s1)
        li      t1, PAGE >> 2           # the frame after it
        add     t0, t0, t1
        sd      t0, 8(s1)
        ld      a1, 0(s0)
        sd      a1, 8(s0)
        li      t1, ~PTE_W
        and     t0, t0, t1
        sd      t0, 8(s1)
        ld      a2, 0(s0)
        sd      a2, 8(s0)               # a page fault now
        ecall
2:      li      s1, 10 * PAGE
        sd      zero, 0(s1)             # the page under its feet
        ld      a0, 0(s1)
        ecall
`);
  expect(vm.ledger.count('page-table-write')).toBeGreaterThan(2);
});

test('entries of every level may change, the root itself be its own table, and a table be data again', () => {
  runCase(`
test:   la      t0, root
        srli    t1, t0, 2
        ori     t1, t1, PTE_V
        sd      t1, (4 * 8)(t0)         # entry 4 points at the root: all tables are in the address space, read-only
        map     1, page1, PTE_RW
        translate
        li      a1, (4 << 30) | (4 << 21) | (4 << 12)
        try     S, 1f                   # that would need a leaf entry at the last level: it is a pointer there
        check   s8, LOAD_PAGE
        la      t0, leaves
        la      t1, page0
        srli    t1, t1, 2
        ori     t1, t1, PTE_V           # a pointer at the last level
        sd      t1, 8(t0)
        li      a1, PAGE
        try     S, 1f
        check   s8, LOAD_PAGE
        map     1, page1, PTE_RW
        try     S, 1f
        check   a0, 0x1001
        la      t0, middle              # the whole table is replaced by another
        ld      t1, 0(t0)
        la      t2, page0
        la      t3, leaves
        ld      t4, 8(t3)
        la      t5, page2
        srli    t5, t5, 2
        ori     t5, t5, PTE_RW
        sd      t5, 8(t2)
        srli    t2, t2, 2
        ori     t2, t2, PTE_V
        sd      t2, 0(t0)
        try     S, 1f
        check   a0, 0x1002
        sd      zero, 8(t3)             # the old table is plain memory now
        try     S, 1f
        check   a0, 0x1002
        la      t2, page0
        sd      t4, 8(t2)
        try     S, 1f
        check   a0, 0x1001
        la      t2, root                # and the root entry goes
        sd      zero, 0(t2)
        try     S, 1f
        check   s8, LOAD_PAGE
        pass
1:      ld      a0, 0(a1)
        ecall
`);
});

test('a root page that is recycled under the same satp shows nothing of its earlier life', () => {
  runCase(`
test:   map     1, page1, PTE_RW
        translate
        li      a1, PAGE
        try     S, 1f
        check   a0, 0x1001
        csrr    s0, satp
        csrw    satp, zero
        sfence.vma
        la      t0, root                # cleared and filled again while nothing translates by it
        ld      s1, 0(t0)
        ld      s2, 16(t0)
        li      t1, 512
2:      sd      zero, 0(t0)
        addi    t0, t0, 8
        addi    t1, t1, -1
        bnez    t1, 2b
        csrw    satp, s0
        try     S, 1f
        check   s8, FETCH_PAGE
        la      t0, root
        sd      s2, 16(t0)
        try     S, 1f
        check   s8, LOAD_PAGE
        la      t1, other
        la      t2, page2
        srli    t2, t2, 2
        ori     t2, t2, PTE_RW
        sd      t2, 8(t1)
        srli    t1, t1, 2
        ori     t1, t1, PTE_V
        la      t2, middle
        sd      t1, 0(t2)
        sd      s1, 0(t0)
        try     S, 1f
        check   a0, 0x1002
        pass
1:      ld      a0, 0(a1)
        ecall
        .balign PAGE
other:  .zero   PAGE
`);
});

test('satp goes back and forth between address spaces whose tables change meanwhile', () => {
  runCase(`
        .equ    ROUNDS, 20
test:   map     1, page1, PTE_RW
        la      t0, root
        ld      t0, 16(t0)
        la      t1, other_root
        sd      t0, 16(t1)
        la      t2, other_middle
        srli    t3, t2, 2
        ori     t3, t3, PTE_V
        sd      t3, 0(t1)
        la      t3, other_leaves
        srli    t4, t3, 2
        ori     t4, t4, PTE_V
        sd      t4, 0(t2)
        la      t4, page2
        srli    s1, t4, 2
        ori     s1, s1, PTE_RW
        sd      s1, 8(t3)
        translate
        csrr    s2, satp
        translate other_root
        csrr    s3, satp
        csrw    satp, zero
        li      a7, ROUNDS
        try     S, 1f
        check   s8, ECALL_S
        pass
1:      li      a1, PAGE
        li      t2, 0x1001
        la      s4, leaves
        la      s5, other_leaves
        ld      s6, 8(s4)
        ld      s1, 8(s5)
2:      csrw    satp, s2
        ld      a0, 0(a1)
        csrw    satp, s3
        ld      a2, 0(a1)
        csrw    satp, s2
        sd      s1, 8(s4)               # swaps what the two spaces map, from within the first
        sd      s6, 8(s5)
        ld      a3, 0(a1)
        csrw    satp, s3
        ld      a4, 0(a1)
        bne     a0, a4, 3f
        bne     a2, a3, 3f
        beq     a0, a2, 3f
        mv      t0, s1
        mv      s1, s6
        mv      s6, t0
        addi    a7, a7, -1
        bnez    a7, 2b
        ecall
3:      ebreak
        .balign PAGE
other_root:
        .zero   PAGE
other_middle:
        .zero   PAGE
other_leaves:
        .zero   PAGE
`);
});

test('ASIDs are kept and read back, and global pages are mapped in each', () => {
  runCase(`
test:   map     1, page1, PTE_RW | PTE_G
        translate
        csrr    s0, satp
        li      a1, PAGE
        .irp    asid, 1, 2, 0xffff, 1
        li      t0, \\asid
        slli    t0, t0, 44
        or      t1, s0, t0
        csrw    satp, t1
        csrr    t2, satp
        same    t1, t2
        sfence.vma zero, t0
        try     S, 1f
        check   a0, 0x1001
        .endr
        map     1, page2, PTE_RW | PTE_G
        try     S, 1f
        check   a0, 0x1002
        sfence.vma a1, zero
        pass
1:      ld      a0, 0(a1)
        ecall
`);
});

test('page tables outside RAM, in devices and at the end of the address space, are access faults of the access', () => {
  runCase(`
test:   li      s0, 8 << 60
        li      a1, PAGE
        .irp    page, 0x10000, 0x2000, 0, 0x7ffff, 0x90000, 0xfffffffffff
        li      t0, \\page
        or      t0, t0, s0
        csrw    satp, t0
        try     S, 1f
        check   s8, FETCH_ACCESS
        same    s9, s10
        .endr
        translate
        la      t0, middle
        .irp    page, 0x10000, 0x7ffff, 0xfffffffffff
        li      t1, (\\page << 10) | PTE_V
        sd      t1, 0(t0)
        try     S, 1f
        check_trap LOAD_ACCESS, PAGE
        try     S, 2f
        check_trap STORE_ACCESS, PAGE
        try     S, 3f
        check_trap FETCH_ACCESS, PAGE
        .endr
        pass
1:      ld      a0, 0(a1)
        ecall
2:      amoadd.w a0, a0, (a1)
        ecall
3:      jr      a1
`);
});

test('reserved entries are page faults: W without R, bits 54 to 63, A, D or U in a pointer', () => {
  runCase(`
test:   translate
        li      a1, PAGE
        .irp    flags, PTE_V | PTE_W | PTE_A | PTE_D, PTE_V | PTE_W | PTE_X | PTE_A | PTE_D
        map     1, page1, \\flags
        try     S, 1f
        check_trap LOAD_PAGE, PAGE
        .endr
        .irp    bit, 54, 58, 60, 61, 63
        map     1, page1, PTE_RW
        li      t0, 1 << \\bit
        la      t1, leaves
        ld      t2, 8(t1)
        or      t2, t2, t0
        sd      t2, 8(t1)
        try     S, 1f
        check_trap LOAD_PAGE, PAGE
        .endr
        map     1, page1, PTE_RW
        try     S, 1f
        check   s8, ECALL_S
        la      t1, middle
        ld      s0, 0(t1)
        .irp    flag, PTE_A, PTE_D, PTE_U
        ori     t2, s0, \\flag
        sd      t2, 0(t1)
        try     S, 1f
        check_trap LOAD_PAGE, PAGE
        .endr
        sd      s0, 0(t1)
        try     S, 1f
        check   s8, ECALL_S
        pass
1:      ld      a0, 0(a1)
        ecall
`);
});
