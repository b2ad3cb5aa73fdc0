# Sieve: of Eratosthenes, a byte for each number below LIMIT. A pass marks all, strikes the multiples of each prime from
# its square on, and returns how many are left: loops of byte stores with a growing stride, and a branch that is hard to
# predict.

    .section .text
    .globl setup, pass
setup:
    ret

pass:
    la      a1, flags
    li      a2, LIMIT
    add     a3, a1, a2              # the end
    li      t0, 0x0101010101010101
    mv      t1, a1
1:
    sd      t0, 0(t1)
    addi    t1, t1, 8
    bltu    t1, a3, 1b
    sb      zero, 0(a1)
    sb      zero, 1(a1)
    li      t0, 2
2:
    mul     t1, t0, t0
    bgeu    t1, a2, 4f
    add     t2, a1, t0
    lbu     t3, 0(t2)
    addi    t4, t0, 1
    beqz    t3, 5f
    add     t1, t1, a1
3:
    sb      zero, 0(t1)
    add     t1, t1, t0
    bltu    t1, a3, 3b
5:
    mv      t0, t4
    j       2b
4:
    li      a0, 0
    mv      t1, a1
6:
    lbu     t2, 0(t1)
    addi    t1, t1, 1
    add     a0, a0, t2
    bltu    t1, a3, 6b
    ret

    .section .bss
    .balign 4096
flags:
    .space LIMIT
