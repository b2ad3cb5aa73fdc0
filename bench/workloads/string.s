# String: text of LENGTH letters and spaces, byte by byte: its length, a copy in capitals, the number of its words, a
# comparison of the two texts that knows no case, and how often its last three letters occur in it. A pass returns the
# fold of the five.

    .equ LCG_MULTIPLIER, 1103515245
    .equ LCG_INCREMENT, 12345
    .equ LCG_SHIFT, 16              # the low bits of such a generator are poor
    .equ LETTERS, 26
    .equ CASE, 'a' - 'A'

    .section .text
    .globl setup, pass
setup:                              # byte i: a space where the generator's value is a multiple of 6, else a letter
    la      s2, text
    la      s3, capitals
    mv      t0, s2
    li      t1, LENGTH
    li      t2, 1
    li      t3, LCG_MULTIPLIER
    li      t4, LCG_INCREMENT
1:
    mulw    t2, t2, t3
    addw    t2, t2, t4
    srliw   t5, t2, LCG_SHIFT
    li      t6, 6
    remu    a0, t5, t6
    li      a1, ' '
    beqz    a0, 2f
    li      t6, LETTERS
    remu    a1, t5, t6
    addi    a1, a1, 'a'
2:
    sb      a1, 0(t0)
    addi    t0, t0, 1
    addi    t1, t1, -1
    bnez    t1, 1b
    sb      zero, 0(t0)
    ret

    .macro fold register
    slli    t6, a0, 5
    sub     t6, t6, a0
    add     a0, t6, \register
    .endm

pass:
    li      a0, 0

    mv      t0, s2                  # length
1:
    lbu     t1, 0(t0)
    addi    t0, t0, 1
    bnez    t1, 1b
    addi    a7, t0, -1              # where the text ends
    sub     t1, a7, s2
    fold    t1

    mv      t0, s2                  # capitals; returned is the sum of the bytes
    mv      t1, s3
    li      t2, 0
    li      t3, 'a'
1:
    lbu     t4, 0(t0)
    bltu    t4, t3, 2f
    addi    t4, t4, -CASE
2:
    sb      t4, 0(t1)
    add     t2, t2, t4
    addi    t0, t0, 1
    addi    t1, t1, 1
    bnez    t4, 1b
    fold    t2

    mv      t0, s2                  # words
    li      t2, 0
    li      t3, ' '
    li      t5, ' '                 # the byte before
1:
    lbu     t4, 0(t0)
    addi    t0, t0, 1
    beqz    t4, 3f
    beq     t4, t3, 2f
    bne     t5, t3, 2f
    addi    t2, t2, 1
2:
    mv      t5, t4
    j       1b
3:
    fold    t2

    mv      t0, s2                  # how many bytes of the two agree but for their case
    mv      t1, s3
    li      t2, 0
1:
    lbu     t3, 0(t0)
    lbu     t4, 0(t1)
    ori     t3, t3, CASE
    ori     t5, t4, CASE
    bne     t3, t5, 2f
    addi    t0, t0, 1
    addi    t1, t1, 1
    addi    t2, t2, 1
    bnez    t4, 1b
2:
    fold    t2

    mv      t0, s2                  # occurrences of the last three bytes
    addi    a1, a7, -3
    li      t2, 0
1:
    lbu     t3, 0(t0)
    lbu     t4, 0(a1)
    bne     t3, t4, 2f
    lbu     t3, 1(t0)
    lbu     t4, 1(a1)
    bne     t3, t4, 2f
    lbu     t3, 2(t0)
    lbu     t4, 2(a1)
    bne     t3, t4, 2f
    addi    t2, t2, 1
2:
    addi    t0, t0, 1
    bleu    t0, a1, 1b
    fold    t2
    ret

    .section .bss
    .balign 4096
text:
    .space LENGTH + 1
    .balign 64
capitals:
    .space LENGTH + 1
