// A guest that has itself started again finds harts, devices and RAM as at its first start, whichever way it asks and
// however it runs; what was typed, the board's steps and the counts of its own are where they were.

import { expect, test } from 'vitest';
import { assemble } from '../../src/asm/assemble.ts';
import { OverlayDisk } from '../../src/devices/virtio/disk-contents.ts';
import { bareSystem } from '../../src/session/system.ts';
import { verify } from '../../src/session/verify.ts';
import { assembleGuest, runCase, start } from '../support/assembly.ts';
import { memoryDisk } from '../support/disks.ts';
import { sidesOf, WAYS, type Way } from '../support/engines.ts';
import { runSteps, specOf } from '../support/guests.ts';

/** Both ways to ask, by the mode of the guest. */
const ASK = {
  m: 'li t0, FINISHER\n li t1, 0x7777\n sw t1, 0(t0)\n j .',
  s: 'li a7, 0x53525354\n li a6, 0\n li a0, 1\n li a1, 0\n ecall\n j .',
} as const;

/** What would hurt the next start if it stayed: memory that not even M-mode may read, a stale translation. */
const TRAP_FOR_THE_NEXT = {
  m: `li t0, (RAM + 0x100000) >> 2
      csrw pmpaddr0, t0
      li t0, PMP_L | PMP_NA4
      csrw pmpcfg0, t0`,
  s: 'li t0, PAGE\n sd t0, 8(t0)',
} as const;

/**
 * Reads a letter and shows it; after `c` it ends, else it leaves all it can think of in a state of its own and starts
 * again. What it finds must be what it found before.
 */
const LEAVES_A_MESS = (mode: 'm' | 's') => `
test:   li      t0, RAM + 0x100000      # RAM is as the image has it
        ld      t1, 0(t0)
        check   t1, 0
        la      t0, data
        ld      t1, 0(t0)
        check   t1, 0x1234
        csrr    t1, sscratch            # the hart as after reset
        check   t1, 0
        csrr    t1, satp
        check   t1, 0
        li      t0, UART                # the UART, the PLIC, the slots
        lbu     t1, 7(t0)
        check   t1, 0
        lbu     t1, 1(t0)
        check   t1, 0
        li      t0, PLIC
        lw      t1, 40(t0)
        check   t1, 0
        li      t0, 0x10008000
        lw      t1, 0x70(t0)
        check   t1, 0
        li      t0, UART
1:      lbu     t1, 5(t0)
        andi    t1, t1, 1
        beqz    t1, 1b
        lbu     s0, 0(t0)
        sb      s0, 0(t0)
        li      t1, 'c'
        beq     s0, t1, 2f
        li      t1, 0x5a
        sb      t1, 7(t0)
        li      t1, 1
        sb      t1, 1(t0)
        li      t0, PLIC
        li      t1, 7
        sw      t1, 40(t0)
        li      t0, 0x10008000
        li      t1, 3
        sw      t1, 0x70(t0)
        li      t0, RAM + 0x100000
        sd      t0, 0(t0)
        la      t0, data
        sd      t0, 0(t0)
        csrw    sscratch, t0
        map     1, page1, PTE_RW
        la      t0, root
        srli    t0, t0, 12
        li      t1, 8 << 60
        or      t0, t0, t1
        csrw    satp, t0
        ${TRAP_FOR_THE_NEXT[mode]}
        ${ASK[mode]}
2:      pass
        .balign 8
data:   .dword  0x1234
`;

test.each(['m', 's'] as const)('a guest in %s-mode starts again twice, and finds all as at first', (mode) => {
  runCase(LEAVES_A_MESS(mode), { mode, input: 'abc', console: 'abc' });
});

