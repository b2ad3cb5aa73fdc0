// Physical memory protection as a guest sees it: entries that cover a page whole or in part, in each form, locked or
// not; a write of a PMP register counts from the next instruction on, in M, S and U, with and without translation.

import { expect, test } from 'vitest';
import { runCase } from '../support/assembly.ts';

const ACCESSES = `
load:   ld      a0, 0(a1)
        ecall
store:  sd      a0, 0(a1)
        ecall
jump:   jalr    ra, a1
        ecall
        .macro  expect access, address, cause
        la      a1, \\address
        try     S, \\access
        check   s8, \\cause
        .endm
        # Entry 0 covers what \`address\` says, as \`config\` says; entry 1 opens all memory.
        .macro  protect config, address
        li      t0, \\address
        csrw    pmpaddr0, t0
        li      t0, -1
        csrw    pmpaddr1, t0
        li      t0, (PMP_OPEN << 8) | (\\config)
        csrw    pmpcfg0, t0
        .endm
`;
const TRANSLATIONS = [
  { name: 'without translation', on: '' },
  { name: 'under Sv39', on: 'translate' },
];

test.each(TRANSLATIONS)('an entry that covers part of a page guards its bytes alone, $name', ({ on }) => {
  const vm = runCase(`
${ACCESSES}
test:   ${on}
        protect PMP_NA4, (PAGE1 + 8) >> 2
        .rept   2
        expect  load, page1, ECALL_S
        check   a0, 0x1001
        expect  store, page1, ECALL_S
        expect  load, page1 + 16, ECALL_S
        expect  load, page1 + 8, LOAD_ACCESS
        expect  load, page1 + 4, LOAD_ACCESS    # half in, half out: no entry matches it all
        same    s9, a1
        expect  load, page1 + 12, ECALL_S
        expect  store, page1 + 8, STORE_ACCESS
        expect  jump, page1 + 8, FETCH_ACCESS
        expect  store, page1 + PAGE - 8, ECALL_S
        .endr
        protect PMP_NA4 | PMP_R, (PAGE1 + 8) >> 2
        expect  load, page1 + 8, LOAD_ACCESS    # its second half is another entry's
        la      a1, page1 + 8
        try     S, 1f
        check   s8, ECALL_S
        expect  store, page1 + 8, STORE_ACCESS
        pass
1:      lw      a0, 0(a1)
        ecall
`);
  expect(vm.ledger.count('memory')).toBeGreaterThan(5);
});

test.each(TRANSLATIONS)('NAPOT entries of any size guard what they cover, $name', ({ on }) => {
  runCase(`
${ACCESSES}
test:   ${on}
        .irp    size, 8, 64, 4096, 8192
        protect PMP_NAPOT | PMP_R, ((PAGE1 & ~(\\size - 1)) >> 2) | (\\size / 8 - 1)
        expect  load, page1, ECALL_S
        li      t0, PAGE1 & ~(\\size - 1)
        mv      a1, t0
        try     S, store
        check   s8, STORE_ACCESS
        li      a1, (PAGE1 & ~(\\size - 1)) + \\size - 8
        try     S, store
        check   s8, STORE_ACCESS
        li      a1, (PAGE1 & ~(\\size - 1)) + \\size
        try     S, store
        check   s8, ECALL_S
        .endr
        pass
`);
});

test.each(TRANSLATIONS)('TOR entries guard from the address below, entry 0 from zero, $name', ({ on }) => {
  runCase(`
${ACCESSES}
test:   ${on}
        li      t0, PAGE1 >> 2
        csrw    pmpaddr0, t0
        li      t0, (PAGE1 + 24) >> 2
        csrw    pmpaddr1, t0
        li      t0, (PAGE2 + 8) >> 2
        csrw    pmpaddr2, t0
        li      t0, -1
        csrw    pmpaddr3, t0
        .equ    ALL, PMP_R | PMP_W | PMP_X
        li      t0, (PMP_TOR | ALL) | ((PMP_TOR | PMP_R) << 8) | ((PMP_TOR | ALL) << 16) | (PMP_OPEN << 24)
        csrw    pmpcfg0, t0
        .rept   2
        expect  store, page1 - 8, ECALL_S
        expect  store, page1, STORE_ACCESS
        expect  load, page1 + 16, ECALL_S
        expect  store, page1 + 16, STORE_ACCESS
        expect  load, page1 + 20, LOAD_ACCESS   # across two entries
        expect  store, page1 + 24, ECALL_S
        expect  store, page2, ECALL_S
        .endr
        csrw    pmpaddr1, zero          # an empty range matches nothing, and entry 2 now starts at zero
        expect  store, page1, ECALL_S
        expect  store, page2 + 8, ECALL_S
        csrr    t0, pmpcfg0
        li      t1, (PMP_R | PMP_W) << 16
        xor     t0, t0, t1
        csrw    pmpcfg0, t0
        expect  store, page2 + 8, ECALL_S
        expect  store, page2, STORE_ACCESS
        expect  load, page2 + 4, LOAD_ACCESS
        pass
`);
});

