// Which memory each mode sees: virtual M with and without MPRV, S with and without SUM, U, MXR, and S and U without
// translation. Modes change in quick turns over the same pages, so that a right given to one would show in another.

import { expect, test } from 'vitest';
import { runCase } from '../support/assembly.ts';

/** At 0x1000 a supervisor page, at 0x2000 a user page, at 0x3000 one for execution only. */
const PAGES = `
        map     1, page0, PTE_RWX
        map     2, page1, PTE_RWX | PTE_U
        map     3, page2, PTE_V | PTE_X | PTE_A
        map     4, page2, PTE_V | PTE_X | PTE_A | PTE_U
        li      t0, 0x8082              # c.jr ra, behind the doubleword that a load finds
        .irp    page, page0, page1, page2
        la      t1, \\page
        sw      t0, 8(t1)
        .endr
        translate
`;
const ACCESSES = `
load:   ld      a0, 0(a1)
        ecall
store:  sd      a0, 16(a1)
        ecall
jump:   addi    a1, a1, 8
        jalr    ra, a1
        ecall
        .macro  expect mode, access, address, cause, offset=0
        li      a1, \\address
        try     \\mode, \\access, \\offset
        check   s8, \\cause
        .ifnc   \\access, store
        .if     \\cause == ECALL_U || \\cause == ECALL_S
        .else
        same    s9, a1
        .endif
        .endif
        .endm
`;

test('user pages are for U-mode, supervisor pages for S-mode, under SUM for its data alone (norm:sstatus_sum)', () => {
  runCase(`
${ACCESSES}
test:   ${PAGES}
        .rept   2                       # first filled, then found
        expect  U, load, 0x2000, ECALL_U, USER
        expect  U, store, 0x2000, ECALL_U, USER
        expect  U, jump, 0x2000, ECALL_U, USER
        expect  U, load, 0x1000, LOAD_PAGE, USER
        expect  U, store, 0x1000, STORE_PAGE, USER
        expect  U, jump, 0x1000, FETCH_PAGE, USER
        expect  S, load, 0x1000, ECALL_S
        expect  S, store, 0x1000, ECALL_S
        expect  S, jump, 0x1000, ECALL_S
        expect  S, load, 0x2000, LOAD_PAGE
        expect  S, store, 0x2000, STORE_PAGE
        expect  S, jump, 0x2000, FETCH_PAGE
        li      t0, MSTATUS_SUM
        csrs    mstatus, t0
        expect  S, load, 0x2000, ECALL_S
        expect  S, store, 0x2000, ECALL_S
        expect  S, jump, 0x2000, FETCH_PAGE
        expect  S, load, 0x1000, ECALL_S
        expect  U, load, 0x1000, LOAD_PAGE, USER
        li      t0, MSTATUS_SUM
        csrc    mstatus, t0
        .endr
        expect  S, load, 0x2000, LOAD_PAGE
        pass
`);
});

test('MXR lets loads read pages that are for execution only (norm:mstatus_mxr_op)', () => {
  runCase(`
${ACCESSES}
test:   ${PAGES}
        .rept   2
        expect  S, load, 0x3000, LOAD_PAGE
        expect  S, jump, 0x3000, ECALL_S
        expect  U, load, 0x4000, LOAD_PAGE, USER
        li      t0, MSTATUS_MXR
        csrs    mstatus, t0
        expect  S, load, 0x3000, ECALL_S
        check   a0, 0x1002
        expect  S, store, 0x3000, STORE_PAGE
        expect  U, load, 0x4000, ECALL_U, USER
        expect  U, load, 0x3000, LOAD_PAGE, USER
        li      t0, MSTATUS_MXR
        csrc    mstatus, t0
        .endr
        pass
`);
});

test.each([
  { name: 'S', mpp: 1, address: 0x1000, foreign: 0x2000 },
  { name: 'U', mpp: 0, address: 0x2000, foreign: 0x1000 },
])(
  'MPRV lends loads and stores of M-mode the rights and addresses of $name, and fetches nothing',
  ({ mpp, address, foreign }) => {
    const vm = runCase(`
test:   ${PAGES}
        li      t0, MSTATUS_MPP
        csrc    mstatus, t0
        li      s0, MSTATUS_MPRV | (${mpp} << 11)
        .rept   2
        csrs    mstatus, s0
        li      a1, ${address}
        ld      a0, 0(a1)
        sd      a0, 24(a1)
        ld      a2, 24(a1)
        same    a2, a0
        li      a1, ${foreign}
        catching 1f
        ld      a0, 0(a1)
        j       fail
1:      check_trap LOAD_PAGE, ${foreign}
        li      t0, MSTATUS_MPP         # the trap came from M
        csrc    mstatus, t0
        csrs    mstatus, s0
        catching 2f
        sd      a0, 0(a1)
        j       fail
2:      check_trap STORE_PAGE, ${foreign}
        li      t0, MSTATUS_MPP
        csrc    mstatus, t0
        csrs    mstatus, s0
        li      a1, ${address}
        .irp    access, lb, lbu, lh, lhu, lw, lwu
        \\access a0, 24(a1)
        .endr
        li      t0, MSTATUS_MPRV | MSTATUS_MPP
        csrc    mstatus, t0
        la      t0, page${mpp === 1 ? 0 : 1}
        ld      t1, 24(t0)              # M sees RAM itself again
        ld      t2, 0(t0)
        same    t1, t2
        .endr
        pass
`);
    expect(vm.ledger.count('memory')).toBeGreaterThan(0);
  },
);

test('MPRV with MPP = M, and MXR and SUM under MPRV, have their meaning', () => {
  runCase(`
test:   ${PAGES}
        la      a1, page2
        li      t0, MSTATUS_MPRV | MSTATUS_MPP
        csrs    mstatus, t0
        ld      a0, 0(a1)               # as M: no translation
        check   a0, 0x1002
        li      t0, MSTATUS_MPP
        csrc    mstatus, t0
        li      t0, (1 << 11) | MSTATUS_MXR | MSTATUS_SUM
        csrs    mstatus, t0
        li      a1, 0x3000
        ld      a0, 0(a1)
        check   a0, 0x1002
        li      a1, 0x2000
        ld      a0, 0(a1)
        check   a0, 0x1001
        li      t0, MSTATUS_MPRV
        csrc    mstatus, t0
        pass
`);
});

test('S and U without translation see RAM at its own addresses, and devices', () => {
  const vm = runCase(`
test:   .irp    mode, S, U
        try     \\mode, 1f
        check   a0, 0x1001
        andi    a2, a2, 0x60            # room to transmit
        check   a2, 0x60
        .endr
        pass
1:      la      a1, page1
        ld      a0, 0(a1)
        sd      a0, 8(a1)
        li      a1, UART
        lbu     a2, 5(a1)
        ecall
`);
  expect(vm.ledger.count('mmio')).toBeGreaterThan(1);
});

test('an address that is no sign extension of bit 38 is a page fault under Sv39, and an access fault without', () => {
  runCase(`
${ACCESSES}
test:   translate
        .irp    address, 0x4000000000, 0x8000000080000000, 0xffffff0000000000, 0xc000000000001000
        expect  S, load, \\address, LOAD_PAGE
        li      t0, \\address
        same    s9, t0
        expect  S, store, \\address, STORE_PAGE
        expect  U, jump, \\address - 8, FETCH_PAGE, USER
        csrr    s0, satp
        csrw    satp, zero
        expect  S, load, \\address, LOAD_ACCESS
        expect  S, jump, \\address - 8, FETCH_ACCESS
        csrw    satp, s0
        .endr
        pass
`);
});
