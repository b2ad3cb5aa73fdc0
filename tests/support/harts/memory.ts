// Harts that change what others run and how others see memory: code, page tables, accessed and dirty bits.

import type { HartGuest } from './guest.ts';

export const MEMORY_GUESTS: readonly HartGuest[] = [
  {
    name: 'code that one hart patches is what others run after fence.i',
    harts: [2, 4],
    text: `
        .equ    ROUNDS, 30
        li      s2, 0                   # the round
        bnez    s0, runner
writer: addi    s2, s2, 1
        li      t0, 0x513               # li a0, round
        slli    t1, s2, 20
        or      t0, t0, t1
        la      t1, patched
        sw      t0, 0(t1)
        fence   rw, rw
        la      t0, flag
        sd      s2, 0(t0)
        li      t2, HARTS - 1
        mul     t2, t2, s2
        wait_for answers, t2
        li      t0, ROUNDS
        bltu    s2, t0, writer
        pass
runner: addi    s2, s2, 1
        wait_for flag, s2
        fence.i
        li      s3, 60                  # often enough to be hot
1:      call    patched
        same    a0, s2
        addi    s3, s3, -1
        bnez    s3, 1b
        count   answers
        j       runner
patched:
        li      a0, 0
        ret
`,
  },
  {
    name: 'harts under one page table see what one of them maps',
    harts: [2, 4],
    text: `
        .equ    ROUNDS, 20
        li      s2, 0
        bnez    s0, reader
        .irp    number, 1, 2
        la      t0, page\\number
        sd      t0, 8(t0)               # a page's own address
        .endr
writer: .irp    number, 1, 2
        addi    s2, s2, 1
        map     1, page\\number, PTE_RW
        la      t0, page\\number
        la      t1, counter
        sd      t0, 0(t1)
        fence   rw, rw
        la      t0, flag
        sd      s2, 0(t0)
        li      t2, HARTS - 1
        mul     t2, t2, s2
        wait_for answers, t2
        .endr
        li      t0, ROUNDS
        bltu    s2, t0, writer
        pass
reader: translate
        enter   S, 1f
1:      addi    s2, s2, 1
        wait_for flag, s2
        sfence.vma
        li      s3, PAGE
        ld      s4, 8(s3)
        la      t0, counter
        ld      t1, 0(t0)
        bne     s4, t1, wrong
        sd      s4, 16(s3)              # also a store, through a page that is dirty
        count   answers
        j       1b
wrong:  li      a0, 77
        j       fail
`,
  },
  {
    name: 'an accessed or dirty bit that one hart clears is set again by another’s next access',
    harts: [2],
    text: `
        map     1, page1, PTE_RW
        la      s3, leaves + 8
        li      s2, 0
        bnez    s0, toucher
cleaner:
        addi    s2, s2, 1
        ld      t0, 0(s3)
        andi    t0, t0, ~(PTE_A | PTE_D)
        sd      t0, 0(s3)
        la      t0, flag
        sd      s2, 0(t0)
        wait_for answers, s2
        ld      t0, 0(s3)
        andi    t1, t0, PTE_A | PTE_D
        andi    t2, s2, 1               # in odd rounds it is stored to, in even ones loaded from
        slli    t2, t2, 7
        ori     t2, t2, PTE_A
        same    t1, t2
        li      t0, 20
        bltu    s2, t0, cleaner
        pass
toucher:
        translate
        enter   S, 1f
1:      addi    s2, s2, 1
        wait_for flag, s2
        sfence.vma
        li      t2, PAGE
        ld      t3, 24(t2)
        andi    t4, s2, 1
        beqz    t4, 2f
        sd      t3, 24(t2)
2:      count   answers
        j       1b
`,
  },
];
