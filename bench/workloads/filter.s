# Filter: a signal of SIZE numbers in single precision through TAPS weights: loads, and fused multiplications and
# additions that depend on one another. All numbers are small integers, so every sum is exact and no flag is ever raised.
# A pass returns the fold of the sums, as integers.

    .equ TAPS, 16

    .section .text
    .globl setup, pass
setup:                              # element k of the signal is k * k mod 64 - 31; weight k is k - 5
    la      t0, signal
    li      t1, 0
    li      t2, SIZE + TAPS
1:
    mul     t3, t1, t1
    andi    t3, t3, 63
    addi    t3, t3, -31
    fcvt.s.l ft0, t3
    fsw     ft0, 0(t0)
    addi    t0, t0, 4
    addi    t1, t1, 1
    bne     t1, t2, 1b
    la      t0, weights
    li      t1, -5
    li      t2, TAPS - 5
2:
    fcvt.s.l ft0, t1
    fsw     ft0, 0(t0)
    addi    t0, t0, 4
    addi    t1, t1, 1
    bne     t1, t2, 2b
    ret

pass:
    li      a0, 0
    la      a1, signal
    li      a2, SIZE
1:
    la      t0, weights
    mv      t1, a1
    li      t2, TAPS
    fmv.w.x fa0, zero
2:
    flw     ft0, 0(t0)
    flw     ft1, 0(t1)
    fmadd.s fa0, ft0, ft1, fa0
    addi    t0, t0, 4
    addi    t1, t1, 4
    addi    t2, t2, -1
    bnez    t2, 2b
    fcvt.l.s t3, fa0, rtz
    slli    t4, a0, 5               # fold
    sub     t4, t4, a0
    add     a0, t4, t3
    addi    a1, a1, 4
    addi    a2, a2, -1
    bnez    a2, 1b
    ret

    .section .bss
    .balign 64
signal:
    .space (SIZE + TAPS) * 4
weights:
    .space TAPS * 4
