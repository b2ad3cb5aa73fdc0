// Interrupts as a guest sees them: their priority, delegation and vectors, what wakes a WFI, and that the timer's comes
// at exactly its step, at whatever instruction boundary that is. Bare and virtual are compared at every step.

import { expect, test } from 'vitest';
import type { Engine } from '../../src/machine/engine.ts';
import { STEPS_PER_TICK } from '../../src/platform/clock.ts';
import { assembleGuest, runCase, start, stateOf } from '../support/assembly.ts';
import { FAST_ENGINES, WAYS } from '../support/engines.ts';
import { runSteps } from '../support/guests.ts';

const LINES = `
        .equ    SSI, 1
        .equ    MSI, 3
        .equ    STI, 5
        .equ    MTI, 7
        .equ    SEI, 9
        .equ    MEI, 11
        .equ    ALL, (1 << SSI) | (1 << MSI) | (1 << STI) | (1 << MTI) | (1 << SEI) | (1 << MEI)
        # Drives every wire into M-mode: software and timer by the CLINT, external by the UART through the PLIC.
        .macro  raise_machine
        li      t0, CLINT
        li      t1, 1
        sw      t1, 0(t0)
        li      t0, MTIMECMP
        sd      zero, 0(t0)
        li      t0, PLIC
        sw      t1, 40(t0)              # priority of source 10
        li      t2, PLIC + 0x2000
        li      t1, 1 << 10
        sw      t1, 0(t2)               # for M-mode
        li      t2, UART
        li      t1, 2
        sb      t1, 1(t2)               # transmitter empty
        .endm
`;

test('the most urgent interrupt is taken first: MEI, MSI, MTI, SEI, SSI, STI (norm:intr_M_mode_pri)', () => {
  const vm = runCase(`
${LINES}
test:   raise_machine
        li      t0, (1 << SSI) | (1 << STI) | (1 << SEI)
        csrw    mip, t0
        csrr    t0, mip
        check   t0, ALL
        li      s0, ALL
        li      s1, 0                   # the causes, four bits each
        li      s2, 6
        li      t0, MSTATUS_MPIE
1:      csrw    mie, s0
        la      s11, 2f
        csrsi   mstatus, MSTATUS_MIE
        nop
        j       fail
2:      andi    t0, s8, 15              # interrupts are off here
        slli    s1, s1, 4
        or      s1, s1, t0
        bgez    s8, fail
        li      t1, 1
        sll     t1, t1, t0
        not     t1, t1
        and     s0, s0, t1              # that one has been seen
        addi    s2, s2, -1
        bnez    s2, 1b
        check   s1, 0xb37915
        pass
`);
  expect(vm.ledger.count('interrupt')).toBe(6);
});

test('delegated interrupts wait for M to be left, and S-mode takes them only by its own enable or from below', () => {
  runCase(`
${LINES}
test:   li      t0, (1 << SSI) | (1 << STI) | (1 << SEI)
        csrw    mideleg, t0
        csrw    mie, t0
        csrw    mip, t0
        csrsi   mstatus, MSTATUS_MIE    # none is for M-mode
        nop
        csrci   mstatus, MSTATUS_MIE
        la      t0, 2f
        csrw    stvec, t0
        li      a0, 0
        try     S, 1f                   # SIE is off
        check   s8, ECALL_S
        check   a0, 0
        li      t0, MSTATUS_SIE
        csrs    mstatus, t0
        try     S, 1f                   # SIE is on: before the first instruction
        check   s8, ECALL_S
        check   a0, INTERRUPT | 9
        csrr    t0, sepc
        la      t1, 1f
        same    t0, t1
        li      t0, MSTATUS_SIE
        csrc    mstatus, t0
        li      t0, (1 << STI)          # what is left
        csrw    mip, t0
        li      a0, 0
        try     U, 1f                   # from U always
        check   s8, ECALL_S
        check   a0, INTERRUPT | 5
        csrr    t0, mstatus
        andi    t0, t0, MSTATUS_SPP
        check   t0, 0
        pass
1:      ecall
        .balign 4
2:      csrr    a0, scause
        ecall
`);
});

test('an interrupt that is not delegated is taken from S and U whatever MIE says', () => {
  runCase(`
${LINES}
test:   csrwi   mie, 1 << SSI
        csrwi   mip, 1 << SSI
        csrci   mstatus, MSTATUS_MIE
        .irp    mode, S, U
        try     \\mode, 1f
        check_trap INTERRUPT | SSI, 0
        la      t0, 1f
        same    s10, t0
        .endr
        pass
1:      ecall
`);
});

