# Switches: two programs in address spaces of their own yield to each other, 2 * YIELDS switches in a pass. A switch is
# what a kernel does that has no kernel page table of its own: all 31 registers saved, satp written, a fence of all, the
# other's 31 registers loaded. Both programs count, each in its own page at the same virtual address; a pass returns the
# first one's count, and at the end the kernel adds the second's.

    .include "kernel.inc"

    .equ F_PC, 0                    # the word of x0, which need not be saved
    .equ F_A0, 8 * 10
    .equ F_SATP, 8 * 32
    .equ F_OTHER, 8 * 33
    .equ FRAME_BYTES, 8 * 34

# each_register: loads or stores all registers but x0 and a0 (x10), which says where.
    .macro  each_register instruction
    .irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15
    \instruction x\n, 8 * \n(a0)
    .endr
    .irp n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    \instruction x\n, 8 * \n(a0)
    .endr
    .endm

    .section .text
    .globl kernel_setup, trap
kernel_setup:
    mv      s2, ra
    la      s3, first_frame
    la      s4, second_frame
    sd      s4, F_OTHER(s3)
    sd      s3, F_OTHER(s4)
    csrr    t0, satp
    sd      t0, F_SATP(s3)
    la      t1, user_leaves         # a page of data for the first program,
    la      t2, first_count
    make_pte t0, t2, PTE_RW | PTE_U
    sd      t0, (USER_DATA - USER) / PAGE_BYTES * PTE_BYTES(t1)
    la      a0, second_root         #   and a whole space for the second
    la      a1, second_middle
    la      a2, second_leaves
    call    make_space
    sd      a0, F_SATP(s4)
    la      t2, second_count
    make_pte t0, t2, PTE_RW | PTE_U
    sd      t0, (USER_DATA - USER) / PAGE_BYTES * PTE_BYTES(a2)
    la      t0, second_program
    la      t1, program
    sub     t0, t0, t1
    li      t1, USER
    add     t0, t0, t1
    sd      t0, F_PC(s4)
    sfence.vma
    la      t0, running
    sd      s3, 0(t0)
    jr      s2

    .balign 4
trap:
    csrw    sscratch, a0
    la      a0, running
    ld      a0, 0(a0)
    each_register sd
    csrr    t0, sscratch
    sd      t0, F_A0(a0)
    csrr    t1, scause
    li      t2, CAUSE_ECALL_U
    bne     t1, t2, 1f
    beqz    a7, 2f
    csrr    t0, sepc
    addi    t0, t0, 4
    sd      t0, F_PC(a0)

    ld      a0, F_OTHER(a0)
    la      t0, running
    sd      a0, 0(t0)
    ld      t0, F_SATP(a0)
    csrw    satp, t0
    sfence.vma
    ld      t0, F_PC(a0)
    csrw    sepc, t0
    each_register ld
    ld      a0, F_A0(a0)
    sret
1:
    mv      a0, t1
    j       unexpected
2:
    ld      a0, F_A0(a0)
    la      t0, second_count
    ld      t0, 0(t0)
    add     a0, a0, t0
    j       finish

    .section .user, "ax"
    .globl setup, pass
setup:
    ret

pass:
    li      s2, YIELDS
    li      s3, USER_DATA
    li      a7, 1
1:
    ld      t0, 0(s3)
    addi    t0, t0, 1
    sd      t0, 0(s3)
    ecall
    addi    s2, s2, -1
    bnez    s2, 1b
    ld      a0, 0(s3)
    ret

second_program:
    li      s3, USER_DATA
    li      a7, 1
1:
    ld      t0, 0(s3)
    addi    t0, t0, 3
    sd      t0, 0(s3)
    ecall
    j       1b

    .section .bss
    .balign PAGE_BYTES
second_root:
    .space PAGE_BYTES
second_middle:
    .space PAGE_BYTES
second_leaves:
    .space PAGE_BYTES
first_count:
    .space PAGE_BYTES
second_count:
    .space PAGE_BYTES
first_frame:
    .space FRAME_BYTES
second_frame:
    .space FRAME_BYTES
running:
    .space 8
