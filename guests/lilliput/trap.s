# Trap: the way into the kernel and the way back. The hart comes here as the privileged manual describes a trap into
# S-mode: sepc, scause and stval say what happened, sstatus.SIE is 0, and the page table is still that of the process.
# sscratch always holds the address of the running process, so one register can be traded for it.
# Left out on purpose: traps of the kernel itself. It has none, save by mistake, and then it says so and ends.

    .include "kernel.inc"

# each_register: loads or stores all registers but x0, which is no register, and a0 (x10), which says where.
    .macro  each_register instruction
    .irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15
    \instruction x\n, 8 * \n(a0)
    .endr
    .irp n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    \instruction x\n, 8 * \n(a0)
    .endr
    .endm

    .section .text
    .globl trap
    .balign 4                       # stvec.BASE is a multiple of four
trap:
    csrrw   a0, sscratch, a0        # a0 = the running process; its own a0 waits in sscratch
    each_register sd
    csrrw   t0, sscratch, a0        # and back: sscratch = the running process
    sd      t0, P_A0(a0)
    csrr    t0, sepc
    sd      t0, P_PC(a0)
    mv      s0, a0
    la      sp, kernel_stack_top

    csrr    t0, scause              # most frequent first
    li      t1, CAUSE_ECALL_U
    beq     t0, t1, call_of_program
    li      t1, CAUSE_SUPERVISOR_TIMER
    beq     t0, t1, end_of_slice
    li      t1, CAUSE_SUPERVISOR_EXTERNAL
    beq     t0, t1, external
    bltz    t0, unexpected          # another interrupt, which sie does not even enable
    csrr    t1, sstatus
    andi    t1, t1, SSTATUS_SPP
    bnez    t1, unexpected          # a fault in S-mode

    mv      s1, t0                  # a fault of the process. Page faults may be curable
    la      t1, fault_access
    add     t1, t1, t0
    lbu     a1, 0(t1)
    beqz    a1, 1f
    csrr    a0, stval
    call    user_page
    bnez    a0, trap_return         # cured: the instruction runs again
1:
    mv      a0, s1
    csrr    a1, stval
    j       kill

call_of_program:                    # a branch reaches 4 KiB, a jump 1 MiB: into another file, we jump
    j       syscall

end_of_slice:
    j       schedule

external:
    call    external_interrupt
    # falls through

# trap_return: leaves the kernel into the process s0, in whose address space we are.
    .globl trap_return
trap_return:
    ld      t0, P_PC(s0)
    csrw    sepc, t0
    mv      a0, s0
    each_register ld
    ld      a0, P_A0(a0)            # last, since it held the address
    sret

unexpected:
    la      a0, unexpected_text
    mv      a1, t0
    csrr    a2, sepc
    csrr    a3, stval
    j       panic

    .section .rodata
unexpected_text:
    .asciz "lilliput: unexpected trap: scause 0x%x, sepc 0x%x, stval 0x%x\n"
fault_access:                       # what a page fault wanted, for each exception
    .byte 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, PTE_X, PTE_R, 0, PTE_W
