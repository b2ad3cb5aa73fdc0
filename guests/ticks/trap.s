# Trap: entry, timer tick, scheduler, and the way back into a task.
# The hart enters at `trap` as the privileged manual describes a trap into S-mode: sepc holds the interrupted pc,
# sstatus.SIE is 0. sscratch always holds the address of the running task, so one register can be traded for it.
# Left out on purpose: nested traps (interrupts stay off until sret) and every exception, which ends the machine.

    .include "constants.inc"

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
    csrrw   a0, sscratch, a0        # a0 = the running task; its own a0 waits in sscratch
    each_register sd
    csrrw   t0, sscratch, a0        # and back: sscratch = the running task
    sd      t0, TASK_A0(a0)
    csrr    t0, sepc
    sd      t0, TASK_PC(a0)
    la      sp, kernel_stack_top    # no trap nests, so its stack is empty at each entry
    mv      s0, a0

    csrr    t0, scause
    li      t1, CAUSE_SUPERVISOR_TIMER
    bne     t0, t1, unexpected

    ld      t0, TASK_PREEMPTED(s0)  # the slice of this task is over
    addi    t0, t0, 1
    sd      t0, TASK_PREEMPTED(s0)
    call    timer_set
    mv      a0, s0
    # falls through: the next task gets the hart

# schedule: resumes the next task that is ready, in a circle that starts after the task in a0.
schedule:
    la      t0, tasks
    la      t1, tasks_end
    li      t2, TASKS               # so many to look at before it is known that all are done
1:
    addi    a0, a0, TASK_BYTES
    bne     a0, t1, 2f
    mv      a0, t0                  # behind the last comes the first
2:
    ld      t3, TASK_STATE(a0)
    beqz    t3, task_resume         # READY is 0
    addi    t2, t2, -1
    bnez    t2, 1b
    j       finish

# task_resume: leaves the kernel into the task in a0.
    .globl task_resume
task_resume:
    csrw    sscratch, a0
    ld      t0, TASK_PC(a0)
    csrw    sepc, t0
    li      t0, SSTATUS_SPP | SSTATUS_SPIE
    csrs    sstatus, t0             # sret: back to S-mode, with interrupts on
    each_register ld
    ld      a0, TASK_A0(a0)         # last, since it held the address
    sret

# task_exit: where a task returns to. It never runs again, so nothing of it is saved.
    .globl task_exit
task_exit:
    csrci   sstatus, SSTATUS_SIE    # from here on this is the kernel
    la      sp, kernel_stack_top
    csrr    a0, sscratch
    li      t0, DONE
    sd      t0, TASK_STATE(a0)
    j       schedule

# unexpected: an exception, which no task here should raise.
unexpected:
    la      a0, surprise
    call    print
    csrr    a0, scause
    call    print_number
    la      a0, surprise_at
    call    print
    csrr    a0, sepc
    call    print_number
    la      a0, newline
    call    print
    li      a1, SRST_SYSTEM_FAILURE
    j       shutdown

    .section .rodata
surprise:
    .asciz "ticks: unexpected trap, scause "
surprise_at:
    .asciz " at pc "
newline:
    .asciz "\n"
