// Harts that must not be in one another's way: locks of every kind, atomic operations, reservations.

import type { HartGuest } from './guest.ts';

/** Each hart adds 20 times to a word, by a plain load and store inside a lock. */
export const LOCKED = (acquire: string, release: string) => `
        li      s4, 20
        la      s2, locks
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
export const LOCKS = {
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

const PETERSON = {
  acquire: `
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
3:      fence   rw, rw`,
  release: `
        fence   rw, rw
        slli    t1, s0, 3
        la      t0, page0 + 64
        add     t1, t1, t0
        sd      zero, 0(t1)`,
};

export const LOCK_GUESTS: readonly HartGuest[] = [
  ...Object.entries(LOCKS).map(([name, [acquire, release]]) => ({
    name: `a lock keeps all but one hart out: ${name}`,
    harts: [2, 4, 8],
    text: LOCKED(acquire, release),
  })),
  {
    name: 'a lock keeps all but one of two harts out: Peterson’s, by loads, stores and fences alone',
    harts: [2],
    text: LOCKED(PETERSON.acquire, PETERSON.release),
  },
  {
    name: 'without a lock, a turn that ends between load and store loses what others added',
    harts: [4],
    isExact: true,
    text: `
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
  },
  {
    name: 'atomic operations of all harts come one after another',
    harts: [4],
    text: `
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
  },
  {
    name: 'a reservation does not outlive another hart’s store, nor the store of the same value',
    harts: [2],
    isExact: true,
    text: `
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
  },
  {
    name: 'a reservation lasts over the end of a turn that no other hart wants',
    harts: [2],
    isExact: true,
    text: `
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
  },
];
