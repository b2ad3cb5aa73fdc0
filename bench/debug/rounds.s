# For the debugger's bench: one store and one instruction that never come again, then a million steps in which memory and
# registers change, then the end.

        .option norvc
        .globl  _start, once, word
_start: la      s1, word
        li      s0, ROUNDS
store:  sd      s0, 0(s1)
once:   addi    s1, s1, 8
1:      addi    s2, s2, 3               # seven steps a round
        xor     s3, s3, s2
        ld      s4, 0(s1)
        add     s4, s4, s3
        sd      s4, 0(s1)
        addi    s0, s0, -1
        bnez    s0, 1b
        li      t0, 0x5555
        li      t1, 0x100000
        sw      t0, 0(t1)
2:      j       2b

        .data
        .balign 4096                    # beside code, each store would be looked at
word:   .zero   16
