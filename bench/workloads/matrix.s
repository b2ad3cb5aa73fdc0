# Matrix: the product of two square matrices of SIZE rows of 64-bit integers, row by column, as it is written in a
# textbook: an inner loop of two loads, one with a stride of a row, a multiplication and an addition. A pass returns the
# fold of the product's elements.

    .equ ROW_BYTES, SIZE * 8

    .section .text
    .globl setup, pass
setup:                              # element k of the left is k * k + 3 * k + 1, of the right 7 * k - 5
    la      t0, left
    la      t1, right
    li      t2, 0
    li      t3, SIZE * SIZE
1:
    addi    t4, t2, 3
    mul     t4, t4, t2
    addi    t4, t4, 1
    sd      t4, 0(t0)
    slli    t4, t2, 3
    sub     t4, t4, t2
    addi    t4, t4, -5
    sd      t4, 0(t1)
    addi    t0, t0, 8
    addi    t1, t1, 8
    addi    t2, t2, 1
    bne     t2, t3, 1b
    ret

pass:
    li      a0, 0
    la      a1, left                # the row of the left
    la      a2, product
    li      a3, SIZE
1:
    la      a4, right               # the column of the right
    li      a5, SIZE
2:
    mv      t0, a1
    mv      t1, a4
    li      t2, 0
    addi    t5, a1, ROW_BYTES
3:
    ld      t3, 0(t0)
    ld      t4, 0(t1)
    addi    t0, t0, 8
    addi    t1, t1, ROW_BYTES
    mul     t3, t3, t4
    add     t2, t2, t3
    bne     t0, t5, 3b
    sd      t2, 0(a2)
    slli    t3, a0, 5               # fold
    sub     t3, t3, a0
    add     a0, t3, t2
    addi    a2, a2, 8
    addi    a4, a4, 8
    addi    a5, a5, -1
    bnez    a5, 2b
    addi    a1, a1, ROW_BYTES
    addi    a3, a3, -1
    bnez    a3, 1b
    ret

    .section .bss
    .balign 4096
left:
    .space SIZE * ROW_BYTES
right:
    .space SIZE * ROW_BYTES
product:
    .space SIZE * ROW_BYTES
