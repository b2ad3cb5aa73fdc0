# Interrupts: timer interrupts as densely as they can come. A pass asks its kernel for INTERRUPTS of them and waits in a
# loop. The timer is set to a time that is past, so it interrupts as soon as the program runs again; the handler saves two
# registers, counts, sets it again and returns, and after the last one unsets it and tells the program the count so far.
# The S-mode kernel has a timer of its own (Sstc), the M-mode one that of the CLINT. Counted is work, not time: a step is
# 1 ns of the guest's time on Trapeze, and QEMU's is the host's; the interrupts are the same number on both.

    .include "kernel.inc"

    .if PAGING
    .equ INTERRUPT, INTERRUPT_STI
    .macro set_timer value
    csrw    stimecmp, \value
    .endm
    .else
    .equ INTERRUPT, INTERRUPT_MTI
    .macro set_timer value
    li      t1, MTIMECMP
    sd      \value, 0(t1)
    .endm
    .endif

    .section .text
    .globl kernel_setup, trap
kernel_setup:
    li      t0, -1
    set_timer t0
    li      t0, INTERRUPT
    write_csr ie, t0
    ret

    .balign 4
trap:
    swap_csr sp, scratch
    sd      t0, -8(sp)
    sd      t1, -16(sp)
    read_csr t0, cause
    bgez    t0, 2f
    la      t1, left
    ld      t0, 0(t1)
    addi    t0, t0, -1
    sd      t0, 0(t1)
    beqz    t0, 1f
    set_timer zero
    j       4f
1:                                  # the last one
    li      t0, -1
    set_timer t0
    la      t1, total
    ld      a0, 0(t1)
    addi    a0, a0, INTERRUPTS
    sd      a0, 0(t1)
    j       4f
2:
    li      t1, CAUSE_ECALL_U
    bne     t0, t1, 3f
    beqz    a7, 5f
    la      t1, left
    sd      a0, 0(t1)
    set_timer zero
    li      a0, 0
    read_csr t0, epc
    addi    t0, t0, 4
    write_csr epc, t0
4:
    ld      t0, -8(sp)
    ld      t1, -16(sp)
    swap_csr sp, scratch
    return_from_trap
3:
    mv      a0, t0
    j       unexpected
5:
    j       finish

    .section .user, "ax"
    .globl setup, pass
setup:
    ret

pass:
    li      a0, INTERRUPTS
    li      a7, 1
    ecall
1:
    beqz    a0, 1b
    ret

    .section .bss
    .balign 8
left:
    .space 8
total:
    .space 8
