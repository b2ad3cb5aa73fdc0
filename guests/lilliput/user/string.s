# String: the few functions on strings that programs need.

    .include "user/abi.inc"

    .section .text

# string_equal: a0 = 1 if the strings a0 and a1 are equal, else 0.
    .globl string_equal
string_equal:
    lbu     t0, 0(a0)
    lbu     t1, 0(a1)
    bne     t0, t1, 1f
    addi    a0, a0, 1
    addi    a1, a1, 1
    bnez    t0, string_equal
    li      a0, 1
    ret
1:
    li      a0, 0
    ret

# string_number: a0 = the number that the string a0 begins with, in decimal; 0 if there is none.
    .globl string_number
string_number:
    mv      t0, a0
    li      a0, 0
    li      t2, 10
1:
    lbu     t1, 0(t0)
    addi    t1, t1, -'0'
    bgeu    t1, t2, 2f
    mul     a0, a0, t2
    add     a0, a0, t1
    addi    t0, t0, 1
    j       1b
2:
    ret
