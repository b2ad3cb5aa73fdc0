# Printf: the output of programs. A formatted text is collected on the stack and written by one system call, so that a
# line stays whole when several processes print.
# Left out on purpose: formatted texts beyond PRINTF_BYTES, which are cut.

    .include "user/abi.inc"
    .include "user/format.inc"

    .equ PRINTF_BYTES, 256          # a whole line and some words
    .equ PRINTF_FRAME, PRINTF_BYTES + 32

    .section .text
    define_format format, collect

    .globl printf
printf:                             # a0 = text, a1 to a6 = what its conversions stand for
    addi    sp, sp, -PRINTF_FRAME
    sd      ra, PRINTF_BYTES + 16(sp)
    sd      s5, PRINTF_BYTES(sp)
    sd      s6, PRINTF_BYTES + 8(sp)
    mv      s5, sp                  # where the next byte goes, and
    addi    s6, sp, PRINTF_BYTES    #   where none goes any more: format leaves both to us
    call    format
    mv      a0, sp
    sub     a1, s5, sp
    call    write
    ld      s6, PRINTF_BYTES + 8(sp)
    ld      s5, PRINTF_BYTES(sp)
    ld      ra, PRINTF_BYTES + 16(sp)
    addi    sp, sp, PRINTF_FRAME
    ret

collect:
    beq     s5, s6, 1f
    sb      a0, 0(s5)
    addi    s5, s5, 1
1:
    ret

# puts: writes the string a0 as it is, of any length.
    .globl puts
puts:
    mv      a1, a0
1:
    lbu     t0, 0(a1)
    addi    a1, a1, 1
    bnez    t0, 1b
    addi    a1, a1, -1              # its zero byte
    sub     a1, a1, a0
    j       write
