# PLIC: the platform-level interrupt controller, which gathers the interrupts of all devices into one, sip.SEIP.
# Its specification is a document of its own: priority, enable, threshold, and the pair of claim and complete.
# Left out on purpose: priorities among devices. There is one that interrupts.

    .include "kernel.inc"

    .equ ALL_PRIORITIES, 0          # threshold: every interrupt above priority 0

    .section .text

# plic_init: lets the UART through to S-mode of this hart.
    .globl plic_init
plic_init:
    li      t0, PLIC_PRIORITY + 4 * UART_IRQ
    li      t1, 1                   # priority 0 would mean never
    sw      t1, 0(t0)
    li      t0, PLIC_ENABLE
    li      t1, 1 << UART_IRQ
    sw      t1, 0(t0)
    li      t0, PLIC_THRESHOLD
    li      t1, ALL_PRIORITIES
    sw      t1, 0(t0)
    ret

# external_interrupt: serves the device that interrupts. Loading the claim register takes its interrupt off the others,
# storing to it says that we are done, and the device may interrupt again.
    .globl external_interrupt
external_interrupt:
    enter
    li      s1, PLIC_CLAIM
    lw      s2, 0(s1)
    beqz    s2, 2f                  # somebody was faster, or nobody was there
    li      t0, UART_IRQ
    bne     s2, t0, 1f
    call    console_input
1:
    sw      s2, 0(s1)
2:
    leave
