# Process: the table of processes, and their life: fork, exec, exit, wait, and death by a fault.
# Each has a parent, whom it tells its status when it ends; until the parent asks, it is a zombie. The shell adopts
# orphans.
# Left out on purpose: groups, signals and threads.

    .include "kernel.inc"

    .section .text

# process_new: a0 = a free place of the table with a new pid, or 0. It counts as free until its state is set.
    .globl process_new
process_new:
    la      a0, process_table
    la      t0, process_table_end
1:
    ld      t1, P_STATE(a0)
    beqz    t1, 2f                  # STATE_FREE is 0
    addi    a0, a0, P_BYTES
    bne     a0, t0, 1b
    li      a0, 0
    ret
2:
    la      t0, last_pid
    ld      t1, 0(t0)
    addi    t1, t1, 1
    sd      t1, 0(t0)
    sd      t1, P_PID(a0)
    sd      zero, P_PARENT(a0)
    ret

# process_begin: the process s0, whose space is empty, shall run the program a0 (as program_find answers) with the
# argument a1.
    .globl process_begin
process_begin:
    enter
    mv      s1, a0
    mv      s2, a1
    mv      t0, s0                  # all registers start as 0: a new program learns nothing of the one before
    addi    t1, s0, P_FRAME_BYTES
1:
    sd      zero, 0(t0)
    addi    t0, t0, 8
    bne     t0, t1, 1b
    li      t0, USER_HEAP
    sd      t0, P_BREAK(s0)
    sd      zero, P_PAGES(s0)
    li      t0, STATE_READY
    sd      t0, P_STATE(s0)

    ld      a0, PROGRAM_ENTRY(s1)
    call    user_address
    sd      a0, P_PC(s0)
    la      a0, program_return      # so that a program may simply return
    call    user_address
    sd      a0, P_RA(s0)
    ld      t0, PROGRAM_NAME(s1)
    ld      t1, PROGRAM_NAME + 8(s1)
    sd      t0, P_NAME(s0)
    sd      t1, P_NAME + 8(s0)

    li      a0, USER_END - LINE_BYTES   # the argument is the first thing on the stack
    sd      a0, P_SP(s0)
    sd      a0, P_A0(s0)
    mv      a1, s2
    li      a2, LINE_BYTES
    call    copy_out
    leave

# user_address: a0 = where programs find what the kernel's image has at a0.
user_address:
    la      t0, user_text
    sub     a0, a0, t0
    li      t0, USER_TEXT
    add     a0, a0, t0
    ret

# sys_fork: the child is a copy in everything but the answer, and in memory not even that: pages are shared.
    .globl sys_fork
sys_fork:
    enter
    call    space_new
    beqz    a0, 3f
    mv      s2, a0
    call    process_new
    beqz    a0, 2f
    mv      s1, a0
    mv      t0, s0                  # registers
    mv      t1, s1
    addi    t2, s0, P_FRAME_BYTES
1:
    ld      t3, 0(t0)
    sd      t3, 0(t1)
    addi    t0, t0, 8
    addi    t1, t1, 8
    bne     t0, t2, 1b
    sd      zero, P_A0(s1)          # what fork answers in the child
    sd      s2, P_ROOT(s1)
    ld      t0, P_BREAK(s0)
    sd      t0, P_BREAK(s1)
    ld      t0, P_PAGES(s0)
    sd      t0, P_PAGES(s1)
    ld      t0, P_NAME(s0)
    ld      t1, P_NAME + 8(s0)
    sd      t0, P_NAME(s1)
    sd      t1, P_NAME + 8(s1)
    ld      t0, P_PID(s0)
    sd      t0, P_PARENT(s1)
    li      t0, STATE_READY
    sd      t0, P_STATE(s1)
    ld      a0, P_ROOT(s0)
    mv      a1, s2
    call    space_share
    ld      a0, P_PID(s1)
    leave
2:
    mv      a0, s2
    call    space_free
3:
    li      a0, -1
    leave

# sys_exec: a0 = name, a1 = argument, both strings. Answers only when it fails.
    .globl sys_exec
