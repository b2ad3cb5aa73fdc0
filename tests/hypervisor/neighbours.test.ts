// Neighbours of a page that faulted, which a fill maps with it: only those that the guest has used before, only where it
// goes through pages in order, and never with a right that their own entries do not grant.

import { expect, test } from 'vitest';
import { runCase } from '../support/assembly.ts';

/** Pages 1 to 7, then whatever `between` does, then each of them again from S. */
const pages = (flags: string, between: string) => `
        .equ    FLAGS, ${flags}
test:   .irp    at, 1, 2, 3, 4, 5, 6, 7
        map     \\at, page1, FLAGS
        .endr
        translate
        ${between}
        pass
1:      ld      a0, 0(a1)
        ecall
2:      sd      a1, 0(a1)
        ecall
3:      jr      a1
`;
const LOADS = `
        .irp    at, 1, 2, 3, 4, 5, 6, 7
        li      a1, \\at * PAGE
        try     S, 1f
        check   s8, ECALL_S
        .endr`;

test('pages that were used before come with the second of them', () => {
  const { shadow } = runCase(pages('PTE_RW', LOADS), {}).ledger;
  expect(shadow.prefetched).toBe(5);
});

test('pages that were never used do not, so that no accessed bit is set too early', () => {
  const { shadow } = runCase(pages('PTE_RW & ~PTE_A', LOADS), {}).ledger;
  expect(shadow.prefetched).toBe(0);
});

test('what comes with a page has the rights of its own entry, and goes with it', () => {
  const vm = runCase(
    pages(
      'PTE_RW',
      `
        map     4, page1, PTE_RW & ~PTE_W
        map     5, page1, PTE_RW | PTE_U
        map     6, page1, PTE_RW & ~PTE_D
        map     7, page1, (PTE_RW | PTE_X) & ~PTE_R     # reserved
        .irp    at, 1, 2, 3
        li      a1, \\at * PAGE
        try     S, 1f
        check   s8, ECALL_S
        .endr
        li      a1, 4 * PAGE
        try     S, 2f
        check_trap STORE_PAGE, 4 * PAGE
        li      a1, 5 * PAGE
        try     S, 1f
        check_trap LOAD_PAGE, 5 * PAGE
        li      a1, 6 * PAGE
        try     S, 2f
        check   s8, ECALL_S
        la      t0, leaves              # its dirty bit is set
        ld      t1, 48(t0)
        andi    t1, t1, PTE_D
        check   t1, PTE_D
        li      a1, 7 * PAGE
        try     S, 3f
        check_trap FETCH_PAGE, 7 * PAGE
        sd      zero, 16(t0)            # what came unused goes with its fence
        sfence.vma
        li      a1, 2 * PAGE
        try     S, 1f
        check_trap LOAD_PAGE, 2 * PAGE`,
    ),
    {},
  );
  expect(vm.ledger.shadow.prefetched).toBeGreaterThan(2);
});
