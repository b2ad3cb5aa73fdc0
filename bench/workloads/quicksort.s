# Quicksort: fills an array of ELEMENTS doublewords from a congruential generator and sorts it by Hoare's partition
# around the middle element, the shorter part by recursion. A pass returns the fold of the sorted array: loads and
# compares whose branches nobody predicts, stores, calls.

    .equ LCG_MULTIPLIER, 6364136223846793005
    .equ LCG_INCREMENT, 1442695040888963407

    .section .text
    .globl setup, pass
setup:
    ret

pass:
    addi    sp, sp, -16
    sd      ra, 0(sp)
    la      a0, array
    li      t0, ELEMENTS
    slli    a1, t0, 3
    add     a1, a1, a0              # the end
    li      t1, 1
    li      t2, LCG_MULTIPLIER
    li      t3, LCG_INCREMENT
    mv      t4, a0
1:
    mul     t1, t1, t2
    add     t1, t1, t3
    sd      t1, 0(t4)
    addi    t4, t4, 8
    bne     t4, a1, 1b
    addi    a1, a1, -8
    call    sort
    la      t0, array
    li      t1, ELEMENTS
    li      a0, 0
2:
    ld      t2, 0(t0)
    slli    t3, a0, 5               # fold
    sub     t3, t3, a0
    add     a0, t3, t2
    addi    t0, t0, 8
    addi    t1, t1, -1
    bnez    t1, 2b
    ld      ra, 0(sp)
    addi    sp, sp, 16
    ret

sort:                               # from a0 up to and with a1
    bgeu    a0, a1, 9f
    sub     t0, a1, a0
    srli    t0, t0, 4
    slli    t0, t0, 3
    add     t0, t0, a0
    ld      t0, 0(t0)               # the middle element
    mv      t1, a0
    mv      t2, a1
1:
    ld      t3, 0(t1)
    bge     t3, t0, 2f
    addi    t1, t1, 8
    j       1b
2:
    ld      t4, 0(t2)
    ble     t4, t0, 3f
    addi    t2, t2, -8
    j       2b
3:
    bgtu    t1, t2, 4f
    sd      t4, 0(t1)
    sd      t3, 0(t2)
    addi    t1, t1, 8
    addi    t2, t2, -8
    bleu    t1, t2, 1b
4:                                  # a0 .. t2 and t1 .. a1 are left: the shorter by a call, the longer by a loop
    addi    sp, sp, -32
    sd      ra, 0(sp)
    sub     t3, t2, a0
    sub     t4, a1, t1
    bgt     t3, t4, 5f
    sd      t1, 8(sp)
    sd      a1, 16(sp)
    mv      a1, t2
    j       6f
5:
    sd      a0, 8(sp)
    sd      t2, 16(sp)
    mv      a0, t1
6:
    call    sort
    ld      ra, 0(sp)
    ld      a0, 8(sp)
    ld      a1, 16(sp)
    addi    sp, sp, 32
    j       sort
9:
    ret

    .section .bss
    .balign 4096
array:
    .space ELEMENTS * 8
