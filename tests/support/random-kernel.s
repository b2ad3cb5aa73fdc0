# A kernel that does what a script says, in M-mode: it edits page tables, fences, switches spaces, and has S and U load,
# store, fetch and execute single instructions, each until it traps or a timer ends it. All that it sees goes into s7.
# A line of the script: an operation, and three doublewords for it. Scripts, tables and the instructions are
# tests/support/random-kernels.ts's. Goes behind prelude.s.

        .equ    LINE, 32
        .equ    TICKS, 1                # of mtime, for code in S or U
        .equ    FACTOR, 0x9e3779b97f4a7c15

        .macro  fold register
        xor     s7, s7, \register
        mul     s7, s7, s6
        srli    t6, s7, 29
        xor     s7, s7, t6
        .endm

test:   la      s5, script
        li      s6, FACTOR
        li      t0, -1
        csrw    mcounteren, t0
        li      t0, 1 << 7              # the machine's timer
        csrw    mie, t0

        # A kernel begins as the first one did.
kernel: la      t0, supervisor
        csrw    stvec, t0
        csrw    medeleg, zero
        csrw    satp, zero
        li      t0, -1
        csrw    pmpaddr0, t0
        li      t0, PMP_OPEN
        csrw    pmpcfg0, t0
        li      t0, MSTATUS_SUM | MSTATUS_MXR | MSTATUS_TVM | MSTATUS_TSR | MSTATUS_TW
        csrc    mstatus, t0
        sfence.vma

next:   ld      s0, 0(s5)
        ld      s1, 8(s5)
        ld      s2, 16(s5)
        ld      s3, 24(s5)
        addi    s5, s5, LINE
        la      t0, operations
        sh2add  t0, s0, t0
        jr      t0
        .balign 4
operations:
        j       end
        j       edit
        j       fence_all
        j       fence_address
        j       fence_space
        j       fence_both
        j       write_satp
        j       change_status
        j       go
        j       delegate
        j       protect
        j       device
        j       environment

end:    mv      s5, s1                  # where the next kernel's script is, if there is one
        bnez    s5, kernel
        la      t0, result
        sd      s7, 0(t0)
        pass

edit:   sd      s2, 0(s1)               # an entry, where it is known to be
        j       next
fence_all:
        sfence.vma
        j       next
fence_address:
        sfence.vma s1, zero
        j       next
fence_space:
        sfence.vma zero, s2
        j       next
fence_both:
        sfence.vma s1, s2
        j       next
write_satp:
        csrw    satp, s1
        csrr    t0, satp
        fold    t0
        j       next
change_status:                          # SUM, MXR, TVM, TSR, FS
        csrc    mstatus, s1
        csrs    mstatus, s2
        csrr    t0, mstatus
        fold    t0
        j       next
delegate:
        csrw    medeleg, s1
        csrw    stvec, s2
        j       next
protect:
        li      t0, -1
        csrw    pmpaddr1, t0
        csrw    pmpaddr0, s1
        csrw    pmpcfg0, s2
        csrr    t0, pmpcfg0
        fold    t0
        j       next
environment:                            # ADUE
        csrw    menvcfg, s1
        j       next
device: lw      t0, 0(s1)
        fold    t0
        sb      s2, 0(s3)
        j       next

        # s1: the pc in the mode s3; s2 in a1: the address that it loads from or stores to.
go:     li      t0, MTIME
        ld      t0, 0(t0)
        addi    t0, t0, TICKS
        li      t1, MTIMECMP
        sd      t0, 0(t1)
        la      s11, 1f
        li      t0, MSTATUS_MPP
        csrc    mstatus, t0
        slli    t0, s3, 11
        csrs    mstatus, t0
        csrw    mepc, s1
        mv      a0, s7
        mv      a1, s2
        mret
1:      li      t0, -1
        li      t1, MTIMECMP
        sd      t0, 0(t1)
        la      s11, unexpected
        fold    s8
        fold    s9
        fold    s10
        fold    a0
        csrr    t0, mstatus
        fold    t0
        csrr    t0, scause
        fold    t0
        csrr    t0, stval
        fold    t0
        j       next

        .balign PAGE
        # Code for S and U, at the same offset in whatever page maps it.
code:
load:   ld      a0, 0(a1)
        ecall
store:  sd      a0, 0(a1)
        ecall
swap:   amoadd.d a0, a0, (a1)
        ecall
        .balign 32
instruction:                            # any
        .rept   64
        nop
        ecall
        .endr
        .balign 4
supervisor:
        csrr    a0, scause
        csrr    a1, stval
        ecall
result: .dword  0
        .balign PAGE
script:                                 # of the first; and tables, data and script of each of the others
