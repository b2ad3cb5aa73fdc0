# Spin: three children count, and none gives the hart away. The one with the most work starts first; did it not end
# first, then the timer has taken the hart away from it.

    .include "user/abi.inc"

    .equ SPIN_CHILDREN, 3
    .equ SPIN_UNIT, 75000           # rounds of two instructions: some slices of our machine

    .section .text
    .globl main_spin
main_spin:
    enter
    li      s1, SPIN_CHILDREN       # the work of the next child, in units
1:
    call    fork
    bnez    a0, 3f
    li      t0, SPIN_UNIT
    mul     t0, t0, s1
2:
    addi    t0, t0, -1
    bnez    t0, 2b
    call    getpid
    mv      a1, a0
    la      a0, spin_done
    mv      a2, s1
    call    printf
    li      a0, 0
    call    exit
3:
    addi    s1, s1, -1
    bnez    s1, 1b
    li      s1, SPIN_CHILDREN
4:
    li      a0, 0
    call    wait
    addi    s1, s1, -1
    bnez    s1, 4b
    la      a0, spin_end
    call    puts
    leave

spin_done:
    .asciz "spin: process %d has done its %d units\n"
spin_end:
    .asciz "spin: none of them gave the hart away, and yet they took turns\n"
