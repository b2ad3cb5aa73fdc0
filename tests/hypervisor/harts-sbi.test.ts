// Several harts under the built-in SBI: interrupted by IPI and by their own timers, told of changes by RFENCE; and what
// comes of hart masks that make no sense. Each guest checks itself; bare and virtual, and all engines, must agree in
// every word of every hart.

import { describe, test } from 'vitest';
import { runHarts } from '../support/harts/sbi.ts';

const MINUTE = 60_000;

describe('IPI', () => {
  test.each([2, 4, 8])('reaches the harts of a mask among %i, and no others', { timeout: MINUTE }, (count) => {
    runHarts(
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
    runHarts(
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
    runHarts(
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
    runHarts(
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
  runHarts(
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
