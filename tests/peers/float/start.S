# From reset to a C program in M-mode that has floating point: the unit on, a stack, and no trap that it would survive.

#define FS_INITIAL (1 << 13)
#define FINISHER 0x100000
#define FAIL 0x3333

    .section .text.start
    .globl _start
_start:
    .option push
    .option norelax
    la      gp, __global_pointer$
    .option pop
    li      t0, FS_INITIAL
    csrs    mstatus, t0
    la      t0, trapped
    csrw    mtvec, t0
    la      sp, stack_top
    la      tp, thread_storage
    call    main
    .balign 4
trapped:
    csrr    t1, mcause
    slli    t1, t1, 16
    li      t0, FAIL
    or      t1, t1, t0
    li      t0, FINISHER
    sw      t1, 0(t0)
1:  j       1b
