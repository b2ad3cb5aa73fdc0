# Shell: the first process. Reads a line, and runs the program it names in a child: fork, exec, wait.
# `exit` and `help` are its own. A line that ends in & is not waited for. At the end of input (Ctrl-D) it exits, and
# with it the machine.
# Left out on purpose: pipes and variables.

    .include "user/abi.inc"

    .equ STATUS_NOT_FOUND, 127

    .section .text
    .globl main_shell
main_shell:
    addi    sp, sp, -LINE_BYTES     # the line
next_line:
    la      a0, prompt
    call    puts
    mv      a0, sp
    li      a1, LINE_BYTES
    call    read
    blez    a0, end_of_input

    add     t0, sp, a0              # the line becomes a string: a zero for its line feed,
    lbu     t1, -1(t0)
    li      t2, '\n'
    bne     t1, t2, 1f
    addi    t0, t0, -1
1:
    sb      zero, 0(t0)
    beq     t0, sp, next_line       # nothing but the line feed
    li      s3, 0                   #   and for a & before it: s3 = do not wait
    lbu     t1, -1(t0)
    li      t2, '&'
    bne     t1, t2, 2f
    sb      zero, -1(t0)
    li      s3, 1
2:
    mv      a0, sp
    call    skip_spaces
    mv      s1, a0                  # the program's name
    call    skip_word
    mv      s2, a0                  # the rest is its argument
    lbu     t0, 0(s2)
    beqz    t0, 3f
    sb      zero, 0(s2)
    addi    a0, s2, 1
    call    skip_spaces
    mv      s2, a0
3:
    lbu     t0, 0(s1)
    beqz    t0, next_line

    mv      a0, s1
    la      a1, exit_name
    call    string_equal
    bnez    a0, shell_exit
    mv      a0, s1
    la      a1, help_name
    call    string_equal
    bnez    a0, shell_help

    call    fork
    bltz    a0, no_child
    beqz    a0, child
    mv      s4, a0
    bnez    s3, 5f
4:
    li      a0, 0
    call    wait                    # it may tell of another one, which was not waited for
    bne     a0, s4, 4b
    j       next_line
5:
    la      a0, background
    mv      a1, s4
    call    printf
    j       next_line

child:
    mv      a0, s1
    mv      a1, s2
    call    exec
    la      a0, not_found           # exec does not come back, unless it failed
    mv      a1, s1
    call    printf
    li      a0, STATUS_NOT_FOUND
    call    exit

no_child:
    la      a0, cannot_fork
    call    puts
    j       next_line

shell_help:
    la      a0, help
    call    puts
    j       next_line

end_of_input:
    la      a0, line_end
    call    puts
shell_exit:
    li      a0, 0
    call    exit

# skip_spaces, skip_word: a0 moves on to where they end.
skip_spaces:
    li      t1, ' '
1:
    lbu     t0, 0(a0)
    bne     t0, t1, 2f
    addi    a0, a0, 1
    j       1b
2:
    ret

skip_word:
    li      t1, ' '
1:
    lbu     t0, 0(a0)
    beqz    t0, 2f
    beq     t0, t1, 2f
    addi    a0, a0, 1
    j       1b
2:
    ret

prompt:
    .asciz "lilliput$ "
exit_name:
    .asciz "exit"
help_name:
    .asciz "help"
help:
    .ascii "echo TEXT   says it\n"
    .ascii "ps          the processes\n"
    .ascii "fork        a family of processes\n"
    .ascii "cow         fork shares pages, a store copies one\n"
    .ascii "fault       what a program must not do\n"
    .ascii "spin        three processes that never give the hart away\n"
    .ascii "turns       two that do\n"
    .ascii "mem         pages come with their first use\n"
    .ascii "hog         takes all pages there are\n"
    .ascii "sleep MS    waits\n"
    .ascii "uptime      since the machine was started\n"
    .asciz "exit        ends the machine, as Ctrl-D does\n"
not_found:
    .asciz "shell: there is no program %s; try help\n"
cannot_fork:
    .asciz "shell: no process or page is left\n"
background:
    .asciz "[%d]\n"
line_end:
    .asciz "\n"
