# Ticks: a kernel that does one thing, sharing one hart among three tasks by timer interrupts (preemption).
# It runs in S-mode on an SBI (the firmware below it, in M-mode), as the SBI specification describes; this file is
# the way from its first instruction to its first task, and from its last task to the end.
# Left out on purpose: U-mode and address spaces. Tasks trust each other here; guests/lilliput has both.

    .include "constants.inc"

    .section .text
    .globl _start
_start:                             # the SBI enters here: S-mode, a0 = hart id, satp = 0, interrupts off
    la      sp, kernel_stack_top
    call    console_init
    la      a0, hello
    call    print

    la      t0, trap                # stvec.MODE = 0 in the low bits: every trap goes to this one address
    csrw    stvec, t0
    call    tasks_init
    call    timer_set
    li      t0, SIE_STIE            # the one source of interrupts; sret turns sstatus.SIE on
    csrw    sie, t0
    la      a0, tasks               # the first task runs first
    j       task_resume

# finish: all tasks are done. Says how often each was preempted and ends the machine with exit code 0.
    .globl finish
finish:
    csrw    sie, zero               # nothing is left to share
    la      s0, tasks
    li      s1, TASKS
1:
    ld      a0, TASK_NAME(s0)
    call    print
    la      a0, preempted
    call    print
    ld      a0, TASK_PREEMPTED(s0)
    call    print_number
    la      a0, newline
    call    print
    addi    s0, s0, TASK_BYTES
    addi    s1, s1, -1
    bnez    s1, 1b
    la      a0, bye
    call    print
    li      a1, SRST_NO_REASON
    j       shutdown

    .section .rodata
hello:
    .asciz "ticks: three tasks, one hart\n"
preempted:
    .asciz ": times preempted: "
newline:
    .asciz "\n"
bye:
    .asciz "ticks: all done\n"

    .section .bss
    .balign 16
    .space KERNEL_STACK_BYTES
    .globl kernel_stack_top
kernel_stack_top:
