// Zicbom, Zicboz and Svinval: what each does, the controls that make it illegal, and its faults, bare and virtual.
// Left out: caches, of which there are none that a hart could see through.

import { test } from 'vitest';
import { runCase } from '../support/assembly.ts';

const CONTROLS = `
        .equ    INVALIDATE, 3 << 4
        .equ    FLUSH, 1 << 4
        .equ    CBCFE, 1 << 6
        .equ    CBZE, 1 << 7
        .macro  controls machine, supervisor
        li      t0, \\machine
        csrw    menvcfg, t0
        li      t0, \\supervisor
        csrw    senvcfg, t0
        .endm
inval:  cbo.inval (a1)
        ecall
clean:  cbo.clean (a1)
        ecall
flush:  cbo.flush (a1)
        ecall
wipe:   cbo.zero (a1)
        ecall
`;

test('cbo.zero clears the 64 bytes around an address, and no other (norm:cbo-zero_op, norm:cbo-zero_unaligned)', () => {
  runCase(`${CONTROLS}
test:   la      s0, page1 + 128
        li      t0, -1
        sd      t0, -8(s0)
        .irp    at, 0, 8, 16, 24, 32, 40, 48, 56, 64
        sd      t0, \\at(s0)
        .endr
        addi    a1, s0, 37
        cbo.zero (a1)
        .irp    at, 0, 8, 16, 24, 32, 40, 48, 56
        ld      t1, \\at(s0)
        check   t1, 0
        .endr
        ld      t1, -8(s0)
        check   t1, -1
        ld      t1, 64(s0)
        check   t1, -1
        cbo.inval (a1)
        cbo.clean (a1)
        cbo.flush (a1)
        ld      t1, 64(s0)
        check   t1, -1
        pass
`);
});

test('menvcfg makes them illegal in S and U, senvcfg in U (norm:menvcfg_cbze_op, norm:menvcfg_cbcfe_op, norm:senvcfg_cbze, norm:senvcfg_cbcfe)', () => {
  // norm:menvcfg_cbie_cbo-inval_op_lead-in, norm:menvcfg_cbie_cbo-inval_op_list, norm:senvcfg_cbie,
  // norm:cbo-inval_s-mode_op0, norm:cbo-inval_s-mode_op1, norm:cbo-inval_s-mode_op2
  runCase(`${CONTROLS}
        .macro  all mode, cause
        .irp    target, inval, clean, flush, wipe
        la      a1, page1
        try     \\mode, \\target
        check   s8, \\cause
        .endr
        .endm
test:   controls 0, INVALIDATE | CBCFE | CBZE
        all     S, ILLEGAL
        all     U, ILLEGAL
        all     M, ECALL_M
        controls INVALIDATE | CBCFE | CBZE, 0
        all     S, ECALL_S
        all     U, ILLEGAL
        controls FLUSH | CBCFE | CBZE, FLUSH | CBCFE | CBZE
        all     S, ECALL_S
        all     U, ECALL_U
        .irp    control, CBCFE, CBZE, INVALIDATE
        controls \\control, \\control
        la      a1, page1
        try     U, wipe
        .ifc    \\control, CBZE
        check   s8, ECALL_U
        .else
        check   s8, ILLEGAL
        .endif
        la      a1, page1
        try     U, flush
        .ifc    \\control, CBCFE
        check   s8, ECALL_U
        .else
        check   s8, ILLEGAL
        .endif
        la      a1, page1
        try     U, inval
        .ifc    \\control, INVALIDATE
        check   s8, ECALL_U
        .else
        check   s8, ILLEGAL
        .endif
        .endr
        pass
`);
});

test('CBIE keeps its value where 2 is written (norm:menvcfg_cbie_warl_op)', () => {
  runCase(`${CONTROLS}
test:   .irp    csr, menvcfg, senvcfg
        .irp    before, 0, 1, 3
        csrwi   \\csr, 0
        li      t0, \\before << 4
        csrs    \\csr, t0
        li      t0, (2 << 4) | CBZE
        csrw    \\csr, t0
        csrr    t1, \\csr
        check   t1, (\\before << 4) | CBZE
        .endr
        .endr
        pass
`);
});

test('without the extensions they are illegal and their controls are zero (norm:menvcfg_cbze_rdonly0, norm:menvcfg_cbcfe_rdonly0, norm:menvcfg_cbie_rdonly0)', () => {
  runCase(
    `
test:   li      t0, 0xf0
        csrw    menvcfg, t0
        csrr    t1, menvcfg
        check   t1, 0
        csrw    senvcfg, t0
        csrr    t1, senvcfg
        check   t1, 0
        .irp    target, inval, clean, flush, wipe
        la      a1, page1
        try     M, \\target
        check   s8, ILLEGAL
        .endr
        pass
inval:  .4byte 0x0005a00f
clean:  .4byte 0x0015a00f
flush:  .4byte 0x0025a00f
wipe:   .4byte 0x0045a00f
`,
    { isa: 'rv64gc' },
  );
});

test('a fault is a store’s, and its value the address in rs1 (norm:fault_excep_csr, norm:cbz_unperm_fault, norm:cbm_unperm_fault)', () => {
  runCase(`${CONTROLS}
        .macro  expect target, cause
        li      a1, PAGE + 0x123
        try     S, \\target
        check   s8, \\cause
        .if     (\\cause) < ECALL_U
        check   s9, PAGE + 0x123
        .elseif (\\cause) > ECALL_M
        check   s9, PAGE + 0x123
        .endif
        .endm
        .equ    OPEN, INVALIDATE | CBCFE | CBZE
test:   csrr    t0, menvcfg
        li      t1, OPEN
        or      t0, t0, t1
        csrw    menvcfg, t0
        translate
        map     1, page1, 0
        sfence.vma
        expect  wipe, STORE_PAGE
        expect  clean, STORE_PAGE
        map     1, page1, PTE_V | PTE_R | PTE_A
        sfence.vma
        expect  wipe, STORE_PAGE
        expect  flush, ECALL_S
        expect  inval, ECALL_S
        map     1, page1, PTE_RW
        sfence.vma
        expect  wipe, ECALL_S
        li      a1, 0x10000000          # the UART
        try     M, wipe
        check   s8, STORE_ACCESS
        pass
`);
});

test('Svinval: parts of a fence, of which TVM forbids the one that names translations', () => {
  runCase(`
test:   translate
        map     1, page1, PTE_RW
        sfence.vma
        li      a1, PAGE
        try     S, read
        check   s8, ECALL_S
        map     1, page2, PTE_RW
        sfence.w.inval
        li      t0, PAGE
        sinval.vma t0, zero
        sfence.inval.ir
        la      t0, page2
        li      t1, 0x2002
        sd      t1, (t0)
        try     S, read
        check   a0, 0x2002
        csrw    satp, zero
        sfence.vma
        .irp    target, order, inval, settle
        try     U, \\target
        check   s8, ILLEGAL
        try     S, \\target
        check   s8, ECALL_S
        .endr
        li      t0, MSTATUS_TVM
        csrs    mstatus, t0
        try     S, inval
        check   s8, ILLEGAL
        try     S, order
        check   s8, ECALL_S
        try     S, settle
        check   s8, ECALL_S
        pass
read:   li      a1, PAGE
        ld      a0, (a1)
        ecall
order:  sfence.w.inval
        ecall
inval:  sinval.vma zero, zero
        ecall
settle: sfence.inval.ir
        ecall
`);
});
