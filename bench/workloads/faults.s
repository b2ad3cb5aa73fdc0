# Faults: a program touches PAGES pages in turn, of which its kernel keeps one mapped: each first touch is a load page
# fault, FAULTS in a pass. The kernel maps that page, unmaps the one before, fences both and returns; the load is tried
# again. Each visit reads the page's first word and adds 1 to it; a pass returns the sum of what it read.

    .include "kernel.inc"

    .equ PAGES, 16

    .section .text
    .globl kernel_setup, trap
kernel_setup:                       # page i begins with i * i
    la      t0, frames
    li      t1, 0
    li      t2, PAGES
    li      t3, PAGE_BYTES
1:
    mul     t4, t1, t1
    sd      t4, 0(t0)
    add     t0, t0, t3
    addi    t1, t1, 1
    bne     t1, t2, 1b
    la      t0, mapped              # none yet: page 0, which is not mapped either
    li      t1, USER_DATA
    sd      t1, 0(t0)
    ret

    .balign 4
trap:
    csrrw   sp, sscratch, sp
    sd      t0, -8(sp)
    sd      t1, -16(sp)
    sd      t2, -24(sp)
    sd      t3, -32(sp)
    csrr    t0, scause
    li      t1, CAUSE_LOAD_PAGE
    bne     t0, t1, 1f
    la      t1, mapped              # unmap what is mapped
    ld      t0, 0(t1)
    csrr    t2, stval
    sd      t2, 0(t1)
    la      t3, user_leaves
    li      t1, USER
    sub     t1, t0, t1
    srli    t1, t1, PAGE_SHIFT
    slli    t1, t1, 3
    add     t1, t1, t3
    sd      zero, 0(t1)
    sfence.vma t0
    li      t1, USER                # map what is missing
    sub     t1, t2, t1
    srli    t1, t1, PAGE_SHIFT
    slli    t1, t1, 3
    add     t3, t3, t1
    li      t1, USER_DATA
    sub     t1, t2, t1
    la      t0, frames
    add     t1, t1, t0
    make_pte t0, t1, PTE_RW | PTE_U
    sd      t0, 0(t3)
    sfence.vma t2
    ld      t0, -8(sp)
    ld      t1, -16(sp)
    ld      t2, -24(sp)
    ld      t3, -32(sp)
    csrrw   sp, sscratch, sp
    sret
1:
    li      t1, CAUSE_ECALL_U
    beq     t0, t1, 2f
    mv      a0, t0
    j       unexpected
2:
    j       finish

    .section .user, "ax"
    .globl setup, pass
setup:
    ret

pass:
    li      a1, FAULTS
    li      a0, 0
    li      a2, USER_DATA
    li      a3, USER_DATA + PAGES * PAGE_BYTES
    mv      a4, a2
    li      a5, PAGE_BYTES
1:
    ld      t0, 0(a4)               # a page fault
    add     a0, a0, t0
    addi    t0, t0, 1
    sd      t0, 0(a4)
    add     a4, a4, a5
    bne     a4, a3, 2f
    mv      a4, a2
2:
    addi    a1, a1, -1
    bnez    a1, 1b
    ret

    .section .bss
    .balign PAGE_BYTES
frames:
    .space PAGES * PAGE_BYTES
mapped:
    .space 8
