// Harts that interrupt one another, by the CLINT and the PLIC, and what they read of time.

import type { HartGuest } from './guest.ts';

export const INTERRUPT_GUESTS: readonly HartGuest[] = [
  {
    name: 'a token goes round by software interrupts',
    harts: [2, 4, 8],
    text: `
        li      t0, 1 << 3
        csrw    mie, t0                 # wakes, and does not interrupt
        li      s2, CLINT
        slli    s3, s0, 2
        add     s3, s3, s2              # its own, and the next one's
        addi    s4, s3, 4
        li      t0, HARTS - 1
        bne     s0, t0, 1f
        mv      s4, s2
1:      li      s5, 10
        li      s1, 1
        meet
        bnez    s0, 2f
        sw      s1, 0(s4)
2:      wfi
        csrr    t0, mip
        andi    t0, t0, 1 << 3
        beqz    t0, 2b
        sw      zero, 0(s3)
        pending t0
        check   t0, 0
        la      t0, counter
        ld      t1, 0(t0)
        addi    t2, t1, 1
        sd      t2, 0(t0)
        li      t3, HARTS
        remu    t2, t2, t3
        same    t2, s0                  # hart 1 is the first, hart 0 the last of a round
        sw      s1, 0(s4)
        addi    s5, s5, -1
        bnez    s5, 2b
        bnez    s0, park
        la      t0, counter
        ld      t1, 0(t0)
        check   t1, 10 * HARTS
        pass
`,
  },
  {
    name: 'an interrupt is taken at the same step, wherever its hart is in a loop',
    harts: [3],
    text: `
        la      t0, handler
        csrw    mtvec, t0
        li      t0, 1 << 3
        csrw    mie, t0
        li      s2, CLINT
        slli    s3, s0, 2
        add     s3, s3, s2
        li      s4, 0                   # interrupts, and a sum of where and when they came
        li      s5, 0
        meet
        beqz    s0, sender
        csrsi   mstatus, 8
spin:   addi    s1, s1, 1
        xor     s6, s6, s1
        add     s6, s6, s1
        slli    t2, s1, 1
        li      t1, 20
        bltu    s4, t1, spin
        csrci   mstatus, 8
        count   answers
        j       park
sender: li      s6, 20
        li      t1, 1
1:      sw      t1, 4(s2)
        sw      t1, 8(s2)
2:      lw      t2, 4(s2)
        lw      t3, 8(s2)
        or      t2, t2, t3
        bnez    t2, 2b
        addi    s6, s6, -1
        bnez    s6, 1b
        li      s6, 2
        wait_for answers, s6
        pass
        .balign 4
handler:
        csrr    t3, mepc
        add     s5, s5, t3
        csrr    t3, cycle
        xor     s5, s5, t3
        csrr    t3, time
        add     s5, s5, t3
        sw      zero, 0(s3)
        addi    s4, s4, 1
        mret
`,
  },
  {
    name: 'one hart sets another’s timer, which wakes it at its tick',
    harts: [2],
    isExact: true,
    text: `
        li      t0, 1 << 7
        csrw    mie, t0
        li      s2, MTIMECMP
        li      s3, MTIME
        bnez    s0, sleeper
        ld      s4, 0(s3)
        addi    s4, s4, 40
        sd      s4, 8(s2)
        la      t0, counter
        sd      s4, 0(t0)
        j       park
sleeper:
        csrr    t0, mip
        andi    t0, t0, 1 << 7
        check   t0, 0
        wfi
        csrr    s5, time
        la      t0, counter
        ld      t1, 0(t0)
        same    s5, t1
        li      t0, -1
        sd      t0, 8(s2)
        csrr    t0, mip
        check   t0, 0
        pass
`,
  },
  {
    name: 'a hart writes mtime, and all read it from then on',
    harts: [2],
    text: `
        li      s1, MTIME
        la      s2, page0 + 64
        li      s3, 20
        bnez    s0, reader
1:      slli    t0, s3, 20
        sd      t0, 0(s1)
        csrr    t1, time
        srli    t1, t1, 20
        same    t1, s3
        sd      s3, 0(s2)
2:      ld      t0, 8(s2)
        bne     t0, s3, 2b
        addi    s3, s3, -1
        bnez    s3, 1b
        pass
reader: ld      t0, 0(s2)
        bne     t0, s3, reader
        csrr    t0, time
        srli    t0, t0, 20
        same    t0, s3
        sd      s3, 8(s2)
        addi    s3, s3, -1
        bnez    s3, reader
        j       park
`,
  },
  {
    name: 'the PLIC has contexts for M and S of every hart, and who claims first has the interrupt',
    harts: [3],
    text: `
        .equ    ENABLES, PLIC + 0x2000  # 0x80 for each context: of hart 0 in M, in S, of hart 1 in M, ...
        .equ    CONTEXTS, PLIC + 0x200000
        li      t1, (1 << 11) | (1 << 9)
        csrw    mie, t1
        li      s5, 1
        li      s6, 2
        bnez    s0, waiter
        li      t0, PLIC
        sw      s5, 40(t0)              # the priority of the UART's interrupt
        li      t1, 1 << 10
        li      t0, ENABLES + 0x80 * 3
        sw      t1, 0(t0)               # for hart 1 in S
        li      t0, ENABLES + 0x80 * 4
        sw      t1, 0(t0)               # and hart 2 in M
        meet
        li      t0, UART
        sb      s6, 1(t0)               # transmitter empty
        pending t0
        check   t0, 0
        wait_for answers, s6
        pending t0
        check   t0, 0
        pass
waiter: meet
1:      wfi
        pending s3
        beqz    s3, 1b
        beq     s0, s6, claimer
        check   s3, 1 << 9
        count   answers
        wait_for answers, s6
        pending t0
        check   t0, 0
        li      t0, CONTEXTS + 0x1000 * 3
        lw      t1, 4(t0)
        check   t1, 0                   # hart 2 has it
        j       park
claimer:
        check   s3, 1 << 11
        wait_for answers, s5
        li      t0, CONTEXTS + 0x1000 * 4
        lw      t1, 4(t0)
        check   t1, 10
        pending t2
        check   t2, 0
        li      t2, UART
        sb      zero, 1(t2)
        sw      t1, 4(t0)
        pending t2
        check   t2, 0
        count   answers
        j       park
`,
  },
  {
    name: 'a hart’s counters count its own steps, and time those of all',
    harts: [2],
    isExact: true,
    text: `
        li      s2, CLINT
        li      t0, 1 << 3
        csrw    mie, t0
        meet
        bnez    s0, other
        csrr    s3, time
        csrr    s4, cycle
        csrr    s5, instret
        wfi
        csrr    t0, instret
        sub     s5, t0, s5
        csrr    t0, cycle
        sub     s4, t0, s4
        csrr    t0, time
        sub     s3, t0, s3
        check   s5, 2
        check   s4, 5
        li      t0, 20
        bltu    s3, t0, fail
        pass
other:  li      t0, 2000
1:      addi    t0, t0, -1
        bnez    t0, 1b
        li      t1, 1
        sw      t1, 0(s2)
        j       park
`,
  },
];
