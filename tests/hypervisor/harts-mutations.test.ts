// Mistakes in how harts take turns and share a machine, planted one at a time: each makes some guest of several harts
// find a check of its own false, or its run differ from the reference's or from one in other slices.

import { describe, expect, test } from 'vitest';
import { NO_RESERVATION } from '../../isa/layout.ts';
import { Shadow } from '../../src/hypervisor/shadow/shadow.ts';
import { Tlb } from '../../src/machine/tlb.ts';
import { Coherence } from '../../src/machine/translator/coherence.ts';
import { Board } from '../../src/platform/board.ts';
import { Interleaver } from '../../src/platform/interleaver.ts';
import { assembleGuest, runCase, start, stateOf } from '../support/assembly.ts';
import { runSteps } from '../support/guests.ts';
import { type HartGuest, hartText } from '../support/harts/guest.ts';
import { INTERRUPT_GUESTS } from '../support/harts/interrupts.ts';
import { LOCK_GUESTS } from '../support/harts/locks.ts';
import { MEMORY_GUESTS } from '../support/harts/memory.ts';
import { mendAfterEach, plant } from '../support/mistakes.ts';

mendAfterEach();

// biome-ignore lint/suspicious/noExplicitAny: a mutation reaches into what its types protect
type Method = (this: any, ...parameters: any[]) => unknown;

/** Replaces a method of a class, which must be there: code moves. */
function plantIn({ prototype }: { prototype: object }, name: string, make: (original: Method) => Method): void {
  if (!Object.hasOwn(prototype, name)) throw new Error(`there is no ${name} to be mistaken in`);
  plant(prototype, name, make);
}
const nothing = () => () => {};

const named = (part: string): HartGuest => {
  const guest = [...LOCK_GUESTS, ...INTERRUPT_GUESTS, ...MEMORY_GUESTS].find(({ name }) => name.includes(part));
  if (guest === undefined) throw new Error(`no guest about ${part}`);
  return guest;
};
const TURN = 53;
const run = (part: string) => {
  const { harts, text } = named(part);
  const [count = 2] = harts;
  return runCase(hartText(count, text), { harts: count, turnSteps: TURN, endOnly: true });
};

/** A hart that computes alone, until its timer has it wake another. In slices, and whole. */
const ALONE = assembleGuest(`
test:   csrr    s0, mhartid
        li      t0, 8
        csrw    mie, t0
        bnez    s0, 2f
        li      s1, 301
1:      addi    s1, s1, -1
        bnez    s1, 1b
        li      t0, CLINT
        li      t1, 1
        sw      t1, 4(t0)
2:      addi    s2, s2, 1
        bnez    s0, 3f
        j       2b
3:      wfi
        addi    s3, s3, 1
        j       2b
`);
/** Likewise, with a reservation over the end of a turn. */
const RESERVING = assembleGuest(`
test:   csrr    s0, mhartid
        beqz    s0, 2f
1:      wfi
        j       1b
2:      la      s1, page0
        lr.d    t0, (s1)
        li      t0, 100
3:      addi    t0, t0, -1
        bnez    t0, 3b
        sc.d    t0, s1, (s1)
        add     s2, s2, t0
        j       2b
`);
function slicesAgree(bytes: Uint8Array): void {
  const after = (steps: number, slice: number) => {
    const running = start({ engine: 'baseline', kind: 'bare' }, { bytes, harts: 2, turnSteps: TURN });
    for (let left = steps; left > 0; left -= slice) runSteps(running.system, Math.min(slice, left));
    return stateOf(running);
  };
  for (const steps of [700, 720, 740, 760, 1000]) {
    for (const slice of [53, 1]) expect(after(steps, slice)).toEqual(after(steps, steps));
  }
}

const MUTATIONS: Readonly<Record<string, { readonly plant: () => void; readonly found: () => unknown }>> = {
  'a reservation outlives its hart’s turn': {
    plant: () => plantIn(Interleaver, 'dropReservation', nothing),
    found: () => run('does not outlive'),
  },
  'a reservation ends with every turn, whoever’s is next': {
    plant: () =>
      plantIn(
        Interleaver,
        'give',
        (original) =>
          function (hart) {
            const state = this.board.harts[hart];
            if (this.left === 0) state.reservation = NO_RESERVATION;
            original.call(this, hart);
          },
      ),
    found: () => slicesAgree(RESERVING),
  },
  'a hart alone goes on when it has woken another': {
    plant: () => plantIn(Board, 'isAnyWoken', () => () => false),
    found: () => slicesAgree(ALONE),
  },
  'a hart is taken to be alone where others run': {
    plant: () => plantIn(Board, 'isAlone', () => () => true),
    found: () => run('code that one hart patches'),
  },
  'the turn of a hart that was alone begins where it was looked at': {
    plant: () =>
      plantIn(
        Interleaver,
        'pass',
        () =>
          function (steps) {
            this.left -= steps;
            if (this.left < 0) this.left = this.turn;
          },
      ),
    found: () => slicesAgree(ALONE),
  },
  'an interrupt for another hart does not end its wait': {
    plant: () => plantIn(Board, 'isWoken', () => () => false),
    found: () => run('a token goes round'),
  },
  'an interrupt goes to the next hart’s wire': {
    plant: () =>
      plantIn(
        Board,
        'setLine',
        (original) =>
          function (hart, line, level) {
            original.call(this, (hart + 1) % this.harts.length, line, level);
          },
      ),
    found: () => run('the PLIC has contexts'),
  },
  'a store TLB keeps what another hart’s walk has read': {
    plant: () => {
      let last: unknown;
      plantIn(
        Tlb,
        'flush',
        (original) =>
          function () {
            // Of those that are flushed in a row, the first alone.
            if (last === undefined) original.call(this);
            last = this;
            queueMicrotask(() => {
              last = undefined;
            });
          },
      );
    },
    found: () => run('harts under one page table'),
  },
  'a page that a guest unmaps stays in the TLBs of the translator': {
    plant: () => plantIn(Coherence, 'dropPage', nothing),
    found: () => run('harts under one page table'),
  },
  'a shadow keeps what derives from an entry that another CPU changes': {
    plant: () => plantIn(Shadow, 'stored', nothing),
    found: () => run('harts under one page table'),
  },
};

describe('a mistake is found', () => {
  test.each(Object.entries(MUTATIONS))('%s', (_, mutation) => {
    mutation.plant();
    expect(mutation.found).toThrow();
  });
});

test('without one, all of this passes', () => {
  for (const part of [
    'does not outlive',
    'lasts over the end',
    'a token',
    'code that',
    'the PLIC',
    'under one page table',
  ])
    run(part);
  slicesAgree(ALONE);
  slicesAgree(RESERVING);
});
