# Tasks: the table of the three, and what they do. Each looks for something among the numbers, and tells what it finds.
# None of them gives the hart away: they are plain loops, and the timer alone makes them take turns. A line must not be
# cut in two by a tick, so `report` prints with sstatus.SIE off: the critical section of a single hart.
# Left out on purpose: stacks that are checked, and waiting. A task computes until it returns.

    .include "constants.inc"

    .section .text

# tasks_init: gives each task of the table its first pc and sp, and task_exit to return to.
    .globl tasks_init
tasks_init:
    la      t0, tasks
    la      t1, programs
    la      t2, task_stacks
    la      t3, task_exit
    li      t4, TASKS
    li      t6, TASK_STACK_BYTES
1:
    ld      t5, 0(t1)
    sd      t5, TASK_NAME(t0)
    ld      t5, 8(t1)
    sd      t5, TASK_PC(t0)
    add     t2, t2, t6              # sp starts at the high end of the stack
    sd      t2, TASK_SP(t0)
    sd      t3, 8(t0)               # x1, that is ra
    addi    t0, t0, TASK_BYTES
    addi    t1, t1, 16
    addi    t4, t4, -1
    bnez    t4, 1b
    ret

# report: prints "name: text number" as one line. a0 = text, a1 = number.
report:
    addi    sp, sp, -32
    sd      ra, 24(sp)
    sd      s0, 16(sp)
    sd      s1, 8(sp)
    mv      s0, a0
    mv      s1, a1
    csrci   sstatus, SSTATUS_SIE    # a tick now waits until the line is whole
    csrr    t0, sscratch            # the running task
    ld      a0, TASK_NAME(t0)
    call    print
    mv      a0, s0
    call    print
    mv      a0, s1
    call    print_number
    la      a0, newline
    call    print
    csrsi   sstatus, SSTATUS_SIE
    ld      s1, 8(sp)
    ld      s0, 16(sp)
    ld      ra, 24(sp)
    addi    sp, sp, 32
    ret

# primes: counts them by trial division, and reports every CHECKPOINT numbers.
    .equ PRIMES_LIMIT, 1500
    .equ PRIMES_CHECKPOINT, 250
primes:
    addi    sp, sp, -16
    sd      ra, 8(sp)
    li      s0, 2                   # the candidate
    li      s1, 0                   # primes so far
    li      s2, PRIMES_CHECKPOINT   # the next report
1:
    li      t0, 2                   # the divisor
2:
    mul     t1, t0, t0
    bgtu    t1, s0, 3f              # past the root: prime
    remu    t1, s0, t0
    beqz    t1, 4f
    addi    t0, t0, 1
    j       2b
3:
    addi    s1, s1, 1
4:
    addi    s0, s0, 1
    bne     s0, s2, 1b
    la      a0, primes_text
    mv      a1, s1
    call    report
    addi    s2, s2, PRIMES_CHECKPOINT
    li      t0, PRIMES_LIMIT
    blt     s0, t0, 1b
    ld      ra, 8(sp)
    addi    sp, sp, 16
    ret

# collatz: halve it when even, else three times plus one; which start takes the most steps to reach 1?
    .equ COLLATZ_LIMIT, 700
collatz:
    addi    sp, sp, -16
    sd      ra, 8(sp)
    li      s0, 1                   # the start
    li      s1, 0                   # the most steps so far
    li      s2, 1                   # the start that took them
    li      s3, 100                 # the next report
1:
    mv      t0, s0
    li      t1, 0
    li      t4, 1
2:
    beq     t0, t4, 5f
    andi    t2, t0, 1
    bnez    t2, 3f
    srli    t0, t0, 1
    j       4f
3:
    slli    t3, t0, 1               # 3 n + 1
    add     t0, t0, t3
    addi    t0, t0, 1
4:
    addi    t1, t1, 1
    j       2b
5:
    bleu    t1, s1, 6f
    mv      s1, t1
    mv      s2, s0
6:
    addi    s0, s0, 1
    bne     s0, s3, 1b
    la      a0, collatz_text
    mv      a1, s2
    call    report
    addi    s3, s3, 100
    li      t0, COLLATZ_LIMIT
    blt     s0, t0, 1b
    ld      ra, 8(sp)
    addi    sp, sp, 16
    ret

# perfect: numbers that equal the sum of their proper divisors.
    .equ PERFECT_LIMIT, 500
perfect:
    addi    sp, sp, -16
    sd      ra, 8(sp)
    li      s0, 2
1:
    li      t0, 1                   # the divisor
    li      t1, 0                   # the sum
2:
    remu    t2, s0, t0
    bnez    t2, 3f
    add     t1, t1, t0
3:
    addi    t0, t0, 1
    bne     t0, s0, 2b
    bne     t1, s0, 4f
    la      a0, perfect_text
    mv      a1, s0
    call    report
4:
    addi    s0, s0, 1
    li      t0, PERFECT_LIMIT
    blt     s0, t0, 1b
    ld      ra, 8(sp)
    addi    sp, sp, 16
    ret

    .section .rodata
    .balign 8
programs:                           # name and first instruction of each
    .dword  primes_name, primes
    .dword  collatz_name, collatz
    .dword  perfect_name, perfect
primes_name:
    .asciz "primes"
primes_text:
    .asciz ": found so far: "
collatz_name:
    .asciz "collatz"
collatz_text:
    .asciz ": longest way to 1 so far starts at "
perfect_name:
    .asciz "perfect"
perfect_text:
    .asciz ": a number that is the sum of its divisors: "
newline:
    .asciz "\n"

    .section .bss
    .balign 16
task_stacks:
    .space TASKS * TASK_STACK_BYTES
    .globl tasks
tasks:
    .space TASKS * TASK_BYTES
    .globl tasks_end
tasks_end:
