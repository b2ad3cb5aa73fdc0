# Number: prints a number in decimal, last digit first into a buffer that grows down.
# It is its own file since every operating system has one.

    .include "constants.inc"

    .equ DIGITS, 20                 # 2^64 has twenty
    .equ FRAME_BYTES, 48            # ra, the digits, and sp stays a multiple of 16
    .equ FRAME_RA, 40

    .section .text
    .globl print_number
print_number:                       # the number in a0, unsigned
    addi    sp, sp, -FRAME_BYTES
    sd      ra, FRAME_RA(sp)
    addi    t0, sp, DIGITS          # behind the last digit
    mv      a1, t0
    li      t1, 10
1:
    remu    t2, a0, t1
    addi    t2, t2, '0'
    addi    a1, a1, -1
    sb      t2, 0(a1)
    divu    a0, a0, t1
    bnez    a0, 1b
    sub     a0, t0, a1
    call    write
    ld      ra, FRAME_RA(sp)
    addi    sp, sp, FRAME_BYTES
    ret
