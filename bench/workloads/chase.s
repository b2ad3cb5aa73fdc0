# Chase: follows pointers from node to node, LINKS in a pass: each load waits for the one before. NODES, a power of two,
# lie 64 bytes apart, a cache line each, in one cycle through all of them in a scattered order: node i points to node
# (i * MULTIPLIER + INCREMENT) mod NODES (Hull and Dobell say why that is one cycle). A pass returns how far in it is.

    .equ LINE_SHIFT, 6
    .equ MULTIPLIER, 1664525
    .equ INCREMENT, 1013904223

    .section .text
    .globl setup, pass
setup:
    la      t0, nodes
    mv      s2, t0                  # where the chase is
    mv      s3, t0
    li      t1, 0
    li      t2, NODES
    li      t3, INCREMENT
    li      t4, MULTIPLIER
    addi    t5, t2, -1
    mv      a0, t3                  # i * MULTIPLIER + INCREMENT
1:
    and     a1, a0, t5
    slli    a1, a1, LINE_SHIFT
    add     a1, a1, s3
    sd      a1, 0(t0)
    add     a0, a0, t4
    addi    t0, t0, 1 << LINE_SHIFT
    addi    t1, t1, 1
    bne     t1, t2, 1b
    ret

pass:
    mv      a0, s2
    li      t0, LINKS / 4
1:
    ld      a0, 0(a0)
    ld      a0, 0(a0)
    ld      a0, 0(a0)
    ld      a0, 0(a0)
    addi    t0, t0, -1
    bnez    t0, 1b
    mv      s2, a0
    sub     a0, a0, s3
    srli    a0, a0, LINE_SHIFT
    ret

    .section .bss
    .balign 4096
nodes:
    .space NODES << LINE_SHIFT
