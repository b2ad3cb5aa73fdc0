// What memory may be used for, changing while hot loops use it: SUM, MXR and MPRV from one instruction to the next,
// the PMP, accessed and dirty bits. In all ways at once.

import { describe, test } from 'vitest';
import { everywhere } from './everywhere.ts';

describe('in a hot loop', () => {
  test('SUM, MXR and MPRV change what a load may do from one instruction to the next', () => {
    everywhere(`
test:   map     1, page1, PTE_RW | PTE_U
        map     2, page2, PTE_V | PTE_X | PTE_A
        translate
        la      s11, trapped
        li      s0, 500
        li      s1, PAGE
        li      s2, 2 * PAGE
        li      s3, MSTATUS_SUM
        li      s4, MSTATUS_MXR
        li      a1, MSTATUS_MPRV
        enter   S, 1f
1:      ld      t0, 0(s1)               # faults
        csrs    sstatus, s3
        ld      t0, 0(s1)
        add     s5, s5, t0
        csrc    sstatus, s3
        ld      t0, 0(s2)               # faults
        csrs    sstatus, s4
        ld      t0, 0(s2)
        add     s5, s5, t0
        csrc    sstatus, s4
        addi    s0, s0, -1
        bnez    s0, 1b
        ecall
trapped:
        li      t0, ECALL_S
        beq     s8, t0, 2f
        addi    s6, s6, 1
        addi    s10, s10, 4
        csrw    mepc, s10
        mret
2:      check   s6, 1000
        check   s5, 500 * 0x2003
        li      t0, MSTATUS_MPP | MSTATUS_SUM
        csrc    mstatus, t0
        li      s0, 500
        li      s6, 0
        la      s11, 5f
4:      li      t0, 1 << 11             # as S, whose pages are not those of U
        csrs    mstatus, t0
        csrs    mstatus, a1
        ld      t0, 0(s1)               # faults
        li      t0, MSTATUS_MPP
        csrc    mstatus, t0
        li      t0, 1 << 11
        csrs    mstatus, t0
        csrs    mstatus, a1
        csrs    mstatus, s3
        ld      t0, 0(s1)
        add     s7, s7, t0
        csrc    mstatus, s3
        csrc    mstatus, a1
        li      t0, MSTATUS_MPP
        csrc    mstatus, t0
        addi    s0, s0, -1
        bnez    s0, 4b
        check   s6, 500
        check   s7, 500 * 0x1001
        pass
5:      addi    s6, s6, 1               # MPP says M now, and MPRV is kept
        addi    s10, s10, 4
        csrw    mepc, s10
        csrc    mstatus, a1
        mret
`);
  });

  test('the PMP closes and opens a page for stores', () => {
    everywhere(`
test:   la      s11, trapped
        la      s1, page1
        li      s0, 300
        la      t0, page1
        srli    t0, t0, 2
        ori     t0, t0, 511
        csrw    pmpaddr0, t0
        li      t0, -1
        csrw    pmpaddr1, t0
        li      s2, (PMP_OPEN << 8) | PMP_NAPOT | PMP_R
        li      s3, (PMP_OPEN << 8) | PMP_OPEN
        csrw    pmpcfg0, s3
        enter   S, 1f
1:      ld      t0, 0(s1)
        add     s5, s5, t0
        sd      t0, 8(s1)
        addi    s0, s0, -1
        andi    t0, s0, 15
        bnez    t0, 1b
        ecall                           # closes or opens it for stores
        bnez    s0, 1b
        li      s7, 1
        ecall
trapped:
        li      t0, ECALL_S
        beq     s8, t0, 2f
        check   s8, STORE_ACCESS
        addi    s6, s6, 1
        j       3f
2:      bnez    s7, 4f
        csrw    pmpcfg0, s2
        mv      t0, s2
        mv      s2, s3
        mv      s3, t0
3:      addi    s10, s10, 4
        csrw    mepc, s10
        mret
4:      check   s5, 300 * 0x1001
        check   s6, 9 * 16
        pass
`);
  });

  test.each([
    ['by the hardware', 1],
    ['by a handler', 0],
  ])('accessed and dirty bits that are cleared are set again, %s', (_, hardware) => {
    everywhere(`
test:   li      t0, ${hardware} << 61
        csrw    menvcfg, t0
        map     1, page1, PTE_RW
        map     2, page1, PTE_RW
        translate
        la      s11, trapped
        li      s0, 1200
        li      s1, PAGE
        la      s2, leaves + 8
        enter   S, 1f
1:      andi    t0, s0, 31
        bnez    t0, 2f
        lb      t0, 0(s2)
        andi    t0, t0, ~(PTE_A | PTE_D)
        sb      t0, 0(s2)
2:      ld      t0, 0(s1)
        add     s5, s5, t0
        lb      t1, 0(s2)
        andi    t1, t1, PTE_D
        add     s4, s4, t1
        sd      t0, 8(s1)
        lb      t1, 0(s2)
        andi    t1, t1, PTE_D
        add     s7, s7, t1
        addi    s0, s0, -1
        bnez    s0, 1b
        ecall
trapped:
        li      t0, ECALL_S
        beq     s8, t0, 3f
        addi    s6, s6, 1
        lb      t0, 0(s2)
        ori     t0, t0, PTE_A
        li      t1, LOAD_PAGE
        beq     s8, t1, 2f
        ori     t0, t0, PTE_D
2:      sb      t0, 0(s2)
        mret
3:      check   s5, 1200 * 0x1001
        check   s4, (1200 - 37) * PTE_D
        check   s7, 1200 * PTE_D
        check   s6, ${hardware ? 0 : 74}
        pass
`);
  });
});
