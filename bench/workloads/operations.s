# Operations: a privileged operation of the kernel in S-mode, again and again, OPERATIONS in a pass. Which one is a symbol
# of the caller: CSR, SUM, SATP, FENCE, SRET or MMIO. No program runs: what kernel.s would enter U-mode for is done in
# `kernel_setup`, which ends the run itself. Each operation adds what it read to the result.

    .include "kernel.inc"

    .equ SSTATUS_SUM, 1 << 18
    .equ UART_SCRATCH, 0x10000007   # a register of the 16550 that means nothing
    .equ PAGES, 16

    .macro operation
    .ifdef CSR                      # write and read back
    csrw    sscratch, s4
    csrr    t0, sscratch
    add     a0, a0, t0
    .endif
    .ifdef SUM                      # open user memory, and close it
    csrs    sstatus, s5
    csrc    sstatus, s5
    addi    a0, a0, 1
    .endif
    .ifdef SATP                     # another space, a fence of all, and a load in it
    csrw    satp, s5
    sfence.vma
    ld      t0, 0(s6)
    add     a0, a0, t0
    xor     s5, s5, s7
    .endif
    .ifdef FENCE                    # a fence of all, and a load from each of some pages
    sfence.vma
    mv      t1, s6
    .rept   PAGES
    ld      t0, 0(t1)
    add     a0, a0, t0
    add     t1, t1, s7
    .endr
    .endif
    .ifdef SRET                     # to the instruction behind it, in S-mode
    csrw    sepc, s6
    csrs    sstatus, s5
    sret
    .endif
    .ifdef MMIO                     # write and read back
    sb      s4, 0(s5)
    lbu     t0, 0(s5)
    add     a0, a0, t0
    .endif
    .endm

    .section .text
    .globl kernel_setup, trap
kernel_setup:
    la      t0, iterations
    ld      s2, 0(t0)
    li      s3, 0                   # the results so far
    .ifdef SUM
    li      s5, SSTATUS_SUM
    .endif
    .ifdef SATP
    la      a0, second_root
    la      a1, second_middle
    la      a2, second_leaves
    call    make_space
    csrr    t0, satp
    xor     s7, a0, t0
    mv      s5, a0
    la      s6, words
    .endif
    .ifdef FENCE
    la      s6, words
    li      s7, PAGE_BYTES
    .endif
    .ifdef SRET
    la      s6, behind
    li      s5, MSTATUS_SPP
    .endif
    .ifdef MMIO
    li      s5, UART_SCRATCH
    .endif
    la      t0, words               # page i begins with i + 1
    li      t1, 0
    li      t2, PAGES
    li      t3, PAGE_BYTES
1:
    addi    t1, t1, 1
    sd      t1, 0(t0)
    add     t0, t0, t3
    bne     t1, t2, 1b

again:
    li      s4, OPERATIONS
    li      a0, 0
1:
    operation
behind:
    .ifdef SRET
    addi    a0, a0, 1
    .endif
    addi    s4, s4, -1
    bnez    s4, 1b
    slli    t0, s3, 5               # fold: s3 = s3 * 31 + a0
    sub     t0, t0, s3
    add     s3, t0, a0
    addi    s2, s2, -1
    bnez    s2, again
    mv      a0, s3
    j       finish

    .balign 4
trap:
    csrr    a0, scause
    j       unexpected

    .section .user, "ax"
    .globl setup, pass
setup:
pass:
    j       pass

    .section .bss
    .balign PAGE_BYTES
second_root:
    .space PAGE_BYTES
second_middle:
    .space PAGE_BYTES
second_leaves:
    .space PAGE_BYTES
words:
    .space PAGES * PAGE_BYTES