test.each(TRANSLATIONS)('without a matching entry S and U have no access, and M has all, $name', ({ on }) => {
  runCase(`
${ACCESSES}
test:   ${on}
        csrw    pmpcfg0, zero
        expect  load, page1, FETCH_ACCESS
        try     U, load
        check   s8, FETCH_ACCESS
        la      a1, page1
        ld      a0, 0(a1)
        check   a0, 0x1001
        pass
`);
});

test.each(TRANSLATIONS)('a write of the PMP counts at once, back and forth, $name', ({ on }) => {
  runCase(`
${ACCESSES}
test:   ${on}
        .rept   5
        protect PMP_NAPOT | PMP_R | PMP_X, (PAGE1 >> 2) | 0x1ff
        expect  store, page1, STORE_ACCESS
        expect  load, page1, ECALL_S
        csrw    pmpaddr0, zero
        expect  store, page1, ECALL_S
        protect PMP_NAPOT, (PAGE1 >> 2) | 0x1ff
        expect  load, page1, LOAD_ACCESS
        csrwi   pmpcfg0, 0
        li      t0, PMP_OPEN << 8
        csrw    pmpcfg0, t0
        expect  store, page1, ECALL_S
        .endr
        pass
`);
});

test('a locked entry binds M-mode and cannot be changed (norm:pmp_l_bit_m_mode_enforcement, norm:pmp_l_bit_write_protection)', () => {
  runCase(`
${ACCESSES}
test:   protect PMP_NA4 | PMP_R | PMP_L, PAGE1 >> 2
        la      a1, page1
        lw      a0, 0(a1)
        check   a0, 0x1001
        catching 1f
        sw      a0, 0(a1)
        j       fail
1:      check   s8, STORE_ACCESS
        same    s9, a1
        sw      a0, 4(a1)
        catching 2f
        sd      a0, 0(a1)               # covered in part
        j       fail
2:      check   s8, STORE_ACCESS
        csrr    s0, pmpaddr0
        csrw    pmpaddr0, zero
        csrr    s1, pmpaddr0
        same    s0, s1
        csrw    pmpcfg0, zero
        csrr    s1, pmpcfg0
        check   s1, PMP_NA4 | PMP_R | PMP_L
        catching 3f
        sw      a0, 0(a1)
        j       fail
3:      check   s8, STORE_ACCESS
        li      t0, (PMP_TOR | PMP_L) << 24 # a locked TOR entry keeps the address below it too
        csrr    t1, pmpcfg0
        or      t0, t0, t1
        csrw    pmpcfg0, t0
        li      t0, 5
        csrw    pmpaddr2, t0
        csrr    t0, pmpaddr2
        check   t0, 0
        csrw    pmpaddr3, t0
        csrr    t0, pmpaddr3
        check   t0, 0
        pass
`);
});

test('MPRV takes the rights of MPP from the PMP', () => {
  runCase(`
${ACCESSES}
test:   protect PMP_NAPOT | PMP_R, (PAGE1 >> 2) | 0x1ff
        la      a1, page1
        li      t0, MSTATUS_MPP
        csrc    mstatus, t0
        li      t0, MSTATUS_MPRV
        csrs    mstatus, t0
        ld      a0, 0(a1)
        catching 1f
        sd      a0, 0(a1)
        j       fail
1:      check   s8, STORE_ACCESS
        li      t0, MSTATUS_MPRV
        csrc    mstatus, t0
        sd      a0, 0(a1)
        pass
`);
});

test('a page table that the PMP forbids to S is an access fault of the access (norm:pmp_check_pagetable_access)', () => {
  runCase(`
${ACCESSES}
test:   map     1, page1, PTE_V | PTE_R | PTE_W
        translate
        li      a1, PAGE
        try     S, load
        check   s8, ECALL_S
        protect PMP_NA4, (LEAVES + 8) >> 2
        try     S, load
        check_trap LOAD_ACCESS, PAGE
        try     S, store
        check_trap STORE_ACCESS, PAGE
        protect PMP_NAPOT | PMP_R, (LEAVES >> 2) | 0x1ff
        try     S, load                 # A is set already
        check   s8, ECALL_S
        try     S, store                # D cannot be
        check_trap STORE_ACCESS, PAGE
        csrw    pmpaddr0, zero
        try     S, store
        check   s8, ECALL_S
        pass
`);
});

test('the granularity that probing finds is four bytes, and reserved configurations lose W', () => {
  runCase(`
test:   csrw    pmpcfg0, zero
        li      t0, -1
        csrw    pmpaddr0, t0
        csrr    t1, pmpaddr0
        check   t1, (1 << 54) - 1
        li      t0, PMP_NA4 | PMP_W
        csrw    pmpcfg0, t0
        csrr    t1, pmpcfg0
        check   t1, PMP_NA4
        li      t0, 0x60 | PMP_TOR | PMP_R | PMP_W
        csrw    pmpcfg0, t0
        csrr    t1, pmpcfg0
        check   t1, PMP_TOR | PMP_R | PMP_W
        li      t0, PMP_OPEN << 56
        csrw    pmpcfg2, t0
        csrr    t1, pmpcfg2
        check   t1, PMP_OPEN << 56
        csrw    pmpaddr15, t0
        catching 1f
        .word   0x3a102573              # csrr a0, pmpcfg1
        j       fail
1:      check   s8, ILLEGAL
        pass
`);
});
