# Fault: what a program must not do, each thing in a child of its own, which the kernel kills.

    .include "user/abi.inc"

    .equ KERNEL_ADDRESS, 0x80000000
    .equ DEVICE_ADDRESS, 0x10000000
    .equ RECURSION_BYTES, 1024

    .section .text

    .macro  attempt name
    la      a0, text_\name
    la      a1, try_\name
    call    try
    .endm

    .globl main_fault
main_fault:
    enter
    attempt null
    attempt kernel
    attempt device
    attempt text
    attempt data
    attempt break
    attempt stack
    attempt csr
    attempt call
    leave

# try: says the text a0, and calls the function a1 in a child.
try:
    enter
    mv      s1, a1
    mv      a1, a0
    la      a0, fault_text
    call    printf
    call    fork
    bnez    a0, 1f
    jalr    s1
    li      a0, 0
    call    exit
1:
    li      a0, 0
    call    wait
    leave

try_null:
    ld      t0, 0(zero)
    ret
try_kernel:
    li      t0, KERNEL_ADDRESS
    ld      t0, 0(t0)
    ret
try_device:
    li      t0, DEVICE_ADDRESS
    sb      zero, 0(t0)
    ret
try_text:
    la      t0, try_text
    sw      zero, 0(t0)
    ret
try_data:
    jr      sp
try_break:
    li      a0, 0
    call    sbrk                    # where the heap ends
    sd      zero, 0(a0)
    ret
try_stack:
    li      t0, RECURSION_BYTES
    sub     sp, sp, t0
    sd      ra, 0(sp)
    j       try_stack
try_csr:
    csrr    t0, sstatus
    ret
try_call:
    enter
    li      a0, KERNEL_ADDRESS
    li      a1, 1
    call    write
    mv      a1, a0
    la      a0, fault_answer
    call    printf
    leave

fault_text:
    .asciz "fault: %s\n"
text_null:
    .asciz "loads from address 0"
text_kernel:
    .asciz "loads from the kernel"
text_device:
    .asciz "stores to the UART"
text_text:
    .asciz "stores to its own text"
text_data:
    .asciz "executes its stack"
text_break:
    .asciz "stores behind its heap"
text_stack:
    .asciz "calls itself for ever"
text_csr:
    .asciz "reads a CSR of S-mode"
text_call:
    .asciz "asks the kernel to write from the kernel's memory"
fault_answer:
    .asciz "fault: and lives, for the kernel only answers %d\n"
