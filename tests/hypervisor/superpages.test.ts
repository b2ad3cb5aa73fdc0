// Guest superpages: kept whole where their memory allows it, in parts where a part must be withheld, and every part of
// one gone when its entry changes. Also RAM whose place in the machine is no multiple of a superpage.

import { expect, test } from 'vitest';
import { ENGINES } from '../../src/machine/engine.ts';
import { assembleGuest, REFERENCE, runCase, start } from '../support/assembly.ts';
import { runSteps } from '../support/guests.ts';
import { runSmall } from '../support/small-machine.ts';

const MEBIBYTE = 1024 * 1024;
const ramBytes = 8 * MEBIBYTE;

/** Writes and reads a doubleword in each page of a superpage. */
const TOUCH_ALL = `
        .equ    LARGE, RAM + (4 << 20)
test:   li      t1, (LARGE >> 2) | PTE_RW | PTE_X
        la      t2, middle
        sd      t1, 16(t2)              # at 4 MiB: 2 MiB
        translate
        try     S, 1f
        check   s8, ECALL_S
        pass
1:      li      s0, 4 << 20
        li      s1, 6 << 20
        li      s2, PAGE
2:      sd      s0, 0(s0)
        ld      a0, 0(s0)
        bne     a0, s0, 3f
        add     s0, s0, s2
        bltu    s0, s1, 2b
        ecall
3:      ebreak
`;

test('a superpage is filled once, whole', () => {
  const vm = runCase(TOUCH_ALL, { ramBytes, endOnly: true });
  expect(vm.ledger.shadow.fills).toBeLessThan(60);
});

test('a gigapage is filled once, whole, where no table is in its memory', () => {
  const vm = runCase(
    `
        .equ    HUGE, RAM + (1 << 30)
test:   li      t1, (HUGE >> 2) | PTE_RW
        la      t2, root
        sd      t1, 8(t2)               # at 1 GiB: 1 GiB
        translate
        try     S, 1f
        check   s8, ECALL_S
        pass
1:      li      s0, 1 << 30
        li      s1, 2 << 30
        li      s2, 64 << 20
2:      sd      s0, 0(s0)
        ld      a0, 0(s0)
        bne     a0, s0, 3f
        add     s0, s0, s2
        bltu    s0, s1, 2b
        ecall
3:      ebreak
`,
    { ramBytes: 2048 * MEBIBYTE, endOnly: true, engines: [] },
  );
  expect(vm.ledger.shadow.fills).toBeLessThan(16);
});

test.each(ENGINES)(
  'RAM that does not start at a multiple of a superpage in the machine is mapped by pages (%s)',
  (engine) => {
    const bytes = assembleGuest(TOUCH_ALL);
    const vm = runSmall(bytes, { offset: 0x3000, engine }, 100_000);
    expect(vm.board.outcome).toEqual({ kind: 'exit', code: 0 });
    expect(vm.ledger.shadow.fills).toBeGreaterThan(512);
    const bare = start(REFERENCE.bare, { bytes, ramBytes });
    runSteps(bare.system, 100_000);
    expect(vm.ram.digest()).toBe(bare.guest.digest());
    expect(vm.board.clock.now).toBe(bare.guest.board.clock.now);
    vm.checkLedger();
  },
);

test('a page in the middle of plain memory maps itself and nothing beside it', () => {
  runCase(
    `
        .equ    PLAIN, RAM + (4 << 20)  # no page table is in these 2 MiB
test:   li      t0, ((PLAIN + 3 * PAGE) >> 2) | PTE_RW
        la      t1, leaves
        sd      t0, (5 * 8)(t1)
        li      t0, PLAIN + 3 * PAGE
        li      t1, 0x1234
        sd      t1, 0(t0)
        translate
        li      a1, 5 * PAGE
        try     S, 1f
        check   a0, 0x1234
        .irp    page, 3, 4, 6
        li      a1, \\page * PAGE
        try     S, 1f
        check   s8, LOAD_PAGE
        same    s9, a1
        .endr
        pass
1:      ld      a0, 0(a1)
        ecall
`,
    { ramBytes },
  );
});

test('all parts of a superpage go when its entry changes', () => {
  runCase(
    `
        .equ    FIRST, RAM + (2 << 20)
        .equ    SECOND, RAM + (4 << 20)
test:   li      t0, FIRST               # a table inside the superpage splits it
        sd      zero, 0(t0)
        li      t1, (FIRST >> 2) | PTE_RW
        la      t2, middle
        sd      t1, 8(t2)               # at 2 MiB: FIRST
        srli    t3, t0, 2
        ori     t3, t3, PTE_V
        sd      t3, 16(t2)              # at 4 MiB: pages by the table at FIRST
        la      t4, page1
        srli    t4, t4, 2
        ori     t4, t4, PTE_RW
        sd      t4, 0(t0)
        translate
        try     S, 1f
        check   s8, ECALL_S
        la      t2, middle
        li      t1, (SECOND >> 2) | PTE_RW
        sd      t1, 8(t2)               # now 2 MiB: SECOND, which is zero
        try     S, 2f
        check   s8, ECALL_S
        la      t2, middle
        sd      zero, 8(t2)             # now nothing
        try     S, 3f
        check   s8, LOAD_PAGE
        li      t0, 2 << 20
        same    s9, t0
        pass
1:      li      t0, 4 << 20
        ld      t1, 0(t0)               # the table at FIRST is now traced
        li      t0, 2 << 20
        li      t1, 8
        li      t2, PAGE
        add     t0, t0, t2
4:      sd      t1, 0(t0)
        ld      a0, 0(t0)
        beqz    a0, 9f
        add     t0, t0, t2
        addi    t1, t1, -1
        bnez    t1, 4b
        ecall
2:      li      t0, 2 << 20
        li      t1, 8
        li      t2, PAGE
5:      ld      a0, 0(t0)
        bnez    a0, 9f
        add     t0, t0, t2
        addi    t1, t1, -1
        bnez    t1, 5b
        ecall
3:      li      t0, 2 << 20
        ld      a0, 0(t0)
9:      ebreak
`,
    { ramBytes },
  );
});

test('a superpage whose address is not aligned is a page fault (norm:Sv39_superpage_align_fault)', () => {
  runCase(
    `
test:   la      t2, middle
        li      t1, ((RAM + PAGE) >> 2) | PTE_RW
        sd      t1, 8(t2)
        la      t2, root
        li      t1, ((RAM + (2 << 20)) >> 2) | PTE_RW
        sd      t1, 8(t2)
        translate
        li      a1, 2 << 20
        try     S, 1f
        check   s8, LOAD_PAGE
        li      a1, 1 << 30
        try     S, 1f
        check   s8, LOAD_PAGE
        pass
1:      ld      a0, 0(a1)
        ecall
`,
    { ramBytes },
  );
});

test('a superpage that reaches past the end of RAM maps what there is', () => {
  const size = 3 * MEBIBYTE;
  runCase(
    `
test:   la      t2, middle
        li      t1, ((RAM + (2 << 20)) >> 2) | PTE_RW
        sd      t1, 8(t2)
        translate
        li      a1, (3 << 20) - 8
        try     S, 1f
        check   s8, ECALL_S
        li      a1, 3 << 20
        try     S, 1f
        check_trap LOAD_ACCESS, 3 << 20
        li      a1, (3 << 20) - 4       # half in, half out
        try     S, 1f
        check_trap LOAD_ACCESS, 3 << 20
        pass
1:      ld      a0, 0(a1)
        sd      a1, 0(a1)
        ecall
`,
    { ramBytes: size },
  );
});
