// What guests of several harts under the built-in SBI have in common: its numbers, and calls of it as macros.

import { type CaseOptions, runCase } from '../assembly.ts';

/** The common part, up to where hart 0 starts. */
export const SBI = (harts: number) => `
        .equ    HARTS, ${harts}
        .equ    TIME, 0x54494d45
        .equ    IPI, 0x735049
        .equ    RFENCE, 0x52464e43
        .equ    HSM, 0x48534d
        .equ    START, 0
        .equ    STOP, 1
        .equ    STATUS, 2
        .equ    SUSPEND, 3
        .equ    STARTED, 0
        .equ    STOPPED, 1
        .equ    SUSPENDED, 4
        .equ    NON_RETENTIVE, 0x80000000
        .equ    INVALID_PARAM, -3
        .equ    INVALID_ADDRESS, -5
        .equ    ALREADY_AVAILABLE, -6
        .equ    ALL, -1
        .equ    counter, page0 + 16
        .equ    flag, page0 + 24

        .macro  call extension, function, first=0, second=0, third=0
        li      a7, \\extension
        li      a6, \\function
        li      a0, \\first
        li      a1, \\second
        li      a2, \\third
        ecall
        .endm

        # Starts a hart at a label, with a number of ours.
        .macro  start hart, target, opaque=0
        li      a7, HSM
        li      a6, START
        li      a0, \\hart
        la      a1, \\target
        li      a2, \\opaque
        ecall
        check   a0, 0
        .endm

        .macro  await_status hart, status
93:     call    HSM, STATUS, \\hart
        check   a0, 0
        li      t0, \\status
        bne     a1, t0, 93b
        .endm

        .macro  wait_for label, register
        la      t0, \\label
94:     ld      t1, 0(t0)
        bltu    t1, \\register, 94b
        fence   r, rw
        .endm

        .macro  count label
        la      t0, \\label
        li      t1, 1
        amoadd.d.aqrl zero, t1, (t0)
        .endm

test:   check   a0, 0                   # only hart 0 starts by itself
`;
/** A turn that cuts every loop of these guests somewhere. */
const TURN = 61;
/** Runs a guest in all ways; it must find its own checks true. */
export const runHarts = (count: number, text: string, options: CaseOptions = {}) =>
  runCase(`${SBI(count)}\n${text}`, { harts: count, turnSteps: TURN, endOnly: true, mode: 's', ...options });
