// Several harts under the built-in SBI: started, stopped and suspended by HSM, interrupted by IPI, told of changes by
// RFENCE; and what comes of hart masks, addresses and numbers that make no sense. Each guest checks itself; bare and
// virtual, and all engines, must agree in every word of every hart.

import { describe, expect, test } from 'vitest';
import { assembleGuest, type CaseOptions, runCase, start } from '../support/assembly.ts';
import { WAYS } from '../support/engines.ts';

const MINUTE = 60_000;

const SBI = (harts: number) => `
        .equ    HARTS, ${harts}
        .equ    TIME, 0x54494d45
        .equ    IPI, 0x735049
        .equ    RFENCE, 0x52464e43
        .equ    HSM, 0x48534d
        .equ    START, 0
        .equ    STOP, 1
        .equ    STATUS, 2
        .equ    SUSPEND, 3
        .equ    STARTED, 0
        .equ    STOPPED, 1
        .equ    SUSPENDED, 4
        .equ    NON_RETENTIVE, 0x80000000
        .equ    INVALID_PARAM, -3
        .equ    INVALID_ADDRESS, -5
        .equ    ALREADY_AVAILABLE, -6
        .equ    ALL, -1
        .equ    counter, page0 + 16
        .equ    flag, page0 + 24

        .macro  call extension, function, first=0, second=0, third=0
        li      a7, \\extension
        li      a6, \\function
        li      a0, \\first
        li      a1, \\second
        li      a2, \\third
        ecall
        .endm

        # Starts a hart at a label, with a number of ours.
        .macro  start hart, target, opaque=0
        li      a7, HSM
        li      a6, START
        li      a0, \\hart
        la      a1, \\target
        li      a2, \\opaque
        ecall
        check   a0, 0
        .endm

        .macro  await_status hart, status
93:     call    HSM, STATUS, \\hart
        check   a0, 0
        li      t0, \\status
        bne     a1, t0, 93b
        .endm

        .macro  wait_for label, register
        la      t0, \\label
94:     ld      t1, 0(t0)
        bltu    t1, \\register, 94b
        fence   r, rw
        .endm

        .macro  count label
        la      t0, \\label
        li      t1, 1
        amoadd.d.aqrl zero, t1, (t0)
        .endm

test:   check   a0, 0                   # only hart 0 starts by itself
`;
const TURN = 61;
const sbi = (count: number, text: string, options: CaseOptions = {}) =>
  runCase(`${SBI(count)}\n${text}`, { harts: count, turnSteps: TURN, endOnly: true, mode: 's', ...options });

