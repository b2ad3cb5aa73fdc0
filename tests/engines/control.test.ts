// How control leaves hot loops and comes back: faults at each instruction, slices that end at each, interrupts at
// each, waits, counters that are read, tables of jumps, returns to other pages, reservations. In all ways at once.

import { describe, test } from 'vitest';
import { everywhere, ROUNDS } from './everywhere.ts';

/** Seven instructions with what a region keeps in locals, and counts. */
const LOOP = `
loop:   add     s5, s5, s0
        ld      t0, 0(s1)
        xor     s5, s5, t0
        sd      s5, 0(s1)
        addi    t0, t0, 3
        addi    s0, s0, -1
        bnez    s0, loop`;

describe('the end of a slice', () => {
  const text = `
test:   li      s0, ${ROUNDS}
        la      s1, page1
${LOOP}
        pass`;
  test.each([1, 2, 3, 5, 6, 8, 9, 13])('comes at each instruction of a hot loop, every %i steps', (slice) => {
    everywhere(text, { warm: 6 * ROUNDS, slice });
  });

  test('comes in a chain of calls, each to a region of its own', () => {
    everywhere(
      `
test:   li      s0, ${ROUNDS}
1:      call    2f
        addi    s0, s0, -1
        bnez    s0, 1b
        check   s5, ${ROUNDS} * 7
        pass
2:      addi    s5, s5, 1
        mv      s2, ra
        call    3f
        addi    s5, s5, 2
        jr      s2
        .balign PAGE
3:      addi    s5, s5, 4
        ret
`,
      { warm: 8 * ROUNDS, slice: 17 },
    );
  });
});

describe('a fault', () => {
  test('comes at each access of a hot loop, which goes on behind it', () => {
    everywhere(`
test:   la      s11, trapped
        la      s1, page1
        li      s0, ${ROUNDS}
        li      s7, 1 << 40
1:      .irp    number, 1, 2, 3, 4, 5, 6
        andi    t0, s0, 127             # now and then one of six addresses is bad
        addi    t0, t0, -\\number
        seqz    t0, t0
        mul     t0, t0, s7
        add     t0, t0, s1
        addi    s5, s5, \\number
        .if     \\number & 1
        lw      t1, \\number * 8(t0)
        .else
        sd      s5, \\number * 8(t0)
        .endif
        .endr
        addi    s0, s0, -1
        bnez    s0, 1b
        check   s5, ${ROUNDS} * 21
        check   s6, (${ROUNDS} / 128) * 6 + 6
        pass
trapped:
        addi    s6, s6, 1
        addi    s10, s10, 4
        csrw    mepc, s10
        mret
`);
  });

  test('of an illegal instruction, a breakpoint and an environment call is as often as a hot loop comes to it', () => {
    everywhere(`
test:   la      s11, trapped
        li      s0, ${ROUNDS}
1:      addi    s5, s5, 1
        .word   0
        addi    s5, s5, 1
        ebreak
        addi    s5, s5, 1
        ecall
        addi    s0, s0, -1
        bnez    s0, 1b
        check   s5, ${ROUNDS} * 3
        check   s6, ${ROUNDS} * (ILLEGAL + BREAKPOINT + ECALL_M)
        pass
trapped:
        add     s6, s6, s8
        addi    s10, s10, 4
        csrw    mepc, s10
        mret
`);
  });
});

describe('an interrupt', () => {
  /** A handler that counts at which instruction of the loop it came, and arms the next. */
  const counting = (arm: string) => `
trapped:
        la      t2, loop
        sub     t2, s10, t2
        li      t3, 7 * 4
        bgeu    t2, t3, 1f
        srli    t2, t2, 2
        li      t3, 1
        sll     t3, t3, t2
        or      s6, s6, t3
1:      ${arm}
        mret`;

  test.each([
    ['mtimecmp', '1 << 7', 'li t4, MTIMECMP\n li t3, MTIME\n ld t3, 0(t3)\n addi t3, t3, 1\n sd t3, 0(t4)'],
    ['stimecmp', '1 << 5', 'csrr t3, time\n addi t3, t3, 1\n csrw stimecmp, t3'],
  ])('by %s comes at each instruction of a hot loop', (_, enable, arm) => {
    everywhere(
      `
test:   la      s11, trapped
        la      s1, page1
        li      t0, 1 << 63
        csrw    menvcfg, t0
        ${arm}
        li      t0, ${enable}
        csrw    mie, t0
        csrsi   mstatus, MSTATUS_MIE
        li      s0, ${4 * ROUNDS}
${LOOP}
        csrci   mstatus, MSTATUS_MIE
        check   s6, 0x7f
        pass
${counting(arm)}`,
      { warm: 15 * ROUNDS, slice: 101 },
    );
  });

  test('of software is taken right behind the store, or the write of a CSR, that asks for it', () => {
    everywhere(`
test:   la      s11, trapped
        li      t0, (1 << 3) | (1 << 1)
        csrw    mie, t0
        csrsi   mstatus, MSTATUS_MIE
        li      s0, ${ROUNDS}
        li      s1, CLINT
        li      s2, 1
1:      sw      s2, 0(s1)
        addi    s5, s5, 1
        csrsi   mip, 2
        addi    s5, s5, 2
        addi    s0, s0, -1
        bnez    s0, 1b
        check   s5, ${ROUNDS} * 3
        check   s6, ${ROUNDS} * 2
        pass
trapped:
        addi    s6, s6, 1
        sw      zero, 0(s1)
        csrci   mip, 2
        mret
`);
  });

  test('ends a WFI in a hot loop, taken or not', () => {
    everywhere(
      `
test:   la      s11, trapped
        li      s1, MTIME
        li      s2, MTIMECMP
        li      t0, 1 << 7
        csrw    mie, t0
        li      s0, 300
1:      ld      t0, 0(s1)
        addi    t0, t0, 2
        sd      t0, 0(s2)
        andi    t1, s0, 1
        slli    t1, t1, 3
        csrs    mstatus, t1             # each second round with interrupts enabled
        wfi
        csrci   mstatus, MSTATUS_MIE
        addi    s5, s5, 1
        addi    s0, s0, -1
        bnez    s0, 1b
        check   s6, 150
        check   s5, 300
        pass
trapped:
        addi    s6, s6, 1
        li      t0, -1
        sd      t0, 0(s2)
        mret
`,
      { warm: 1500, slice: 3 },
    );
  });
});

