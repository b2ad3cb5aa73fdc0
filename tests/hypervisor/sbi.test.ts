// The SBI of a guest that starts in S-mode: each call is one step, the same bare and virtual, and what it changes of
// memory and time is seen at once. What each call answers is tested in tests/platform.

import { expect, test } from 'vitest';
import { runCase } from '../support/assembly.ts';

const CALL = `
        .macro  call extension, function, first=0, second=0, third=0
        li      a7, \\extension
        li      a6, \\function
        li      a0, \\first
        li      a1, \\second
        li      a2, \\third
        ecall
        .endm
        .equ    BASE, 0x10
        .equ    TIME, 0x54494d45
        .equ    DBCN, 0x4442434e
        .equ    IPI, 0x735049
        .equ    SRST, 0x53525354
        .equ    NOT_SUPPORTED, -2
`;
const sbi = (text: string, options: Parameters<typeof runCase>[1] = {}) =>
  runCase(`${CALL}\n${text}`, { ...options, mode: 's' });

test('a call costs exactly one step, known or not', () => {
  const vm = sbi(`
test:   .irp    extension, BASE, 0x12345678, 1, IPI, -1
        call    \\extension, 3, 0
        csrr    s0, cycle
        ecall
        csrr    s1, cycle
        sub     s1, s1, s0
        check   s1, 2                   # the call and the read of the counter
        csrr    s0, instret
        ecall
        csrr    s1, instret
        sub     s1, s1, s0
        check   s1, 1                   # a trap retires nothing
        .endr
        call    0x12345678, 0
        check   a0, NOT_SUPPORTED
        pass
`);
  expect(vm.ledger.count('sbi')).toBe(16);
  expect(vm.ledger.count('ecall')).toBe(0);
});

test('a call from U-mode is the guest kernel’s own, delegated to it', () => {
  const vm = sbi(`
test:   la      t0, 2f
        csrw    stvec, t0
        la      t0, 1f
        csrw    sepc, t0
        li      t0, MSTATUS_SPP
        csrc    sstatus, t0
        sret
1:      ecall
        .balign 4
2:      csrr    t0, scause
        check   t0, ECALL_U
        pass
`);
  expect(vm.ledger.count('ecall')).toBe(1);
});

test('console input written to a page table by the SBI counts at once, as device DMA does', () => {
  sbi(
    `
test:   map     1, page1, PTE_RW
        la      t0, page2
        srli    t0, t0, 2
        ori     t0, t0, PTE_RW
        la      t1, root
        srli    t1, t1, 12
        li      t2, 8 << 60
        or      t1, t1, t2
        csrw    satp, t1
        li      s1, PAGE
        ld      s2, 0(s1)               # the shadow derives from the entry
        call    DBCN, 1, 1, LEAVES + 9  # 'X' is one byte of the entry: another page, at 0x16000
        csrw    satp, t1
        la      t0, leaves
        ld      s3, 8(t0)
        ld      s4, 0(s1)
        csrw    satp, zero
        check   s2, 0x1001
        check   s3, 0x20005800 | PTE_RW
        check   s4, 0x5ca1ab1e
        pass
        .org    0x16000
        .dword  0x5ca1ab1e
`,
    { input: 'X' },
  );
});

test('set_timer interrupts at its tick, and shutting down ends the run with its reason', () => {
  sbi(`
test:   la      t0, 1f
        csrw    stvec, t0
        csrr    s0, time
        addi    s0, s0, 7
        li      a7, TIME
        li      a6, 0
        mv      a0, s0
        ecall
        li      t0, 1 << 5
        csrw    sie, t0
        csrsi   sstatus, MSTATUS_SIE
        wfi
        j       fail
        .balign 4
1:      csrr    t0, time
        same    t0, s0
        csrr    t0, scause
        check   t0, INTERRUPT | 5
        call    SRST, 0, 0, 0
`);
});

test('a hart that suspends itself does nothing until an interrupt that it enables is pending', () => {
  sbi(`
        .equ    HSM, 0x48534d
test:   li      t0, 1 << 5
        csrw    sie, t0
        csrr    s0, time
        addi    s0, s0, 50
        csrw    stimecmp, s0
        call    HSM, 3, 0
        csrr    t0, time
        same    t0, s0
        pass
`);
});

test('an IPI to itself is a supervisor software interrupt', () => {
  sbi(`
test:   la      t0, 1f
        csrw    stvec, t0
        csrsi   sie, 2
        call    IPI, 0, 1, 0
        csrsi   sstatus, MSTATUS_SIE
        j       fail
        .balign 4
1:      csrr    t0, scause
        check   t0, INTERRUPT | 1
        csrci   sip, 2
        csrr    t0, sip
        check   t0, 0
        pass
`);
});

test('misaligned accesses of an SBI guest never reach it as traps', () => {
  const vm = sbi(`
test:   csrw    stvec, zero
        la      t0, page1 + 1
        ld      t1, 0(t0)
        sd      t1, 2(t0)
        la      t0, page1 + PAGE - 3
        lw      t1, 0(t0)
        sw      t1, 0(t0)
        pass
`);
  expect(vm.ledger.count('misaligned')).toBe(0);
});