test.each([
  { mode: 'M', tvec: 'mtvec', enable: 'csrsi mstatus, MSTATUS_MIE' },
  { mode: 'S', tvec: 'stvec', enable: 'csrsi sstatus, MSTATUS_SIE' },
])(
  'vectored mode sends interrupts to their own entry and exceptions to the first, in $mode',
  ({ mode, tvec, enable }) => {
    runCase(`
${LINES}
test:   la      t0, vectors + 1
        csrw    ${tvec}, t0
        li      t0, (1 << SSI) | (1 << STI)
        csrw    mie, t0
        csrw    mip, t0
        .ifc    ${mode}, S
        csrw    mideleg, t0
        li      t0, 1 << ILLEGAL
        csrw    medeleg, t0
        enter   S, 1f
        .endif
1:      li      a1, 0
        ${enable}
2:      j       2b
        .balign 64
vectors:
        j       exception
        j       software
        .rept   3
        j       bad
        .endr
        j       timer
bad:    ebreak
software:
        li      a1, 1
        .ifc    ${mode}, M
        li      t0, 1 << STI
        csrw    mie, t0
        .else
        li      t0, 1 << STI
        csrw    sie, t0
        .endif
        ${enable}
        j       bad
timer:  addi    a1, a1, 2
        .word   0                       # illegal
exception:
        li      t0, 3
        bne     a1, t0, bad
        li      t0, FINISHER
        li      t1, FINISHER_PASS
        sw      t1, 0(t0)
`);
  },
);

test('under Sstc the supervisor timer is a wire: STIP is read-only, and stimecmp in the future lowers it', () => {
  runCase(`
${LINES}
        .equ    STCE, 1 << 63
test:   li      t0, 1 << STI
        csrw    mip, t0
        csrr    t1, mip
        check   t1, 1 << STI            # by software
        li      t1, STCE
        csrs    menvcfg, t1
        csrr    t1, mip
        check   t1, 0
        csrw    mip, t0
        csrr    t1, mip
        check   t1, 0
        csrw    stimecmp, zero
        csrr    t1, mip
        check   t1, 1 << STI
        csrc    mip, t0
        csrr    t1, mip
        check   t1, 1 << STI
        li      t1, -1
        csrw    stimecmp, t1
        csrr    t1, mip
        check   t1, 0
        try     S, 1f                   # mcounteren.TM is 0
        check   s8, ILLEGAL
        csrwi   mcounteren, 2
        try     S, 1f
        check   s8, ECALL_S
        li      t1, STCE
        csrc    menvcfg, t1
        try     S, 1f
        check   s8, ILLEGAL
        pass
1:      csrr    a0, stimecmp
        ecall
`);
});

test('mip.SEIP reads the wire too, and set and clear work on the bit of software alone', () => {
  runCase(`
${LINES}
test:   li      t2, PLIC + 0x2080       # for S-mode
        li      t1, 1 << 10
        sw      t1, 0(t2)
        li      t0, PLIC
        sw      t1, 40(t0)
        li      t1, 1
        sw      t1, 40(t0)
        li      t2, UART
        li      t1, 2
        sb      t1, 1(t2)
        li      s0, 1 << SEI
        csrr    t0, mip
        and     t0, t0, s0
        same    t0, s0                  # the wire
        csrrs   t0, mip, zero
        csrrsi  t0, mip, 2              # does not copy the wire into the bit
        sb      zero, 1(t2)
        li      t1, PLIC + 0x201004
        lw      t0, 0(t1)               # claimed, so the wire is low
        check   t0, 10
        csrr    t0, mip
        and     t0, t0, s0
        check   t0, 0
        csrs    mip, s0
        csrr    t0, mip
        and     t0, t0, s0
        same    t0, s0
        csrc    mip, s0
        csrr    t0, mip
        and     t0, t0, s0
        check   t0, 0
        pass
`);
});

