# Lock: what keeps all harts but one out (acquire, release), and what brings them all together (meet).
# Both are made of the A extension: LR and SC, which store only if nobody else has in between, and amoadd.
# Left out on purpose: fairness. Whoever tries at the right moment gets the lock; a ticket lock would keep a queue.

    .section .text

# acquire: waits until the lock is free, and takes it.
    .globl acquire
acquire:
    la      t0, lock
    li      t1, 1
1:
    lr.w.aq t2, (t0)                # .aq: nothing that follows may be done before it
    bnez    t2, 1b                  # somebody has it
    sc.w    t2, t1, (t0)
    bnez    t2, 1b                  # somebody was faster
    ret

# release: gives it back.
    .globl release
release:
    la      t0, lock
    amoswap.w.rl zero, zero, (t0)   # .rl: all that came before must be done by now
    ret

# meet: returns when all gp harts have called it. The last to come opens the gate for all, by a new generation.
    .globl meet
meet:
    la      t0, generation
    lw      t1, 0(t0)               # read before this hart is counted: afterwards it may be the next one
    fence   rw, rw
    la      t2, arrived
    li      t3, 1
    amoadd.w.aqrl t3, t3, (t2)
    addi    t3, t3, 1
    bne     t3, gp, 1f
    sw      zero, 0(t2)
    fence   rw, rw
    addi    t1, t1, 1
    sw      t1, 0(t0)
    ret
1:
    lw      t3, 0(t0)
    beq     t3, t1, 1b
    fence   r, rw
    ret

    .section .bss
    .balign 8
lock:
    .space 8
arrived:
    .space 8
generation:
    .space 8
