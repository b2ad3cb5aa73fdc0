# Mem: free memory, and demand paging: what sbrk gives is a promise that the kernel keeps page by page.

    .include "user/abi.inc"

    .equ MEM_PAGES, 64
    .equ MEM_BYTES, MEM_PAGES * USER_PAGE_BYTES
    .equ MEM_USED, 3

    .section .text
    .globl main_mem
main_mem:
    enter
    call    memory
    mv      a1, a0
    la      a0, mem_free
    call    printf

    li      a0, MEM_BYTES
    call    sbrk
    mv      s1, a0
    call    memory
    mv      a2, a0
    la      a0, mem_asked
    li      a1, MEM_PAGES
    call    printf

    li      s2, MEM_USED
    li      s3, USER_PAGE_BYTES
1:
    sd      s2, 0(s1)
    add     s1, s1, s3
    addi    s2, s2, -1
    bnez    s2, 1b
    call    memory
    mv      a2, a0
    la      a0, mem_stored
    li      a1, MEM_USED
    call    printf
    leave

mem_free:
    .asciz "mem: %d pages are free\n"
mem_asked:
    .asciz "mem: asked for %d more, %d are free\n"
mem_stored:
    .asciz "mem: stored to %d of them, %d are free\n"
