# Traps: one kind of trap, over and over, UNROLLED in a pass, by a kernel in S-mode on the SBI, under Sv39. Which kind is
# a symbol of the caller; NONE, CALL and DIVIDE are controls. Each operation counts itself in s0, which is the result.
# Left out on purpose: saving registers. t5 and t6 belong to the trap handler.

    .include "machine.inc"

    .equ UART, 0x10000000
    .equ UART_LSR, 5
    .equ UART_SCRATCH, 7
    .equ SBI_BASE, 0x10
    .equ SBI_IPI, 0x735049
    .equ SBI_TIME, 0x54494d45
    .equ CAUSE_INTERRUPT_STI, 5
    .equ INTERRUPT_SSI, 1 << 1
    .equ SSTATUS_SIE, 1 << 1
    .equ ECALL_BYTES, 4
    .equ LD_BYTES, 4

    .equ USER, 0x40000000           # the program, and behind it pages of the kernel's, by one last-level table
    .equ WORD, USER + PAGE_BYTES    # maps `words`
    .equ NOTHING, USER + 2 * PAGE_BYTES
    .equ FRESH, 0xc0000000          # a gigabyte of pages, all of one frame, some of which are touched, then all unmapped
    .equ FRESH_END, 0x100000000
    .equ FRESH_STEP, 8 * PAGE_BYTES # apart, so that no other page comes with one

    .ifdef HIDDEN
    .equ FRESH_TABLES, 1
    .endif
    .ifdef REWRITE
    .equ FRESH_TABLES, 1
    .endif

    .macro operation
    .ifdef NONE
    addi    s0, s0, 1
    .endif
    .ifdef CALL
    jal     ra, leaf
    .endif
    .ifdef DIVIDE
    div     t0, s2, s3
    addi    s0, s0, 1
    .endif
    .ifdef READ
    csrr    t0, sscratch
    addi    s0, s0, 1
    .endif
    .ifdef WRITE
    csrw    sscratch, s0
    addi    s0, s0, 1
    .endif
    .ifdef SRET                     # to the instruction behind it, in S-mode
    la      t0, 1f
    csrw    sepc, t0
    csrs    sstatus, s5
    sret
1:
    addi    s0, s0, 1
    .endif
    .ifdef TIME
    rdtime  t0
    addi    s0, s0, 1
    .endif
    .ifdef FAULT                    # the handler counts, and steps over it
    ld      t0, 0(s6)
    .endif
    .ifdef HIDDEN                   # a page that the kernel has mapped and nobody has touched
    ld      t0, 0(s6)
    add     s6, s6, s7
    addi    s0, s0, 1
    .endif
    .ifdef EDIT                     # a page is mapped to another frame, and read
    sd      s5, 0(s6)
    sfence.vma s8, zero
    ld      t0, 0(s8)
    xor     s5, s5, s7
    addi    s0, s0, 1
    .endif
    .ifdef REWRITE                  # all entries of a table are changed, and a page that one of them maps is read
    mv      t2, s6
    li      t1, TABLE_ENTRIES
1:
    sd      s5, 0(t2)
    addi    t2, t2, PTE_BYTES
    addi    t1, t1, -1
    bnez    t1, 1b
    sfence.vma
    ld      t0, 0(s8)
    xor     s5, s5, s7
    addi    s0, s0, 1
    .endif
    .ifdef SATP                     # another space, a fence of all, and a load in it
    csrw    satp, s5
    sfence.vma
    ld      t0, 0(s6)
    xor     s5, s5, s7
    addi    s0, s0, 1
    .endif
    .ifdef LOAD
    lbu     t0, UART_LSR(s6)
    addi    s0, s0, 1
    .endif
    .ifdef STORE
    sb      s0, UART_SCRATCH(s6)
    addi    s0, s0, 1
    .endif
    .ifdef SBI                      # the version of the specification
    li      a7, SBI_BASE
    li      a6, 0
    ecall
    addi    s0, s0, 1
    .endif
    .ifdef SET_TIMER                # never due
    li      a7, SBI_TIME
    li      a6, 0
    addi    s5, s5, -1
    mv      a0, s5
    ecall
    addi    s0, s0, 1
    .endif
    .ifdef TIMER                    # due at once; the handler counts
    csrw    stimecmp, zero
    .endif
    .ifdef WORLD                    # nothing to do until the next tick
    rdtime  t0
    addi    t0, t0, 1
    csrw    stimecmp, t0
    wfi
    addi    s0, s0, 1
    .endif
    .ifdef WFI                      # an interrupt is pending, which is enabled for waiting alone
    wfi
    addi    s0, s0, 1
    .endif
    .ifdef IPI                      # from this hart to itself; the handler counts
    li      a7, SBI_IPI
    li      a6, 0
    li      a0, 1
    li      a1, 0
    ecall
    .endif
    .endm

    .section .text
    .globl _start
