// Several harts that start together in M-mode and share all memory: locks of every kind, reservations that another
// hart's turn ends, interrupts to one another, code and page tables that one changes and others use. Each guest checks
// itself; bare and virtual, and all engines, must agree in every word of every hart.

import { describe, expect, test } from 'vitest';
import { Scheduler } from '../../src/hypervisor/scheduler.ts';
import { virtualSystem } from '../../src/session/system.ts';
import { assembleGuest, type CaseOptions, runCase } from '../support/assembly.ts';
import { runSteps, specOf, type TestGuest } from '../support/guests.ts';

const MINUTE = 60_000;

const SHARED = (harts: number) => `
        .equ    HARTS, ${harts}
        # Words that all harts share.
        .equ    lock, page0 + 8
        .equ    counter, page0 + 16
        .equ    met, page0 + 24
        .equ    flag, page0 + 32
        .equ    answers, page0 + 40

        # All harts wait here for one another. s7: how many have come here in all at the last meeting.
        .macro  meet
        la      t0, met
        li      t1, 1
        amoadd.d.aqrl zero, t1, (t0)
        addi    s7, s7, HARTS
95:     ld      t1, 0(t0)
        bltu    t1, s7, 95b
        fence   rw, rw
        .endm

        # Waits until the word at a label is at least a register.
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

test:   csrr    s0, mhartid
        same    s0, a0                  # every hart starts here, with its number in a0
        li      s7, 0
`;
const PARK = `
park:   wfi
        j       park
`;

/** A turn that cuts every loop of these guests somewhere. */
const TURN = 53;
const harts = (count: number, text: string, options: CaseOptions = {}) =>
  runCase(`${SHARED(count)}\n${text}\n${PARK}`, { harts: count, turnSteps: TURN, endOnly: true, ...options });

/** Each hart adds 20 times to a word, by a plain load and store inside a lock. */
const LOCKED = (acquire: string, release: string) => `
        li      s4, 20
        la      s2, lock
        la      s3, counter
1:      ${acquire}
        ld      t2, 0(s3)
        addi    t2, t2, 1
        sd      t2, 0(s3)
        ${release}
        addi    s4, s4, -1
        bnez    s4, 1b
        meet
        bnez    s0, park
        ld      t2, 0(s3)
        check   t2, HARTS * 20
        pass
`;
const LOCKS = {
  'LR/SC': [
    `
2:      lr.w.aq t0, (s2)
        bnez    t0, 2b
        li      t0, 1
        sc.w    t1, t0, (s2)
        bnez    t1, 2b`,
    `
        amoswap.w.rl zero, zero, (s2)`,
  ],
  amoswap: [
    `
        li      t0, 1
2:      amoswap.w.aq t1, t0, (s2)
        bnez    t1, 2b`,
    `
        fence   rw, w
        sw      zero, 0(s2)`,
  ],
  'tickets by amoadd': [
    `
        li      t0, 1
        amoadd.w.aq t0, t0, (s2)
        addi    t1, s2, 4
2:      lwu     t2, 0(t1)
        bne     t2, t0, 2b`,
    `
        lw      t2, 4(s2)
        addi    t2, t2, 1
        fence   rw, w
        sw      t2, 4(s2)`,
  ],
} as const;

describe('a lock keeps all but one hart out', () => {
  for (const [name, [acquire, release]] of Object.entries(LOCKS)) {
    test.each([2, 4, 8])(`${name}, %i harts`, { timeout: MINUTE }, (count) => {
      // The words of the tickets are the lock and its neighbour.
      const guest = LOCKED(acquire, release).replace('la      s2, lock', 'la      s2, page0 + 64');
      harts(count, guest);
    });
  }

  test('Peterson’s, of two harts, by loads, stores and fences alone', { timeout: MINUTE }, () => {
    const acquire = `
        la      t0, page0 + 64          # who wants in, a word each, and behind them whose turn it is
        slli    t1, s0, 3
        add     t1, t1, t0
        xori    t2, s0, 1
        slli    t3, t2, 3
        add     t3, t3, t0
        li      t4, 1
        sd      t4, 0(t1)
        sd      t2, 16(t0)
        fence   rw, rw
2:      ld      t4, 0(t3)
        beqz    t4, 3f
        ld      t4, 16(t0)
        beq     t4, t2, 2b
3:      fence   rw, rw`;
    const release = `
        fence   rw, rw
        slli    t1, s0, 3
        la      t0, page0 + 64
        add     t1, t1, t0
        sd      zero, 0(t1)`;
    harts(2, LOCKED(acquire, release));
  });
});

