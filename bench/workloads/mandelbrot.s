# Mandelbrot: how often z becomes z * z + c before it is farther than 2 from 0, or LIMIT times, for SIZE x SIZE points c
# of [-2, 1] x [-1.5, 1.5], in double precision: multiplications, additions and comparisons that depend on one another.
# A pass returns the fold of the counts, row by row.

    .equ LIMIT, 64

    .section .text
    .globl setup, pass
setup:
    la      t0, step
    li      t1, SIZE
    fcvt.d.l ft0, t1
    li      t1, 3
    fcvt.d.l ft1, t1
    fdiv.d  ft0, ft1, ft0
    fsd     ft0, 0(t0)
    ret

pass:
    li      a0, 0
    fld     fs0, step, t0
    fld     fs1, four, t0
    fld     fs2, left, t0
    fld     fa1, bottom, t0         # c's imaginary part
    li      a1, SIZE
1:
    fmv.d   fa0, fs2                # c's real part
    li      a2, SIZE
2:
    fmv.d.x ft0, zero               # z
    fmv.d.x ft1, zero
    li      t0, LIMIT
3:
    fmul.d  ft2, ft0, ft0
    fmul.d  ft3, ft1, ft1
    fadd.d  ft4, ft2, ft3
    flt.d   t1, fs1, ft4
    bnez    t1, 4f
    fmul.d  ft5, ft0, ft1
    fadd.d  ft5, ft5, ft5
    fadd.d  ft1, ft5, fa1
    fsub.d  ft2, ft2, ft3
    fadd.d  ft0, ft2, fa0
    addi    t0, t0, -1
    bnez    t0, 3b
4:
    slli    t1, a0, 5               # fold
    sub     t1, t1, a0
    add     a0, t1, t0
    fadd.d  fa0, fa0, fs0
    addi    a2, a2, -1
    bnez    a2, 2b
    fadd.d  fa1, fa1, fs0
    addi    a1, a1, -1
    bnez    a1, 1b
    ret

    .section .rodata
    .balign 8
four:
    .double 4
left:
    .double -2
bottom:
    .double -1.5

    .section .bss
    .balign 8
step:
    .space 8
