# Bodies: SIZE masses that attract one another, in double precision: differences, a square root and a division for each
# pair, STEPS times, from the same places each pass. A pass returns the fold of the bits of where they end.

    .equ STEPS, 20
    .equ BODY_BYTES, 48             # place and velocity, three coordinates each

    .section .text
    .globl setup, pass
setup:
    ret

pass:
    fld     fs0, interval, t0
    fld     fs1, softening, t0
    li      t0, SIZE                # body k is at (k, k * k / 2, -3 * k), at rest
    la      t1, bodies
    li      t2, 0
    fld     ft3, half, t3
1:
    fcvt.d.l ft0, t2
    fsd     ft0, 0(t1)
    fmul.d  ft1, ft0, ft0
    fmul.d  ft1, ft1, ft3
    fsd     ft1, 8(t1)
    li      t3, -3
    fcvt.d.l ft2, t3
    fmul.d  ft2, ft2, ft0
    fsd     ft2, 16(t1)
    sd      zero, 24(t1)
    sd      zero, 32(t1)
    sd      zero, 40(t1)
    addi    t1, t1, BODY_BYTES
    addi    t2, t2, 1
    bne     t2, t0, 1b
    li      a7, STEPS

2:
    la      a1, bodies              # each body
    li      a2, SIZE
3:
    addi    a3, a1, BODY_BYTES      # and each behind it
    addi    a4, a2, -1
    beqz    a4, 5f
    fld     fa0, 0(a1)
    fld     fa1, 8(a1)
    fld     fa2, 16(a1)
    fld     fa3, 24(a1)
    fld     fa4, 32(a1)
    fld     fa5, 40(a1)
4:
    fld     ft0, 0(a3)
    fld     ft1, 8(a3)
    fld     ft2, 16(a3)
    fsub.d  ft0, ft0, fa0
    fsub.d  ft1, ft1, fa1
    fsub.d  ft2, ft2, fa2
    fmul.d  ft3, ft0, ft0           # the distance, squared
    fmul.d  ft4, ft1, ft1
    fadd.d  ft3, ft3, ft4
    fmul.d  ft4, ft2, ft2
    fadd.d  ft3, ft3, ft4
    fadd.d  ft3, ft3, fs1
    fsqrt.d ft4, ft3
    fmul.d  ft3, ft3, ft4
    fdiv.d  ft3, fs0, ft3
    fmul.d  ft0, ft0, ft3
    fmul.d  ft1, ft1, ft3
    fmul.d  ft2, ft2, ft3
    fadd.d  fa3, fa3, ft0
    fadd.d  fa4, fa4, ft1
    fadd.d  fa5, fa5, ft2
    fld     ft5, 24(a3)
    fld     ft6, 32(a3)
    fld     ft7, 40(a3)
    fsub.d  ft5, ft5, ft0
    fsub.d  ft6, ft6, ft1
    fsub.d  ft7, ft7, ft2
    fsd     ft5, 24(a3)
    fsd     ft6, 32(a3)
    fsd     ft7, 40(a3)
    addi    a3, a3, BODY_BYTES
    addi    a4, a4, -1
    bnez    a4, 4b
    fsd     fa3, 24(a1)
    fsd     fa4, 32(a1)
    fsd     fa5, 40(a1)
5:
    addi    a1, a1, BODY_BYTES
    addi    a2, a2, -1
    bnez    a2, 3b

    la      a1, bodies              # all have moved
    li      a2, 3 * SIZE
    li      a3, 0
6:
    fld     ft0, 0(a1)
    fld     ft1, 24(a1)
    fmul.d  ft1, ft1, fs0
    fadd.d  ft0, ft0, ft1
    fsd     ft0, 0(a1)
    addi    a1, a1, 8
    addi    a3, a3, 1
    li      t0, 3
    bne     a3, t0, 7f
    li      a3, 0
    addi    a1, a1, 24
7:
    addi    a2, a2, -1
    bnez    a2, 6b
    addi    a7, a7, -1
    bnez    a7, 2b

    la      a1, bodies
    li      a2, SIZE
    li      a0, 0
8:
    .irp    coordinate, 0, 8, 16
    ld      t1, \coordinate(a1)
    slli    t2, a0, 5               # fold
    sub     t2, t2, a0
    add     a0, t2, t1
    .endr
    addi    a1, a1, BODY_BYTES
    addi    a2, a2, -1
    bnez    a2, 8b
    ret

    .section .rodata
    .balign 8
interval:
    .double 0.01
softening:
    .double 0.125
half:
    .double 0.5

    .section .bss
    .balign 64
bodies:
    .space SIZE * BODY_BYTES
