# Recursion: the Fibonacci number of DEPTH by its definition, and Ackermann's function of 2 and ACKERMANN: calls, returns
# and a stack, and next to no work between. A pass returns their sum.

    .section .text
    .globl setup, pass
setup:
    ret

pass:
    addi    sp, sp, -16
    sd      ra, 0(sp)
    li      a0, DEPTH
    call    fibonacci
    sd      a0, 8(sp)
    li      a0, 2
    li      a1, ACKERMANN
    call    ackermann
    ld      t0, 8(sp)
    add     a0, a0, t0
    ld      ra, 0(sp)
    addi    sp, sp, 16
    ret

fibonacci:
    li      t0, 2
    bltu    a0, t0, 1f
    addi    sp, sp, -32
    sd      ra, 24(sp)
    sd      s2, 16(sp)
    sd      s3, 8(sp)
    mv      s2, a0
    addi    a0, a0, -1
    call    fibonacci
    mv      s3, a0
    addi    a0, s2, -2
    call    fibonacci
    add     a0, a0, s3
    ld      ra, 24(sp)
    ld      s2, 16(sp)
    ld      s3, 8(sp)
    addi    sp, sp, 32
1:
    ret

ackermann:
    bnez    a0, 1f
    addi    a0, a1, 1
    ret
1:
    bnez    a1, 2f
    addi    a0, a0, -1
    li      a1, 1
    j       ackermann
2:
    addi    sp, sp, -16
    sd      ra, 8(sp)
    sd      a0, 0(sp)
    addi    a1, a1, -1
    call    ackermann
    mv      a1, a0
    ld      a0, 0(sp)
    ld      ra, 8(sp)
    addi    sp, sp, 16
    addi    a0, a0, -1
    j       ackermann