test('without a lock, a turn that ends between load and store loses what others added', { timeout: MINUTE }, () => {
  harts(
    4,
    `
        li      s4, 500
        la      s3, counter
1:      ld      t2, 0(s3)
        addi    t2, t2, 1
        sd      t2, 0(s3)
        addi    s4, s4, -1
        bnez    s4, 1b
        meet
        bnez    s0, park
        ld      t2, 0(s3)
        li      t0, HARTS * 500
        bgeu    t2, t0, fail
        pass
`,
  );
});

test('atomic operations of all harts come one after another', { timeout: MINUTE }, () => {
  harts(
    4,
    `
        la      s2, counter
        addi    s3, s0, 1
        li      s4, 100
1:      amoadd.d zero, s3, (s2)
        addi    t0, s2, 64
        amoxor.w zero, s4, (t0)
        addi    t0, s2, 72
        amomaxu.d zero, s4, (t0)
        addi    s4, s4, -1
        bnez    s4, 1b
        meet
        bnez    s0, park
        ld      t0, 0(s2)
        check   t0, 100 * (1 + 2 + 3 + 4)
        ld      t0, 64(s2)
        check   t0, 0                   # each value came in pairs
        ld      t0, 72(s2)
        check   t0, 100
        pass
`,
  );
});

describe('a reservation', () => {
  test('does not outlive another hart’s store, nor the store of the same value', { timeout: MINUTE }, () => {
    harts(
      2,
      `
        la      s2, counter
        li      s3, 7
        bnez    s0, other
        lr.d    s4, (s2)
        sd      s3, 32(s2)              # far enough from the reservation: say that it is there
1:      ld      t0, 40(s2)
        beqz    t0, 1b
        sc.d    s5, s3, (s2)
        check   s4, 0
        beqz    s5, fail
        ld      t0, 0(s2)
        check   t0, 0
        pass
other:  ld      t0, 32(s2)
        beqz    t0, other
        sd      zero, 0(s2)
        sd      s3, 40(s2)
        j       park
`,
    );
  });
  test('lasts over the end of a turn that no other hart wants', () => {
    harts(
      2,
      `
        bnez    s0, park
        li      t0, 300                 # until the other waits
1:      addi    t0, t0, -1
        bnez    t0, 1b
        la      s2, counter
        lr.d    s4, (s2)
        li      t0, 300
1:      addi    t0, t0, -1
        bnez    t0, 1b
        sc.d    s5, s4, (s2)
        check   s5, 0
        pass
`,
    );
  });
});

describe('interrupts between harts', () => {
  test.each([2, 4, 8])('a token goes round %i harts by software interrupts', { timeout: MINUTE }, (count) => {
    harts(
      count,
      `
        li      t0, 1 << 3
        csrw    mie, t0                 # wakes, and does not interrupt
        li      s2, CLINT
        slli    s3, s0, 2
        add     s3, s3, s2              # its own, and the next one's
        addi    s4, s3, 4
        li      t0, HARTS - 1
        bne     s0, t0, 1f
        mv      s4, s2
1:      li      s5, 10
        li      s1, 1
        meet
        bnez    s0, 2f
        sw      s1, 0(s4)
2:      wfi
        csrr    t0, mip
        andi    t0, t0, 1 << 3
        beqz    t0, 2b
        sw      zero, 0(s3)
        csrr    t0, mip
        check   t0, 0
        la      t0, counter
        ld      t1, 0(t0)
        addi    t2, t1, 1
        sd      t2, 0(t0)
        li      t3, HARTS
        remu    t2, t2, t3
        same    t2, s0                  # hart 1 is the first, hart 0 the last of a round
        sw      s1, 0(s4)
        addi    s5, s5, -1
        bnez    s5, 2b
        bnez    s0, park
        la      t0, counter
        ld      t1, 0(t0)
        check   t1, 10 * HARTS
        pass
`,
    );
  });

  test('an interrupt is taken at the same step, wherever its hart is in a loop', { timeout: MINUTE }, () => {
    harts(
      3,
      `
        la      t0, handler
        csrw    mtvec, t0
        li      t0, 1 << 3
        csrw    mie, t0
        li      s2, CLINT
        slli    s3, s0, 2
        add     s3, s3, s2
        li      s4, 0                   # interrupts, and a sum of where and when they came
        li      s5, 0
        meet
        beqz    s0, sender
        csrsi   mstatus, 8
spin:   addi    s1, s1, 1
        xor     s6, s6, s1
        add     s6, s6, s1
        slli    t2, s1, 1
        li      t1, 20
        bltu    s4, t1, spin
        csrci   mstatus, 8
        count   answers
        j       park
sender: li      s6, 20
        li      t1, 1
1:      sw      t1, 4(s2)
        sw      t1, 8(s2)
2:      lw      t2, 4(s2)
        lw      t3, 8(s2)
        or      t2, t2, t3
        bnez    t2, 2b
        addi    s6, s6, -1
        bnez    s6, 1b
        li      s6, 2
        wait_for answers, s6
        pass
        .balign 4
handler:
        csrr    t3, mepc
        add     s5, s5, t3
        csrr    t3, cycle
        xor     s5, s5, t3
        csrr    t3, time
        add     s5, s5, t3
        sw      zero, 0(s3)
        addi    s4, s4, 1
        mret
`,
    );
  });

  test('one hart sets another’s timer, which wakes it at its tick', { timeout: MINUTE }, () => {
    harts(
      2,
      `
        li      t0, 1 << 7
        csrw    mie, t0
        li      s2, MTIMECMP
        li      s3, MTIME
        bnez    s0, sleeper
        ld      s4, 0(s3)
        addi    s4, s4, 40
        sd      s4, 8(s2)
        la      t0, counter
        sd      s4, 0(t0)
        j       park
sleeper:
        csrr    t0, mip
        andi    t0, t0, 1 << 7
        check   t0, 0
        wfi
        csrr    s5, time
        la      t0, counter
        ld      t1, 0(t0)
        same    s5, t1
        li      t0, -1
        sd      t0, 8(s2)
        csrr    t0, mip
        check   t0, 0
        pass
`,
    );
  });
});

