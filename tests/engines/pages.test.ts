// Pages that change under what was compiled from them, as guests that check themselves: hot loops that remap, unmap and
// forbid pages of code, straddle them, switch between address spaces, and have one frame at several addresses. In all
// ways at once.

import { describe, test } from 'vitest';
import { everywhere, ROUNDS } from './everywhere.ts';

/** Two pages of the same code but for what each adds to s5, to be mapped at PAGE. */
const twins = (body: string) => `
        .balign PAGE
one:    ${body.replaceAll('AMOUNT', '1')}
        .balign PAGE
two:    ${body.replaceAll('AMOUNT', '100')}
        .balign PAGE`;
/** Enters a mode at an address of the window. */
const enterWindow = (mode: 'S' | 'U', address: string) => `
        li      t6, MSTATUS_MPP
        csrc    mstatus, t6
        li      t6, ${mode} << 11
        csrs    mstatus, t6
        li      t6, ${address}
        csrw    mepc, t6
        mret`;

describe('pages that change', () => {
  test('a hot loop remaps its own page, and goes on in another', () => {
    everywhere(`
test:   map     1, one, PTE_RWX
        la      s1, leaves + 8
        ld      s2, 0(s1)
        map     1, two, PTE_RWX
        ld      s3, 0(s1)
        xor     s3, s3, s2
        translate
        la      s11, 3f
        li      s0, ${ROUNDS}
        ${enterWindow('S', 'PAGE')}
3:      check   s8, ECALL_S
        li      t0, ${ROUNDS}
        bgt     s5, t0, 4f
        j       fail
4:      pass
${twins(`
1:      addi    s5, s5, AMOUNT
        andi    t0, s0, 7
        bnez    t0, 2f
        ld      t0, 0(s1)
        xor     t0, t0, s3
        sd      t0, 0(s1)
2:      addi    s5, s5, AMOUNT
        addi    s0, s0, -1
        bnez    s0, 1b
        ecall`)}`);
  });

  test('an entry beside code that ran is heard of when it changes', () => {
    everywhere(`
test:   li      t0, 1
        la      t1, page1
        sd      t0, 0(t1)
        li      t0, 2
        la      t1, page2
        sd      t0, 0(t1)
        la      s2, leaves + 16
        lw      t0, 1f
        sw      t0, 0(s2)
        fence.i
        jalr    s2
        map     1, page1, PTE_RW
        translate
        li      t0, MSTATUS_MPP
        csrc    mstatus, t0
        li      t0, MSTATUS_MPRV | (S << 11)
        csrs    mstatus, t0
        li      s1, PAGE
        ld      s3, 0(s1)
        li      t0, MSTATUS_MPRV
        csrc    mstatus, t0
        map     1, page2, PTE_RW
        sfence.vma
        csrs    mstatus, t0
        ld      s4, 0(s1)
        csrc    mstatus, t0
        check   s3, 1
        check   s4, 2
        pass
1:      ret
`);
  });

  test('a hot loop unmaps the page that executes', () => {
    everywhere(`
test:   map     1, one, PTE_RWX
        la      s1, leaves + 8
        translate
        la      s11, 3f
        li      s0, ${ROUNDS}
        li      s2, 0
        ${enterWindow('S', 'PAGE')}
3:      check_trap FETCH_PAGE, PAGE + 12
        check   s5, ${ROUNDS} + 1
        pass
${twins(`
1:      addi    s5, s5, AMOUNT
        bnez    s0, 2f
        sd      zero, 0(s1)
        nop
2:      addi    s0, s0, -1
        bgtz    s0, 1b
        j       1b`)}`);
  });

  test('a page that a hot loop calls is no longer executable, and is again', () => {
    everywhere(`
test:   map     1, one, PTE_RWX
        la      s1, leaves + 8
        translate
        la      s11, 3f
        li      s0, ${ROUNDS}
        li      s4, PAGE
        enter   S, 1f
1:      andi    t0, s0, 63
        bnez    t0, 2f
        lb      t0, 0(s1)
        andi    t0, t0, ~PTE_X
        sb      t0, 0(s1)
2:      jalr    s4
        addi    s0, s0, -1
        bnez    s0, 1b
        ecall
3:      li      t0, FETCH_PAGE
        bne     s8, t0, 4f
        addi    s6, s6, 1
        lb      t0, 0(s1)
        ori     t0, t0, PTE_X
        sb      t0, 0(s1)
        mret
4:      check   s8, ECALL_S
        check   s5, ${ROUNDS}
        check   s6, ${ROUNDS} / 64
        pass
${twins('addi s5, s5, AMOUNT\n ret')}`);
  });

  test('a page of users runs in U, and not in S', () => {
    everywhere(`
test:   map     1, one, PTE_RWX | PTE_U
        translate
        la      s11, 1f
        li      s7, 300
        li      s0, 8
        ${enterWindow('U', 'PAGE')}
1:      check   s8, ECALL_U
        la      s11, 2f
        li      s0, 8
        ${enterWindow('S', 'PAGE')}
2:      check_trap FETCH_PAGE, PAGE
        la      s11, 1b
        li      s0, 8
        addi    s7, s7, -1
        beqz    s7, 3f
        ${enterWindow('U', 'PAGE')}
3:      check   s5, 8 * 300
        pass
${twins(`
1:      addi    s5, s5, AMOUNT
        addi    s0, s0, -1
        bnez    s0, 1b
        ecall`)}`);
  });

  test('the second half of an instruction over the end of a page faults, in a hot loop, now and then', () => {
    everywhere(`
test:   map     1, one, PTE_RWX
        map     2, two, PTE_RWX
        la      s1, leaves + 16
        ld      s2, 0(s1)
        translate
        la      s11, 3f
        li      s0, ${ROUNDS}
        li      s4, 2 * PAGE - 6
        enter   S, 1f
1:      andi    t0, s0, 31
        bnez    t0, 2f
        sd      zero, 0(s1)
2:      jalr    s4
        addi    s0, s0, -1
        bnez    s0, 1b
        ecall
3:      li      t0, FETCH_PAGE
        bne     s8, t0, 4f
        check_trap FETCH_PAGE, 2 * PAGE
        addi    s6, s6, 1
        sd      s2, 0(s1)
        mret
4:      check   s8, ECALL_S
        check   s5, ${ROUNDS} * 8
        check   s6, ${ROUNDS} / 32
        pass
        .balign PAGE
one:    .zero   PAGE - 6
        addi    s5, s5, 1
        .half   0x8a93                  # addi s5, s5, 7, of which the other half is on the next page
        .balign PAGE
two:    .half   0x007a
        ret
        .balign PAGE
`);
  });

  test('the same code under two address spaces, where each round goes through both', () => {
    everywhere(`
test:   map     1, one, PTE_RWX
        la      t0, leaves2 + 8
        la      t1, two
        srli    t1, t1, 2
        ori     t1, t1, PTE_RWX
        sd      t1, 0(t0)
        translate root2
        csrr    s2, satp
        translate
        la      s11, 3f
        li      s0, ${ROUNDS}
        ${enterWindow('S', 'PAGE')}
3:      check   s8, ECALL_S
        check   s5, ${ROUNDS / 2} * 101
        pass
${twins(`
1:      addi    s5, s5, AMOUNT
        csrrw   s2, satp, s2
        addi    s0, s0, -1
        bnez    s0, 1b
        ecall`)}
root2:  pte     middle2, PTE_V
        .dword  0
        .dword  (RAM >> 2) | PTE_RWX
        .balign PAGE
middle2: pte    leaves2, PTE_V
        .balign PAGE
leaves2: .zero  PAGE
`);
  });

  test('code at pc 0 and at the end of the address space, from which it goes on at 0', () => {
    everywhere(`
test:   map     0, two, PTE_RWX
        .irp    table, root, middle
        la      t0, \\table
        ld      t1, 0(t0)
        la      t0, \\table + 511 * 8
        sd      t1, 0(t0)
        .endr
        la      t0, leaves + 511 * 8
        la      t1, one
        srli    t1, t1, 2
        ori     t1, t1, PTE_RWX
        sd      t1, 0(t0)
        translate
        la      s11, 3f
        li      s0, ${ROUNDS}
        li      s4, -8
        enter   S, 1f
1:      jalr    s4
        addi    s0, s0, -1
        bnez    s0, 1b
        ecall
3:      check   s8, ECALL_S
        check   s5, ${ROUNDS} * 111
        pass
        .balign PAGE
one:    .zero   PAGE - 8
        addi    s5, s5, 1
        addi    s5, s5, 10
two:    addi    s5, s5, 100
        ret
        .balign PAGE
`);
  });

  test('more address spaces in turn than are remembered', () => {
    const spaces = 100;
    everywhere(`
        .equ    SPACES, ${spaces}
        .equ    TABLES, RAM + 0x80000
test:   li      s1, TABLES              # of each space: root, middle, leaves
        li      s0, 0
1:      li      t0, PAGE
        add     t1, s1, t0
        add     t2, t1, t0
        srli    t3, t1, 2
        ori     t3, t3, PTE_V
        sd      t3, 0(s1)
        li      t3, (RAM >> 2) | PTE_RWX
        sd      t3, 16(s1)
        srli    t3, t2, 2
        ori     t3, t3, PTE_V
        sd      t3, 0(t1)
        srli    t3, t2, 2
        ori     t3, t3, PTE_RW
        sd      t3, 8(t2)               # page 1 is the space's own leaves
        sd      s0, 2040(t2)
        li      t0, 3 * PAGE
        add     s1, s1, t0
        addi    s0, s0, 1
        li      t0, SPACES
        bltu    s0, t0, 1b
        la      s11, 4f
        li      s7, 12
        li      s4, PAGE + 2040
        enter   S, 2f
2:      li      s0, SPACES
        li      s1, (8 << 60) | (TABLES >> 12)
3:      csrw    satp, s1
        ld      t0, 0(s4)
        add     s5, s5, t0
        addi    t0, t0, 1
        sd      t0, 0(s4)
        addi    s1, s1, 3
        addi    s0, s0, -1
        bnez    s0, 3b
        addi    s7, s7, -1
        bnez    s7, 2b
        ecall
4:      check   s8, ECALL_S
        check   s5, 12 * (SPACES * (SPACES - 1) / 2) + SPACES * 66
        pass
`);
  });

  test('code is written through one address and runs at another, and its frame has four', () => {
    everywhere(`
test:   .irp    number, 1, 2, 3
        map     \\number, one, PTE_RWX
        .endr
        lw      s2, one
        lw      s3, other
        xor     s3, s3, s2
        translate
        la      s11, 3f
        li      s0, ${ROUNDS}
        li      s1, PAGE
        li      s4, 2 * PAGE
        li      s7, 3 * PAGE
        enter   S, 1f
1:      jalr    s4
        jalr    s7
        andi    t0, s0, 15
        bnez    t0, 2f
        xor     s2, s2, s3
        sw      s2, 0(s1)
2:      addi    s0, s0, -1
        bnez    s0, 1b
        ecall
3:      check   s8, ECALL_S
        li      t0, 2 * ${ROUNDS}
        bgt     s5, t0, 4f
        j       fail
4:      pass
other:  addi    s5, s5, 100
        .balign PAGE
one:    addi    s5, s5, 1
        ret
        .balign PAGE
`);
  });

  test('data lies beside the page table that maps it, and beside the code that stores it', () => {
    everywhere(`
test:   map     1, page1, PTE_RW
        translate
        la      s11, 3f
        li      s0, ${ROUNDS}
        li      s1, PAGE
        la      s2, leaves + 2040
        la      s3, beside
        enter   S, 1f
1:      ld      t0, 0(s1)
        sd      t0, 0(s2)               # an entry that maps nothing that is used
        ld      t1, 0(s2)
        add     s5, s5, t1
        sd      s5, 0(s3)
        ld      s6, 0(s3)
        andi    t0, s0, 63
        bnez    t0, 2f
        ld      t0, -2032(s2)           # the entry of page 1: one page, then the other
        li      t1, (PAGE1 ^ PAGE2) >> 2
        xor     t0, t0, t1
        sd      t0, -2032(s2)
2:      addi    s0, s0, -1
        bnez    s0, 1b
        ecall
        .balign 8
beside: .dword  0
3:      check   s8, ECALL_S
        same    s5, s6
        check   s5, ${ROUNDS} * 0x1001 + (12 * 64 - 1)
        pass
`);
  });
});
