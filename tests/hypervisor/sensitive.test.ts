// Instructions that read or change privileged state, in every mode, with the controls that forbid them to S-mode:
// what the guest sees is the manual's, bare and virtual. Each body is a guest that checks itself.

import { expect, test } from 'vitest';
import { runCase } from '../support/assembly.ts';

const PRIVILEGED = {
  mret: 0x30200073,
  sret: 0x10200073,
  wfi: 0x10500073,
  'sfence.vma': 0x12000073,
  'csrr a0, mstatus': 0x30002573,
  'csrr a0, sstatus': 0x10002573,
  'csrr a0, satp': 0x18002573,
  'csrr a0, cycle': 0xc0002573,
  'csrr a0, mhartid': 0xf1402573,
};

test.each(Object.entries(PRIVILEGED))('%s in U-mode is an illegal instruction with its bits', (text, bits) => {
  const vm = runCase(`
test:   try     U, 1f
        check_trap ILLEGAL, ${bits}
        pass
1:      ${text}
        ecall
`);
  expect(vm.ledger.count('illegal')).toBe(1);
});

test.each(['mret', 'csrr a0, mstatus', 'csrw pmpcfg0, zero', 'csrr a0, mip'])(
  '%s in S-mode is an illegal instruction',
  (text) => {
    runCase(`
test:   try     S, 1f
        check   s8, ILLEGAL
        la      t0, 1f
        lw      t1, 0(t0)
        same    s9, t1
        same    s10, t0
        pass
1:      ${text}
        ecall
`);
  },
);

test.each([
  ['TSR', 'sret'],
  ['TW', 'wfi'],
  ['TVM', 'sfence.vma'],
  ['TVM', 'csrr a0, satp'],
  ['TVM', 'csrw satp, zero'],
])('mstatus.%s forbids S-mode %s, and M-mode nothing (norm:mstatus_tsr_op, norm:mstatus_tw_op)', (control, text) => {
  runCase(`
test:   li      t0, MSTATUS_${control}
        csrs    mstatus, t0
        csrr    t1, mstatus
        and     t1, t1, t0
        same    t1, t0                  # the control can be set
        try     S, 1f
        check   s8, ILLEGAL
        li      t0, MSTATUS_${control}
        csrc    mstatus, t0
        csrr    t1, mstatus
        and     t1, t1, t0
        check   t1, 0                   # and cleared
        la      t1, 2f
        csrw    stvec, t1
        csrw    sepc, t1
        li      t1, MSTATUS_SPP
        csrs    mstatus, t1
        csrwi   mie, 2                  # a software interrupt that is not enabled ends the wfi
        csrwi   mip, 2
        csrwi   mideleg, 2
        try     S, 1f
        check_trap ECALL_S, 0
        pass
1:      ${text}
2:      ecall
`);
});

test('the environment call has the cause of the mode that makes it, and is never delegated from M', () => {
  runCase(`
test:   try     U, 1f
        check_trap ECALL_U, 0
        try     S, 1f
        check_trap ECALL_S, 0
        li      t0, -1
        csrw    medeleg, t0
        csrr    t0, medeleg
        check   t0, 0xb3ff              # no call from M, no reserved cause
        catching 2f
1:      ecall
2:      check_trap ECALL_M, 0
        pass
`);
});

test('csrrs, csrrc, csrrsi and csrrci with an encoded zero write nothing, with a zero value they do', () => {
  runCase(`
test:   li      t0, 0x5a
        csrw    mscratch, t0
        csrrci  t1, mscratch, 0
        csrrsi  t2, mscratch, 0
        csrrs   t3, mscratch, zero
        csrrc   t4, mscratch, zero
        check   t1, 0x5a
        check   t2, 0x5a
        check   t3, 0x5a
        check   t4, 0x5a
        csrrci  t1, cycle, 0            # no write, so a read-only CSR answers
        csrrsi  t1, mvendorid, 0
        csrrs   t1, mhartid, zero
        li      t0, 0
        catching 1f
        csrrs   t1, mhartid, t0         # a write, though of nothing
        j       fail
1:      check   s8, ILLEGAL
        catching 2f
        csrrci  t1, cycle, 1
        j       fail
2:      check   s8, ILLEGAL
        csrrwi  zero, mscratch, 0
        csrr    t1, mscratch
        check   t1, 0
        csrr    a0, mie
        csrrwi  a1, mie, 8
        csrrci  a2, mie, 8
        check   a2, 8
        csrr    a3, mie
        check   a3, 0
        pass
`);
});

test('sip and sie show and change only what mideleg delegates', () => {
  runCase(`
test:   li      t0, 0x222
        csrw    mie, t0
        csrw    mip, t0
        csrr    t1, sie
        check   t1, 0
        csrr    t1, sip
        check   t1, 0
        csrw    sie, zero
        csrw    sip, zero
        csrr    t1, mie
        check   t1, 0x222
        csrr    t1, mip
        check   t1, 0x222
        csrwi   mideleg, 2
        csrr    t1, sie
        check   t1, 2
        csrr    t1, sip
        check   t1, 2
        csrw    sip, zero               # SSIP alone is writable there
        csrw    sie, zero
        csrr    t1, mip
        check   t1, 0x220
        csrr    t1, mie
        check   t1, 0x220
        li      t0, -1
        csrw    mideleg, t0
        csrr    t1, mideleg
        check   t1, 0x222
        csrw    sip, zero
        csrr    t1, sip
        check   t1, 0x220
        pass
`);
});

