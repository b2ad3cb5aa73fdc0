# Tables: page tables of Sv39, as the privileged manual has them: three levels of 512 entries, each indexed by nine
# bits of the address. Here is the walk that the hardware does, done by software, and the kernel's own address space.
# Left out on purpose: address-space identifiers. satp.ASID is 0, so each switch drops what the TLB knows.

    .include "kernel.inc"

    .section .text

# walk: a0 = root, a1 = virtual address, a2 = level. Answers with the address of the entry for it at that level,
# making the tables on the way, or with 0 when pages are short.
    .globl walk
walk:
    enter
    mv      s1, a0                  # the table
    mv      s2, a1
    mv      s3, a2
    li      s4, LEVEL_2
1:
    srl     s5, s2, s4              # the index at this level
    andi    s5, s5, VPN_MASK
    slli    s5, s5, PTE_SHIFT
    add     s5, s1, s5
    beq     s4, s3, 3f
    ld      t0, 0(s5)
    andi    t1, t0, PTE_V
    bnez    t1, 2f
    call    page_zeroed
    beqz    a0, 4f
    srli    t0, a0, PTE_TO_ADDRESS  # R = W = X = 0: a pointer to the next table
    ori     t0, t0, PTE_V
    sd      t0, 0(s5)
2:
    srli    s1, t0, PTE_PPN_SHIFT
    slli    s1, s1, PAGE_SHIFT
    addi    s4, s4, -VPN_BITS
    j       1b
3:
    mv      a0, s5
4:
    leave

# map: maps a0 up to a1 to itself in the kernel's address space, with the flags a2, by entries of the level a3.
map:
    enter
    mv      s1, a0
    mv      s2, a1
    ori     s3, a2, PTE_V | PTE_G | PTE_A | PTE_D
    mv      s4, a3
1:
    la      a0, kernel_root
    mv      a1, s1
    mv      a2, s4
    call    walk
    srli    t0, s1, PTE_TO_ADDRESS
    or      t0, t0, s3
    sd      t0, 0(a0)
    li      t0, 1
    sll     t0, t0, s4
    add     s1, s1, t0
    bltu    s1, s2, 1b
    leave

# kernel_space_init: nothing is both writable and executable, and address 0 is nothing at all.
    .globl kernel_space_init
kernel_space_init:
    enter
    la      s1, regions
    la      s2, regions_end
1:
    ld      a0, 0(s1)
    ld      a1, 8(s1)
    ld      a2, 16(s1)
    ld      a3, 24(s1)
    call    map
    addi    s1, s1, 32
    bne     s1, s2, 1b

    call    page_zeroed             # the text of the programs: one table, which all processes share
    la      t0, user_text_table
    sd      a0, 0(t0)
    la      t0, user_text
    la      t1, kernel_rodata       # the programs come last in .text, and .rodata begins a new page
    li      t3, PAGE_BYTES
2:
    srli    t2, t0, PTE_TO_ADDRESS
    ori     t2, t2, PTE_V | PTE_R | PTE_X | PTE_U | PTE_A
    sd      t2, 0(a0)
    addi    a0, a0, PTE_BYTES
    add     t0, t0, t3
    bne     t0, t1, 2b
    leave

    .section .rodata
    .balign 8
regions:                            # from, up to, flags, level
    .dword  kernel_text, kernel_rodata, PTE_R | PTE_X, LEVEL_0
    .dword  kernel_rodata, kernel_bss, PTE_R, LEVEL_0
    .dword  kernel_bss, _end, PTE_R | PTE_W, LEVEL_0
    .dword  POOL, POOL + POOL_BYTES, PTE_R | PTE_W, LEVEL_1
    .dword  FINISHER, FINISHER + PAGE_BYTES, PTE_R | PTE_W, LEVEL_0
    .dword  UART, UART + PAGE_BYTES, PTE_R | PTE_W, LEVEL_0
    .dword  PLIC, PLIC + PLIC_BYTES, PTE_R | PTE_W, LEVEL_1
regions_end:

    .section .bss
    .balign PAGE_BYTES
    .globl kernel_root
kernel_root:
    .space PAGE_BYTES
    .globl user_text_table
user_text_table:
    .space 8
