# Uptime: how long the machine has been on. Programs may read time, so this takes no system call (scounteren.TM).

    .include "user/abi.inc"

    .section .text
    .globl main_uptime
main_uptime:
    enter
    rdtime  a1
    li      t0, TICKS_PER_MILLISECOND
    divu    a1, a1, t0
    la      a0, uptime_text
    call    printf
    leave

uptime_text:
    .asciz "uptime: %d ms\n"
