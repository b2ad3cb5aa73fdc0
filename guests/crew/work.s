# Work: four experiments, which all harts run together. In the first three each adds 1 to a counter, again and again;
# in the last an interrupt goes round. Between them all wait for one another at `meet`, and the first hart prints.
# Which hart is the first is known by s1: it is 1 there and 0 in all others.

    .include "constants.inc"

    .section .text
    .globl work
work:                               # tp = the hart's number, gp = how many there are
    addi    sp, sp, -32
    sd      ra, 24(sp)
    sd      s0, 16(sp)
    sd      s1, 8(sp)
    li      t0, 1                   # who comes here first? amoswap takes the old value and leaves the new one
    la      t1, somebody_came
    amoswap.w s1, t0, (t1)
    xori    s1, s1, 1

# 1. A load, an addition and a store. If another hart stores in between, its additions are lost.
    la      a0, counters
    li      s0, ADDITIONS
1:
    ld      t0, 0(a0)
    addi    t0, t0, 1
    sd      t0, 0(a0)
    nop
    addi    s0, s0, -1
    bnez    s0, 1b
    call    meet
    la      a0, plainly
    li      a1, 0
    call    tell

# 2. One instruction that does all three. Nothing comes in between.
    la      a0, counters + 8
    li      s0, ADDITIONS
    li      t0, 1
2:
    amoadd.d zero, t0, (a0)
    addi    s0, s0, -1
    bnez    s0, 2b
    call    meet
    la      a0, atomically
    li      a1, 8
    call    tell

# 3. The same as 1, but only while the hart holds a lock.
    li      s0, ADDITIONS
3:
    call    acquire
    la      a0, counters + 16
    ld      t0, 0(a0)
    addi    t0, t0, 1
    sd      t0, 0(a0)
    call    release
    addi    s0, s0, -1
    bnez    s0, 3b
    call    meet
    la      a0, locked
    li      a1, 16
    call    tell

# 4. Each hart sleeps until another interrupts it, says its number, and interrupts the next.
    csrsi   sie, SIE_SSIE           # sstatus.SIE stays 0: the interrupt ends a wfi, but no trap is taken
    beqz    s1, 4f
    la      a0, wakes
    call    print
4:
    call    meet
    li      s0, ROUNDS
    bnez    tp, 5f                  # hart 0 begins
    li      a0, 0
    call    interrupt
5:
    wfi
    csrr    t0, sip
    andi    t0, t0, SIP_SSIP
    beqz    t0, 5b                  # a wfi may end for no reason at all
    csrci   sip, SIP_SSIP           # seen
    li      a0, ' '
    call    print_char
    mv      a0, tp
    call    print_number
    addi    a0, tp, 1
    bne     a0, gp, 6f
    li      a0, 0                   # behind the last comes hart 0
6:
    addi    s0, s0, -1
    bnez    s0, 7f
    beqz    a0, 8f                  # the last hart of the last round wakes nobody
7:
    call    interrupt
    bnez    s0, 5b
8:
    call    meet
    beqz    s1, 9f
    la      a0, newline
    call    print
9:
    ld      s1, 8(sp)
    ld      s0, 16(sp)
    ld      ra, 24(sp)
    addi    sp, sp, 32
    ret

# tell: the first hart prints the string at a0, and of the counter at offset a1 how much it has and should have.
# No hart goes on before that: the next experiment is not to be disturbed.
tell:
    addi    sp, sp, -16
    sd      ra, 8(sp)
    sd      s0, 0(sp)
    beqz    s1, 1f
    mv      s0, a1
    call    print
    la      t0, counters
    add     t0, t0, s0
    ld      a0, 0(t0)
    call    print_number
    la      a0, of
    call    print
    li      t0, ADDITIONS
    mul     a0, gp, t0
    call    print_number
    la      a0, newline
    call    print
1:
    call    meet
    ld      s0, 0(sp)
    ld      ra, 8(sp)
    addi    sp, sp, 16
    ret

    .section .rodata
plainly:
    .asciz "  load, add, store:   "
atomically:
    .asciz "  amoadd:             "
locked:
    .asciz "  inside a lock:      "
of:
    .asciz " of "
wakes:
    .asciz "each wakes the next:"

    .section .bss
    .balign 8
somebody_came:
    .space 8
counters:
    .space 3 * 8