sys_exec:
    enter
    mv      s1, a1
    la      a1, exec_name
    li      a2, NAME_BYTES
    call    copy_string
    bltz    a0, 1f
    mv      a0, s1
    la      a1, exec_argument
    li      a2, LINE_BYTES
    call    copy_string
    bltz    a0, 1f
    la      a0, exec_name
    call    program_find
    beqz    a0, 1f
    mv      s1, a0
    ld      a0, P_ROOT(s0)          # past this point there is no way back
    call    space_clear
    sfence.vma
    mv      a0, s1
    la      a1, exec_argument
    call    process_begin
    j       trap_return
1:
    li      a0, -1
    leave

# kill: the process s0 has raised the exception a0, with stval a1, that nothing can cure.
    .globl kill
kill:
    la      t0, fault_names
    slli    t1, a0, 3
    add     t0, t0, t1
    ld      a3, 0(t0)
    mv      a5, a1
    la      a0, killed_text
    ld      a1, P_PID(s0)
    addi    a2, s0, P_NAME
    ld      a4, P_PC(s0)
    call    print
    li      a0, KILLED
    # falls through

# sys_exit: a0 = status.
    .globl sys_exit
sys_exit:
    sd      a0, P_STATUS(s0)
    ld      s1, P_PID(s0)
    li      s2, FIRST_PID
    beq     s1, s2, 3f
    call    space_leave             # we are still in the space that goes
    ld      a0, P_ROOT(s0)
    call    space_free
    li      t0, STATE_ZOMBIE
    sd      t0, P_STATE(s0)

    la      t0, process_table           # its children get another parent
    la      t1, process_table_end
1:
    ld      t2, P_PARENT(t0)
    bne     t2, s1, 2f
    sd      s2, P_PARENT(t0)
2:
    addi    t0, t0, P_BYTES
    bne     t0, t1, 1b

    li      a0, STATE_WAITING       # its parent may be waiting for this
    call    wake
    j       schedule
3:
    mv      s1, a0
    la      a0, power_off_text
    call    print
    mv      a0, s1
    j       power_off

# sys_wait: a0 = user address for the status, or 0. Answers with the pid of a child that has ended, -1 without children.
    .globl sys_wait
sys_wait:
    enter
    mv      s1, a0
    ld      t2, P_PID(s0)
    li      s2, 0                   # children so far
    la      s3, process_table
    la      t1, process_table_end
1:
    ld      t3, P_STATE(s3)
    beqz    t3, 2f
    ld      t4, P_PARENT(s3)
    bne     t4, t2, 2f
    addi    s2, s2, 1
    li      t4, STATE_ZOMBIE
    beq     t3, t4, 3f
2:
    addi    s3, s3, P_BYTES
    bne     s3, t1, 1b
    li      a0, -1
    beqz    s2, 5f
    li      t0, STATE_WAITING
    j       wait_as
3:
    beqz    s1, 4f
    mv      a0, s1
    addi    a1, s3, P_STATUS
    li      a2, 8                   # a status is a doubleword
    call    copy_out
    bltz    a0, 5f
4:
    li      t0, STATE_FREE
    sd      t0, P_STATE(s3)
    ld      a0, P_PID(s3)
5:
    leave

    .section .rodata
power_off_text:
    .asciz "lilliput: the shell has ended, power off\n"
killed_text:
    .asciz "lilliput: process %d (%s) killed: %s at pc 0x%x, stval 0x%x\n"
    .balign 8
fault_names:                        # by exception code
    .dword  0f, 1f, 2f, 3f, 4f, 5f, 6f, 7f, 8f, 8f, 8f, 8f, 12f, 13f, 8f, 15f
0:  .asciz "instruction address misaligned"
1:  .asciz "instruction access fault"
2:  .asciz "illegal instruction"
3:  .asciz "breakpoint"
4:  .asciz "load address misaligned"
5:  .asciz "load access fault"
6:  .asciz "store address misaligned"
7:  .asciz "store access fault"
8:  .asciz "unknown exception"
12: .asciz "instruction page fault"
13: .asciz "load page fault"
15: .asciz "store page fault"

    .section .bss
    .balign 8
last_pid:
    .space 8
    .globl process_table
process_table:
    .space PROCESSES * P_BYTES
    .globl process_table_end
process_table_end:
exec_name:
    .space NAME_BYTES
exec_argument:
    .space LINE_BYTES
