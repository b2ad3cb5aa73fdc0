// The TLB's contexts are numbered, and a guest can make any number of them: numbers are given anew from time to time,
// and no translation of an earlier context with the same number may then be used. Under MPRV a hart is in two contexts
// at once, one for fetches and one for data.

import { test } from 'vitest';
import { runCase } from '../support/assembly.ts';

test.each(['M', 'S'])('thousands of address spaces under two roots in turn are never mixed up (%s-mode)', (mode) => {
  runCase(
    `
        .equ    SPACES, 4200
test:   map     3, page1, PTE_RW
        la      t0, other_middle
        la      t1, other_leaves
        srli    t2, t1, 2
        ori     t2, t2, PTE_V
        sd      t2, 0(t0)
        la      t2, page2
        srli    t2, t2, 2
        ori     t2, t2, PTE_RW
        sd      t2, 24(t1)
        la      t1, other_root
        srli    t0, t0, 2
        ori     t0, t0, PTE_V
        sd      t0, 0(t1)
        la      t0, root
        ld      t0, 16(t0)
        sd      t0, 16(t1)
        li      t0, MSTATUS_MPP
        csrc    mstatus, t0
        li      t0, (1 << 11) | MSTATUS_MPRV
        csrs    mstatus, t0
        translate
        csrr    s0, satp
        translate other_root
        csrr    s1, satp
        li      s2, SPACES
        li      s3, 1 << 44
        li      s4, 0x3000
        .ifc    ${mode}, S
        try     S, 1f
        check   s8, ECALL_S
        pass
        .endif
1:      csrw    satp, s0
        ld      a0, 0(s4)
        csrw    satp, s1
        ld      a1, 0(s4)
        addi    a0, a0, 1
        bne     a0, a1, 2f
        add     s0, s0, s3
        add     s1, s1, s3
        addi    s2, s2, -1
        bnez    s2, 1b
        .ifc    ${mode}, S
        ecall
        .endif
        pass
2:      ebreak
        .balign PAGE
other_root:
        .zero   PAGE
other_middle:
        .zero   PAGE
other_leaves:
        .zero   PAGE
`,
    { endOnly: true },
  );
});