describe('in a hot loop', () => {
  test('counters say what they say one step at a time, inhibited and written too', () => {
    everywhere(
      `
test:   li      s0, ${ROUNDS}
        la      s1, page1
1:      csrr    t0, cycle
        add     s5, s5, t0
        csrr    t0, instret
        slli    s5, s5, 1
        xor     s5, s5, t0
        ld      t2, 0(s1)
        csrr    t0, minstret
        csrr    t1, time
        sub     t0, t0, t1
        xor     s5, s5, t0
        andi    t0, s0, 31
        bnez    t0, 2f
        csrwi   mcountinhibit, 4
        addi    s6, s6, 1
        csrwi   mcountinhibit, 1
        csrw    minstret, s5
        csrrw   t0, mcycle, s0
        csrwi   mcountinhibit, 0
2:      sd      s5, 0(s1)
        addi    s0, s0, -1
        bnez    s0, 1b
        pass
`,
      { warm: 20 * ROUNDS, slice: 19 },
    );
  });

  test('LR and SC agree, with a store between them, a trap, another address, and none', () => {
    everywhere(`
test:   la      s11, trapped
        la      s1, page1
        li      s0, ${ROUNDS}
1:      lr.d    t0, (s1)
        addi    t0, t0, 1
        sc.d    t1, t0, (s1)
        add     s5, s5, t1
        lr.w    t0, (s1)
        addi    t2, s1, 64
        sc.w    t1, t0, (t2)
        add     s6, s6, t1
        lr.d    t0, (s1)
        sd      t0, 0(s1)
        sc.d    t1, t0, (s1)
        add     s7, s7, t1
        lr.d    t0, (s1)
        ecall
        sc.d    t1, t0, (s1)
        add     s7, s7, t1
        sc.d    t1, t0, (s1)
        add     s4, s4, t1
        amoadd.d t1, s0, (s1)
        amoswap.w t1, t1, (t2)
        xor     s3, s3, t1
        addi    s0, s0, -1
        bnez    s0, 1b
        check   s5, 0
        check   s6, ${ROUNDS}
        check   s4, ${ROUNDS}
        pass
trapped:
        addi    s10, s10, 4
        csrw    mepc, s10
        mret
`);
  });

  test('a table of jumps leads to each of its places', () => {
    everywhere(
      `
test:   li      s0, ${2 * ROUNDS}
        la      s1, table
1:      andi    t0, s0, 7
        slli    t0, t0, 3
        add     t0, t0, s1
        ld      t0, 0(t0)
        jr      t0
        .irp    place, 0, 1, 2, 3, 4, 5, 6, 7
place\\place: addi s5, s5, 1 << \\place
        j       2f
        .endr
2:      addi    s0, s0, -1
        bnez    s0, 1b
        check   s5, ${(2 * ROUNDS) / 8} * 255
        pass
        .balign 8
table:  .irp    place, 0, 1, 2, 3, 4, 5, 6, 7
        .dword  place\\place - _start + RAM
        .endr
`,
      { warm: 15 * ROUNDS, slice: 11 },
    );
  });

  test('a function returns to callers on its page and on others', () => {
    everywhere(
      `
test:   li      s0, ${ROUNDS}
1:      call    called
        addi    s5, s5, 1
        jal     t0, far
        addi    s0, s0, -1
        bnez    s0, 1b
        check   s5, ${ROUNDS} * 131
        pass
        .balign PAGE
far:    addi    s5, s5, 10
        call    called
        jr      t0
        .balign PAGE
called: addi    s5, s5, 60
        ret
`,
      { warm: 14 * ROUNDS, slice: 7 },
    );
  });

  test('recursion goes as deep as it likes', () => {
    everywhere(`
test:   li      s0, 60
        li      s5, 0
1:      li      a0, 11
        call    fibonacci
        add     s5, s5, a0
        addi    s0, s0, -1
        bnez    s0, 1b
        check   s5, 60 * 89
        pass
fibonacci:
        li      t0, 2
        bge     a0, t0, 1f
        ret
1:      addi    sp, sp, -24
        sd      ra, 0(sp)
        sd      a0, 8(sp)
        addi    a0, a0, -1
        call    fibonacci
        sd      a0, 16(sp)
        ld      a0, 8(sp)
        addi    a0, a0, -2
        call    fibonacci
        ld      t0, 16(sp)
        add     a0, a0, t0
        ld      ra, 0(sp)
        addi    sp, sp, 24
        ret
`);
  });
});