test('a hart writes mtime, and all read it from then on', { timeout: MINUTE }, () => {
  harts(
    2,
    `
        li      s1, MTIME
        la      s2, page0 + 64
        li      s3, 20
        bnez    s0, reader
1:      slli    t0, s3, 20
        sd      t0, 0(s1)
        csrr    t1, time
        srli    t1, t1, 20
        same    t1, s3
        sd      s3, 0(s2)
2:      ld      t0, 8(s2)
        bne     t0, s3, 2b
        addi    s3, s3, -1
        bnez    s3, 1b
        pass
reader: ld      t0, 0(s2)
        bne     t0, s3, reader
        csrr    t0, time
        srli    t0, t0, 20
        same    t0, s3
        sd      s3, 8(s2)
        addi    s3, s3, -1
        bnez    s3, reader
        j       park
`,
  );
});

test('the PLIC has contexts for M and S of every hart, and who claims first has the interrupt', {
  timeout: MINUTE,
}, () => {
  harts(
    3,
    `
        .equ    ENABLES, PLIC + 0x2000  # 0x80 for each context: of hart 0 in M, in S, of hart 1 in M, ...
        .equ    CONTEXTS, PLIC + 0x200000
        li      t1, (1 << 11) | (1 << 9)
        csrw    mie, t1
        li      s5, 1
        li      s6, 2
        bnez    s0, waiter
        li      t0, PLIC
        sw      s5, 40(t0)              # the priority of the UART's interrupt
        li      t1, 1 << 10
        li      t0, ENABLES + 0x80 * 3
        sw      t1, 0(t0)               # for hart 1 in S
        li      t0, ENABLES + 0x80 * 4
        sw      t1, 0(t0)               # and hart 2 in M
        meet
        li      t0, UART
        sb      s6, 1(t0)               # transmitter empty
        csrr    t0, mip
        check   t0, 0
        wait_for answers, s6
        csrr    t0, mip
        check   t0, 0
        pass
waiter: meet
1:      wfi
        csrr    s3, mip
        beqz    s3, 1b
        beq     s0, s6, claimer
        check   s3, 1 << 9
        count   answers
        wait_for answers, s6
        csrr    t0, mip
        check   t0, 0
        li      t0, CONTEXTS + 0x1000 * 3
        lw      t1, 4(t0)
        check   t1, 0                   # hart 2 has it
        j       park
claimer:
        check   s3, 1 << 11
        wait_for answers, s5
        li      t0, CONTEXTS + 0x1000 * 4
        lw      t1, 4(t0)
        check   t1, 10
        csrr    t2, mip
        check   t2, 0
        li      t2, UART
        sb      zero, 1(t2)
        sw      t1, 4(t0)
        csrr    t2, mip
        check   t2, 0
        count   answers
        j       park
`,
  );
});

test('a hart’s counters count its own steps, and time those of all', { timeout: MINUTE }, () => {
  harts(
    2,
    `
        li      s2, CLINT
        li      t0, 1 << 3
        csrw    mie, t0
        meet
        bnez    s0, other
        csrr    s3, time
        csrr    s4, cycle
        csrr    s5, instret
        wfi
        csrr    t0, instret
        sub     s5, t0, s5
        csrr    t0, cycle
        sub     s4, t0, s4
        csrr    t0, time
        sub     s3, t0, s3
        check   s5, 2
        check   s4, 5
        li      t0, 20
        bltu    s3, t0, fail
        pass
other:  li      t0, 2000
1:      addi    t0, t0, -1
        bnez    t0, 1b
        li      t1, 1
        sw      t1, 0(s2)
        j       park
`,
  );
});