test.each([
  { name: 'enabled and taken', mie: 1, status: 1 },
  { name: 'enabled in mie but not taken', mie: 1, status: 0 },
])('a WFI ends by an interrupt that is $name (norm:wfi_resume_reason)', ({ status }) => {
  runCase(`
${LINES}
test:   csrw    mie, zero
        li      t0, MTIMECMP
        li      t1, 50
        sd      t1, 0(t0)
        li      t1, 1 << MTI
        csrw    mie, t1
        li      s0, 0
        catching 2f
        .if     ${status}
        csrsi   mstatus, MSTATUS_MIE
        .endif
1:      wfi
        li      s0, 1
        csrci   mstatus, MSTATUS_MIE
2:      check   s0, 1 - ${status}
        csrr    t0, time
        check   t0, 50                  # it slept
        .if     ${status}
        check   s8, INTERRUPT | MTI
        la      t0, 1b + 4
        same    s10, t0                 # the WFI has retired
        .endif
        wfi                             # still pending: no sleep
        csrr    t0, time
        check   t0, 50
        pass
`);
});

test('a WFI with nothing enabled is idle for ever, in all ways, at the same step', () => {
  const bytes = assembleGuest('test: li t0, MTIMECMP\n sd zero, 0(t0)\n csrsi mstatus, MSTATUS_MIE\n wfi\n j fail');
  const runs = WAYS.map((way) => start(way, { bytes }));
  for (const running of runs) {
    expect(running.guest.interleaver.run(1000)).toMatchObject({ status: 'idle', until: Number.POSITIVE_INFINITY });
  }
  const [model, ...others] = runs.map(stateOf);
  for (const other of others) expect(other).toEqual(model);
});

const S5 = 21;
/** A loop of every kind of instruction, with the timer's interrupt at a step of our choice. */
const BOUNDARIES = (step: number) => `
${LINES}
test:   la      t0, on_timer
        csrw    mtvec, t0
        map     1, page1, PTE_RW | PTE_U
        translate
        li      t0, MTIMECMP
        li      t1, ${Math.floor(step / STEPS_PER_TICK)}
        li      t2, 1 << MTI
        csrw    mie, t2
        la      s1, page2
        li      s2, UART
        li      s3, 0
        .rept   ${step % STEPS_PER_TICK}    # moves the loop against the timer
        nop
        .endr
        sd      t1, 0(t0)
        li      s4, 0
        csrsi   mstatus, MSTATUS_MIE
loop:   addi    s3, s3, 1
        ld      a0, 0(s1)
        lbu     a0, 5(s2)               # a device
        csrw    mscratch, s3
        lr.d    a1, (s1)
        sc.d    a2, s3, (s1)
        amoadd.d a3, s3, (s1)
        sfence.vma
        csrci   mstatus, MSTATUS_MIE
        csrsi   mstatus, MSTATUS_MIE
        li      t2, MSTATUS_MPP
        csrs    mstatus, t2
        la      t3, 2f
        csrw    mepc, t3
        li      t2, MSTATUS_MPIE
        csrs    mstatus, t2
        mret
2:      la      t3, leaves
        sd      zero, 16(t3)            # a page table
        j       loop
        .balign 4
on_timer:
        csrr    s5, mepc
        la      t0, loop
        sub     s5, s5, t0
        csrr    s6, mcause
        csrr    s7, cycle
        pass
`;

test('the timer interrupts at its step, at whatever boundary of a loop that is', () => {
  const cutOff = new Set<bigint>();
  for (let offset = 0; offset < 32; offset++) {
    const engine = FAST_ENGINES[offset % FAST_ENGINES.length] as Engine;
    const vm = runCase(BOUNDARIES(500 + offset), { engines: [engine] });
    const [cpu] = vm.cpus;
    expect(cpu?.mcause).toBe((1n << 63n) | 7n);
    expect(vm.ledger.count('interrupt')).toBe(1);
    cutOff.add(cpu?.x(S5) ?? 0n);
  }
  expect(cutOff.size).toBeGreaterThan(18); // the loop's instructions, each interrupted once
});

test('stimecmp interrupts S-mode at the same step whatever the slices are', () => {
  const bytes = assembleGuest(
    `
test:   la      t0, 2f
        csrw    stvec, t0
        csrr    t0, time
        addi    t0, t0, 3
        csrw    stimecmp, t0
        li      t0, 1 << 5
        csrw    sie, t0
        csrsi   sstatus, MSTATUS_SIE
        li      s3, 0
1:      addi    s3, s3, 1
        j       1b
        .balign 4
2:      pass
`,
    's',
  );
  const ends = [1, 2, 3, 7, 99, 100, 101, 1000].flatMap((slice) =>
    WAYS.map((way) => {
      const running = start(way, { bytes, mode: 's' });
      while (running.guest.board.outcome === undefined) runSteps(running.system, slice);
      return { states: stateOf(running), now: running.guest.board.clock.now };
    }),
  );
  for (const end of ends) expect(end).toEqual(ends[0]);
});
