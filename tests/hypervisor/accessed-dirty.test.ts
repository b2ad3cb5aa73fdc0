// Accessed and dirty bits: set by the walk where menvcfg.ADUE allows it (Svadu), a page fault where not (Svade); at
// the step of the access, and in the guest's own entry, which it may clear again at any time.

import { test } from 'vitest';
import { runCase } from '../support/assembly.ts';

const ENTRY = `
        .equ    FRESH, PTE_V | PTE_R | PTE_W | PTE_X
        .equ    ADUE, 1 << 61
        # The A and D bits of page 1's entry.
        .macro  check_bits expected
        la      t0, leaves
        ld      t0, 8(t0)
        andi    t0, t0, PTE_A | PTE_D
        check   t0, \\expected
        .endm
load:   ld      a0, 0(a1)
        ecall
store:  sd      a0, 16(a1)
        ecall
jump:   jalr    ra, a1
        ecall
amo:    amoadd.d a0, zero, (a1)
        ecall
`;

test('with ADUE a load or fetch sets A, a store or AMO A and D, each time the guest cleared them', () => {
  runCase(`
${ENTRY}
test:   la      t0, page1
        li      t1, 0x8082              # c.jr ra
        sw      t1, 0(t0)
        .rept   2
        map     1, page1, FRESH
        check_bits 0
        translate
        li      a1, PAGE
        try     S, load
        check   s8, ECALL_S
        check_bits PTE_A
        try     S, store
        check   s8, ECALL_S
        check_bits PTE_A | PTE_D
        map     1, page1, FRESH
        try     S, jump
        check   s8, ECALL_S
        check_bits PTE_A
        map     1, page1, FRESH
        try     S, store
        check_bits PTE_A | PTE_D
        map     1, page1, FRESH | PTE_A
        try     S, load
        check_bits PTE_A
        try     S, amo
        check_bits PTE_A | PTE_D
        map     1, page1, FRESH | PTE_D
        try     S, load
        check_bits PTE_A | PTE_D
        .endr
        pass
`);
});

test('without ADUE an access that would set a bit is a page fault, and sets nothing (norm:svade_access_ad_bit_clear)', () => {
  runCase(`
${ENTRY}
test:   li      t0, ADUE
        csrc    menvcfg, t0
        translate
        li      a1, PAGE
        .rept   2
        map     1, page1, FRESH
        try     S, load
        check_trap LOAD_PAGE, PAGE
        try     S, jump
        check_trap FETCH_PAGE, PAGE
        try     S, store
        check_trap STORE_PAGE, PAGE + 16
        check_bits 0
        map     1, page1, FRESH | PTE_A
        try     S, load
        check   s8, ECALL_S
        try     S, amo
        check_trap STORE_PAGE, PAGE
        check_bits PTE_A
        map     1, page1, FRESH | PTE_A | PTE_D
        try     S, store
        check   s8, ECALL_S
        .endr
        pass
`);
});

test('ADUE switched while pages are mapped takes effect for those without the bits', () => {
  runCase(`
${ENTRY}
test:   map     1, page1, FRESH
        translate
        li      a1, PAGE
        try     S, load
        check_bits PTE_A
        li      t0, ADUE
        csrc    menvcfg, t0
        try     S, load
        check   s8, ECALL_S
        try     S, store
        check   s8, STORE_PAGE
        li      t0, ADUE
        csrs    menvcfg, t0
        try     S, store
        check   s8, ECALL_S
        check_bits PTE_A | PTE_D
        pass
`);
});

test('an access that is refused sets no bit, and one that the PMP refuses has set it', () => {
  runCase(`
${ENTRY}
test:   map     1, page1, PTE_V | PTE_R
        translate
        li      a1, PAGE
        try     S, store
        check   s8, STORE_PAGE
        check_bits 0
        map     1, page1, FRESH | PTE_U
        try     S, load
        check   s8, LOAD_PAGE
        check_bits 0
        la      t0, page1
        srli    t0, t0, 2
        ori     t0, t0, 0x1ff           # 4 KiB
        csrw    pmpaddr0, t0
        li      t0, -1
        csrw    pmpaddr1, t0
        li      t0, (PMP_OPEN << 8) | PMP_NAPOT
        csrw    pmpcfg0, t0
        map     1, page1, FRESH
        try     S, store
        check_trap STORE_ACCESS, PAGE + 16
        check_bits PTE_A | PTE_D
        pass
`);
});

test('two entries for one page keep bits of their own', () => {
  runCase(`
${ENTRY}
test:   map     1, page1, FRESH
        map     2, page1, FRESH
        translate
        li      a1, 2 * PAGE
        try     S, store
        check_bits 0
        li      a1, PAGE
        try     S, load
        check_bits PTE_A
        try     S, store
        check_bits PTE_A | PTE_D
        pass
`);
});

test('an SC that fails still sets D, as its store may', () => {
  runCase(`
${ENTRY}
test:   map     1, page1, FRESH
        translate
        li      a1, PAGE
        try     S, 1f
        check   s8, ECALL_S
        check   a0, 1
        check_bits PTE_A | PTE_D
        pass
1:      sc.d    a0, zero, (a1)
        ecall
`);
});
