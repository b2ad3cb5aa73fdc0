# From reset to C: M-mode opens memory and hands traps to S-mode, S-mode gets a stack and calls main, and what main
# returns ends the machine. The trap vector saves what a C function may change.

#define FINISHER 0x100000
#define PASS 0x5555
#define FAIL 0x3333
#define MPP_S (1 << 11)
#define FRAME 256

    .section .text.start
    .globl _start
_start:
    li      t0, -1
    csrw    pmpaddr0, t0
    li      t0, 0x1f            # NAPOT, read, write, execute
    csrw    pmpcfg0, t0
    li      t0, 0xb1ff          # every exception but the calls from S and M
    csrw    medeleg, t0
    li      t0, 0x222
    csrw    mideleg, t0
    li      t0, MPP_S
    csrs    mstatus, t0
    la      t0, supervisor
    csrw    mepc, t0
    mret

supervisor:
    la      sp, stack_top
    la      t0, trap_entry
    csrw    stvec, t0
    call    main
    li      t0, FINISHER
    li      t1, PASS
    beqz    a0, 1f
    slli    a0, a0, 16
    li      t1, FAIL
    or      t1, t1, a0
1:  sw      t1, 0(t0)
    j       1b

    .balign 4
trap_entry:
    addi    sp, sp, -FRAME
    .irp    register, 1, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30, 31
    sd      x\register, \register * 8 (sp)
    .endr
    csrr    a0, scause
    csrr    a1, stval
    csrr    a2, sepc
    call    trap
    csrw    sepc, a0
    .irp    register, 1, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30, 31
    ld      x\register, \register * 8 (sp)
    .endr
    addi    sp, sp, FRAME
    sret

    .section .bss
    .balign 16
    .skip   16384
stack_top:
