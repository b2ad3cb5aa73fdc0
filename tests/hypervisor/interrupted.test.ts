// An interrupt at every instruction of a short guest: a wire of M or S rises behind each of its steps in turn, bare and
// in a virtual machine, and both must come to the same, by the same way. The guest is in M, S and U, translated, and
// does what exits. Interrupts of the timer at every boundary are interrupts.test.ts's.

import { expect, test } from 'vitest';
import { DISCIPLINES, type Discipline } from '../../src/hypervisor/shadow/discipline.ts';
import { assembleGuest, type Running, start, stateOf } from '../support/assembly.ts';
import { runSteps } from '../support/guests.ts';

/** s3 becomes what the handlers saw. */
const GUEST = assembleGuest(`
        .equ    FACTOR, 0x9e3779b97f4a7c15
        .macro  fold register
        xor     s3, s3, \\register
        mul     s3, s3, s4
        .endm
test:   li      s4, FACTOR
        la      t0, machine
        csrw    mtvec, t0
        la      t0, supervisor
        csrw    stvec, t0
        li      t0, (1 << 9) | (1 << 5) | (1 << 1)
        csrw    mideleg, t0
        li      t0, (1 << 11) | (1 << 9) | (1 << 3)
        csrw    mie, t0
        li      t0, -1
        csrw    mcounteren, t0
        map     1, page1, PTE_RW
        translate
        csrsi   mstatus, MSTATUS_MIE
        la      t0, 1f
        csrci   mstatus, MSTATUS_MIE
        csrw    mepc, t0
        li      t0, MSTATUS_MPP
        csrc    mstatus, t0
        li      t0, (S << 11) | MSTATUS_SIE | MSTATUS_MPIE
        csrs    mstatus, t0
        mret
1:      li      a1, PAGE                # in S
        ld      a0, 0(a1)
        sd      a0, 8(a1)
        csrrw   a0, sscratch, a0
        lr.d    a0, (a1)
        sc.d    a2, a0, (a1)
        rdtime  a2
        map     1, page2, PTE_RW
        sfence.vma a1, zero
        ld      a0, 0(a1)
        csrr    a3, satp
        csrw    satp, a3
        csrci   sstatus, MSTATUS_SIE
        la      t0, 2f + USER
        csrw    sepc, t0
        li      t1, MSTATUS_SPP
        csrc    sstatus, t1
        li      t1, MSTATUS_SPIE
        csrs    sstatus, t1
        sret
2:      addi    a0, a0, 1               # in U
        mul     a0, a0, a0
        ecall
machine:                                # an interrupt, or the guest's end
        csrr    s5, mcause
        csrr    s6, mepc
        fold    s5
        fold    s6
        bgez    s5, 3f
        csrr    s6, mip
        fold    s6
        li      s6, (1 << 11) | (1 << 3)
        csrc    mie, s6
        mret
3:      li      s6, ECALL_U
        bne     s5, s6, 4f
        pass
4:      j       fail
        .balign 4
supervisor:
        csrr    s5, scause
        csrr    s6, sepc
        fold    s5
        fold    s6
        csrw    sie, zero
        sret
`);
const LINES = ['MEI', 'MSI', 'SEI'] as const;
const S3 = 19;
const ENOUGH = 400;
/** Steps before interrupts are on. */
const SET_UP = 30;
const PASSED = { kind: 'exit', code: 0 };

function run(way: Parameters<typeof start>[0], step: number, line?: (typeof LINES)[number]): Running {
  const running = start(way, { bytes: GUEST });
  runSteps(running.system, step);
  if (line !== undefined) running.guest.board.setLine(0, line, true);
  runSteps(running.system, ENOUGH - step);
  return running;
}
const resultOf = (running: Running) => ({
  outcome: running.guest.board.outcome,
  time: running.guest.board.clock.now,
  memory: running.guest.digest(),
  states: stateOf(running),
});

/** Behind each step one of the wires, in turn; TRAPEZE_RUNS has all of them rise behind each. */
const isAll = process.env['TRAPEZE_RUNS'] !== undefined;

test('a wire that rises at any step of a guest in M, S and U interrupts it there, bare and virtual alike', () => {
  const whole = run({ engine: 'auto', kind: 'bare' }, 0).guest.board;
  expect(whole.outcome).toEqual(PASSED);
  const seen = new Set<unknown>();
  for (let step = SET_UP; step < whole.clock.now; step++) {
    for (const [index, line] of LINES.entries()) {
      if (!isAll && index !== step % LINES.length) continue;
      const bare = run({ engine: 'auto', kind: 'bare' }, step, line);
      const shadow = DISCIPLINES[(Math.floor(step / LINES.length) + index) % DISCIPLINES.length] as Discipline;
      const virtual = run({ engine: 'auto', kind: 'virtual', shadow }, step, line);
      expect(resultOf(virtual), `${line} behind step ${step}, ${shadow}`).toEqual(resultOf(bare));
      expect(bare.guest.board.outcome).toEqual(PASSED);
      seen.add(bare.guest.states[0]?.x(S3));
    }
  }
  // Where interrupts are off they come behind, all at one place.
  expect(seen.size).toBeGreaterThan((whole.clock.now - SET_UP) / 3);
});
