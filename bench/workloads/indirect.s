# Indirect: CALLS calls of small functions through a table, as methods are called. The order repeats after 64, which a
# host's branch predictor can learn, as it can of most programs. A pass returns what the functions made of one word.

    .equ ORDER_MULTIPLIER, 5        # call i is of function (i * 5 + i / 8) mod 8
    .equ ADDEND, 77

    .section .text
    .globl setup, pass
setup:
    la      s2, functions
    la      s3, order
    la      t0, add_one
    sd      t0, 0(s2)
    la      t0, triple
    sd      t0, 8(s2)
    la      t0, mix
    sd      t0, 16(s2)
    la      t0, invert
    sd      t0, 24(s2)
    la      t0, add_some
    sd      t0, 32(s2)
    la      t0, rotate
    sd      t0, 40(s2)
    la      t0, low_word
    sd      t0, 48(s2)
    la      t0, larger
    sd      t0, 56(s2)
    li      t0, 0
    li      t1, 64
    mv      t2, s3
1:
    slli    t3, t0, 2
    add     t3, t3, t0
    srli    t4, t0, 3
    add     t3, t3, t4
    andi    t3, t3, 7
    sb      t3, 0(t2)
    addi    t2, t2, 1
    addi    t0, t0, 1
    bne     t0, t1, 1b
    ret

pass:
    addi    sp, sp, -32
    sd      ra, 0(sp)
    sd      s4, 8(sp)
    sd      s5, 16(sp)
    li      a0, 1
    li      s4, 0
    li      s5, CALLS
1:
    andi    t0, s4, 63
    add     t0, t0, s3
    lbu     t0, 0(t0)
    slli    t0, t0, 3
    add     t0, t0, s2
    ld      t0, 0(t0)
    jalr    t0
    addi    s4, s4, 1
    bne     s4, s5, 1b
    ld      ra, 0(sp)
    ld      s4, 8(sp)
    ld      s5, 16(sp)
    addi    sp, sp, 32
    ret

add_one:
    addi    a0, a0, 1
    ret
triple:
    slli    t0, a0, 1
    add     a0, a0, t0
    ret
mix:
    srli    t0, a0, 7
    xor     a0, a0, t0
    ret
invert:
    not     a0, a0
    ret
add_some:
    addi    a0, a0, ADDEND
    ret
rotate:
    slli    t0, a0, 13
    srli    t1, a0, 51
    or      a0, t0, t1
    ret
low_word:                           # the sign of the low half, added
    sext.w  t0, a0
    add     a0, a0, t0
    ret
larger:
    li      t0, ADDEND
    bgeu    a0, t0, 1f
    mv      a0, t0
1:
    ret

    .section .bss
    .balign 4096
functions:
    .space 8 * 8
order:
    .space 64
