# Dot: the sum of products of two vectors of SIZE numbers in double precision, each product and sum rounded once, which
# hosts without such an instruction must make up for. A pass returns the sum's bits.

    .section .text
    .globl setup, pass
setup:                              # element k is 1 / (k + 1), and the square root of k + 1
    la      t0, left
    la      t1, right
    li      t2, 1
    li      t3, SIZE
    fcvt.d.l ft2, t2
1:
    fcvt.d.l ft0, t2
    fdiv.d  ft1, ft2, ft0
    fsd     ft1, 0(t0)
    fsqrt.d ft1, ft0
    fsd     ft1, 0(t1)
    addi    t0, t0, 8
    addi    t1, t1, 8
    addi    t2, t2, 1
    ble     t2, t3, 1b
    ret

pass:
    la      t0, left
    la      t1, right
    li      t2, SIZE
    fmv.d.x fa0, zero
1:
    fld     ft0, 0(t0)
    fld     ft1, 0(t1)
    fmadd.d fa0, ft0, ft1, fa0
    addi    t0, t0, 8
    addi    t1, t1, 8
    addi    t2, t2, -1
    bnez    t2, 1b
    fmv.x.d a0, fa0
    ret

    .section .bss
    .balign 64
left:
    .space SIZE * 8
right:
    .space SIZE * 8
