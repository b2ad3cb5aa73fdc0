# Turns: two processes that give the hart away after each line, by yield.

    .include "user/abi.inc"

    .equ TURNS, 3

    .section .text
    .globl main_turns
main_turns:
    enter
    call    fork
    mv      s1, a0                  # 0 in the child
    li      s2, 0
1:
    la      a0, turns_child
    beqz    s1, 2f
    la      a0, turns_parent
2:
    addi    s2, s2, 1
    mv      a1, s2
    call    printf
    call    yield
    li      t0, TURNS
    bne     s2, t0, 1b
    beqz    s1, 3f
    li      a0, 0
    call    wait
3:
    leave

turns_parent:
    .asciz "turns: parent %d\n"
turns_child:
    .asciz "turns:           child %d\n"
