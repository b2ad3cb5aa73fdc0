# UART: sends a byte, takes a byte, and says whether it may interrupt. A 16550, of which only the oldest part is used.
# Its FIFO stays off: turning it on would throw away what was typed before we came.
# Left out on purpose: line speed and modem lines, which the board does not have, and interrupts for sending.

    .include "kernel.inc"

    .section .text

# uart_put: sends the byte in a0. Keeps all registers but t0, t1.
    .globl uart_put
uart_put:
    li      t0, UART
1:
    lbu     t1, UART_LSR(t0)
    andi    t1, t1, LSR_THRE
    beqz    t1, 1b
    sb      a0, UART_THR(t0)
    ret

# uart_get: a0 = the next byte, or -1 when there is none.
    .globl uart_get
uart_get:
    li      t0, UART
    li      a0, -1
    lbu     t1, UART_LSR(t0)
    andi    t1, t1, LSR_DR
    beqz    t1, 1f
    lbu     a0, UART_RBR(t0)
1:
    ret

# uart_listen: interrupt for each byte that comes, if a0 is IER_ERBFI; never, if it is 0.
    .globl uart_listen
uart_listen:
    li      t0, UART
    sb      a0, UART_IER(t0)
    ret