describe('HSM', () => {
  test('starts a hart in S-mode, untranslated and uninterrupted, with its number and an argument', () => {
    sbi(
      2,
      `
        call    HSM, STATUS, 1
        check   a0, 0
        check   a1, STOPPED
        start   1, other, 0x1234
        call    HSM, START, 1, RAM
        check   a0, ALREADY_AVAILABLE
        li      s0, 1
        wait_for flag, s0
        pass
other:  check   a0, 1
        check   a1, 0x1234
        csrr    t0, satp
        check   t0, 0
        csrr    t0, sstatus
        andi    t0, t0, MSTATUS_SIE
        check   t0, 0
        csrr    t0, sie
        check   t0, 0
        call    HSM, STATUS, 1
        check   a1, STARTED
        count   flag
        j       .
`,
    );
  });

  test.each([2, 4, 8])('starts and stops the others of %i harts again and again', { timeout: MINUTE }, (count) => {
    sbi(
      count,
      `
        li      s0, 5
1:      li      s1, 1
2:      li      a7, HSM
        li      a6, START
        mv      a0, s1
        la      a1, other
        slli    a2, s0, 4
        ecall
        check   a0, 0
        addi    s1, s1, 1
        li      t0, HARTS
        bltu    s1, t0, 2b
        li      s1, 1
3:      li      a7, HSM                 # until it has stopped
        li      a6, STATUS
        mv      a0, s1
        ecall
        li      t0, STOPPED
        bne     a1, t0, 3b
        addi    s1, s1, 1
        li      t0, HARTS
        bltu    s1, t0, 3b
        addi    s0, s0, -1
        bnez    s0, 1b
        la      t0, counter
        ld      t1, 0(t0)
        check   t1, (5 + 4 + 3 + 2 + 1) * (HARTS - 1)
        pass
other:  csrsi   sie, 2                  # none of this is there at the next start
        srli    a1, a1, 4
        la      t0, counter
        amoadd.d zero, a1, (t0)
        call    HSM, STOP
        j       fail
`,
    );
  });

  test('refuses harts that do not exist, and addresses where no code can be', () => {
    sbi(
      2,
      `
        .irp    hart, 2, 63, 64, -1, 1 << 32
        call    HSM, START, \\hart, RAM
        check   a0, INVALID_PARAM
        call    HSM, STATUS, \\hart
        check   a0, INVALID_PARAM
        .endr
        .irp    address, 0, 1, RAM + 1, UART, -2, -1, RAM - 2, 1 << 63
        call    HSM, START, 1, \\address
        check   a0, INVALID_ADDRESS
        call    HSM, SUSPEND, NON_RETENTIVE, \\address
        check   a0, INVALID_ADDRESS
        .endr
        .irp    type, 1, 0xfffffff, 0x10000000, 0x7fffffff, 0x80000001, 0xffffffff
        call    HSM, SUSPEND, \\type, RAM
        check   a0, INVALID_PARAM
        .endr
        call    HSM, START, 0, RAM
        check   a0, ALREADY_AVAILABLE
        await_status 1, STOPPED
        pass
`,
    );
  });

  test('a hart that is started where there is no code harms only itself', { timeout: MINUTE }, () => {
    sbi(
      3,
      `
        start   1, page2                # zeros are no instruction, and its trap goes to address 0
        start   2, other
        li      s0, 50
        wait_for counter, s0
        call    HSM, STATUS, 1
        check   a1, STARTED
        await_status 2, STOPPED
        pass
other:  li      s0, 50
1:      count   counter
        addi    s0, s0, -1
        bnez    s0, 1b
        call    HSM, STOP
        j       fail
`,
    );
  });

  test('suspends a hart until an interrupt that it enables, which others see', { timeout: MINUTE }, () => {
    sbi(
      2,
      `
        start   1, other
        await_status 1, SUSPENDED
        la      t0, flag
        ld      t1, 0(t0)
        check   t1, 1
        call    IPI, 0, 1, 1
        check   a0, 0
        await_status 1, STOPPED
        la      t0, flag
        ld      t1, 0(t0)
        check   t1, 2
        pass
other:  csrsi   sie, 2
        count   flag
        li      s0, 77
        call    HSM, SUSPEND
        check   a0, 0
        check   s0, 77                  # retention
        csrr    t0, sip
        check   t0, 2
        count   flag
        call    HSM, STOP
`,
    );
  });

  test('suspends a hart without retention: it starts anew at an address', { timeout: MINUTE }, () => {
    sbi(
      2,
      `
        start   1, other
        await_status 1, SUSPENDED
        call    IPI, 0, 0, ALL
        await_status 1, STOPPED
        la      t0, flag
        ld      t1, 0(t0)
        check   t1, 2
        pass
other:  csrsi   sie, 2
        csrsi   sstatus, MSTATUS_SIE
        count   flag
        li      a7, HSM
        li      a6, SUSPEND
        li      a0, NON_RETENTIVE
        la      a1, again
        li      a2, 0x77
        ecall
        j       fail
again:  check   a0, 1
        check   a1, 0x77
        csrr    t0, sstatus
        andi    t0, t0, MSTATUS_SIE
        check   t0, 0
        csrr    t0, sip
        check   t0, 2
        count   flag
        call    HSM, STOP
`,
    );
  });
});

test('when the last hart stops, the run is over: nothing can start another', () => {
  const bytes = assembleGuest(`${SBI(2)}\n        call HSM, STOP\n`, 's');
  for (const way of WAYS) {
    const { guest } = start(way, { bytes, harts: 2, mode: 's' });
    expect(guest.interleaver.run(1000), way.name).toMatchObject({ status: 'idle', until: Number.POSITIVE_INFINITY });
    expect(guest.board.activity, way.name).toEqual(['stopped', 'stopped']);
  }
});

