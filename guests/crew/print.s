# Print: a string, and a number in decimal, byte by byte.
# Only one hart prints at a time here, so nothing keeps lines apart.

    .equ DIGITS, 20                 # 2^64 has twenty
    .equ FRAME_BYTES, 48            # ra, s0, the digits, and sp stays a multiple of 16
    .equ FRAME_RA, 40
    .equ FRAME_S0, 32

    .section .text

# print: the string at a0, up to its zero byte.
    .globl print
print:
    addi    sp, sp, -16
    sd      ra, 8(sp)
    sd      s0, 0(sp)
    mv      s0, a0
1:
    lbu     a0, 0(s0)
    beqz    a0, 2f
    call    print_char
    addi    s0, s0, 1
    j       1b
2:
    ld      s0, 0(sp)
    ld      ra, 8(sp)
    addi    sp, sp, 16
    ret

# print_number: the number in a0, unsigned. Its digits come last first, into a buffer that grows down.
    .globl print_number
print_number:
    addi    sp, sp, -FRAME_BYTES
    sd      ra, FRAME_RA(sp)
    sd      s0, FRAME_S0(sp)
    addi    s0, sp, DIGITS          # behind the last digit
    sb      zero, 0(s0)
    li      t1, 10
1:
    remu    t2, a0, t1
    addi    t2, t2, '0'
    addi    s0, s0, -1
    sb      t2, 0(s0)
    divu    a0, a0, t1
    bnez    a0, 1b
    mv      a0, s0
    call    print
    ld      s0, FRAME_S0(sp)
    ld      ra, FRAME_RA(sp)
    addi    sp, sp, FRAME_BYTES
    ret
