# Echo: says its argument.

    .include "user/abi.inc"

    .section .text
    .globl main_echo
main_echo:
    enter
    mv      a1, a0
    la      a0, echo_text
    call    printf
    leave
echo_text:
    .asciz "%s\n"