test.each([2, 4])(
  'code that one of %i harts patches is what others run after fence.i',
  { timeout: MINUTE },
  (count) => {
    harts(
      count,
      `
        .equ    ROUNDS, 30
        li      s2, 0                   # the round
        bnez    s0, runner
writer: addi    s2, s2, 1
        li      t0, 0x513               # li a0, round
        slli    t1, s2, 20
        or      t0, t0, t1
        la      t1, patched
        sw      t0, 0(t1)
        fence   rw, rw
        la      t0, flag
        sd      s2, 0(t0)
        li      t2, HARTS - 1
        mul     t2, t2, s2
        wait_for answers, t2
        li      t0, ROUNDS
        bltu    s2, t0, writer
        pass
runner: addi    s2, s2, 1
        wait_for flag, s2
        fence.i
        li      s3, 60                  # often enough to be hot
1:      call    patched
        same    a0, s2
        addi    s3, s3, -1
        bnez    s3, 1b
        count   answers
        j       runner
patched:
        li      a0, 0
        ret
`,
    );
  },
);

test.each([2, 4])('%i harts under one page table see what one of them maps', { timeout: MINUTE }, (count) => {
  const vm = harts(
    count,
    `
        .equ    ROUNDS, 20
        li      s2, 0
        bnez    s0, reader
        .irp    number, 1, 2
        la      t0, page\\number
        sd      t0, 8(t0)               # a page's own address
        .endr
writer: .irp    number, 1, 2
        addi    s2, s2, 1
        map     1, page\\number, PTE_RW
        la      t0, page\\number
        la      t1, counter
        sd      t0, 0(t1)
        fence   rw, rw
        la      t0, flag
        sd      s2, 0(t0)
        li      t2, HARTS - 1
        mul     t2, t2, s2
        wait_for answers, t2
        .endr
        li      t0, ROUNDS
        bltu    s2, t0, writer
        pass
reader: translate
        enter   S, 1f
1:      addi    s2, s2, 1
        wait_for flag, s2
        sfence.vma
        li      s3, PAGE
        ld      s4, 8(s3)
        la      t0, counter
        ld      t1, 0(t0)
        bne     s4, t1, wrong
        sd      s4, 16(s3)              # also a store, through a page that is dirty
        count   answers
        j       1b
wrong:  li      a0, 77
        j       fail
`,
  );
  expect(vm.ledger.count('fence')).toBeGreaterThan(0);
});

test('machines of several harts beside one another are each the same as alone', { timeout: MINUTE }, () => {
  const crew = (name: string, count: number): TestGuest => {
    const acquire = LOCKS['LR/SC'];
    const text = `${SHARED(count)}\n${LOCKED(acquire[0], acquire[1])}\n${PARK}`;
    return { name, bytes: assembleGuest(text), harts: count, turnSteps: TURN };
  };
  const guests = [crew('two', 2), crew('four', 4), crew('one', 1)];
  for (const engine of ['reference', 'auto'] as const) {
    const system = virtualSystem(
      guests.map((guest) => specOf(guest)),
      { engine },
    );
    const scheduler = new Scheduler(system.guests);
    while (scheduler.run(777).status === 'ran');
    for (const [index, guest] of system.guests.entries()) {
      const alone = virtualSystem([specOf(guests[index] as TestGuest)], { engine });
      runSteps(alone, 100_000);
      const [model] = alone.guests;
      expect(guest.board.outcome).toEqual({ kind: 'exit', code: 0 });
      expect(guest.states.map(({ words }) => words)).toEqual(model?.states.map(({ words }) => words));
      expect(guest.digest()).toBe(model?.digest());
    }
  }
});

test('an accessed or dirty bit that one hart clears is set again by another’s next access', { timeout: MINUTE }, () => {
  harts(
    2,
    `
        map     1, page1, PTE_RW
        la      s3, leaves + 8
        li      s2, 0
        bnez    s0, toucher
cleaner:
        addi    s2, s2, 1
        ld      t0, 0(s3)
        andi    t0, t0, ~(PTE_A | PTE_D)
        sd      t0, 0(s3)
        la      t0, flag
        sd      s2, 0(t0)
        wait_for answers, s2
        ld      t0, 0(s3)
        andi    t1, t0, PTE_A | PTE_D
        andi    t2, s2, 1               # in odd rounds it is stored to, in even ones loaded from
        slli    t2, t2, 7
        ori     t2, t2, PTE_A
        same    t1, t2
        li      t0, 20
        bltu    s2, t0, cleaner
        pass
toucher:
        translate
        enter   S, 1f
1:      addi    s2, s2, 1
        wait_for flag, s2
        sfence.vma
        li      t2, PAGE
        ld      t3, 24(t2)
        andi    t4, s2, 1
        beqz    t4, 2f
        sd      t3, 24(t2)
2:      count   answers
        j       1b
`,
  );
});
