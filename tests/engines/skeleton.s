# Around every random program: traps of all kinds are survived, in M-mode and S-mode, and lead to the next instruction
# or to where gp points. The whole image is mapped page by page at virtual address 0, by its own addresses for S-mode,
# and once more for U-mode. t5, t6, s10 and s11 are the handlers'; gp is where a chunk goes on that cannot.

        .equ    ROOT, RAM + PAGE
        .equ    MIDDLE, RAM + 2 * PAGE
        .equ    WINDOW_PAGES, 32
        .equ    RESCUE_EVERY, 256
        .equ    LOOPS_FAULTS, 16

test:   la      t0, m_handler
        csrw    mtvec, t0
        la      t0, s_handler
        csrw    stvec, t0
        li      t0, DELEGATED
        csrw    medeleg, t0
        li      t0, INTERRUPTS_DELEGATED
        csrw    mideleg, t0
        li      t0, ENVIRONMENT
        csrw    menvcfg, t0
        li      t0, 7
        csrw    mcounteren, t0
        csrw    scounteren, t0
        call    tables
        li      t0, INTERRUPTS
        csrw    mie, t0
        li      t0, FIRST_TICK
        li      t1, MTIMECMP
        sd      t0, 0(t1)
        csrw    stimecmp, t0
        li      t0, SATP
        csrw    satp, t0
        li      t0, MSTATUS_MPP
        csrc    mstatus, t0
        li      t0, STATUS
        csrs    mstatus, t0
        la      sp, stack
        la      t0, chunk0
        la      gp, chunk0
        li      t1, START_OFFSET
        add     t0, t0, t1
        add     gp, gp, t1
        csrw    mepc, t0
        mret

# Makes the window map the image as it is, in both address spaces, and the devices.
tables: la      t0, leaves
        la      t1, leaves2
        li      t2, (RAM >> 2) | WINDOW_FLAGS
        li      t3, WINDOW_PAGES
1:      sd      t2, 0(t0)
        sd      t2, 0(t1)
        addi    t0, t0, 8
        addi    t1, t1, 8
        addi    t2, t2, 1 << 10
        addi    t3, t3, -1
        bnez    t3, 1b
        la      t0, root
        la      t1, middle
        srli    t2, t1, 2
        ori     t2, t2, PTE_V
        sd      t2, 0(t0)
        li      t2, (RAM >> 2) | PTE_RWX
        sd      t2, 16(t0)
        ori     t2, t2, PTE_U
        sd      t2, 24(t0)
        la      t2, leaves
        srli    t2, t2, 2
        ori     t2, t2, PTE_V
        sd      t2, 0(t1)
        li      t2, (CLINT >> 2) | PTE_RW
        sd      t2, (CLINT >> 18)(t1)
        li      t2, (PLIC >> 2) | PTE_RW
        sd      t2, (PLIC >> 18)(t1)
        li      t2, (UART >> 2) | PTE_RW | PTE_U
        sd      t2, (UART >> 18)(t1)
        ret

        .balign 4
m_handler:
        csrr    t6, mcause
        bltz    t6, m_interrupt
        la      s11, traps
        ld      s10, 0(s11)
        addi    s10, s10, 1
        sd      s10, 0(s11)
        andi    s10, s10, RESCUE_EVERY - 1
        beqz    s10, rescue
        addi    s10, t6, -8
        sltiu   s10, s10, 4
        bnez    s10, service
        li      s10, (1 << FETCH_MISALIGNED) | (1 << FETCH_ACCESS) | (1 << FETCH_PAGE)
        srl     s10, s10, t6
        andi    s10, s10, 1
        csrr    t6, mepc
        bnez    s10, m_fetch
        ld      s10, 0(s11)             # no loop is left to its faults for ever
        andi    s10, s10, LOOPS_FAULTS - 1
        beqz    s10, m_resume
        csrr    s10, mtval              # nor is control among zeros
        beqz    s10, m_resume
        .if     COMPRESSED
        srli    s10, t6, 30             # code in the window may be anywhere
        beqz    s10, m_resume
        slli    s10, t6, 34             # to its physical address
        srli    s10, s10, 34
        li      s11, RAM
        add     s10, s10, s11
        srli    s11, s10, 21            # outside RAM there is nothing to go on with
        addi    s11, s11, -(RAM >> 21)
        bnez    s11, m_resume
        lhu     s10, 0(s10)
        andi    s10, s10, 3
        addi    s10, s10, -3
        seqz    s10, s10
        slli    s10, s10, 1
        addi    s10, s10, 2
        add     t6, t6, s10
        .else
        addi    t6, t6, 4
        .endif
        csrw    mepc, t6
        mret
m_fetch:
        beq     t6, gp, rescue          # there is nothing to go on with
m_resume:
        csrw    mepc, gp
        mret

# Goes on behind the ecall in the mode that a7 asks for, at the address at which that mode finds the code.
service:
        csrr    t6, mepc
        addi    t6, t6, 4
        li      s10, MSTATUS_MPP
        csrc    mstatus, s10
        andi    s10, a7, 3
        slli    s11, s10, 11
        csrs    mstatus, s11
        slli    t6, t6, 34              # its physical address
        srli    t6, t6, 34
        slli    gp, gp, 34
        srli    gp, gp, 34
        srli    s11, a7, 2              # in the window, unless M
        andi    s11, s11, 1
        beqz    s11, 1f
        addi    s11, s10, -M
        bnez    s11, 2f
1:      li      s11, RAM
        add     t6, t6, s11
        add     gp, gp, s11
        bnez    s10, 2f
        li      s11, USER
        add     t6, t6, s11
        add     gp, gp, s11
2:      csrw    mepc, t6
        mret

# All as it was in the beginning, but for the code, and on in M-mode at one chunk after the other.
rescue: call    tables
        la      s11, rescues
        ld      t0, 0(s11)
        addi    t0, t0, 8
        li      t1, CHUNKS * 8
        bltu    t0, t1, 1f
        li      t0, 0
1:      sd      t0, 0(s11)
        la      s11, chunks
        add     s11, s11, t0
        ld      gp, 0(s11)
        li      t0, START_OFFSET
        add     gp, gp, t0
        csrw    mepc, gp
        li      t0, -1
        csrw    pmpaddr0, t0
        li      t0, PMP_OPEN
        csrw    pmpcfg0, t0
        li      t0, SATP
        csrw    satp, t0
        li      t0, MSTATUS_MPP
        csrc    mstatus, t0
        li      t0, STATUS
        csrs    mstatus, t0
        li      t0, INTERRUPTS
        csrw    mie, t0
        mret

m_interrupt:
        andi    t6, t6, 63
        la      s11, ticks
        ld      s10, 0(s11)
        addi    s10, s10, 1
        sd      s10, 0(s11)
        andi    s10, s10, 3
        addi    s10, s10, 1             # ticks from now
        addi    t6, t6, -3
        bnez    t6, 1f
        li      t6, CLINT
        sw      zero, 0(t6)
        mret
1:      addi    t6, t6, -4
        bnez    t6, 2f
        li      t6, MTIME
        ld      t6, 0(t6)
        add     t6, t6, s10
        li      s10, MTIMECMP
        sd      t6, 0(s10)
        mret
2:      addi    t6, t6, 2
        bnez    t6, 3f
        csrr    t6, time
        add     t6, t6, s10
        csrw    stimecmp, t6
        mret
3:      csrw    mip, zero
        li      t6, (1 << 9) | (1 << 11)
        csrc    mie, t6
        mret

        .balign 4
s_handler:
        csrr    t6, scause
        bltz    t6, 2f
        addi    s10, t6, -FETCH_PAGE
        beqz    s10, 1f
        addi    s10, t6, -FETCH_ACCESS
        beqz    s10, 1f
        csrr    t6, stval
        beqz    t6, 1f
        csrr    t6, sepc
        srli    s10, t6, 2
        andi    s10, s10, LOOPS_FAULTS - 1
        beqz    s10, 1f
        addi    t6, t6, 4
        csrw    sepc, t6
        sret
1:      csrr    t6, sepc
        beq     t6, gp, 4f
        csrw    sepc, gp
        sret
2:      andi    t6, t6, 63
        addi    t6, t6, -5
        beqz    t6, 3f
        csrw    sip, zero
        li      t6, 1 << 9
        csrc    sie, t6
        sret
3:      csrr    t6, time
        addi    t6, t6, 2
        csrw    stimecmp, t6
        sret
4:      li      a7, M
        ecall
        j       rescue

        .balign 8
traps:  .dword  0
ticks:  .dword  0
rescues: .dword 0

        .balign PAGE
root2:  pte     middle2, PTE_V
        .dword  0
        .dword  (RAM >> 2) | PTE_RWX
        .dword  (RAM >> 2) | PTE_RWX | PTE_U
        .zero   508 * 8
middle2:
        pte     leaves2, PTE_V
        .zero   511 * 8
leaves2:
        .zero   512 * 8
        .balign PAGE
area:
