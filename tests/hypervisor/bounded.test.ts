// What a guest can make the monitor remember is bounded: shadow page tables by their reserve, and contents of
// the PMP. Running out of any evicts something and is never seen by the guest.

import { expect, test } from 'vitest';
import { Numbering } from '../../src/hypervisor/numbering.ts';
import type { ExitEvent } from '../../src/hypervisor/virtual-machine.ts';
import { ENGINES } from '../../src/machine/engine.ts';
import { assembleGuest, REFERENCE, runCase, start } from '../support/assembly.ts';
import { runSteps } from '../support/guests.ts';
import { runSmall } from '../support/small-machine.ts';

test('thousands of address spaces evict one another and stay exact', () => {
  const vm = runCase(
    `
        .equ    SPACES, 1500
test:   map     3, page1, PTE_RWX
        translate
        li      s0, SPACES
        la      s1, page1
1:      try     S, 2f                   # each ASID is a context of its own
        check   s8, ECALL_S
        ld      t0, 0(s1)
        same    a1, t0
        addi    t0, t0, 1
        sd      t0, 0(s1)
        csrr    t0, satp
        li      t1, 1 << 44
        add     t0, t0, t1
        csrw    satp, t0
        addi    s0, s0, -1
        bnez    s0, 1b
        csrr    t0, satp
        srli    t0, t0, 44
        check   t0, 0x80000 + SPACES
        pass
2:      li      a0, 0x3000
        ld      a1, 0(a0)
        ecall
`,
    { endOnly: true },
  );
  expect(vm.ledger.shadow.contexts).toBeGreaterThan(1500);
  expect(vm.ledger.shadow.evictions).toBeGreaterThan(100);
  expect(vm.ledger.shadow.dropped, 'leaves of evicted spaces are forgotten').toBeGreaterThan(
    vm.ledger.shadow.evictions,
  );
});

test.each(ENGINES.flatMap((engine) => [10, 12, 20].map((shadowFrames) => ({ engine, shadowFrames }))))(
  'a shadow of $shadowFrames frames is enough for any guest ($engine)',
  ({ engine, shadowFrames }) => {
    // Gigabyte pages all over the address space, each of which needs tables of its own, some of them of three levels.
    const bytes = assembleGuest(`
test:   la      t0, root
        li      t1, (RAM >> 2) | PTE_RWX
        li      t2, 3
2:      slli    t3, t2, 3
        add     t3, t3, t0
        sd      t1, 0(t3)
        addi    t2, t2, 1
        li      t4, 200
        bltu    t2, t4, 2b
        translate
        try     S, 1f
        check   s8, ECALL_S
        pass
1:      li      s0, 3
3:      slli    t0, s0, 30
        li      t1, 0x3ffffc            # across two superpages of the gigabyte
        add     t0, t0, t1
        ld      a0, 0(t0)
        sd      s0, 0(t0)
        ld      a0, 0(t0)
        bne     a0, s0, 4f
        addi    s0, s0, 1
        li      t4, 200
        bltu    s0, t4, 3b
        ecall
4:      ebreak
`);
    const vm = runSmall(bytes, { shadowFrames, engine }, 50_000);
    const bare = start(REFERENCE.bare, { bytes, ramBytes: vm.ram.bytes });
    runSteps(bare.system, 50_000);
    expect(bare.guest.board.outcome).toEqual({ kind: 'exit', code: 0 });
    expect(vm.board.outcome).toEqual(bare.guest.board.outcome);
    expect(vm.ram.digest()).toBe(bare.guest.digest());
    expect(vm.board.clock.now).toBe(bare.guest.board.clock.now);
    expect(vm.ledger.shadow.evictions).toBeGreaterThan(10);
    vm.checkLedger();
  },
);

test('the root of the context that is entered next is foreseen, also where another has to make room for it', () => {
  const bytes = assembleGuest(`
test:   map     3, page1, PTE_RWX
        translate
        li      s0, 40
1:      try     S, 2f                   # each ASID is a context of its own
        check   s8, ECALL_S
        csrr    t0, satp
        li      t1, 1 << 44
        add     t0, t0, t1
        csrw    satp, t0
        addi    s0, s0, -1
        bnez    s0, 1b
        pass
2:      li      a0, 0x3000
        ld      a1, 0(a0)
        ecall
`);
  let evictions = 0;
  const onExit = ({ vm, cpu }: ExitEvent) => {
    const { shadow } = vm.ledger;
    const before = shadow.evictions;
    const foreseen = vm.shadow.satpOf(cpu);
    expect(vm.shadow.enter(cpu).satp).toBe(foreseen);
    evictions += shadow.evictions - before;
  };
  for (const shadowFrames of [13, 14, 15, 16]) {
    const { board } = runSmall(bytes, { shadowFrames, onExit }, 50_000);
    expect(board.outcome).toEqual({ kind: 'exit', code: 0 });
  }
  expect(evictions).toBeGreaterThan(3);
});

test('thousands of contents of the PMP take effect at once', () => {
  runCase(
    `
        .equ    TIMES, 5000
test:   li      t0, PMP_OPEN << 8
        csrw    pmpcfg0, t0             # entry 0 is off: any address is another content
        li      t0, -1
        csrw    pmpaddr1, t0
        li      s0, TIMES
1:      csrw    pmpaddr0, s0
        addi    s0, s0, -1
        bnez    s0, 1b
        pass
`,
    { endOnly: true },
  );
});

test('keys have numbers, the same while they are remembered, and never one that another had', () => {
  const numbering = new Numbering();
  const seen = new Set([numbering.of('first')]);
  expect(numbering.of('first')).toBe(0);
  for (let i = 0; i < 10_000; i++) seen.add(numbering.of(`key ${i}`));
  expect(seen.size).toBe(10_001);
  expect(numbering.of('first')).toBe(10_001);
});
