# Copy: between kernel and programs. An address that a program gives is never trusted: each page of it goes through
# user_page, which knows what the process may do there, and fills in what is due.
# Left out on purpose: speed. A string is looked up byte by byte.

    .include "kernel.inc"

    .section .text

# copy_out: copies a2 bytes at a1, in the kernel, to user address a0 of the process s0. a0 = 0, or -1 if it must not.
    .globl copy_out
copy_out:
    enter
    mv      s1, a0
    mv      s2, a1
    mv      s3, a2
1:
    beqz    s3, 3f
    mv      a0, s1
    li      a1, PTE_W
    call    user_page
    beqz    a0, 4f
    li      t2, PAGE_MASK
2:                                  # up to the end of the page
    lbu     t0, 0(s2)
    sb      t0, 0(a0)
    addi    a0, a0, 1
    addi    s1, s1, 1
    addi    s2, s2, 1
    addi    s3, s3, -1
    beqz    s3, 3f
    and     t0, s1, t2
    bnez    t0, 2b
    j       1b
3:
    li      a0, 0
    leave
4:
    li      a0, -1
    leave

# copy_string: copies the string at user address a0 to a1, in the kernel, which has room for a2 bytes. a0 = 0, or -1 if
# it must not be read or does not fit.
    .globl copy_string
copy_string:
    enter
    mv      s1, a0
    mv      s2, a1
    mv      s3, a2
1:
    beqz    s3, 2f
    mv      a0, s1
    li      a1, PTE_R
    call    user_page
    beqz    a0, 2f
    lbu     t0, 0(a0)
    sb      t0, 0(s2)
    addi    s1, s1, 1
    addi    s2, s2, 1
    addi    s3, s3, -1
    bnez    t0, 1b
    li      a0, 0
    leave
2:
    li      a0, -1
    leave

# sys_write: a0 = user address, a1 = bytes. Answers with the bytes that were written, or -1.
    .globl sys_write
sys_write:
    enter
    mv      s1, a0
    mv      s2, a1
    mv      s3, a1
1:
    beqz    s2, 3f
    mv      a0, s1
    li      a1, PTE_R
    call    user_page
    beqz    a0, 4f
    mv      s4, a0
2:
    lbu     a0, 0(s4)
    call    uart_put
    addi    s4, s4, 1
    addi    s1, s1, 1
    addi    s2, s2, -1
    beqz    s2, 3f
    li      t0, PAGE_MASK
    and     t0, s1, t0
    bnez    t0, 2b
    j       1b
3:
    mv      a0, s3
    leave
4:
    li      a0, -1
    leave
