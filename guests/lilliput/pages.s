# Pages: hands out the pages of the pool, counts who shares them, and takes them back.
# A page is free, or it has a number of owners; copy-on-write is why there can be more than one. Pages that have never
# been used are taken in order, those that came back are a list that runs through the pages themselves.
# Left out on purpose: paging out. When the pool is empty, whoever asks gets nothing.

    .include "kernel.inc"

    .section .text

# page_new: a0 = a page with one owner and arbitrary contents, or 0.
    .globl page_new
page_new:
    la      t0, free_list
    ld      a0, 0(t0)
    beqz    a0, 1f
    ld      t1, 0(a0)               # the next of the list
    sd      t1, 0(t0)
    j       2f
1:
    la      t0, pool_taken
    ld      t1, 0(t0)
    li      t2, POOL_BYTES
    beq     t1, t2, 3f
    li      a0, POOL
    add     a0, a0, t1
    li      t2, PAGE_BYTES
    add     t1, t1, t2
    sd      t1, 0(t0)
2:
    la      t0, pages_used
    ld      t1, 0(t0)
    addi    t1, t1, 1
    sd      t1, 0(t0)
    # falls through: its first owner

# page_share: the page a0 has one owner more. Keeps a0.
    .globl page_share
page_share:
    li      t0, POOL
    sub     t0, a0, t0
    srli    t0, t0, PAGE_SHIFT
    la      t1, owners
    add     t0, t0, t1
    lbu     t1, 0(t0)
    addi    t1, t1, 1
    sb      t1, 0(t0)
    ret
3:
    la      a0, no_pages
    enter
    call    print
    li      a0, 0
    leave

# page_owners: a0 = how many own the page a0.
    .globl page_owners
page_owners:
    li      t0, POOL
    sub     t0, a0, t0
    srli    t0, t0, PAGE_SHIFT
    la      t1, owners
    add     t0, t0, t1
    lbu     a0, 0(t0)
    ret

# page_release: the page a0 has one owner less; without any, it is free.
    .globl page_release
page_release:
    li      t0, POOL
    sub     t0, a0, t0
    srli    t0, t0, PAGE_SHIFT
    la      t1, owners
    add     t0, t0, t1
    lbu     t1, 0(t0)
    addi    t1, t1, -1
    sb      t1, 0(t0)
    bnez    t1, 1f
    la      t0, free_list
    ld      t1, 0(t0)
    sd      t1, 0(a0)
    sd      a0, 0(t0)
    la      t0, pages_used
    ld      t1, 0(t0)
    addi    t1, t1, -1
    sd      t1, 0(t0)
1:
    ret

# page_zeroed: like page_new, and full of zeros, so that nobody reads what somebody else left there.
    .globl page_zeroed
page_zeroed:
    enter
    call    page_new
    beqz    a0, 2f
    li      t0, PAGE_BYTES
    add     t0, a0, t0
    mv      t1, a0
1:
    sd      zero, 0(t1)
    sd      zero, 8(t1)
    sd      zero, 16(t1)
    sd      zero, 24(t1)
    addi    t1, t1, 32
    bne     t1, t0, 1b
2:
    leave

# page_copy: copies the page a1 to the page a0. Keeps a0.
    .globl page_copy
page_copy:
    li      t0, PAGE_BYTES
    add     t0, a0, t0
    mv      t1, a0
1:
    ld      t2, 0(a1)
    ld      t3, 8(a1)
    ld      t4, 16(a1)
    ld      t5, 24(a1)
    sd      t2, 0(t1)
    sd      t3, 8(t1)
    sd      t4, 16(t1)
    sd      t5, 24(t1)
    addi    a1, a1, 32
    addi    t1, t1, 32
    bne     t1, t0, 1b
    ret

# pages_free: a0 = pages that are left.
    .globl pages_free
pages_free:
    la      t0, pages_used
    ld      t0, 0(t0)
    li      a0, POOL_PAGES
    sub     a0, a0, t0
    ret

    .section .rodata
no_pages:
    .asciz "lilliput: no page is left\n"

    .section .bss
    .balign 8
free_list:                          # the first page that came back, or 0
    .space 8
pool_taken:                         # bytes of the pool that were ever used
    .space 8
pages_used:
    .space 8
owners:                             # a byte for each page of the pool
    .space POOL_PAGES
