# Hello: the smallest guest. It owns the machine in M-mode, prints two lines and switches the machine off.
# It talks to two devices of QEMU's `virt` board: a 16550 UART and the test finisher; a store to a device register
# is an ordinary store, which is what the privileged manual calls memory-mapped I/O.
# Left out on purpose: interrupts, traps and a second hart. guests/ticks has the first two, guests/crew the third.

    .equ UART, 0x10000000           # the registers of the UART start here
    .equ UART_THR, 0                #   transmit holding register: a byte stored here is sent
    .equ UART_LSR, 5                #   line status register
    .equ LSR_THRE, 1 << 5           #   LSR: the transmit holding register is empty, so it takes a byte

    .equ FINISHER, 0x100000         # a device that ends the machine
    .equ FINISHER_PASS, 0x5555      #   ... with exit code 0

    .equ STACK_BYTES, 1024

    .section .text
    .globl _start
_start:                             # the hart starts here: in M-mode, with interrupts off and no stack
    la      sp, stack_top           # the stack grows down, so it starts at its high end

    la      a0, greeting
    call    print_string

    la      a0, hart_before
    call    print_string
    csrr    a0, mhartid             # only M-mode may read this: under a monitor, this line is an exit
    addi    a0, a0, '0'             # a single digit is enough for the harts of a small board
    call    print_char
    la      a0, hart_after
    call    print_string

    li      t0, FINISHER
    li      t1, FINISHER_PASS
    sw      t1, 0(t0)               # the machine ends with this store
wait:
    wfi                             # a board without a finisher ends up here
    j       wait

# print_string: sends the bytes from a0 up to the zero byte.
print_string:
    addi    sp, sp, -16             # the ABI keeps sp a multiple of 16
    sd      ra, 8(sp)
    sd      s0, 0(sp)
    mv      s0, a0
1:
    lbu     a0, 0(s0)
    beqz    a0, 2f
    call    print_char
    addi    s0, s0, 1
    j       1b
2:
    ld      s0, 0(sp)
    ld      ra, 8(sp)
    addi    sp, sp, 16
    ret

# print_char: sends the byte in a0, once the UART takes one.
print_char:
    li      t0, UART
1:
    lbu     t1, UART_LSR(t0)
    andi    t1, t1, LSR_THRE
    beqz    t1, 1b
    sb      a0, UART_THR(t0)
    ret

    .section .rodata
greeting:
    .asciz "Hello from M-mode!\n"
hart_before:
    .asciz "I am hart "
hart_after:
    .asciz ", and I own this machine, as far as I can tell.\n"

    .section .bss
    .balign 16
    .space STACK_BYTES
stack_top:
