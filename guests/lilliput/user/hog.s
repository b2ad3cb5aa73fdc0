# Hog: takes one page after another, until there is none. The kernel knows no other cure than to kill it, and what it had
# is free again.

    .include "user/abi.inc"

    .section .text
    .globl main_hog
main_hog:
    enter
    li      s1, USER_PAGE_BYTES
1:
    mv      a0, s1
    call    sbrk
    bltz    a0, 2f                  # the heap has reached the stack, which takes a larger pool than ours
    sd      zero, 0(a0)
    j       1b
2:
    leave
