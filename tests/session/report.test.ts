// How a run's steps were taken, as its report tells it: each step under one name, on every engine, bare and virtual.

import { expect, test } from 'vitest';
import { statsText } from '../../src/cli/stats.ts';
import { reportOf } from '../../src/session/report.ts';
import { assembleGuest } from '../support/assembly.ts';
import { systemOf, WAYS } from '../support/engines.ts';
import { runSteps, specOf } from '../support/guests.ts';

const ROUNDS = 300;
/** Each round: arithmetic and memory, then a CSR's access that is illegal, a store to nowhere, and a call. */
const bytes = assembleGuest(`
test:   la      t0, handler
        csrw    mtvec, t0
        li      s0, ${ROUNDS}
        la      s1, word
round:  li      s2, 50
inner:  ld      t0, 0(s1)
        add     t0, t0, s2
        sd      t0, 0(s1)
        addi    s2, s2, -1
        bnez    s2, inner
        csrw    cycle, t0
        sw      zero, 16(zero)
        csrr    t1, mscratch
        jal     called
        addi    s0, s0, -1
        bnez    s0, round
        li      t0, ${ROUNDS * 2}
        bne     s4, t0, wrong
        pass
wrong:  li      a0, 1
        j       fail
called: ret
        .balign 4
handler:
        csrr    t0, mepc
        addi    t0, t0, 4
        csrw    mepc, t0
        addi    s4, s4, 1
        mret
        .balign 4096
word:   .dword  0
`);

test.each(WAYS)('$name: the steps of each hart are told, and how often they took turns', (way) => {
  const guest = { bytes: assembleGuest('test: csrr t0, mhartid\n beqz t0, 2f\n1: wfi\n j 1b\n2: j 2b'), harts: 3 };
  const system = systemOf(specOf(guest), way);
  runSteps(system, 50_000);
  const { machines } = reportOf(system, way.engine, [''], 0);
  const [machine] = machines;
  const waiting = machine?.harts[1]?.machine ?? 0;
  expect(waiting).toBeLessThan(30);
  expect(machine?.harts.map(({ machine }) => machine)).toEqual([50_000 - 2 * waiting, waiting, waiting]);
  expect(machine?.steps).toEqual({ user: 0, supervisor: 0, machine: 50_000 });
  expect(machine?.switches).toBe(3);
  if (machine !== undefined) {
    const text = statsText({ ...reportOf(system, way.engine, [''], 0) });
    expect(text).toMatch(
      / {2}hart 2: \d+ steps: user 0, supervisor 0, machine \d+\n {2}3 times one hart went on after another/,
    );
  }
});

test.each(WAYS)('$name: all steps of the machine are told, each by what took it', (way) => {
  const system = systemOf(specOf({ bytes }), way);
  let now = 0;
  const [guest] = system.guests;
  guest?.hardware.measureTranslation(() => now++);
  runSteps(system, 1_000_000);
  expect(guest?.board.outcome).toEqual({ kind: 'exit', code: 0 });
  const { translator } = reportOf(system, way.engine, [''], 0);
  if (way.engine === 'reference') {
    expect(translator).toBeUndefined();
    return;
  }
  if (translator === undefined) throw new Error('no statistics');
  const { steps, exits, made, misses } = translator;
  const all = Object.values(steps).reduce((sum, count) => sum + count, 0);
  expect(all).toBe(Number(guest?.hardware.state(0).steps));
  // Under a monitor it is the one that takes the step where a trap has left the machine.
  expect(steps.traps + steps.asides).toBeGreaterThanOrEqual(way.kind === 'bare' ? ROUNDS : ROUNDS / 2);
  expect(misses.store).toBeGreaterThan(0);
  expect(made.compileNanoseconds).toBeGreaterThanOrEqual(made.modules);
  if (way.engine === 'baseline') {
    expect(steps.regions).toBe(0);
    expect([made.regions, ...Object.values(exits)]).toEqual([0, 0, 0, 0, 0, 0]);
    return;
  }
  expect(steps.regions).toBeGreaterThan(all / 2);
  expect(made.regions).toBeGreaterThan(0);
  expect(made.emitNanoseconds).toBeGreaterThanOrEqual(made.regions);
  expect(Object.values(exits).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(ROUNDS / 2);
  // No lookup finds the store to nowhere. Under a monitor it comes behind a trap, where no region is entered.
  if (way.kind === 'bare') expect(exits.lookup).toBeGreaterThan(ROUNDS / 2);
});