_start:
    la      t0, trap
    csrw    stvec, t0
    la      t0, iterations
    ld      s1, 0(t0)
    li      s0, 0
    la      a0, root
    call    make_space
    csrw    satp, a0
    sfence.vma
    li      s2, 1000003
    li      s3, 37
    .ifdef SRET
    li      s5, MSTATUS_SPP
    .endif
    .ifdef FAULT
    li      s6, NOTHING
    .endif
    .ifdef HIDDEN
    li      s6, FRESH
    li      s7, FRESH_STEP
    li      s8, FRESH_END
    la      s9, root + (FRESH >> GIGAPAGE_SHIFT) * PTE_BYTES
    ld      s10, 0(s9)
    .endif
    .ifdef EDIT
    la      s6, leaves + PTE_BYTES  # the entry of WORD
    ld      s5, 0(s6)
    li      s7, 1 << PTE_PPN_SHIFT  # `words` has two pages, at an even frame
    li      s8, WORD
    xor     s5, s5, s7
    .endif
    .ifdef REWRITE
    la      s6, fresh_leaves
    ld      s5, 0(s6)
    li      s7, 1 << PTE_PPN_SHIFT
    li      s8, FRESH + (TABLE_ENTRIES - 1) * PAGE_BYTES  # what the entry maps that is changed last
    xor     s5, s5, s7
    .endif
    .ifdef WFI
    csrsi   sip, INTERRUPT_SSI
    csrsi   sie, INTERRUPT_SSI
    .endif
    .ifdef SET_TIMER
    li      s5, -1
    .endif
    .ifdef SATP
    la      a0, second_root
    call    make_space
    csrr    t0, satp
    xor     s7, a0, t0
    mv      s5, a0
    li      s6, WORD
    .endif
    .ifdef LOAD
    li      s6, UART
    .endif
    .ifdef STORE
    li      s6, UART
    .endif
    .ifdef TIMER
    li      s9, -1
    csrw    stimecmp, s9
    li      t0, INTERRUPT_STI
    csrs    sie, t0
    csrsi   sstatus, SSTATUS_SIE
    .endif
    .ifdef WORLD                    # wfi ends with the interrupt, which is not taken
    li      t0, INTERRUPT_STI
    csrs    sie, t0
    .endif
    .ifdef IPI
    li      t0, INTERRUPT_SSI
    csrs    sie, t0
    csrsi   sstatus, SSTATUS_SIE
    .endif
    .ifdef SYSCALL
    li      t0, MSTATUS_SPP
    csrc    sstatus, t0
    li      t0, USER
    csrw    sepc, t0
    li      a7, 1
    sret
    .endif
again:
    .ifdef HIDDEN                   # all have been touched: their tables are taken away, and put back
    bltu    s6, s8, 1f
    sd      zero, 0(s9)
    sfence.vma
    sd      s10, 0(s9)
    li      s6, FRESH
1:
    .endif
    .rept   UNROLLED
    operation
    .endr
    addi    s1, s1, -1
    bnez    s1, again
    mv      a0, s0
    j       finish

leaf:
    addi    s0, s0, 1
    ret

    .balign 4