describe('IPI', () => {
  test.each([2, 4, 8])('reaches the harts of a mask among %i, and no others', { timeout: MINUTE }, (count) => {
    sbi(
      count,
      `
        li      s1, 1
1:      li      a7, HSM
        li      a6, START
        mv      a0, s1
        la      a1, other
        ecall
        addi    s1, s1, 1
        li      t0, HARTS
        bltu    s1, t0, 1b
        li      s0, HARTS - 1
        wait_for flag, s0               # all others are there
        li      s1, 1
2:      li      a7, IPI                 # one by one: its bit, from base 0 or from itself
        li      a6, 0
        li      a0, 1
        mv      a1, zero
        andi    t0, s1, 1
        bnez    t0, 3f
        sll     a0, a0, s1
        j       4f
3:      mv      a1, s1
4:      ecall
        check   a0, 0
        mv      s2, s1
        wait_for counter, s2
        addi    s1, s1, 1
        li      t0, HARTS
        bltu    s1, t0, 2b
        csrr    t0, sip
        check   t0, 0
        call    IPI, 0, 0, ALL          # all at once, itself too
        csrr    t0, sip
        check   t0, 2
        li      s2, 2 * (HARTS - 1)
        wait_for counter, s2
        pass
other:  mv      s0, a0
        la      t0, handler
        csrw    stvec, t0
        csrsi   sie, 2
        csrsi   sstatus, MSTATUS_SIE
        count   flag
1:      wfi
        j       1b
        .balign 4
handler:
        csrr    t0, scause
        check   t0, INTERRUPT | 1
        csrci   sip, 2
        li      s1, HARTS - 1
        la      t0, counter
        ld      t1, 0(t0)
        bgeu    t1, s1, 1f
        addi    t1, t1, 1
        same    t1, s0                  # in the first round each comes in its order
1:      count   counter
        sret
`,
    );
  });

  test('to a hart that does not exist is an invalid parameter, and reaches none', () => {
    sbi(
      2,
      `
        .macro  refused mask, base
        call    IPI, 0, \\mask, \\base
        check   a0, INVALID_PARAM
        call    RFENCE, 0, \\mask, \\base
        check   a0, INVALID_PARAM
        call    RFENCE, 1, \\mask, \\base
        check   a0, INVALID_PARAM
        csrr    t0, sip
        check   t0, 0
        .endm
        refused 4, 0
        refused 7, 0
        refused -1, 0
        refused 2, 1
        refused 1, 2
        refused 1, -2
        refused 1, 1 << 63
        call    IPI, 0, 0, 5            # no hart at all
        check   a0, 0
        pass
`,
    );
  });

  test('wakes a hart from WFI whose interrupts are off', { timeout: MINUTE }, () => {
    sbi(
      2,
      `
        start   1, other
        li      s0, 1
        li      s1, 1
1:      wait_for flag, s0
        call    IPI, 0, 2, 0
        addi    s0, s0, 1
        li      t0, 20
        bltu    s0, t0, 1b
        wait_for flag, s0
        pass
other:  csrsi   sie, 2
1:      count   flag
2:      wfi
        csrr    t0, sip
        beqz    t0, 2b
        csrci   sip, 2
        j       1b
`,
    );
  });
});

describe('RFENCE', () => {
  test('after it, others see a page table and code that were changed', { timeout: MINUTE }, () => {
    sbi(
      4,
      `
        .equ    ROUNDS, 16
        .irp    number, 1, 2
        la      t0, page\\number
        sd      t0, 8(t0)
        .endr
        map     1, page1, PTE_RW
        start   1, other
        start   2, other
        start   3, other
        li      s2, 0
round:  .irp    number, 2, 1
        map     1, page\\number, PTE_RW
        addi    s2, s2, 1
        li      t0, 0x513               # li a0, round
        slli    t1, s2, 20
        or      t0, t0, t1
        la      t1, patched
        sw      t0, 0(t1)
        call    RFENCE, 0, 0xe, 0
        check   a0, 0
        call    RFENCE, 1 + (\\number & 1), 7, 1, PAGE
        check   a0, 0
        la      t1, page\\number
        la      t0, counter
        sd      t1, 0(t0)
        fence   rw, rw
        la      t0, flag
        sd      s2, 0(t0)
        li      s3, 3
        mul     s3, s3, s2
        wait_for page0 + 40, s3
        .endr
        li      t0, ROUNDS
        bltu    s2, t0, round
        pass
other:  la      t0, root
        srli    t0, t0, 12
        li      t1, 8 << 60
        or      t0, t0, t1
        csrw    satp, t0
        li      s2, 0
        li      s3, PAGE
1:      addi    s2, s2, 1
        ld      s4, 8(s3)               # so that a translation is remembered
        jal     patched
        wait_for flag, s2
        ld      s4, 8(s3)
        la      t0, counter
        ld      t1, 0(t0)
        same    s4, t1
        jal     patched
        same    a0, s2
        la      t0, page0 + 40
        li      t1, 1
        amoadd.d zero, t1, (t0)
        j       1b
patched:
        li      a0, 0
        ret
`,
    );
  });
});

test('timers of harts are their own', { timeout: MINUTE }, () => {
  sbi(
    4,
    `
        start   1, other
        start   2, other
        start   3, other
        li      a0, 0
other:  mv      s0, a0
        la      t0, handler
        csrw    stvec, t0
        csrr    s1, time
        addi    s2, s0, 3
        slli    s2, s2, 2
        add     s1, s1, s2              # when
        li      a7, TIME
        li      a6, 0
        mv      a0, s1
        ecall
        li      t0, 1 << 5
        csrw    sie, t0
        csrsi   sstatus, MSTATUS_SIE
        li      s3, 0
1:      addi    s3, s3, 1
        andi    t0, s3, 63
        bnez    t0, 1b
        wfi
        j       1b
        .balign 4
handler:
        csrr    t0, scause
        check   t0, INTERRUPT | 5
        csrr    t0, time
        bltu    t0, s1, fail
        li      a7, TIME
        li      a6, 0
        li      a0, -1
        ecall
        csrr    t0, sip
        check   t0, 0
        count   counter
        li      s3, 4
        bnez    s0, 1f
        wait_for counter, s3
        pass
1:      wfi
        j       1b
`,
  );
});
