# Fork: a family. Each process forks one child and waits for it, and the child does the same, until the last generation.

    .include "user/abi.inc"

    .equ LAST_GENERATION, 3

    .section .text
    .globl main_fork
main_fork:
    addi    sp, sp, -16             # room for a status
    li      s1, 0                   # our generation
1:
    call    getpid
    mv      s2, a0
    la      a0, fork_born
    mv      a1, s2
    mv      a2, s1
    call    printf
    li      t0, LAST_GENERATION
    beq     s1, t0, 3f
    call    fork                    # called once, it returns twice:
    bnez    a0, 2f
    addi    s1, s1, 1               #   with 0, in the child
    j       1b
2:
    mv      s3, a0                  #   with the child's pid, in the parent
    mv      a0, sp
    call    wait
    la      a0, fork_ended
    mv      a1, s2
    mv      a2, s3
    ld      a3, 0(sp)
    call    printf
3:
    mv      a0, s1
    call    exit

fork_born:
    .asciz "fork: I am process %d, generation %d\n"
fork_ended:
    .asciz "fork: I am process %d, my child %d has ended with status %d\n"
