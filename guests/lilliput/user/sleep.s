# Sleep: waits for as many milliseconds as its argument says.

    .include "user/abi.inc"

    .section .text
    .globl main_sleep
main_sleep:
    enter
    call    string_number
    mv      s1, a0
    li      t0, TICKS_PER_MILLISECOND
    mul     a0, a0, t0
    call    sleep
    la      a0, slept
    mv      a1, s1
    call    printf
    leave

slept:
    .asciz "sleep: %d ms are over\n"
