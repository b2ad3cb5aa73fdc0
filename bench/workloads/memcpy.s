# Memcpy: copies a buffer of BYTES, four doublewords at a time, as a C library does where both ends are aligned. Each
# pass first changes the buffer's first doubleword, so that no copy is like the one before, and returns it and one
# doubleword of the copy, another in each pass.

    .equ STEP, 8 * 37               # from one doubleword looked at to the next; odd in doublewords, so all come up

    .section .text
    .globl setup, pass
setup:                              # doubleword i is i * i + 1
    la      t0, source
    li      t1, 0
    li      t2, BYTES / 8
1:
    mul     t3, t1, t1
    addi    t3, t3, 1
    sd      t3, 0(t0)
    addi    t0, t0, 8
    addi    t1, t1, 1
    bne     t1, t2, 1b
    la      s2, source
    la      s3, copy
    li      s4, 0                   # offset of the doubleword to look at
    ret

pass:
    ld      t0, 0(s2)
    addi    t0, t0, 3
    sd      t0, 0(s2)
    mv      a0, s3
    mv      a1, s2
    li      a2, BYTES
    add     a3, a1, a2
1:
    ld      t0, 0(a1)
    ld      t1, 8(a1)
    ld      t2, 16(a1)
    ld      t3, 24(a1)
    sd      t0, 0(a0)
    sd      t1, 8(a0)
    sd      t2, 16(a0)
    sd      t3, 24(a0)
    addi    a1, a1, 32
    addi    a0, a0, 32
    bne     a1, a3, 1b
    add     t0, s3, s4
    ld      a0, 0(t0)
    ld      t0, 0(s3)
    add     a0, a0, t0
    addi    s4, s4, STEP
    li      t0, BYTES - 1           # BYTES is a power of two
    and     s4, s4, t0
    ret

    .section .bss
    .balign 4096
source:
    .space BYTES
copy:
    .space BYTES
