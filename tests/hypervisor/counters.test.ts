// time, cycle and instret in every mode: who may read them, that they count what the manual says, and that a write
// and an inhibit are the guest's own. The counts are of guest steps, so they are the same bare and virtual.

import { expect, test } from 'vitest';
import { runCase } from '../support/assembly.ts';

const COUNTERS = { cycle: 1, time: 2, instret: 4, hpmcounter3: 8 };
const counters = Object.entries(COUNTERS).map(([name, bit]) => ({ name, bit }));

test.each(counters)(
  '$name is readable below M as mcounteren and scounteren allow (norm:mcounteren_clr_ill_inst_exc)',
  ({ name, bit }) => {
    runCase(`
        .macro  expect mode, mcounteren, scounteren, cause
        li      t0, \\mcounteren
        csrw    mcounteren, t0
        li      t0, \\scounteren
        csrw    scounteren, t0
        try     \\mode, 1f
        check   s8, \\cause
        .endm
test:   expect  U, 0, 0, ILLEGAL
        expect  U, 7, ~${bit}, ILLEGAL
        expect  U, ~${bit}, 7, ILLEGAL
        expect  S, ~${bit}, 7, ILLEGAL
        .if     ${bit} < 8
        expect  U, ${bit}, ${bit}, ECALL_U
        expect  S, ${bit}, 0, ECALL_S
        .endif
        csrw    mcounteren, zero
        csrr    a0, ${name}             # M may always
        pass
1:      csrr    a0, ${name}
        ecall
`);
  },
);

test('cycle and instret count every step and every retired instruction', () => {
  const vm = runCase(`
test:   li      t0, 7
        csrw    mcounteren, t0
        csrr    t0, cycle
        csrr    t1, cycle
        sub     t1, t1, t0
        check   t1, 1
        csrr    t0, instret
        nop
        nop
        csrr    t1, instret
        sub     t1, t1, t0
        check   t1, 3
        csrr    s0, cycle
        csrr    s1, instret
        catching 1f
        ecall                           # a trap is a step, but retires nothing
1:      csrr    s2, cycle
        csrr    s3, instret
        sub     s2, s2, s0
        sub     s3, s3, s1
        sub     s2, s2, s3
        check   s2, 1
        try     S, 2f
        sub     a1, a1, a0
        check   a1, 2
        pass
2:      csrr    a0, cycle
        nop
        csrr    a1, cycle
        ecall
`);
  expect(vm.ledger.count('csr')).toBeGreaterThan(0);
});

test('time is steps in ticks, from the same clock as mtime', () => {
  runCase(`
test:   li      s0, MTIME
        csrr    t0, time
        li      t1, 1000
1:      addi    t1, t1, -1
        bnez    t1, 1b
        csrr    t2, time
        sub     t2, t2, t0
        addi    t2, t2, -20             # 2000 steps of 1 ns are 20 ticks of 100 ns
        sltiu   t2, t2, 2
        check   t2, 1
        ld      t0, 0(s0)
        csrr    t1, time
        sub     t1, t1, t0
        sltiu   t1, t1, 2
        check   t1, 1
        li      t0, 1 << 40
        sd      t0, 0(s0)               # mtime can be written
        csrr    t1, time
        sub     t1, t1, t0
        sltiu   t1, t1, 2
        check   t1, 1
        pass
`);
});

test('mcycle and minstret are writable, and what is written is what the next instruction reads', () => {
  runCase(`
test:   li      t0, 0x12345678
        csrw    mcycle, t0
        csrr    t1, mcycle
        same    t1, t0
        csrw    minstret, t0
        csrr    t1, instret
        same    t1, t0
        li      t0, -1
        csrw    mcycle, t0
        nop
        csrr    t1, cycle
        check   t1, 0                   # it wraps
        pass
`);
});

test('mcountinhibit stops a counter, and starts it again where it stopped', () => {
  runCase(`
test:   csrwi   mcountinhibit, 5
        csrr    t0, mcycle
        csrr    t1, minstret
        try     S, 1f
        nop
        csrr    t2, mcycle
        same    t2, t0
        csrr    t2, minstret
        same    t2, t1
        li      t3, 100
        csrw    mcycle, t3
        csrr    t2, mcycle
        same    t2, t3
        csrwi   mcountinhibit, 0
        csrr    t2, mcycle
        addi    t2, t2, -100
        sltiu   t2, t2, 3
        check   t2, 1
        li      t0, -1
        csrw    mcountinhibit, t0
        csrr    t0, mcountinhibit
        check   t0, 5
        pass
1:      nop
        ecall
`);
});
