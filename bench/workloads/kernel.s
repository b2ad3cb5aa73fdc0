# Kernel: what an operating system's workload starts with. With PAGING, a small kernel in S-mode under Sv39 and a program
# in U-mode; without, the kernel is in M-mode and nothing is translated. The workload brings `kernel_setup` and `trap` of
# the kernel, and of the program `setup`, called once, and `pass`, called ITERATIONS times; the program ends by a call
# with a7 = 0 and its folded results in a0.
# Addresses: the kernel has devices and RAM at their own, in pages of 1 GiB; the program's code is at USER, its data from
# USER_DATA on, its stack below USER_STACK.
# Left out on purpose: saving registers, which each workload does as far as its trap needs.

    .include "kernel.inc"

    .section .text
    .globl _start
_start:
    la      t0, machine_trap
    csrw    mtvec, t0
    li      t0, PMPADDR_ALL         # without a PMP entry, S and U could not touch memory at all
    csrw    pmpaddr0, t0
    li      t0, PMPCFG_OPEN
    csrw    pmpcfg0, t0
    .if PAGING
    li      t0, EXCEPTIONS_OF_U
    csrw    medeleg, t0
    li      t0, INTERRUPT_STI
    csrw    mideleg, t0
    li      t0, MENVCFG_STCE        # stimecmp belongs to S-mode,
    csrs    menvcfg, t0
    li      t0, COUNTEREN_TM        #   and so does reading time
    csrw    mcounteren, t0
    la      a0, root
    la      a1, user_middle
    la      a2, user_leaves
    call    make_space
    csrw    satp, a0
    sfence.vma
    li      t0, MSTATUS_MPP         # mret shall enter S-mode
    csrc    mstatus, t0
    li      t0, MSTATUS_MPP_S
    csrs    mstatus, t0
    la      t0, kernel
    csrw    mepc, t0
    mret
    .endif

kernel:
    la      sp, kernel_stack
    la      t0, trap
    write_csr tvec, t0
    call    kernel_setup
    la      t0, iterations
    ld      s1, 0(t0)
    la      t0, kernel_stack
    write_csr scratch, t0
    li      t0, STATUS_PP           # xret shall enter U-mode
    clear_csr status, t0
    .if PAGING
    li      t0, USER
    .else
    la      t0, program
    .endif
    write_csr epc, t0
    .if PAGING
    li      sp, USER_STACK
    .else
    la      sp, user_stack_top
    .endif
    return_from_trap

    .balign 4                       # mtvec.BASE is a multiple of four
machine_trap:                       # nothing should come here
    csrr    a0, mcause
    .globl unexpected
unexpected:                         # a0 = the cause of a trap that was not to be
    andi    a0, a0, 0x3f
    addi    a0, a0, CODE_TRAP
    j       fail

    .if PAGING
# make_space: fills three tables, whose addresses are a0 (root), a1 (middle) and a2 (leaves). a0 = their satp.
    .globl make_space
make_space:
    li      t0, PTE_RW              # devices
    sd      t0, 0(a0)
    make_pte t0, a1, PTE_V
    sd      t0, (USER >> GIGAPAGE_SHIFT) * PTE_BYTES(a0)
    li      t0, (RAM >> PAGE_SHIFT << PTE_PPN_SHIFT) | PTE_RWX
    sd      t0, (RAM >> GIGAPAGE_SHIFT) * PTE_BYTES(a0)
    make_pte t0, a2, PTE_V
    sd      t0, 0(a1)
    la      t1, program             # its code, and the workload's: assemblers pad sections to their alignment
    make_pte t0, t1, PTE_RX | PTE_U
    sd      t0, 0(a2)
    addi    t0, t0, 1 << PTE_PPN_SHIFT
    sd      t0, PTE_BYTES(a2)
    la      t1, user_stack
    make_pte t0, t1, PTE_RW | PTE_U
    li      t1, ((USER_STACK - USER) / PAGE_BYTES - 1) * PTE_BYTES
    add     t1, t1, a2
    sd      t0, 0(t1)
    srli    a0, a0, PAGE_SHIFT
    li      t0, SATP_SV39
    or      a0, a0, t0
    ret
    .endif

    .section .user, "ax"
    .balign PAGE_BYTES
    .globl program
program:
    call    setup
    li      s0, 0                   # the results so far; s1 = passes to come
1:
    call    pass
    slli    t0, s0, 5               # fold: s0 = s0 * 31 + a0
    sub     t0, t0, s0
    add     s0, t0, a0
    addi    s1, s1, -1
    bnez    s1, 1b
    mv      a0, s0
    li      a7, 0
    ecall

    .section .bss
    .balign PAGE_BYTES
    .globl user_leaves
root:
    .space PAGE_BYTES
user_middle:
    .space PAGE_BYTES
user_leaves:
    .space PAGE_BYTES
user_stack:
    .space PAGE_BYTES
user_stack_top:
    .space PAGE_BYTES
kernel_stack:
