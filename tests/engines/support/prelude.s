# In front of every random program: how a hart starts, and what it does with traps, so that whatever a program does, it
# goes on. Of the registers, gp says what becomes of a fault (0: the piece ends, 1: the instruction is skipped, 2: a
# page fault is repaired first), s10 whether an environment call ends the piece, s11 where the next piece starts, tp how
# many traps the piece may still take. Handlers use t6 and s8, and nothing of memory. s9 counts turns.

        .equ    RAM, 0x80000000
        .equ    PAGE, 4096
        .equ    CLINT, 0x2000000
        .equ    MTIMECMP, 0x2004000
        .equ    MTIME, 0x200bff8
        .equ    UART, 0x10000000
        .equ    FINISHER, 0x100000
        .equ    FINISHER_PASS, 0x5555
        .equ    MSTATUS_MPP, 3 << 11
        .equ    MSTATUS_MPRV, 1 << 17
        .equ    PMP_OPEN, 0x1f
        .equ    ADUE, 1 << 61
        .equ    STCE, 1 << 63
        .equ    TRAPS, 24
        # What is delegated at first: calls from U, breakpoints, page faults of loads and stores; all of S's interrupts.
        .equ    EXCEPTIONS, 0xa108
        .equ    INTERRUPTS, 0x222

        .option norvc
        .text
        .globl  _start
_start: la      t0, m_trap
        csrw    mtvec, t0
        la      t0, s_trap
        csrw    stvec, t0
        li      t0, -1
        csrw    mcounteren, t0
        csrw    scounteren, t0
        li      sp, STACK
        jal     ra, clean
        j       main

# Every piece begins with this: no translation, no interrupt, all of memory open, as little as possible of what came
# before.
clean:  csrw    satp, zero
        csrw    mie, zero
        csrw    mstatus, zero
        li      t6, -1
        csrw    pmpaddr15, t6
        csrw    pmpcfg0, zero
        li      t6, PMP_OPEN << 56
        csrw    pmpcfg2, t6
        li      t6, EXCEPTIONS
        csrw    medeleg, t6
        li      t6, INTERRUPTS
        csrw    mideleg, t6
        li      t6, ADUE | STCE
        csrw    menvcfg, t6
        csrw    mscratch, zero
        csrw    sscratch, zero
        li      t6, -1
        csrw    stimecmp, t6
        csrw    mip, zero
        csrr    s8, mhartid
        slli    s8, s8, 3
        li      t6, MTIMECMP
        add     t6, t6, s8
        li      s8, -1
        sd      s8, 0(t6)
        li      tp, TRAPS
        li      s10, 0
        ret

        .balign 4
m_trap: csrr    s8, mcause
        bltz    s8, m_interrupt
        addi    tp, tp, -1
        bltz    tp, m_resume
        addi    s8, s8, -8
        li      t6, 4
        bltu    s8, t6, m_call
        addi    s8, s8, 8
        li      t6, 2
        bltu    s8, t6, m_resume
        li      t6, 12
        beq     s8, t6, m_resume
        beqz    gp, m_resume
        li      t6, 2
        beq     gp, t6, m_repair
m_skip: csrr    s8, mepc
        addi    s8, s8, 4
        csrw    mepc, s8
        mret
m_call: beqz    s10, m_skip
m_resume:
        li      t6, MSTATUS_MPRV
        csrc    mstatus, t6
        li      t6, MSTATUS_MPP
        csrs    mstatus, t6
        csrw    mepc, s11
        li      tp, TRAPS
        mret
m_repair:
        csrr    t6, mcause
        addi    t6, t6, -13
        beqz    t6, 1f
        addi    t6, t6, -2
        bnez    t6, m_skip
1:      csrr    s8, mtval
        srli    t6, s8, 21
        bnez    t6, m_skip
        srli    s8, s8, 12
        slli    s8, s8, 3
        li      t6, LEAVES
        add     s8, s8, t6
        ld      t6, 0(s8)
        ori     t6, t6, 0xc7
        sd      t6, 0(s8)
        mret

m_interrupt:
        slli    s8, s8, 1
        addi    s8, s8, -2
        beqz    s8, m_ssi
        addi    s8, s8, -4
        beqz    s8, m_msi
        addi    s8, s8, -4
        beqz    s8, m_sti
        addi    s8, s8, -4
        beqz    s8, m_mti
        csrw    mie, zero
        mret
m_ssi:  csrci   mip, 2
        mret
m_msi:  csrr    s8, mhartid
        slli    s8, s8, 2
        li      t6, CLINT
        add     t6, t6, s8
        sw      zero, 0(t6)
        mret
m_sti:  li      t6, -1
        csrw    stimecmp, t6
        li      t6, 1 << 5
        csrc    mip, t6
        mret
m_mti:  csrr    s8, mscratch            # the interval until the next, in ticks, or 0
        beqz    s8, 1f
        li      t6, MTIME
        ld      t6, 0(t6)
        add     s8, s8, t6
        j       2f
1:      li      s8, -1
2:      csrw    mtval, s8               # kept for a moment where no memory is needed
        csrr    t6, mhartid
        slli    t6, t6, 3
        li      s8, MTIMECMP
        add     t6, t6, s8
        csrr    s8, mtval
        sd      s8, 0(t6)
        mret

        .balign 4
s_trap: csrr    s8, scause
        bltz    s8, s_interrupt
        addi    tp, tp, -1
        bltz    tp, s_leave
        addi    s8, s8, -8
        beqz    s8, s_call
        addi    s8, s8, 8
        li      t6, 2
        bltu    s8, t6, s_leave
        li      t6, 12
        beq     s8, t6, s_leave
        beqz    gp, s_leave
s_skip: csrr    s8, sepc
        addi    s8, s8, 4
        csrw    sepc, s8
        sret
s_call: beqz    s10, s_skip
s_leave:
        li      s10, 1
        ecall
s_interrupt:
        slli    s8, s8, 1
        addi    s8, s8, -2
        beqz    s8, s_ssi
        addi    s8, s8, -8
        beqz    s8, s_sti
        csrw    sie, zero
        sret
s_ssi:  csrci   sip, 2
        sret
s_sti:  csrr    s8, sscratch
        beqz    s8, 1f
        csrr    t6, time
        add     s8, s8, t6
        j       2f
1:      li      s8, -1
2:      csrw    stimecmp, s8
        sret
