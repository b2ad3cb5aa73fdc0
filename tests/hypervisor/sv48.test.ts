// Guests under Sv48: four levels, leaves of all sizes, both halves of the address space, tables that Sv39 and Sv48 share,
// and tables that change in hot loops; step by step bare and virtual, and on every engine.

import { describe, test } from 'vitest';
import { EXTENSIONS, extensionBits } from '../../isa/extensions.ts';
import { isaString } from '../../isa/isa-string.ts';
import { runCase } from '../support/assembly.ts';

/** A root for Sv48 whose first and last entry are Sv39's root, so that RAM is where it is under that. */
const TABLES = `
        .macro  translate48 table=top
        translate \\table
        li      t6, 9 << 60
        csrr    s8, satp
        slli    s8, s8, 4
        srli    s8, s8, 4
        or      s8, s8, t6
        csrw    satp, s8
        .endm
        .balign PAGE
top:    pte     root, PTE_V
        .dword  (0 >> 2) | PTE_RWX              # 512 GiB, from physical 0
        .zero   508 * 8
        .dword  (0 >> 2) | PTE_RWX | PTE_U
        pte     root, PTE_V
        .text
`;
const HIGH = '0xffffff8000000000';
const LARGE = '0x8000000000';
const USER_LARGE = '0xffffff0000000000';
const start = (text: string) => `j test\n.option norvc\n${TABLES}\n${text}`;

test('an address is translated in both halves, and one between them faults (norm:Sv48_va_signext)', () => {
  runCase(
    start(`
test:   map     1, page1, PTE_RW
        translate48
        try     S, 1f
        check   s8, ECALL_S
        check   a0, 0x1001
        check   a1, 0x1001
        check   a2, 0x1001
        .irp    at, 0x800000001000, 0xffff7fffffffe000, 0x8000000000001000, 0x1000000000000
        li      s0, \\at
        try     S, 2f
        check_trap LOAD_PAGE, \\at
        try     S, 3f
        check_trap STORE_PAGE, \\at
        try     S, 4f
        check_trap FETCH_PAGE, \\at
        .endr
        pass
1:      li      t0, PAGE
        ld      a0, 0(t0)
        li      t0, ${HIGH} + PAGE
        ld      a1, 0(t0)
        li      t0, ${LARGE} + PAGE1
        ld      a2, 0(t0)
        ecall
2:      ld      t0, 0(s0)
        ecall
3:      sd      t0, 0(s0)
        ecall
4:      jr      s0
`),
  );
});

test('a leaf of 512 GiB maps RAM for S and for U, each its own (norm:Sv48_leaf_any_level)', () => {
  runCase(
    start(`
test:   translate48
        try     S, 1f, ${LARGE}
        check   s8, ECALL_S
        check   a0, 0x1001
        try     U, 2f, ${USER_LARGE}
        check   s8, ECALL_U
        check   a0, 0x1002
        try     S, 2f, ${USER_LARGE}
        check   s8, FETCH_PAGE
        try     U, 1f, ${LARGE}
        check   s8, FETCH_PAGE
        pass
1:      li      t0, ${LARGE} + PAGE1
        ld      a0, 0(t0)
        sd      a0, 8(t0)
        ecall
2:      li      t0, ${USER_LARGE} + PAGE2
        ld      a0, 0(t0)
        sd      a0, 8(t0)
        ecall
`),
  );
});

test('a leaf of 512 GiB that is misaligned faults (norm:Sv48_superpage_align_fault)', () => {
  runCase(
    start(`
test:   la      t0, top
        li      t1, (RAM >> 2) | PTE_RWX
        sd      t1, 8(t0)
        translate48
        try     S, 1f
        check_trap LOAD_PAGE, ${LARGE}
        pass
1:      li      t0, ${LARGE}
        ld      a0, 0(t0)
        ecall
`),
  );
});

test('accessed and dirty bits of the largest leaf are set where it is (norm:Svadu_hw_update_a_d_bits)', () => {
  runCase(
    start(`
test:   la      t0, top
        li      t1, PTE_V | PTE_R | PTE_W
        sd      t1, 8(t0)
        translate48
        try     S, 1f
        la      t0, top
        ld      t1, 8(t0)
        check   t1, PTE_V | PTE_R | PTE_W | PTE_A
        try     S, 2f
        la      t0, top
        ld      t1, 8(t0)
        check   t1, PTE_RW
        pass
1:      li      t0, ${LARGE} + PAGE1
        ld      a0, 0(t0)
        ecall
2:      li      t0, ${LARGE} + PAGE1
        sd      a0, 8(t0)
        ecall
`),
  );
});

describe('in a hot loop', () => {
  test('an entry that Sv39 and Sv48 share is changed under either', () => {
    runCase(
      start(`
test:   map     1, page1, PTE_RW
        la      s1, leaves
        ld      s2, 8(s1)
        map     1, page2, PTE_RW
        ld      s3, 8(s1)
        xor     s3, s3, s2
        translate
        csrr    s4, satp
        translate48
        csrr    s5, satp
        xor     s5, s5, s4
        li      s0, 60
        enter   S, 1f
1:      li      t0, PAGE
        ld      a0, 0(t0)
        add     s6, s6, a0
        ld      t1, 8(s1)
        xor     t1, t1, s3
        sd      t1, 8(s1)
        ld      a0, 0(t0)
        add     s6, s6, a0
        csrr    t2, satp
        xor     t2, t2, s5
        csrw    satp, t2
        ld      a0, 0(t0)
        add     s7, s7, a0
        addi    s0, s0, -1
        bnez    s0, 1b
        la      s11, 2f
        ecall
2:      check   s6, 60 * (0x1001 + 0x1002)
        check   s7, 30 * (0x1001 + 0x1002)
        pass
`),
    );
  });

  test('an entry of each level is taken away and given back', () => {
    runCase(
      start(`
test:   map     1, page1, PTE_RW
        translate48
        li      s0, 12
3:      .irp    table, leaves, middle, root, top
        la      s1, \\table
        .ifc    \\table, leaves
        addi    s1, s1, 8
        .endif
        ld      s2, 0(s1)
        try     S, 1f
        check   s8, ECALL_S
        sd      zero, 0(s1)
        try     S, 1f, ${LARGE}
        check_trap LOAD_PAGE, PAGE
        sd      s2, 0(s1)
        .endr
        addi    s0, s0, -1
        bnez    s0, 3b
        check   s3, 12 * 4
        pass
1:      li      t0, PAGE
        ld      a0, 0(t0)
        addi    s3, s3, 1
        ecall
`),
    );
  });

  test('a largest leaf that becomes a table, and a table that becomes a leaf', () => {
    runCase(
      start(`
test:   map     1, page1, PTE_RW
        translate48
        la      s1, top
        ld      s2, 0(s1)
        ld      s3, 8(s1)
        li      s0, 20
2:      sd      s2, 8(s1)
        try     S, 1f
        check   s8, ECALL_S
        check   a0, 0x1001
        sd      s3, 8(s1)
        try     S, 1f
        check_trap LOAD_ACCESS, ${LARGE} + PAGE
        addi    s0, s0, -1
        bnez    s0, 2b
        pass
1:      li      t0, ${LARGE} + PAGE
        ld      a0, 0(t0)
        ecall
`),
    );
  });
});

test('under MPRV, M loads by the tables of Sv48', () => {
  runCase(
    start(`
test:   map     1, page1, PTE_RW
        translate48
        li      t0, MSTATUS_MPP
        csrc    mstatus, t0
        li      t0, 1 << 11
        csrs    mstatus, t0
        li      t0, MSTATUS_MPRV
        li      t1, ${HIGH} + PAGE
        csrs    mstatus, t0
        ld      a0, 0(t1)
        csrc    mstatus, t0
        check   a0, 0x1001
        pass
`),
  );
});

test('where Sv48 is left out, a write of satp that asks for it is void', () => {
  const isa = isaString(extensionBits(EXTENSIONS.filter((name) => name !== 'Sv48')));
  runCase(
    start(`
test:   translate
        csrr    s0, satp
        translate48 root
        csrr    s1, satp
        same    s0, s1
        try     S, 1f
        check   s8, ECALL_S
        pass
1:      csrr    t0, satp
        li      t1, 1 << 60
        or      t0, t0, t1
        csrw    satp, t0
        csrr    t0, satp
        bne     t0, s0, 2f
        ecall
2:      ebreak
`),
    { isa },
  );
});