test('S-mode, which could reach memory before, cannot where nobody has opened the PMP again', () => {
  const text = `
        .option norvc
_start: la      t0, trapped
        csrw    mtvec, t0
        la      t0, supervisor
        csrw    mepc, t0
        li      t0, 1 << 11
        csrs    mstatus, t0
        li      t0, 0x10000000
        lbu     t1, 5(t0)
        lbu     s0, 0(t0)
        li      t1, 'x'
        bne     s0, t1, 1f
        li      t0, -1
        csrw    pmpaddr0, t0
        li      t0, 0x1f
        csrw    pmpcfg0, t0
1:      mret
        .balign 4
supervisor:
        la      t0, supervisor
        ld      t0, 0(t0)
        ecall
        .balign 4
trapped:
        csrr    t0, mcause
        li      t1, 9
        li      t2, 0x7777              # the call: once more
        beq     t0, t1, 1f
        li      t1, 1
        li      t2, 0x5555              # no fetch: as it should be
        beq     t0, t1, 1f
        li      t2, 0x13333
1:      li      t0, 0x100000
        sw      t2, 0(t0)
        j       .
`;
  const { image } = assemble([{ name: 'test.s', text }], {});
  const guest = { input: 'x', bytes: image?.raw ?? new Uint8Array() };
  expect(verify(sidesOf(guest), 1000)).toMatchObject({ agrees: true, ended: true });
  const run = start(WAYS[0] as Way, guest);
  runSteps(run.system, 1000);
  expect(run.guest.board).toMatchObject({ restarts: 1, outcome: { kind: 'exit', code: 0 } });
});

test('each start is counted; steps and the log of input go on', () => {
  for (const way of WAYS) {
    const run = start(way, { mode: 's', input: 'abc', bytes: assembleGuest(LEAVES_A_MESS('s'), 's') });
    runSteps(run.system, 100_000);
    const { board, states } = run.guest;
    expect(board, way.name).toMatchObject({ restarts: 2, outcome: { kind: 'exit', code: 0 } });
    expect(Number(states[0]?.stepsInS)).toBe(Number(states[0]?.steps));
    expect(board.clock.now).toBe(Number(states[0]?.steps));
  }
});

test('mtime begins again, and no timer of before comes', () => {
  runCase(
    `
test:   li      t0, MTIME
        ld      t1, 0(t0)
        li      t2, 100
        sltu    t1, t1, t2
        check   t1, 1
        csrr    t1, mip
        check   t1, 0
        li      t0, MTIMECMP
        ld      t1, 0(t0)
        li      t2, UART
        lbu     t3, 5(t2)
        lbu     t3, 0(t2)
        li      t4, 'x'
        bne     t3, t4, 2f
        li      t1, 110                 # due soon after the second start
        sd      t1, 0(t0)
        li      t3, 9000
1:      addi    t3, t3, -1
        bnez    t3, 1b
        ${ASK.m}
2:      li      t3, 9000                # past the tick
3:      addi    t3, t3, -1
        bnez    t3, 3b
        csrr    t1, mip
        andi    t1, t1, 1 << 7
        check   t1, 0
        pass
`,
    { input: 'x', endOnly: true },
  );
});

test('harts that were started, or wait, are as at first', () => {
  const text = `
test:   bnez    a0, 1f
        li      t0, UART
        lbu     t1, 5(t0)
        lbu     s0, 0(t0)
        mv      s1, a0
        li      a7, 0x48534d            # hart 1 is stopped
        li      a6, 2
        li      a0, 1
        ecall
        check   a1, 1
        li      t1, 'x'
        bne     s0, t1, 3f
        li      a6, 0
        li      a0, 1
        la      a1, 1f
        li      a2, 0
        ecall
2:      j       2b
1:      li      a7, 0x53525354          # the other hart asks, while the first runs
        li      a6, 0
        li      a0, 2
        li      a1, 0
        ecall
        j       .
3:      pass
`;
  const guest = { mode: 's', harts: 2, input: 'x', bytes: assembleGuest(text, 's') } as const;
  expect(verify(sidesOf(guest), 100_000)).toMatchObject({ agrees: true, ended: true });
});

test('a guest that starts again for ever takes a step for each at least, and is the same in all ways', () => {
  const guest = { bytes: assembleGuest(`test: ${ASK.m}`) };
  expect(verify(sidesOf(guest), 300)).toMatchObject({ agrees: true, ended: false, steps: 300 });
});

test('disks hold what was written before', () => {
  const disk = new OverlayDisk(memoryDisk(1024));
  const system = bareSystem({ ...specOf({ bytes: assembleGuest(`test: ${ASK.m}`) }), disks: [disk] });
  disk.write(512, Uint8Array.of(7));
  runSteps(system, 100);
  expect(system.guests[0]?.board.restarts).toBeGreaterThan(1);
  expect(disk.read(512, 1)).toEqual(Uint8Array.of(7));
});
