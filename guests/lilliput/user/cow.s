# Cow: copy-on-write. Pages that a fork shares are copied when somebody stores to them, and only then. What is free
# tells. Between two looks at `memory` nothing is stored to the stack: it is shared as well.

    .include "user/abi.inc"

    .equ COW_PAGES, 8
    .equ COW_BYTES, COW_PAGES * USER_PAGE_BYTES

    .section .text
    .globl main_cow
main_cow:
    enter
    call    memory
    mv      s1, a0
    li      a0, COW_BYTES
    call    sbrk
    mv      s2, a0                  # our pages
    mv      t0, s2
    li      t1, COW_PAGES
    li      t2, USER_PAGE_BYTES
    li      t3, 1
1:
    sd      t3, 0(t0)
    add     t0, t0, t2
    addi    t1, t1, -1
    bnez    t1, 1b
    call    memory
    sub     a2, s1, a0
    la      a0, cow_filled
    li      a1, COW_PAGES
    call    printf

    call    memory
    mv      s1, a0
    call    fork
    bnez    a0, 2f
    call    memory                  # the child
    sub     s3, s1, a0              # what fork took
    mv      s1, a0
    li      t0, 2
    sd      t0, 0(s2)               # a page fault, unnoticed
    call    memory
    sub     s4, s1, a0              # what the store took
    la      a0, cow_forked
    mv      a1, s3
    call    printf
    la      a0, cow_stored
    mv      a1, s4
    call    printf
    la      a0, cow_child
    ld      a1, 0(s2)
    call    printf
    li      a0, 0
    call    exit
2:
    li      a0, 0
    call    wait
    la      a0, cow_parent
    ld      a1, 0(s2)
    call    printf
    leave

cow_filled:
    .asciz "cow: stored 1 in each of %d pages, and %d pages went\n"
cow_forked:
    .asciz "cow: fork took %d pages, the page tables of the child\n"
cow_stored:
    .asciz "cow: the child's first store took %d\n"
cow_child:
    .asciz "cow: the child reads %d\n"
cow_parent:
    .asciz "cow: the parent reads %d\n"
