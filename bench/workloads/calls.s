# Calls: a program calls its kernel CALLS times in a pass. The kernel does no more than it must: it takes a stack, saves
# two registers, looks at the cause, serves, steps over the ecall and returns. Call n is answered with 2 n + 7.

    .include "kernel.inc"

    .section .text
    .globl kernel_setup, trap
kernel_setup:
    ret

    .balign 4
trap:
    swap_csr sp, scratch
    sd      t0, -8(sp)
    sd      t1, -16(sp)
    read_csr t0, cause
    li      t1, CAUSE_ECALL_U
    bne     t0, t1, 1f
    beqz    a7, 2f
    slli    a0, a0, 1
    addi    a0, a0, 7
    read_csr t0, epc
    addi    t0, t0, 4
    write_csr epc, t0
    ld      t0, -8(sp)
    ld      t1, -16(sp)
    swap_csr sp, scratch
    return_from_trap
1:
    mv      a0, t0
    j       unexpected
2:
    j       finish

    .section .user, "ax"
    .globl setup, pass
setup:
    ret

pass:
    li      a1, CALLS
    li      a2, 0
    li      a7, 1
1:
    mv      a0, a1
    ecall
    slli    t0, a2, 5               # fold
    sub     t0, t0, a2
    add     a2, t0, a0
    addi    a1, a1, -1
    bnez    a1, 1b
    mv      a0, a2
    ret
