// One address through both sets of tables: what an access would come to, and what differs between the two and why. Each
// verdict is one that a guest has brought about.

import { expect, test } from 'vitest';
import { assert } from '../../isa/assert.ts';
import type { Access } from '../../isa/vocabulary.ts';
import { imageOf } from '../../src/web/worker/guest-image.ts';
import { type LabGuest, Laboratory } from '../../src/web/worker/laboratory.ts';
import { walksOf } from '../../src/web/worker/walk-view.ts';

const ROOT = 0x8010_0000n;
const CLEAN = 0x8060_0000n;
const UNUSED = 0x80e0_0000n;
const UART = 0x1000_0000n;
const NOWHERE = 0x1e00_0000n;
const PROTECTED = 0x8080_0000n;

/** Sv39 with pages of 2 MiB at their own addresses: code, tables, one that is clean, one that the PMP forbids. */
const KERNEL = `
    .equ    PAGE, 0xcf              # V R W X A D
    .equ    UNTOUCHED, 0x4f         # D is clear
_start:
    li      t0, ${PROTECTED} >> 2
    csrw    pmpaddr0, t0
    li      t0, (${PROTECTED} + 0x200000) >> 2
    csrw    pmpaddr1, t0
    li      t0, -1
    csrw    pmpaddr2, t0
    li      t0, 0x0f080f            # below and above it all, in between nothing
    csrw    pmpcfg0, t0
    li      t0, ${ROOT}
    li      t1, ((${ROOT} + 0x1000) >> 2) | 1
    sd      t1, 16(t0)              # addresses from 0x80000000
    li      t1, ((${ROOT} + 0x2000) >> 2) | 1
    sd      t1, 0(t0)               # and from 0
    li      t0, ${ROOT} + 0x1000
    li      t1, (0x80000000 >> 2) | PAGE
    sd      t1, 0(t0)
    li      t1, (${CLEAN} >> 2) | UNTOUCHED
    sd      t1, 24(t0)
    li      t1, (${PROTECTED} >> 2) | PAGE
    sd      t1, 32(t0)
    li      t1, (${UNUSED} >> 2) | PAGE
    sd      t1, 56(t0)
    li      t0, ${ROOT} + 0x2000
    li      t1, (${UART} >> 2) | PAGE
    sd      t1, (${UART} >> 21) * 8(t0)
    li      t0, ${ROOT} + 0x2000
    li      t1, (${NOWHERE} >> 2) | PAGE
    sd      t1, (${NOWHERE} >> 21) * 8(t0)
    li      t0, 8 << 60 | ${ROOT} >> 12
    csrw    satp, t0
    li      t0, 1 << 11             # MPP: S
    csrw    mstatus, t0
    la      t0, kernel
    csrw    mepc, t0
    mret
kernel:
    li      t0, ${CLEAN}
    ld      t1, 0(t0)
done:
    j       done
`;

function kernel(): LabGuest {
  const made = imageOf({ name: 'own', base: '0x80000000', sources: [{ name: 'own.s', text: KERNEL }], included: {} });
  assert(made.image !== undefined, made.errors.map(({ message, line }) => `${line}: ${message}`).join());
  const lab = new Laboratory([{ name: 'own', image: made.image, lines: made.lines, harts: 1 }], () => 0);
  lab.until(0, { kind: 'address', where: 'done' });
  lab.advance(0, Number.POSITIVE_INFINITY);
  return lab.guests[0] as LabGuest;
}
const { guest, symbols } = kernel();
const at = (address: bigint, access: Access = 'load') => walksOf(guest, { hart: 0, address, access });
const verdict = (...of: Parameters<typeof at>) => at(...of).verdict;

test('what an access would come to is said before it is made', () => {
  expect(guest.states[0]?.pc).toBe(symbols.address('done'));
  expect(verdict(symbols.address('done') ?? 0n, 'fetch')).toBe('agree');
  expect(verdict(CLEAN)).toBe('agree');
  expect(verdict(CLEAN, 'store')).toBe('hidden');
  expect(verdict(UNUSED)).toBe('hidden');
  expect(verdict(0x80a0_0000n)).toBe('true');
  expect(verdict(UART)).toBe('device');
  expect(verdict(NOWHERE)).toBe('nothing');
  expect(verdict(PROTECTED)).toBe('protected');
  expect(verdict(ROOT, 'store')).toBe('traced');
});

test('levels stand side by side, and what differs is named with its reason', () => {
  const done = symbols.address('done') ?? 0n;
  const { levels, gpa, view } = at(done, 'fetch');
  expect([gpa, view]).toEqual([done, 'supervisor']);
  expect(levels.map(({ level, guest, shadow }) => [level, guest?.leaf, shadow?.leaf])).toEqual([
    [2, false, false],
    [1, true, false],
    [0, undefined, true],
  ]);
  const differs = (...of: Parameters<typeof at>) => at(...of).levels.map(({ differs }) => differs);
  // The page holds the guest's page tables too, so the shadow has smaller ones.
  expect(differs(done, 'fetch')).toEqual([['table'], ['split'], ['split']]);
  expect(differs(CLEAN)).toEqual([['table'], ['frame', 'user', 'clean', 'accessed']]);
  expect(differs(UNUSED)).toEqual([['table'], ['missing']]);
  expect(at(0x80a0_0000n).guestFault).toBe('load page fault');
});

test('looking fills, marks and makes nothing', () => {
  const counts = () => ({ ...guest.vm?.ledger.shadow, digest: guest.digest() });
  const before = counts();
  for (const address of [CLEAN + 0x2000n, UART, ROOT, PROTECTED, 8n]) {
    for (const access of ['load', 'store', 'fetch'] as const) at(address, access);
  }
  expect(counts()).toEqual(before);
});
