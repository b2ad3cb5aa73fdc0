// Guests that mean harm, or are broken beyond help: each does one thing that a monitor must contain. None of them ends
// by itself unless it says so.

import { assembleGuest } from './assembly.ts';
import type { TestGuest } from './guests.ts';
import { VIRTIO_MACROS } from './virtio-guest.ts';

interface Hostile {
  readonly mode?: 'm' | 's';
  readonly text: string;
}

const HOSTILE = {
  'jumps into the void': { text: 'test: li t0, 0x7000000000000000\n csrw mtvec, t0\n jr t0' },
  'jumps into a device': { text: 'test: li t0, UART\n csrw mtvec, t0\n jr t0' },
  'executes zeros': { text: 'test: la t0, 1f\n csrw mtvec, t0\n .balign 4\n1: .zero 64' },
  'executes its own data': { text: 'test: la t0, root\n csrw mtvec, t0\n jr t0' },
  'faults in its own trap handler for ever': {
    text: 'test: la t0, 1f\n csrw mtvec, t0\n .balign 4\n1: ld a0, 0(zero)\n j 1b',
  },
  'faults in its own S-mode trap handler for ever': {
    mode: 's',
    text: 'test: la t0, 1f\n csrw stvec, t0\n .balign 4\n1: .word 0\n j 1b',
  },
  'is interrupted for ever': {
    text: `test: la t0, 1f
        csrw mtvec, t0
        li t0, MTIMECMP
        sd zero, 0(t0)
        li t0, -1
        csrw mie, t0
        .balign 4
1:      csrsi mstatus, MSTATUS_MIE
        j 1b`,
  },
  'overwrites its page tables while it runs': {
    mode: 's',
    text: `test: la t0, root
        srli t0, t0, 12
        li t1, 8 << 60
        or t0, t0, t1
        la t1, test
        csrw stvec, t1
        csrw satp, t0
        la t0, root
        li t1, 0x123456789abcdef1
1:      sd t1, 0(t0)
        addi t0, t0, 8
        addi t1, t1, 0x401
        j 1b`,
  },
  'points satp at a device': { mode: 's', text: 'test: li t0, (8 << 60) | (UART >> 12)\n csrw satp, t0\n1: j 1b' },
  'points satp outside RAM': { mode: 's', text: 'test: li t0, (8 << 60) | 0xfffffffffff\n csrw satp, t0\n1: j 1b' },
  'points satp at its own code': {
    mode: 's',
    text: 'test: la t0, _start\n srli t0, t0, 12\n li t1, 8 << 60\n or t0, t0, t1\n csrw satp, t0\n1: j 1b',
  },
  'makes a table that is its own child at every level': {
    mode: 's',
    text: `test: la t0, leaves
        srli t1, t0, 2
        ori t2, t1, PTE_V
        ori t3, t1, PTE_RWX
        li t4, 256
1:      sd t2, 0(t0)
        sd t3, 8(t0)
        addi t0, t0, 16
        addi t4, t4, -1
        bnez t4, 1b
        srli t1, t1, 10
        li t2, 8 << 60
        or t1, t1, t2
        la t0, test
        csrw stvec, t0
        csrw satp, t1
        .rept 100
        sd t3, 0(t4)
        li t5, 0x40201000
        add t4, t4, t5
        .endr
        j test`,
  },
  'writes all over its RAM': {
    text: `test: csrw mtvec, zero
        li t0, RAM + 0x100000
        li t1, 0x0badbadbadbadbad
1:      sd t1, 0(t0)
        sd t1, 2(t0)
        addi t0, t0, 1024
        j 1b`,
  },
  'reads and writes every address it can think of': {
    text: `test: la s0, 2f
        csrw mtvec, s0
        li s1, 1
        .balign 4
2:      slli t0, s1, 13
        xor s1, s1, t0
        srli t0, s1, 7
        xor s1, s1, t0
        slli t0, s1, 17
        xor s1, s1, t0
        srli t0, s1, 24
        ld t1, 0(t0)
        sd s1, 0(t0)
        sb s1, 0(s1)
        j 2b`,
  },
  'never ends': { text: 'test: j test' },
  'counts and never ends': { mode: 's', text: 'test: addi t0, t0, 1\n j test' },
  'waits for ever': { text: 'test: wfi\n j test' },
  'disarms all it can reach': {
    text: `test: la t0, 1f
        csrw mtvec, t0
        .balign 4
1:      li t0, -1
        .irp csr, mstatus, mie, mip, medeleg, mideleg, satp, pmpcfg0, pmpaddr0, mcounteren, menvcfg, stvec, mepc, mcycle
        csrw \\csr, t0
        csrw \\csr, zero
        .endr
        csrw pmpcfg0, t0
        csrw pmpaddr15, t0
        mret`,
  },
  'locks itself out by the PMP': {
    text: 'test: li t0, 0x9898989898989898\n csrw pmpcfg0, t0\n csrw pmpcfg2, t0\n j test',
  },
  'calls the SBI with nonsense': {
    mode: 's',
    text: `test: li s0, 1
1:      slli t0, s0, 13
        xor s0, s0, t0
        srli t0, s0, 7
        xor s0, s0, t0
        slli t0, s0, 17
        xor s0, s0, t0
        mv a0, s0
        srli a1, s0, 20
        li a7, 0x4442434e
        andi a6, s0, 1
        ecall
        mv a7, s0
        ecall
        andi a7, s0, 7
        ecall
        j 1b`,
  },
  'has a device write over its own code, page tables and all': {
    text: `${VIRTIO_MACROS}
test:   la      t0, test
        csrw    mtvec, t0
        li      s0, ENTROPY
        drive
        describe 0, 0, RAM, 0x3f000, WRITE
        submit  0, 0
        settle  0
        j       test`,
  },
  'puts the rings of a device on one another, and on the descriptors': {
    text: `${VIRTIO_MACROS}
test:   li      s0, ENTROPY
1:      drive
        put     0x44, 0
        put     0x90, QUEUES
        put     0xa0, QUEUES + 2
        put     0x44, 1
        describe 0, 0, QUEUES, 4096, WRITE
        put     NOTIFY, 0
        put     NOTIFY, 1
        j       1b`,
  },
  'tells devices of descriptors at random': {
    text: `${VIRTIO_MACROS}
test:   li      s0, ENTROPY
        li      s1, 1
1:      drive
        .rept   8
        slli    t0, s1, 13
        xor     s1, s1, t0
        srli    t0, s1, 7
        xor     s1, s1, t0
        slli    t0, s1, 17
        xor     s1, s1, t0
        li      t1, QUEUES
        andi    t0, s1, 127
        add     t1, t1, t0
        sd      s1, 0(t1)
        submit  0, 0
        .endr
        j       1b`,
  },
  'floods its console': { text: 'test: li t0, UART\n1: sb t0, 0(t0)\n j 1b' },
} as const satisfies Record<string, Hostile>;

