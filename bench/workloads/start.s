# Start: what a compute kernel starts with and ends by. The kernel brings `setup`, called once, and `pass`, called
# ITERATIONS times, whose results are folded into one word, and finish.s judges that.
# With PAGING, all that runs in U-mode under Sv39: every page of the first LEAF_TABLES * 2 MiB of RAM is mapped at its own
# address, one by one, as a kernel maps a program. Without, it runs in M-mode, untranslated.
# Left out on purpose: other harts, and any trap but the call that ends the program.

    .include "machine.inc"

    .section .text
    .globl _start
_start:
    la      sp, stack_top
    la      t0, trap
    csrw    mtvec, t0
    li      t0, MSTATUS_FS          # the floating-point unit is on
    csrs    mstatus, t0
    .if PAGING
    call    map
    li      t0, PMPADDR_ALL         # without a PMP entry, U could not touch memory at all
    csrw    pmpaddr0, t0
    li      t0, PMPCFG_OPEN
    csrw    pmpcfg0, t0
    la      t0, root
    srli    t0, t0, PAGE_SHIFT
    li      t1, SATP_SV39
    or      t0, t0, t1
    csrw    satp, t0
    sfence.vma
    li      t0, MSTATUS_MPP         # mret shall enter U-mode
    csrc    mstatus, t0
    la      t0, program
    csrw    mepc, t0
    mret
    .endif

program:
    la      sp, stack_top
    call    setup
    la      t0, iterations
    ld      s1, 0(t0)
    li      s0, 0                   # the results so far
1:
    call    pass
    slli    t0, s0, 5               # fold: s0 = s0 * 31 + a0
    sub     t0, t0, s0
    add     s0, t0, a0
    addi    s1, s1, -1
    bnez    s1, 1b
    mv      a0, s0
    .if PAGING
    ecall
    .else
    j       finish
    .endif

    .balign 4                       # mtvec.BASE is a multiple of four
trap:                               # M-mode: the program calls when it has ended, and does nothing else that traps
    csrr    t0, mcause
    li      t1, CAUSE_ECALL_U
    beq     t0, t1, finish
    addi    a0, t0, CODE_TRAP
    j       fail

    .if PAGING
map:                                # root -> middle -> leaf tables, side by side
    la      t0, root
    la      t1, middle
    srli    t2, t1, PAGE_SHIFT - PTE_PPN_SHIFT
    ori     t2, t2, PTE_V
    sd      t2, (RAM >> GIGAPAGE_SHIFT) * PTE_BYTES(t0)
    la      t0, leaves
    li      t3, LEAF_TABLES
    srli    t2, t0, PAGE_SHIFT - PTE_PPN_SHIFT
    ori     t2, t2, PTE_V
1:
    sd      t2, 0(t1)
    addi    t1, t1, PTE_BYTES
    addi    t2, t2, 1 << PTE_PPN_SHIFT
    addi    t3, t3, -1
    bnez    t3, 1b
    li      t2, (RAM >> (PAGE_SHIFT - PTE_PPN_SHIFT)) | PTE_RWX | PTE_U
    li      t3, LEAF_TABLES * TABLE_ENTRIES
    li      t4, 1 << PTE_PPN_SHIFT
2:
    sd      t2, 0(t0)
    add     t2, t2, t4
    addi    t0, t0, PTE_BYTES
    addi    t3, t3, -1
    bnez    t3, 2b
    ret
    .endif

    .section .bss
    .balign PAGE_BYTES
    .if PAGING
root:
    .space PAGE_BYTES
middle:
    .space PAGE_BYTES
leaves:
    .space LEAF_TABLES * PAGE_BYTES
    .endif
    .space 4 * PAGE_BYTES
stack_top:
