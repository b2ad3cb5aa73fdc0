# SBI: the calls that this kernel makes of its firmware, each an ecall with extension and function in a7 and a6.
# The SBI specification has them under Base, TIME, DBCN, SRST and the legacy console; an answer is an error code in a0
# and a value in a1, all other registers survive.
# Left out on purpose: what to do about errors. A console that fails can hardly be reported.

    .include "constants.inc"

    .section .text

# console_init: learns whether this firmware has the debug console, which takes a string in one call.
    .globl console_init
console_init:
    li      a7, SBI_BASE
    li      a6, SBI_BASE_PROBE
    li      a0, SBI_DBCN
    ecall
    la      t0, has_dbcn
    sd      a1, 0(t0)
    ret

# print: the string at a0, up to its zero byte.
    .globl print
print:
    mv      a1, a0
1:
    lbu     t0, 0(a0)
    beqz    t0, 2f
    addi    a0, a0, 1
    j       1b
2:
    sub     a0, a0, a1              # its length
    # falls through

# write: a0 bytes at a1.
    .globl write
write:
    la      t0, has_dbcn
    ld      t0, 0(t0)
    beqz    t0, 1f
    li      a7, SBI_DBCN
    li      a6, SBI_DBCN_WRITE
    li      a2, 0                   # upper half of the address
    ecall
    ret
1:                                  # an older firmware: byte by byte
    add     t0, a0, a1
    li      a7, SBI_PUTCHAR
2:
    beq     a1, t0, 3f
    lbu     a0, 0(a1)
    ecall
    addi    a1, a1, 1
    j       2b
3:
    ret

# timer_set: asks for a timer interrupt one slice from now. Also clears the pending one, as set_timer always does.
    .globl timer_set
timer_set:
    rdtime  a0
    addi    a0, a0, SLICE_TICKS
    li      a7, SBI_TIME
    li      a6, SBI_TIME_SET_TIMER
    ecall
    ret

# shutdown: ends the machine for the reason in a1.
    .globl shutdown
shutdown:
    li      a0, SRST_SHUTDOWN
    li      a7, SBI_SRST
    li      a6, SBI_SRST_RESET
    ecall
1:
    wfi                             # a firmware without SRST ends up here
    j       1b

    .section .bss
    .balign 8
has_dbcn:
    .space 8
