# For the debugger: a timer that interrupts, memory that is written now and then, a call from user mode to a supervisor
# behind page tables, and a page that is not there.

        .equ    MTIMECMP, 0x2004000
        .equ    PERIOD, 5               # ticks of 100 steps
        .equ    ROUNDS, 1000
        .equ    USER, 1 << 30           # how far above the user's code sees itself

        .globl  _start
_start: la      t0, machine_handler
        csrw    mtvec, t0
        la      sp, stack
        csrw    mscratch, sp
        li      t0, -1                  # all memory for S and U
        csrw    pmpaddr0, t0
        csrwi   pmpcfg0, 0x1f
        li      t0, 1 << 8 | 1 << 13    # user calls and load page faults are the supervisor's
        csrw    medeleg, t0
        la      t0, supervisor_handler
        csrw    stvec, t0
        li      t0, 1 << 7
        csrw    mie, t0
        li      t1, MTIMECMP
        li      t0, PERIOD
        sd      t0, 0(t1)

        la      s1, counter
        csrsi   mstatus, 8
        li      s0, ROUNDS
count:  addi    s0, s0, -1
        bnez    s0, count
        li      t0, 41
write:  sd      t0, 0(s1)
written:
        li      s0, ROUNDS
again:  addi    s0, s0, -1
        bnez    s0, again
        csrw    mie, zero

        la      t0, root                # RAM where it is for S, a gigabyte above for U, nothing elsewhere
        srli    t0, t0, 12
        li      t1, 8 << 60
        or      t0, t0, t1
        csrw    satp, t0
        sfence.vma
        li      t0, 3 << 11             # to U
        csrc    mstatus, t0
        la      t0, user
        li      t1, USER
        add     t0, t0, t1
        csrw    mepc, t0
        mret

user:   li      a0, 5
call:   ecall
back:   li      t0, 0x40000000
fault:  ld      t1, 0(t0)
        j       user

        .balign 4
supervisor_handler:
        csrr    t2, scause
        li      t3, 13
        beq     t2, t3, finish
        csrr    t2, sepc
        addi    t2, t2, 4
        csrw    sepc, t2
        addi    a0, a0, 1
return: sret
finish: ecall

        .balign 4
machine_handler:
        csrr    t3, mcause
        bgez    t3, end
        li      t4, MTIMECMP
        ld      t5, 0(t4)
        addi    t5, t5, PERIOD
        sd      t5, 0(t4)
        mret
end:    li      t0, 0x5555
        li      t1, 0x100000
        sw      t0, 0(t1)
1:      j       1b

        .bss
        .balign 8
        .globl  counter
counter: .zero  8
        .zero   1024
stack:
        .data
        .balign 4096
root:   .zero   16
        .dword  (0x80000000 >> 12 << 10) | 0xcf
        .dword  (0x80000000 >> 12 << 10) | 0xdf
        .zero   4064
