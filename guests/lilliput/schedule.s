# Schedule: who runs next. Round robin: the next process that is ready, in a circle behind the one that ran.
# When none is ready, the hart waits (wfi) with its timer set to the first sleeper that is to wake, or to never: an idle
# lilliput has no ticks at all. The manual lets wfi end when an interrupt is pending and enabled in sie, even though
# sstatus.SIE is 0: no trap is taken, so the kernel looks for itself.
# Left out on purpose: priorities.

    .include "kernel.inc"

    .section .text

# schedule: gives the hart to another process than s0, if there is one.
    .globl schedule
schedule:
    rdtime  t0
    li      t1, NEVER               # when the first sleeper wakes
    li      t2, PROCESSES           # so many to look at
    la      t3, process_table_end
    mv      t4, s0
1:
    addi    t4, t4, P_BYTES
    bne     t4, t3, 2f
    la      t4, process_table           # behind the last comes the first
2:
    ld      t5, P_STATE(t4)
    li      t6, STATE_READY
    beq     t5, t6, 4f
    li      t6, STATE_SLEEPING
    bne     t5, t6, 3f
    ld      t5, P_WAKE(t4)
    bleu    t5, t0, 4f              # its time has come
    bgeu    t5, t1, 3f
    mv      t1, t5
3:
    addi    t2, t2, -1
    bnez    t2, 1b

    csrw    stimecmp, t1            # nobody is ready
    wfi
    csrr    t0, sip
    andi    t0, t0, INTERRUPT_SEI
    beqz    t0, schedule
    call    external_interrupt
    j       schedule
4:
    li      t5, STATE_READY
    sd      t5, P_STATE(t4)
    mv      s0, t4
    # falls through

# resume: the process s0 gets the hart, for a slice.
    .globl resume
resume:
    csrw    sscratch, s0
    ld      a0, P_ROOT(s0)
    call    space_enter
    rdtime  t0
    addi    t0, t0, SLICE_TICKS
    csrw    stimecmp, t0            # also ends the interrupt that is pending
    j       trap_return

# wait_as: the process s0 waits in the state t0. Its ecall runs again when it is woken, and finds what it waited for; or
# it does not, and waits again. So waking too often is never wrong.
    .globl wait_as
wait_as:
    sd      t0, P_STATE(s0)
    ld      t0, P_PC(s0)
    addi    t0, t0, -ECALL_BYTES
    sd      t0, P_PC(s0)
    j       schedule

# wake: all processes in the state a0 are ready.
    .globl wake
wake:
    la      t0, process_table
    la      t1, process_table_end
    li      t2, STATE_READY
1:
    ld      t3, P_STATE(t0)
    bne     t3, a0, 2f
    sd      t2, P_STATE(t0)
2:
    addi    t0, t0, P_BYTES
    bne     t0, t1, 1b
    ret
