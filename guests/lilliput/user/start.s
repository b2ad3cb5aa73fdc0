# Start: the text of the programs begins here, in pages of its own, and this is what they all need: the system calls.
# Programs are linked at kernel addresses and run at USER_TEXT, so their code and text must find each other relative to
# pc, as la, call and branches do; a table of addresses would not work.

    .include "user/abi.inc"

    .section .text
    .balign USER_PAGE_BYTES
    .globl user_text
user_text:

# program_return: where a program returns to, and its status is 0.
    .globl program_return
program_return:
    li      a0, 0
    # falls through

    .macro  system_call name, number
    .globl \name
\name:
    li      a7, \number
    ecall
    ret
    .endm

    system_call exit, SYS_EXIT
    system_call write, SYS_WRITE
    system_call read, SYS_READ
    system_call fork, SYS_FORK
    system_call exec, SYS_EXEC
    system_call wait, SYS_WAIT
    system_call yield, SYS_YIELD
    system_call sbrk, SYS_SBRK
    system_call sleep, SYS_SLEEP
    system_call getpid, SYS_GETPID
    system_call processes, SYS_PROCESSES
    system_call memory, SYS_MEMORY