test('xtvec, xepc and satp take only legal values', () => {
  runCase(`
test:   csrr    s0, mtvec
        li      t0, 0x80001002          # a reserved mode voids the write
        csrw    mtvec, t0
        csrr    t1, mtvec
        same    t1, s0
        csrwi   stvec, 3
        csrr    t1, stvec
        check   t1, 0
        li      t0, 0x80001001
        csrw    stvec, t0
        csrr    t1, stvec
        same    t1, t0
        li      t0, -1
        csrw    mepc, t0
        csrw    sepc, t0
        csrr    t1, mepc
        check   t1, -2
        csrr    t1, sepc
        check   t1, -2
        li      t0, (8 << 60) | (0x1234 << 44) | 0x80010
        csrw    satp, t0
        csrr    t1, satp
        same    t1, t0
        li      t2, (10 << 60) | 0x80020 # Sv57 is not there: the whole write is void
        csrw    satp, t2
        csrr    t1, satp
        same    t1, t0
        li      t2, (1 << 60)
        csrw    satp, t2
        csrr    t1, satp
        same    t1, t0
        csrw    satp, zero
        csrr    t1, satp
        check   t1, 0
        pass
`);
});

test('counter enables are words of which three bits exist', () => {
  runCase(`
test:   li      t0, -1
        csrw    mcounteren, t0
        csrw    scounteren, t0
        csrr    t1, mcounteren
        check   t1, 7
        csrr    t1, scounteren
        check   t1, 7
        pass
`);
});

test('mret and sret restore the interrupt stack, the mode and MPRV (norm:mstatus_mprv_clr_mret_sret_less_priv)', () => {
  runCase(`
        .macro  status expected
        csrr    t0, mstatus
        li      t1, MSTATUS_MPP | MSTATUS_MPIE | MSTATUS_MIE | MSTATUS_MPRV | MSTATUS_SPP | MSTATUS_SPIE | MSTATUS_SIE
        and     t0, t0, t1
        check   t0, \\expected
        .endm
test:   li      t0, MSTATUS_MPP | MSTATUS_MPIE | MSTATUS_MPRV
        csrs    mstatus, t0
        la      t0, 1f
        csrw    mepc, t0
        mret
1:      li      t0, MSTATUS_MIE         # still M, MPP now U, MPRV kept
        status  MSTATUS_MIE | MSTATUS_MPIE | MSTATUS_MPRV
        csrw    mie, zero
        li      t0, MSTATUS_MIE | MSTATUS_MPIE
        csrc    mstatus, t0
        try     U, 2f
        status  0                       # MIE was taken from MPIE, then pushed back by the trap
        check   s8, ECALL_U
        li      t0, MSTATUS_SPP | MSTATUS_SIE
        csrs    mstatus, t0
        la      t0, 3f
        csrw    sepc, t0
        sret                            # from M to S
3:      csrr    a0, sstatus
        catching 4f
        ecall
4:      check   s8, ECALL_S
        li      t1, MSTATUS_SPIE
        li      t2, MSTATUS_SPIE | MSTATUS_SPP | MSTATUS_SIE
        and     a0, a0, t2
        same    a0, t1                  # SIE from SPIE, SPIE set, SPP now U
        la      t0, 2f
        csrw    sepc, t0
        try     S, 5f
        check   s8, ECALL_U             # sret went to U
        pass
5:      sret
2:      ecall
`);
});

test('MPP keeps its value when the reserved one is written', () => {
  runCase(`
test:   li      t0, MSTATUS_MPP
        csrc    mstatus, t0
        li      t1, 1 << 11
        csrs    mstatus, t1
        li      t2, 2 << 11
        csrr    t3, mstatus
        xor     t3, t3, t0              # S becomes the reserved value
        csrw    mstatus, t3
        csrr    t3, mstatus
        and     t3, t3, t0
        same    t3, t1
        pass
`);
});

test('illegal and compressed illegal words give their own bits as the trap value', () => {
  runCase(`
test:   .irp    mode, U, S, M
        catching 2f
        .ifc    \\mode, M
        j       1f
        .else
        enter   \\mode, 1f
        .endif
        .balign 4
1:      .word   0xffffffff
        .balign 4
2:      check_trap ILLEGAL, 0xffffffff
        try     \\mode, 3f
        j       4f
        .balign 4
3:      .half   0x8000
        .half   0xffff
4:      check_trap ILLEGAL, 0x8000
        try     \\mode, 5f
        j       6f
        .balign 4
5:      .half   0
        .half   0xffff
6:      check_trap ILLEGAL, 0
        .endr
        pass
`);
});

test('ebreak traps with its own address', () => {
  runCase(`
        .option rvc
test:   try     U, 1f
        check   s8, BREAKPOINT
        same    s9, s10
        la      t0, 1f
        same    s9, t0
        try     S, 2f
        check   s8, BREAKPOINT
        la      t0, 2f
        same    s9, t0
        pass
1:      c.ebreak
2:      .option norvc
        ebreak
`);
});
