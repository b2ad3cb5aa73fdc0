# Ps: the table of processes, as the kernel tells it.

    .include "user/abi.inc"

    .section .text
    .globl main_ps
main_ps:
    enter
    addi    sp, sp, -INFO_BYTES     # the record, a multiple of 16 bytes
    call    getpid
    mv      s2, a0
    la      a0, ps_head
    call    puts
    li      s1, 0
1:
    mv      a0, s1
    mv      a1, sp
    call    processes
    bltz    a0, 4f
    addi    s1, s1, 1
    ld      t0, INFO_STATE(sp)
    beqz    t0, 1b                  # STATE_FREE
    ld      a1, INFO_PID(sp)
    la      a4, ps_running
    beq     a1, s2, 2f              # that is us
    la      a4, ps_states
    slli    t0, t0, 3
    add     a4, a4, t0
2:
    la      a0, ps_line
    ld      a2, INFO_PARENT(sp)
    ld      a3, INFO_PAGES(sp)
    addi    a5, sp, INFO_NAME
    call    printf
    j       1b
4:
    addi    sp, sp, INFO_BYTES
    leave

ps_head:
    .asciz "  pid parent  pages state   name\n"
ps_line:
    .asciz "%5d %6d %6d %s %s\n"
ps_states:                          # by number, eight bytes each
    .asciz "free   "
    .asciz "ready  "
    .asciz "reading"
    .asciz "waiting"
    .asciz "asleep "
    .asciz "zombie "
ps_running:
    .asciz "running"
