# Kernel: the first instructions in S-mode. Builds the kernel's own address space, opens the devices, makes the first
# process and leaves into it. From then on the kernel runs only when a trap enters it.
# Left out on purpose: clearing .bss (whoever loads an ELF image does that) and reading the device tree (board.inc).

    .include "kernel.inc"

    .section .text
    .globl kernel
kernel:
    la      t0, trap                # stvec.MODE = 0 in the low bits: every trap goes to this one address
    csrw    stvec, t0
    la      s0, process_table           # trap saves here, should one come too early
    csrw    sscratch, s0

    call    kernel_space_init
    call    space_leave             # translation is on from here
    call    plic_init

    li      t0, SSTATUS_SPP         # sret shall enter U-mode, with interrupts on; each later trap keeps it so
    csrc    sstatus, t0
    li      t0, SSTATUS_SPIE
    csrs    sstatus, t0
    li      t0, INTERRUPT_STI | INTERRUPT_SEI
    csrw    sie, t0
    li      t0, COUNTEREN_TM        # programs may read time
    csrw    scounteren, t0

    call    process_new             # the first: pid 1
    mv      s0, a0
    call    space_new
    sd      a0, P_ROOT(s0)
    call    pages_free              # asked for before the first program begins
    mv      a2, a0
    la      a0, welcome
    li      a1, POOL_PAGES
    call    print
    la      a0, first_program
    call    program_find
    la      a1, no_argument
    call    process_begin
    j       resume

# panic: the kernel itself has failed. Says why, and ends the machine with exit code 1.
    .globl panic
panic:
    call    print
    li      a0, 1
    # falls through

# power_off: ends the machine with the exit code in a0.
    .globl power_off
power_off:
    li      t0, FINISHER
    li      t1, FINISHER_PASS
    beqz    a0, 1f
    slli    t1, a0, FINISHER_CODE_SHIFT
    li      t2, FINISHER_FAIL
    or      t1, t1, t2
1:
    sw      t1, 0(t0)
2:
    wfi                             # a board without a finisher ends up here
    j       2b

    .section .rodata
welcome:
    .asciz "lilliput: %d pages in the pool, %d free\n"
first_program:
    .asciz "shell"
no_argument:
    .asciz ""
