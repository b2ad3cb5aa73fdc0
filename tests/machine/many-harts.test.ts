// As many harts as a board may have, bare and virtual, on each engine: each has its own number, counters and registers,
// its own registers of the CLINT, its own contexts of the PLIC and its own node of the device tree.

import { expect, test } from 'vitest';
import { STATE_BLOCKS } from '../../src/machine/hardware.ts';
import { MOST_HARTS } from '../../src/platform/memory-map.ts';
import { assembleGuest, start } from '../support/assembly.ts';
import { waysOf } from '../support/engines.ts';
import { runSteps } from '../support/guests.ts';
import { hartText } from '../support/harts/guest.ts';

const MINUTE = 60_000;

/** Each hart sends the hart that mirrors it an interrupt, by the CLINT, and takes the one that is for itself. */
const MIRROR = `
        csrw    mscratch, s0
        slli    s1, s0, 3
        li      t0, MTIMECMP
        add     s1, s1, t0
        sd      s0, 0(s1)
        li      t0, 8
        csrw    mie, t0
        meet
        ld      t1, 0(s1)
        same    t1, s0
        li      s2, HARTS - 1
        sub     s2, s2, s0
        slli    s2, s2, 2
        li      t0, CLINT
        add     s2, s2, t0
        li      t1, 1
        sw      t1, 0(s2)
1:      wfi
        csrr    t0, mip
        andi    t0, t0, 8
        beqz    t0, 1b
        slli    s2, s0, 2
        li      t0, CLINT
        add     s2, s2, t0
        lw      t1, 0(s2)
        check   t1, 1
        sw      zero, 0(s2)
        li      t0, PLIC + 0x2000       # enables of its context in S, which no other hart shares
        slli    t1, s0, 8
        add     t0, t0, t1
        sw      s0, 0x80(t0)
        meet
        li      t1, PLIC + 0x2080
        slli    t2, s0, 8
        add     t1, t1, t2
        lw      t1, 0(t1)
        andi    t2, s0, -2              # source 0 does not exist
        same    t1, t2
        csrr    t1, mscratch
        same    t1, s0
        count   answers
        bnez    s0, park
        li      s1, HARTS
        wait_for answers, s1
        pass
`;

test(`${MOST_HARTS} harts on each engine, bare and virtual`, { timeout: MINUTE }, () => {
  const guest = { bytes: assembleGuest(hartText(MOST_HARTS, MIRROR)), harts: MOST_HARTS, turnSteps: 100 };
  const ends = waysOf(['reference', 'baseline', 'regions', 'auto']).map((way) => {
    const running = start(way, guest);
    runSteps(running.system, 2_000_000);
    const { states, board } = running.guest;
    expect(board.outcome, way.name).toEqual({ kind: 'exit', code: 0 });
    expect(states.map(({ mhartid, mscratch }) => [mhartid, mscratch])).toEqual(
      Array.from({ length: MOST_HARTS }, (_, hart) => [BigInt(hart), BigInt(hart)]),
    );
    return { states: states.map(({ words }) => words), now: board.clock.now };
  });
  for (const end of ends) expect(end).toEqual(ends[0]);
});

test('a machine has room for several boards of so many harts', () => {
  expect(STATE_BLOCKS).toBeGreaterThan(7 * MOST_HARTS);
});
