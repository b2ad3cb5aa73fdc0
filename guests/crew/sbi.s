# SBI: the calls that crew makes of its firmware, each an ecall with extension and function in a7 and a6.
# An answer is an error code in a0 and a value in a1; all other registers survive.

    .include "constants.inc"

    .section .text

# hart_status: of hart a0. a0 is not 0 where there is no such hart, else a1 says what it does.
    .globl hart_status
hart_status:
    li      a7, SBI_HSM
    li      a6, SBI_HSM_STATUS
    ecall
    ret

# hart_start: starts hart a0 at address a1, with a2 in its a1.
    .globl hart_start
hart_start:
    li      a7, SBI_HSM
    li      a6, SBI_HSM_START
    ecall
    ret

# hart_stop: stops the hart that calls. Does not return.
    .globl hart_stop
hart_stop:
    li      a7, SBI_HSM
    li      a6, SBI_HSM_STOP
    ecall
1:
    j       1b                      # a firmware that cannot stop a hart ends up here

# interrupt: sends hart a0 a software interrupt.
    .globl interrupt
interrupt:
    mv      a1, a0                  # the mask's bit 0 is this hart
    li      a0, 1
    li      a7, SBI_IPI
    li      a6, SBI_IPI_SEND
    ecall
    ret

# print_char: the byte in a0.
    .globl print_char
print_char:
    li      a7, SBI_PUTCHAR
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
