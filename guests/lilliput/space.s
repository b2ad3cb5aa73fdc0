# Space: the address space of a process. Made, shared at fork, emptied at exec, given back at exit, and filled page by
# page by the page faults of its owner: demand paging and copy-on-write are both in `user_page`.
# The kernel is in it too, for S-mode alone (PTE.U = 0), so a trap needs no other page table.
# Left out on purpose: user memory is never touched through these tables; sstatus.SUM stays 0.

    .include "kernel.inc"

    .section .text

# Which entries of a root lead to the kernel's half: those of the first gigabyte and of the third.
    .equ ROOT_DEVICES, UART >> LEVEL_2 << PTE_SHIFT
    .equ ROOT_RAM, RAM >> LEVEL_2 << PTE_SHIFT

# space_enter: a0 = root. From here on addresses mean what they mean there.
# space_leave: the same for the kernel's own space, where no process is.
    .globl space_leave
space_leave:
    la      a0, kernel_root
    .globl space_enter
space_enter:
    srli    a0, a0, PAGE_SHIFT      # satp.PPN
    li      t0, SATP_MODE_SV39
    or      a0, a0, t0
    csrw    satp, a0
    sfence.vma                      # satp alone orders nothing: forget the other space's translations
    ret

# space_new: a0 = root of a space with the programs' text and nothing else, or 0 when pages are short.
    .globl space_new
space_new:
    enter
    call    pages_free
    mv      t0, a0
    li      a0, 0
    li      t1, SPACE_TABLES
    bltu    t0, t1, 1f              # known now, nothing below fails half-way
    call    page_zeroed
    mv      s1, a0
    la      t0, kernel_root         # the kernel: its entries lead to the tables that all spaces share
    ld      t1, ROOT_DEVICES(t0)
    sd      t1, ROOT_DEVICES(s1)
    ld      t1, ROOT_RAM(t0)
    sd      t1, ROOT_RAM(s1)
    li      a1, USER_TEXT
    li      a2, LEVEL_1
    call    walk
    la      t0, user_text_table
    ld      t0, 0(t0)
    srli    t0, t0, PTE_TO_ADDRESS
    ori     t0, t0, PTE_V
    sd      t0, 0(a0)
    mv      a0, s1
    call    data_table
    mv      a0, s1
1:
    leave

# data_table: a0 = root. Answers with the table for heap and stack: the address of its first entry.
data_table:
    li      a1, USER_HEAP
    li      a2, LEVEL_0
    j       walk

# space_share: a0 = root of the parent, a1 = root of the child, which gets all pages of heap and stack. Where stores
# were allowed, neither may store any more without making a copy first.
    .globl space_share
space_share:
    enter
    mv      s1, a1
    call    data_table
    mv      s2, a0
    mv      a0, s1
    call    data_table
    mv      s3, a0
    li      s4, TABLE_ENTRIES
1:
    ld      s5, 0(s2)
    beqz    s5, 3f
    andi    t0, s5, PTE_W
    beqz    t0, 2f
    xori    s5, s5, PTE_W | PTE_COW # W was set and COW was not: the other way round
    sd      s5, 0(s2)
2:
    sd      s5, 0(s3)
    srli    a0, s5, PTE_PPN_SHIFT
    slli    a0, a0, PAGE_SHIFT
    call    page_share
3:
    addi    s2, s2, PTE_BYTES
    addi    s3, s3, PTE_BYTES
    addi    s4, s4, -1
    bnez    s4, 1b
    sfence.vma                      # the parent goes on in this space: its right to store is gone
    leave

# space_clear: a0 = root. Gives heap and stack back. The caller is not in this space, or sees to the fence.
    .globl space_clear
space_clear:
    enter
    call    data_table
    mv      s1, a0
    li      s2, TABLE_ENTRIES
1:
    ld      a0, 0(s1)
    beqz    a0, 2f
    sd      zero, 0(s1)
    srli    a0, a0, PTE_PPN_SHIFT
    slli    a0, a0, PAGE_SHIFT
    call    page_release
2:
    addi    s1, s1, PTE_BYTES
    addi    s2, s2, -1
    bnez    s2, 1b
    leave

# space_free: a0 = root. Gives back all of it, tables too. Nobody may be in this space.
    .globl space_free
space_free:
    enter
    mv      s1, a0
    call    space_clear
    mv      a0, s1
    call    data_table
    call    page_release
    li      a1, USER_TEXT
    li      a2, LEVEL_1
    mv      a0, s1
    call    walk                    # the first entry of the middle table
    call    page_release            # USER_TEXT begins a gigabyte, so its entry is where the middle table begins
    mv      a0, s1
    call    page_release
    leave

# user_page: a0 = user address, a1 = PTE_R, PTE_W or PTE_X: what the process s0 wants to do there. Answers with the
# address at which the kernel finds the same byte, or with 0 if it must not be. Makes the page, or a copy of it, if
# that is due.
    .globl user_page
user_page:
    enter
    mv      s1, a0
    mv      s2, a1
    li      t0, USER_TEXT
    bltu    s1, t0, 8f
    li      t0, USER_END
    bgeu    s1, t0, 8f
    ld      a0, P_ROOT(s0)
    mv      a1, s1
    li      a2, LEVEL_0
    call    walk
    mv      s3, a0                  # its entry
    ld      s4, 0(s3)
    beqz    s4, 2f
    and     t0, s4, s2
    bnez    t0, 7f                  # it is there, and allowed
    li      t0, PTE_W               # not allowed: only a store can be cured,
    bne     s2, t0, 8f
    andi    t0, s4, PTE_COW         #   and only where the page was writable before it was shared
    beqz    t0, 8f

    srli    a0, s4, PTE_PPN_SHIFT   # copy on write
    slli    s5, a0, PAGE_SHIFT
    mv      a0, s5
    call    page_owners
    li      t0, 1
    beq     a0, t0, 1f              # the others have gone: no copy is needed
    call    page_new
    beqz    a0, 9f
    mv      a1, s5
    call    page_copy
    mv      t0, s5
    mv      s5, a0
    mv      a0, t0
    call    page_release
1:
    andi    s4, s4, PTE_FLAGS
    xori    s4, s4, PTE_W | PTE_COW
    j       6f

2:                                  # nothing is there: is it heap or stack?
    li      t0, PTE_X
    beq     s2, t0, 8f              # data is never executed
    li      t0, USER_HEAP
    bltu    s1, t0, 8f
    ld      t0, P_BREAK(s0)
    bltu    s1, t0, 3f
    li      t0, USER_STACK
    bltu    s1, t0, 8f
3:
    call    page_zeroed             # demand paging
    beqz    a0, 9f
    mv      s5, a0
    ld      t0, P_PAGES(s0)
    addi    t0, t0, 1
    sd      t0, P_PAGES(s0)
    li      s4, PTE_V | PTE_R | PTE_W | PTE_U | PTE_A | PTE_D
6:
    srli    t0, s5, PTE_TO_ADDRESS
    or      s4, s4, t0
    sd      s4, 0(s3)
    sfence.vma s1, zero             # the hardware may remember the entry as it was, even an invalid one
7:
    srli    a0, s4, PTE_PPN_SHIFT
    slli    a0, a0, PAGE_SHIFT
    li      t0, PAGE_MASK
    and     t0, s1, t0
    add     a0, a0, t0
    j       9f
8:
    li      a0, 0
9:
    leave
