# Console: makes lines out of bytes: echo, backspace, end of line, Ctrl-D. Unix calls this a line discipline.
# It listens to the UART only while a process waits for a line. So what is typed ahead stays with the sender, and the
# echo of a command comes where a reader looks for it: behind the prompt.
# Left out on purpose: Ctrl-C, history, and more than one reader at a time.

    .include "kernel.inc"

    .equ CONTROL_D, 4               # end of input
    .equ BACKSPACE, 8
    .equ LINE_FEED, 10
    .equ CARRIAGE_RETURN, 13        # what the Enter key of a terminal sends
    .equ DELETE, 127                # what its Backspace key sends

    .section .text

# console_input: takes what the UART has, until a line is whole.
    .globl console_input
console_input:
    enter
1:
    la      t0, line_whole
    lbu     t0, 0(t0)
    bnez    t0, 2f
    call    uart_get
    bltz    a0, 2f
    call    console_byte
    j       1b
2:
    leave

# console_byte: the byte in a0 was typed. Ctrl-D ends the line without a line feed; an empty one is the end of input.
console_byte:
    enter
    mv      s1, a0
    la      s2, line
    la      s3, line_length
    ld      s4, 0(s3)
    li      t0, CONTROL_D
    bne     s1, t0, 1f
    la      t0, input_ended         # what stands on the line is still read, then nothing more
    li      t1, 1
    sb      t1, 0(t0)
    j       4f
1:
    li      t0, CARRIAGE_RETURN
    bne     s1, t0, 1f
    li      s1, LINE_FEED
1:
    li      t0, BACKSPACE
    beq     s1, t0, 3f
    li      t0, DELETE
    beq     s1, t0, 3f
    li      t0, LINE_FEED
    beq     s1, t0, 2f
    li      t0, ' '                 # other control characters: nothing
    bltu    s1, t0, 5f
    li      t0, LINE_BYTES - 1      # room for the line feed
    bgeu    s4, t0, 5f
2:
    add     t0, s2, s4
    sb      s1, 0(t0)
    addi    s4, s4, 1
    sd      s4, 0(s3)
    mv      a0, s1
    call    uart_put
    li      t0, LINE_FEED
    bne     s1, t0, 5f
    j       4f
3:
    beqz    s4, 5f
    addi    s4, s4, -1
    sd      s4, 0(s3)
    la      a0, rub_out
    call    print
    j       5f
4:                                  # whole: stop listening, wake who waits
    la      t0, line_whole
    li      t1, 1
    sb      t1, 0(t0)
    li      a0, 0
    call    uart_listen
    li      a0, STATE_READING
    call    wake
5:
    leave

# sys_read: a0 = address, a1 = bytes. Answers with a line or as much of it as fits, 0 at the end of input.
    .globl sys_read
sys_read:
    la      t0, line_whole
    lbu     t0, 0(t0)
    bnez    t0, 1f
    la      t0, input_ended
    lbu     t0, 0(t0)
    bnez    t0, 4f
    li      a0, IER_ERBFI
    call    uart_listen
    li      t0, STATE_READING
    j       wait_as
1:
    enter
    la      s1, line_length
    la      s2, line_taken
    ld      t0, 0(s1)
    ld      s3, 0(s2)
    sub     s4, t0, s3              # bytes that are left
    bleu    s4, a1, 2f
    mv      s4, a1
2:
    la      a1, line
    add     a1, a1, s3
    mv      a2, s4
    call    copy_out
    bltz    a0, 3f
    mv      a0, s4
    add     s3, s3, s4
    sd      s3, 0(s2)
    ld      t0, 0(s1)
    bltu    s3, t0, 3f
    sd      zero, 0(s1)             # all taken: the next line may come
    sd      zero, 0(s2)
    la      t0, line_whole
    sb      zero, 0(t0)
3:
    leave
4:
    li      a0, 0
    ret

    .section .rodata
rub_out:
    .byte BACKSPACE, ' ', BACKSPACE, 0

    .section .bss
    .balign 8
line_length:
    .space 8
line_taken:                         # so much of it has been read
    .space 8
line:
    .space LINE_BYTES
line_whole:                         # 1 from its end until all of it is read
    .space 1
input_ended:                        # 1 from Ctrl-D on
    .space 1
