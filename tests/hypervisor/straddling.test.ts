// Instructions and accesses that lie across two pages, with a fault in either half: the trap value is the half that
// faulted, the pc the instruction's start, and nothing is done in part.

import { test } from 'vitest';
import { runCase } from '../support/assembly.ts';

test('an instruction across two pages runs, or faults with the half that is missing', () => {
  runCase(`
        .equ    AT, 2 * PAGE - 2
test:   la      t0, page0 + PAGE - 2    # addi a0, zero, 5; then c.jr ra, across page0 and page1
        li      t1, 0x00500513
        sh      t1, 0(t0)
        srli    t1, t1, 16
        sh      t1, 2(t0)
        li      t1, 0x8082
        sh      t1, 4(t0)
        .equ    CODE, PTE_V | PTE_X | PTE_A
        map     1, page0, CODE
        map     2, page1, CODE
        translate
        li      a1, AT
        .rept   2
        li      a0, 0
        try     S, 1f
        check   s8, ECALL_S
        check   a0, 5
        map     2, page1, 0
        try     S, 1f
        check_trap FETCH_PAGE, AT + 2
        check   s10, AT
        map     2, page1, PTE_RW        # not for execution
        try     S, 1f
        check_trap FETCH_PAGE, AT + 2
        map     1, page0, 0
        try     S, 1f
        check_trap FETCH_PAGE, AT
        map     2, page1, CODE | PTE_U
        map     1, page0, CODE
        try     S, 1f
        check_trap FETCH_PAGE, AT + 2
        map     2, page1, CODE
        .endr
        li      t0, 0x10000000 >> 2     # the second half in a device
        ori     t0, t0, CODE
        la      t1, leaves
        sd      t0, 16(t1)
        try     S, 1f
        check_trap FETCH_ACCESS, AT + 2
        check   s10, AT
        pass
1:      jalr    ra, a1
        ecall
`);
});

test.each([
  { name: 'load', insn: 'ld a0, 0(a1)', page: 'LOAD_PAGE', access: 'LOAD_ACCESS' },
  { name: 'store', insn: 'sd a2, 0(a1)', page: 'STORE_PAGE', access: 'STORE_ACCESS' },
])('a $name across two pages is done whole or not at all', ({ insn, page, access }) => {
  runCase(`
        .equ    AT, 2 * PAGE - 3
test:   la      t0, page0 + PAGE - 8
        li      a2, 0x1122334455667788
        sd      a2, 0(t0)
        map     1, page0, PTE_V | PTE_R | PTE_W
        map     2, page2, PTE_V | PTE_R | PTE_W # not the frame after page0
        translate
        li      a1, AT
        .rept   2
        try     S, 1f
        check   s8, ECALL_S
        map     2, page2, 0
        try     S, 1f
        check_trap ${page}, 2 * PAGE
        map     1, page0, 0
        try     S, 1f
        check_trap ${page}, AT
        map     2, page2, PTE_V | PTE_R | PTE_W
        try     S, 1f
        check_trap ${page}, AT
        map     1, page0, PTE_V | PTE_R | PTE_W
        .endr
        la      t1, leaves
        li      t0, (0x10000000 >> 2) | PTE_RW
        sd      t0, 16(t1)              # the second half in a device, which takes no part of an access
        try     S, 1f
        check_trap ${access}, 2 * PAGE
        sd      t0, 8(t1)
        map     2, page2, PTE_RW
        try     S, 1f
        check_trap ${access}, AT
        map     1, page0, PTE_RW
        try     S, 1f
        check   s8, ECALL_S
        pass
1:      ${insn}
        ecall
`);
});

test('a store across a page and a page table changes the table and is seen', () => {
  runCase(`
test:   la      t0, leaves              # middle lies in front of it
        la      t1, page1
        srli    t1, t1, 2
        ori     t1, t1, PTE_RW
        sd      t1, 0(t0)
        translate
        li      a1, 8
        try     S, 1f
        check   s8, LOAD_PAGE           # reads 8, and the straddling store unmaps it
        check   s9, 8
        check   a0, 0
        la      t0, leaves
        ld      t1, 0(t0)
        check   t1, 0x1234 >> 32
        pass
1:      ld      a0, 0(a1)
        la      t0, leaves - 4
        li      t1, 0x1234
        sd      t1, 0(t0)
        ld      a0, 0(a1)
        ecall
`);
});

test('a misaligned access within a page is done, of every width', () => {
  runCase(`
test:   la      a1, page1 + 1
        li      t0, 0x8899aabbccddeeff
        sd      t0, 0(a1)
        ld      t1, 0(a1)
        same    t1, t0
        lw      t1, 1(a1)
        check   t1, 0xffffffffbbccddee
        lwu     t1, 1(a1)
        check   t1, 0xbbccddee
        lh      t1, 3(a1)
        check   t1, 0xffffffffffffbbcc
        sh      zero, 3(a1)
        ld      t1, 0(a1)
        check   t1, 0x8899aa0000ddeeff
        pass
`);
});
