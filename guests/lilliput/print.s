# Print: the kernel's formatted output, straight to the UART. The code is that of user/format.inc.

    .include "kernel.inc"
    .include "user/format.inc"

    .section .text
    define_format print, uart_put