trap:
    csrr    t5, scause
    .ifdef SYSCALL
    li      t6, CAUSE_ECALL_U
    bne     t5, t6, unexpected
    beqz    a7, 1f
    csrr    t6, sepc
    addi    t6, t6, ECALL_BYTES
    csrw    sepc, t6
    addi    s0, s0, 1
    sret
1:
    mv      a0, s0
    j       finish
    .endif
    .ifdef FAULT
    li      t6, CAUSE_LOAD_PAGE
    bne     t5, t6, unexpected
    csrr    t6, sepc
    addi    t6, t6, LD_BYTES
    csrw    sepc, t6
    addi    s0, s0, 1
    sret
    .endif
    .ifdef TIMER
    csrw    stimecmp, s9
    addi    s0, s0, 1
    sret
    .endif
    .ifdef IPI
    csrci   sip, INTERRUPT_SSI
    addi    s0, s0, 1
    sret
    .endif
unexpected:
    andi    a0, t5, 0x3f
    addi    a0, a0, CODE_TRAP
    j       fail

# make_space: fills the root at a0, which shares all other tables. a0 = its satp.
make_space:
    li      t0, PTE_RW              # devices
    sd      t0, 0(a0)
    la      t1, middle
    srli    t0, t1, PAGE_SHIFT - PTE_PPN_SHIFT
    ori     t0, t0, PTE_V
    sd      t0, (USER >> GIGAPAGE_SHIFT) * PTE_BYTES(a0)
    li      t0, (RAM >> PAGE_SHIFT << PTE_PPN_SHIFT) | PTE_RWX
    sd      t0, (RAM >> GIGAPAGE_SHIFT) * PTE_BYTES(a0)
    la      t2, leaves
    srli    t0, t2, PAGE_SHIFT - PTE_PPN_SHIFT
    ori     t0, t0, PTE_V
    sd      t0, 0(t1)
    la      t1, program
    srli    t0, t1, PAGE_SHIFT - PTE_PPN_SHIFT
    ori     t0, t0, PTE_RX | PTE_U
    sd      t0, 0(t2)
    la      t1, words
    srli    t0, t1, PAGE_SHIFT - PTE_PPN_SHIFT
    ori     t0, t0, PTE_RW
    sd      t0, PTE_BYTES(t2)
    .ifdef FRESH_TABLES
    la      t1, fresh_middle
    srli    t0, t1, PAGE_SHIFT - PTE_PPN_SHIFT
    ori     t0, t0, PTE_V
    sd      t0, (FRESH >> GIGAPAGE_SHIFT) * PTE_BYTES(a0)
    la      t2, fresh_leaves
    srli    t0, t2, PAGE_SHIFT - PTE_PPN_SHIFT
    ori     t0, t0, PTE_V
    li      t3, TABLE_ENTRIES
2:
    sd      t0, 0(t1)
    addi    t1, t1, PTE_BYTES
    addi    t3, t3, -1
    bnez    t3, 2b
    la      t0, words
    srli    t0, t0, PAGE_SHIFT - PTE_PPN_SHIFT
    ori     t0, t0, PTE_RW
    li      t3, TABLE_ENTRIES
2:
    sd      t0, 0(t2)
    addi    t2, t2, PTE_BYTES
    addi    t3, t3, -1
    bnez    t3, 2b
    .endif
    srli    a0, a0, PAGE_SHIFT
    li      t0, SATP_SV39
    or      a0, a0, t0
    ret

    .section .user, "ax"
    .balign PAGE_BYTES
program:
    .rept   UNROLLED
    ecall
    .endr
    addi    s1, s1, -1
    bnez    s1, program
    li      a7, 0
    ecall
    .balign PAGE_BYTES

    .section .bss
    .balign 2 * PAGE_BYTES
words:
    .space  2 * PAGE_BYTES
root:
    .space  PAGE_BYTES
second_root:
    .space  PAGE_BYTES
middle:
    .space  PAGE_BYTES
leaves:
    .space  PAGE_BYTES
    .ifdef FRESH_TABLES
fresh_middle:
    .space  PAGE_BYTES
fresh_leaves:
    .space  PAGE_BYTES
    .endif