export const hostileGuests: readonly { readonly name: string; readonly guest: TestGuest }[] = Object.entries(
  HOSTILE,
).map(([name, { text, mode = 'm' }]: [string, Hostile]) => ({
  name,
  guest: { name, mode, bytes: assembleGuest(text, mode) },
}));

/** A guest that works, waits, is interrupted, translates and prints, and ends by itself after some ten thousand steps. */
export const neighbour: TestGuest = {
  name: 'neighbour',
  mode: 's',
  input: 'hi',
  bytes: assembleGuest(
    `
test:   la      t0, on_timer
        csrw    stvec, t0
        map     1, page1, PTE_RW
        map     2, page2, PTE_RW
        la      t0, root
        srli    t0, t0, 12
        li      t1, 8 << 60
        or      t0, t0, t1
        csrw    satp, t0
        li      s0, 10                  # ticks left
        li      s1, PAGE
        li      t0, 1 << 5
        csrw    sie, t0
1:      csrr    t0, time
        addi    t0, t0, 10              # a thousand steps
        csrw    stimecmp, t0
        li      s2, 100
2:      ld      t1, 0(s1)
        addi    t1, t1, 3
        sd      t1, 8(s1)
        amoadd.d t2, t1, (s1)
        addi    s2, s2, -1
        bnez    s2, 2b
        la      t3, leaves              # turns the two pages about
        ld      t4, 8(t3)
        ld      t5, 16(t3)
        sd      t5, 8(t3)
        sd      t4, 16(t3)
        sfence.vma
        csrsi   sstatus, MSTATUS_SIE
        wfi
        csrci   sstatus, MSTATUS_SIE
        bnez    s0, 1b
        csrw    satp, zero
        pass
        .balign 4
on_timer:
        li      t0, -1
        csrw    stimecmp, t0
        addi    a0, s0, 'a'             # legacy console output
        li      a7, 1
        ecall
        li      a7, 2                   # and input
        ecall
        addi    s0, s0, -1
        sret
`,
    's',
  ),
};
