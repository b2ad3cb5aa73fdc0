# Syscall: an ecall from U-mode. The number in a7 chooses from a table, the answer goes to the saved a0, and sepc moves
# behind the ecall. Calls that must wait undo that (wait_as). The small calls are here, the others with their subject.
# Left out on purpose: error numbers. -1 is all that a program learns.

    .include "kernel.inc"

    .section .text
    .globl syscall
syscall:                            # s0 = the process; its a1, a2 and a7 are still in place
    ld      t0, P_PC(s0)
    addi    t0, t0, ECALL_BYTES
    sd      t0, P_PC(s0)
    ld      a0, P_A0(s0)
    li      t0, SYSCALLS
    bgeu    a7, t0, 1f
    slli    t0, a7, 3               # an address has eight bytes
    la      t1, calls
    add     t0, t0, t1
    ld      t0, 0(t0)
    jalr    t0
    sd      a0, P_A0(s0)
    j       trap_return
1:
    li      t0, -1
    sd      t0, P_A0(s0)
    j       trap_return

sys_getpid:
    ld      a0, P_PID(s0)
    ret

sys_yield:
    sd      zero, P_A0(s0)
    j       schedule

# sys_sleep: a0 = ticks.
sys_sleep:
    rdtime  t0
    add     t0, t0, a0
    sd      t0, P_WAKE(s0)
    li      t0, STATE_SLEEPING
    sd      t0, P_STATE(s0)
    sd      zero, P_A0(s0)          # nothing to look for when it wakes: the call is over
    j       schedule

# sys_sbrk: a0 = bytes. The heap only gets larger in name; pages come with the first use of each.
sys_sbrk:
    ld      t0, P_BREAK(s0)
    li      t1, USER_HEAP_END
    sub     t1, t1, t0              # room that is left
    bgtu    a0, t1, 1f
    add     a0, t0, a0
    sd      a0, P_BREAK(s0)
    mv      a0, t0
    ret
1:
    li      a0, -1
    ret

# sys_processes: a0 = which, a1 = user address for its record. A free place has the state 0.
sys_processes:
    li      t0, PROCESSES
    bgeu    a0, t0, 1f
    li      t0, P_BYTES
    mul     t0, a0, t0
    mv      a0, a1
    la      a1, process_table + P_INFO
    add     a1, a1, t0
    li      a2, INFO_BYTES
    j       copy_out
1:
    li      a0, -1
    ret

    .section .rodata
    .balign 8
calls:                              # in the order of their numbers
    .dword  sys_exit, sys_write, sys_read, sys_fork, sys_exec, sys_wait
    .dword  sys_yield, sys_sbrk, sys_sleep, sys_getpid, sys_processes, pages_free
