# In front of every guest that a test writes in assembly: where it starts, how it checks itself and ends, how it runs
# code in another mode and catches what comes of it, and page tables to change. The macros clobber t6 and s8; s8 to s11
# belong to `catch`. START_IN_M is set by the driver; otherwise the guest starts in S-mode on the SBI, with what it finds.

        .equ    RAM, 0x80000000
        .equ    FINISHER, 0x100000
        .equ    CLINT, 0x2000000
        .equ    MTIMECMP, 0x2004000
        .equ    MTIME, 0x200bff8
        .equ    PLIC, 0xc000000
        .equ    UART, 0x10000000
        .equ    FINISHER_PASS, 0x5555
        .equ    FINISHER_FAIL, 0x3333

        .equ    U, 0
        .equ    S, 1
        .equ    M, 3

        .equ    MSTATUS_SIE, 1 << 1
        .equ    MSTATUS_MIE, 1 << 3
        .equ    MSTATUS_SPIE, 1 << 5
        .equ    MSTATUS_MPIE, 1 << 7
        .equ    MSTATUS_SPP, 1 << 8
        .equ    MSTATUS_MPP, 3 << 11
        .equ    MSTATUS_MPRV, 1 << 17
        .equ    MSTATUS_SUM, 1 << 18
        .equ    MSTATUS_MXR, 1 << 19
        .equ    MSTATUS_TVM, 1 << 20
        .equ    MSTATUS_TW, 1 << 21
        .equ    MSTATUS_TSR, 1 << 22

        .equ    FETCH_MISALIGNED, 0
        .equ    FETCH_ACCESS, 1
        .equ    ILLEGAL, 2
        .equ    BREAKPOINT, 3
        .equ    LOAD_MISALIGNED, 4
        .equ    LOAD_ACCESS, 5
        .equ    STORE_MISALIGNED, 6
        .equ    STORE_ACCESS, 7
        .equ    ECALL_U, 8
        .equ    ECALL_S, 9
        .equ    ECALL_M, 11
        .equ    FETCH_PAGE, 12
        .equ    LOAD_PAGE, 13
        .equ    STORE_PAGE, 15
        .equ    INTERRUPT, 1 << 63

        .equ    PTE_V, 1
        .equ    PTE_R, 2
        .equ    PTE_W, 4
        .equ    PTE_X, 8
        .equ    PTE_U, 16
        .equ    PTE_G, 32
        .equ    PTE_A, 64
        .equ    PTE_D, 128
        .equ    PTE_RW, PTE_V | PTE_R | PTE_W | PTE_A | PTE_D
        .equ    PTE_RWX, PTE_RW | PTE_X

        .equ    PMP_R, 1
        .equ    PMP_W, 2
        .equ    PMP_X, 4
        .equ    PMP_TOR, 1 << 3
        .equ    PMP_NA4, 2 << 3
        .equ    PMP_NAPOT, 3 << 3
        .equ    PMP_L, 1 << 7
        .equ    PMP_OPEN, PMP_NAPOT | PMP_R | PMP_W | PMP_X

        # Under `root`, RAM is at its own address for S-mode, and this much higher for U-mode.
        .equ    USER, 0x40000000
        .equ    PAGE, 4096

        # Where `leaves`, `page1` and `page2` are, as numbers: the code of this file takes one page, `root` the next.
        .equ    LEAVES, RAM + 3 * PAGE
        .equ    PAGE1, RAM + 5 * PAGE
        .equ    PAGE2, RAM + 6 * PAGE

        .set    checks, 0

        # Ends the run: the guest found all as it should be.
        .macro  pass
        li      a0, FINISHER_PASS
        j       finish
        .endm

        # Ends the run with the number of this check as exit code, unless the register holds the value.
        .macro  check register, value
        .set    checks, checks + 1
        li      t6, \value
        beq     \register, t6, 98f
        li      a0, checks
        j       fail
98:
        .endm

        # The same for two registers.
        .macro  same one, other
        .set    checks, checks + 1
        beq     \one, \other, 98f
        li      a0, checks
        j       fail
98:
        .endm

        # Goes on at `target` in another mode, whose addresses are higher by `offset`.
        .macro  enter mode, target, offset=0
        li      t6, MSTATUS_MPP
        csrc    mstatus, t6
        li      t6, \mode << 11
        csrs    mstatus, t6
        li      t6, \offset
        csrw    mepc, t6
        la      t6, \target
        csrr    s8, mepc
        add     t6, t6, s8
        csrw    mepc, t6
        mret
        .endm

        # Runs `target` in another mode until it traps to M-mode; goes on after this line in M-mode, with the trap in
        # s8 (cause), s9 (trap value) and s10 (pc).
        .macro  try mode, target, offset=0
        la      s11, 97f
        enter   \mode, \target, \offset
97:     la      s11, unexpected
        .endm

        # The same for code that follows and stays in M-mode: it goes on at `resume`.
        .macro  catching resume
        la      s11, \resume
        .endm

        .macro  check_trap cause, tval
        check   s8, \cause
        check   s9, \tval
        .endm

        # Makes page `number` of the window at virtual address 0 map a frame.
        .macro  map number, frame, flags
        la      t6, \frame
        srli    t6, t6, 2
        ori     t6, t6, (\flags) & 0x3ff
        la      s8, leaves
        sd      t6, ((\number) * 8)(s8)
        .endm

        # Translates by `root` from here on, below M-mode.
        .macro  translate table=root
        la      t6, \table
        srli    t6, t6, 12
        li      s8, 8 << 60
        or      t6, t6, s8
        csrw    satp, t6
        .endm

        # An entry as data, for a label on a page.
        .macro  pte target, flags
        .dword  ((\target - _start + RAM) >> 2) | (\flags)
        .endm

        .option norvc
        .text
        .globl  _start
_start:
        .if     START_IN_M
        la      t0, catch
        csrw    mtvec, t0
        la      s11, unexpected
        li      t0, -1
        csrw    pmpaddr0, t0
        li      t0, PMP_OPEN
        csrw    pmpcfg0, t0
        .endif
        la      sp, stack
        j       test

        # An exception that no test expects ends the run with 200 and its cause.
unexpected:
        addi    a0, s8, 200
fail:   bnez    a0, 1f
        li      a0, 199                 # a failure without a number is one too
1:      slli    a0, a0, 16
        li      t6, FINISHER_FAIL
        or      a0, a0, t6
finish: .if     START_IN_M
        li      t6, MSTATUS_MPRV
        csrc    mstatus, t6
        .endif
        li      t6, FINISHER
        sw      a0, 0(t6)
1:      j       1b

        .balign 4
catch:  .if     START_IN_M
        csrr    s8, mcause
        csrr    s9, mtval
        csrr    s10, mepc
        .endif
        jr      s11

        .balign PAGE
root:   pte     middle, PTE_V
        .dword  0
        .dword  (RAM >> 2) | PTE_RWX
        .dword  (RAM >> 2) | PTE_RWX | PTE_U
        .zero   508 * 8
middle: pte     leaves, PTE_V
        .zero   511 * 8
leaves: .zero   512 * 8
page0:  .dword  0x1000
        .zero   511 * 8
page1:  .dword  0x1001
        .zero   511 * 8
page2:  .dword  0x1002
        .zero   511 * 8
        .zero   PAGE
stack:
