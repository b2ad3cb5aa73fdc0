# Boot: lilliput's own firmware, from reset in M-mode to the kernel in S-mode, some forty instructions.
# M-mode owns everything at reset; the privileged manual calls what happens here delegation (medeleg, mideleg), physical
# memory protection, and counter and environment enables. After mret, M-mode is never needed again: the kernel has a
# timer of its own (Sstc), and whatever still traps to M-mode is a mistake that ends the machine.
# Left out on purpose: an SBI, which would be here, and other harts, which wait for ever.

    .include "kernel.inc"

# Exceptions that go straight to S-mode: all that a program in U-mode can raise.
    .equ ACCESS_FAULTS, 1 << CAUSE_INSTRUCTION_ACCESS | 1 << CAUSE_LOAD_ACCESS | 1 << CAUSE_STORE_ACCESS
    .equ PAGE_FAULTS, 1 << CAUSE_INSTRUCTION_PAGE | 1 << CAUSE_LOAD_PAGE | 1 << CAUSE_STORE_PAGE
    .equ MISALIGNED, 1 << CAUSE_INSTRUCTION_MISALIGNED | 1 << CAUSE_LOAD_MISALIGNED | 1 << CAUSE_STORE_MISALIGNED
    .equ OTHERS, 1 << CAUSE_ILLEGAL_INSTRUCTION | 1 << CAUSE_BREAKPOINT | 1 << CAUSE_ECALL_U
    .equ EXCEPTIONS, ACCESS_FAULTS | PAGE_FAULTS | MISALIGNED | OTHERS

    .section .text
    .globl kernel_text
kernel_text:
    .globl _start
_start:                             # M-mode, interrupts off, translation off
    csrr    t0, mhartid
    bnez    t0, other_hart

    la      sp, kernel_stack_top
    la      t0, machine_trap
    csrw    mtvec, t0

    li      t0, EXCEPTIONS
    csrw    medeleg, t0
    li      t0, INTERRUPT_STI | INTERRUPT_SEI
    csrw    mideleg, t0

    li      t0, PMPADDR_ALL         # without a PMP entry, S and U could not touch memory at all
    csrw    pmpaddr0, t0
    li      t0, PMPCFG_A_NAPOT | PMPCFG_R | PMPCFG_W | PMPCFG_X
    csrw    pmpcfg0, t0

    li      t0, MENVCFG_STCE        # stimecmp belongs to S-mode,
    csrs    menvcfg, t0
    li      t0, COUNTEREN_TM        #   and so does reading time
    csrw    mcounteren, t0

    li      t0, MSTATUS_MPP         # mret shall enter S-mode, at kernel
    csrc    mstatus, t0
    li      t0, MSTATUS_MPP_S
    csrs    mstatus, t0
    la      t0, kernel
    csrw    mepc, t0
    mret

other_hart:
    wfi
    j       other_hart

# machine_trap: nothing should come here. Said in M-mode, where no translation is in the way.
    .balign 4                       # mtvec.BASE is a multiple of four
machine_trap:
    la      sp, kernel_stack_top
    la      a0, machine_trap_text
    csrr    a1, mcause
    csrr    a2, mepc
    csrr    a3, mtval
    call    print
    li      a0, 1
    j       power_off

    .section .rodata
    .balign PAGE_BYTES              # here the pages end that may be executed
    .globl kernel_rodata
kernel_rodata:
machine_trap_text:
    .asciz "lilliput: trap to M-mode: mcause %d, mepc 0x%x, mtval 0x%x\n"

    .section .bss
    .balign PAGE_BYTES              # ... and here those that may not be written
    .globl kernel_bss
kernel_bss:
    .space KERNEL_STACK_BYTES
kernel_stack_top:
    .globl kernel_stack_top
