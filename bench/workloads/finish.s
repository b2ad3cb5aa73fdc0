# Finish: how every workload ends, in M-mode or in S-mode where the finisher is mapped: the result is stored where a host
# can read it, compared with EXPECTED, and the verdict told to `tohost`, which some simulators watch, and to the test
# finisher: 0x5555 for the right result, 0x3333 with a code for a wrong one.

    .include "machine.inc"

    .section .text
    .globl finish, fail
finish:                             # a0 = the result
    la      t0, result
    sd      a0, 0(t0)
    la      t0, expected
    ld      t1, 0(t0)
    li      t2, FINISHER_PASS
    li      t3, TOHOST_PASS
    beq     a0, t1, end
    li      a0, CODE_WRONG
fail:                               # a0 = the exit code
    slli    t3, a0, 1
    ori     t3, t3, 1
    slli    a0, a0, FINISHER_CODE_SHIFT
    li      t2, FINISHER_FAIL
    or      t2, t2, a0
end:
    la      t0, tohost
    sd      t3, 0(t0)
    li      t0, FINISHER
    sw      t2, 0(t0)
1:
    j       1b

    .section .data
    .balign PAGE_BYTES              # stores shall not hit pages that hold code
    .globl iterations, result, tohost
iterations:
    .dword ITERATIONS
expected:
    .dword EXPECTED
result:
    .dword 0
    .balign PAGE_BYTES
tohost:
    .dword 0
    .balign PAGE_BYTES
