# Crew: several harts at work on the same memory. One hart starts, by the SBI's rule; it counts the others, starts them
# by HSM (hart state management), and works with them through four experiments, which are in work.s.
# tp holds a hart's number and gp the number of harts, in every hart, all the time.
# Left out on purpose: traps (there is one handler, which gives up) and address spaces; ticks and lilliput have those.

    .include "constants.inc"

    .section .text
    .globl _start
_start:                             # the first hart: S-mode, a0 = its number, which need not be 0
    mv      tp, a0
    call    prepare
    li      gp, 0                   # harts are numbered from 0 here: count until the SBI knows no more
1:
    mv      a0, gp
    call    hart_status
    bnez    a0, 2f
    addi    gp, gp, 1
    li      t0, MOST_HARTS
    bne     gp, t0, 1b
2:
    la      a0, crew_of
    call    print
    mv      a0, gp
    call    print_number
    la      a0, each_adds
    call    print
    li      a0, ADDITIONS
    call    print_number
    la      a0, newline
    call    print

    li      s0, 0                   # start all the others
3:
    beq     s0, gp, 5f
    beq     s0, tp, 4f
    mv      a0, s0
    la      a1, other
    mv      a2, gp
    call    hart_start
    bnez    a0, give_up
4:
    addi    s0, s0, 1
    j       3b
5:
    call    work

    li      s0, 0                   # each of the others stops itself: wait until it has
6:
    beq     s0, gp, 8f
    beq     s0, tp, 7f
    mv      a0, s0
    call    hart_status
    li      t0, HSM_STOPPED
    bne     a1, t0, 6b
7:
    addi    s0, s0, 1
    j       6b
8:
    la      a0, bye
    call    print
    li      a1, SRST_NO_REASON
    j       shutdown

# other: where the SBI starts every other hart: S-mode, a0 = its number, a1 = what the first hart gave it.
other:
    mv      tp, a0
    mv      gp, a1
    call    prepare
    call    work
    call    hart_stop

# give_up: whatever is wrong here, nobody expects it.
    .balign 4
give_up:
    la      a0, surprise
    call    print
    li      a1, SRST_SYSTEM_FAILURE
    j       shutdown

# prepare: gives the hart a stack of its own, and a trap handler. Returns without a stack having been there.
prepare:
    la      t0, give_up
    csrw    stvec, t0
    la      sp, stacks
    addi    t0, tp, 1
    li      t1, STACK_BYTES
    mul     t0, t0, t1
    add     sp, sp, t0              # a stack grows down: it starts at its end
    ret

    .section .rodata
crew_of:
    .asciz "crew: harts: "
each_adds:
    .asciz ", additions of each: "
bye:
    .asciz "crew: all others have stopped\n"
surprise:
    .asciz "crew: something is wrong\n"
    .globl newline
newline:
    .asciz "\n"

    .section .bss
    .balign 16
stacks:
    .space MOST_HARTS * STACK_BYTES
