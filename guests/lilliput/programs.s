# Programs: the built-in programs that exec knows, by name. Their text is part of the kernel's image (user/), and every
# process has all of it at USER_TEXT: a program is a place to begin.
# Left out on purpose: a file system, from which they would be loaded.

    .include "kernel.inc"

    .section .text

# program_find: a0 = the program of the name a0, or 0.
    .globl program_find
program_find:
    la      t0, programs
    la      t1, programs_end
1:
    mv      t2, a0
    addi    t3, t0, PROGRAM_NAME
2:
    lbu     t4, 0(t2)
    lbu     t5, 0(t3)
    bne     t4, t5, 3f
    addi    t2, t2, 1
    addi    t3, t3, 1
    bnez    t4, 2b
    mv      a0, t0                  # equal, its zero byte too
    ret
3:
    addi    t0, t0, PROGRAM_BYTES
    bne     t0, t1, 1b
    li      a0, 0
    ret

    .section .rodata
    .balign 8
    .macro program name
    .dword  main_\name
1:
    .asciz "\name"
    .zero   NAME_BYTES - (. - 1b)
    .endm

programs:
    .irp name, shell, echo, ps, fork, cow, fault, spin, turns, mem, hog, sleep, uptime
    program \name
    .endr
programs_end:
