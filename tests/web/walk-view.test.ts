// One address through both sets of tables: what an access would come to, and what differs between the two and why. Each
// verdict and each reason is one that a guest has brought about; the last test counts them.

import { expect, test } from 'vitest';
import { assert } from '../../isa/assert.ts';
import type { Access } from '../../isa/vocabulary.ts';
import type { Discipline } from '../../src/hypervisor/shadow/discipline.ts';
import { DIFFERENCES, VERDICTS } from '../../src/web/protocol.ts';
import { imageOf } from '../../src/web/worker/guest-image.ts';
import type { LabGuest } from '../../src/web/worker/lab-guest.ts';
import { Laboratory } from '../../src/web/worker/laboratory.ts';
import { walksOf } from '../../src/web/worker/walk-view.ts';

const LOAD_PAGE_FAULT = { en: 'load page fault', ko: '적재 페이지 폴트' };
const ROOT = 0x8010_0000n;
const CLEAN = 0x8060_0000n;
const PROTECTED = 0x8080_0000n;
const READ_ONLY = 0x80a0_0000n;
const PARTLY = 0x80c0_0000n;
const UNUSED = 0x80e0_0000n;
const USER = 0x8100_0000n;
const EXECUTABLE = 0x8120_0000n;
const GLOBAL = 0x8140_0000n;
const MOVED = 0x8160_0000n;
const REVOKED = 0x8180_0000n;
const GONE = 0x81a0_0000n;
const UNMAPPED = 0x81c0_0000n;
const UART = 0x1000_0000n;
const NOWHERE = 0x1e00_0000n;

/** Flags of an entry: V and those. */
const flags = (letters: string) => [...letters].reduce((bits, each) => bits | (1 << 'vrwxugad'.indexOf(each)), 1);
/** Sv39 with pages of 2 MiB at their own addresses. */
const PAGES: readonly (readonly [bigint, string])[] = [
  [0x8000_0000n, 'rwxad'],
  [CLEAN, 'rwxa'],
  [PROTECTED, 'rwxad'],
  [READ_ONLY, 'rwxad'],
  [PARTLY, 'rwxad'],
  [UNUSED, 'rwxad'],
  [USER, 'rwxuad'],
  [EXECUTABLE, 'xad'],
  [GLOBAL, 'rwxgad'],
  [MOVED, 'rwxad'],
  [REVOKED, 'rwxad'],
  [GONE, 'rwxad'],
  [UART, 'rwad'],
  [NOWHERE, 'rwad'],
];
const tableOf = (page: bigint) => (page < 0x8000_0000n ? ROOT + 0x2000n : ROOT + 0x1000n);
const entryOf = (page: bigint) => tableOf(page) + ((page >> 21n) & 0x1ffn) * 8n;
const enter = (page: bigint, to: bigint, letters: string) =>
  `li t0, ${entryOf(page)}\n li t1, (${to} >> 2) | ${flags(letters)}\n sd t1, 0(t0)\n`;
const load = (page: bigint) => `li t0, ${page}\n ld t1, 0(t0)\n`;

const MACHINE = `
_start:
    li      t0, (${PROTECTED} >> 2) | 0x3ffff
    csrw    pmpaddr0, t0            # nothing of 2 MiB
    li      t0, (${READ_ONLY} >> 2) | 0x3ffff
    csrw    pmpaddr1, t0            # 2 MiB to read and execute
    li      t0, ${PARTLY} >> 2
    csrw    pmpaddr2, t0            # nothing of 4 bytes
    li      t0, -1
    csrw    pmpaddr3, t0            # and all of the rest
    li      t0, 0x1f101d18
    csrw    pmpcfg0, t0
    li      t0, ${ROOT}
    li      t1, ((${ROOT} + 0x1000) >> 2) | 1
    sd      t1, 16(t0)              # addresses from 0x80000000
    li      t1, ((${ROOT} + 0x2000) >> 2) | 1
    sd      t1, 0(t0)               # and from 0
    ${PAGES.map(([page, letters]) => enter(page, page, letters)).join('')}
    li      t0, 8 << 60 | ${ROOT} >> 12
    csrw    satp, t0
`;
const SUPERVISOR = `
    li      t0, 1 << 11             # MPP: S
    csrw    mstatus, t0
    la      t0, kernel
    csrw    mepc, t0
    mret
kernel:
`;
const SUM = 1 << 18;
const MXR = 1 << 19;
const MPRV = 1 << 17;
const END = 'done: j done\n';

function stopped(text: string, discipline?: Discipline): LabGuest {
  const made = imageOf({ name: 'own', base: '0x80000000', sources: [{ name: 'own.s', text }], included: {} });
  assert(made.image !== undefined, made.errors.map(({ message, line }) => `${line}: ${message}`).join());
  const lab = new Laboratory([{ name: 'own', image: made.image, lines: made.lines, harts: 1 }], () => 0, discipline);
  lab.until(0, { kind: 'address', where: 'done' });
  lab.advance(0, Number.POSITIVE_INFINITY);
  const [each] = lab.guests;
  assert(each !== undefined && each.guest.states[0]?.pc === each.symbols.address('done'), 'it came to its end');
  return each;
}
const seen = { verdicts: new Set<string>(), differences: new Set<string>() };
/** How an address of a guest is shown. */
const looker =
  ({ guest }: LabGuest) =>
  (address: bigint, access: Access = 'load') => {
    const walks = walksOf(guest, { hart: 0, address, access });
    const differs = walks.levels.map(({ differs }) => differs);
    seen.verdicts.add(walks.verdict);
    for (const each of differs.flat()) seen.differences.add(each);
    return { ...walks, differs };
  };

const kernel = stopped(`${MACHINE}${SUPERVISOR}${load(CLEAN)}${END}`);
const at = looker(kernel);
const DONE = kernel.symbols.address('done') ?? 0n;

test('what an access would come to is said before it is made', () => {
  const verdict = (...of: Parameters<typeof at>) => at(...of).verdict;
  expect(verdict(DONE, 'fetch')).toBe('agree');
  expect(verdict(CLEAN)).toBe('agree');
  expect(verdict(CLEAN, 'store')).toBe('hidden');
  expect(verdict(UNUSED)).toBe('hidden');
  expect(verdict(UNMAPPED)).toBe('true');
  expect(verdict(UART)).toBe('device');
  expect(verdict(NOWHERE)).toBe('nothing');
  expect(verdict(PROTECTED)).toBe('protected');
  expect(verdict(ROOT, 'store')).toBe('traced');
});

test('levels stand side by side, and what differs is named with its reason', () => {
  const { levels, gpa, view, differs } = at(DONE, 'fetch');
  expect([gpa, view]).toEqual([DONE, 'supervisor']);
  expect(levels.map(({ level, guest, shadow }) => [level, guest?.leaf, shadow?.leaf])).toEqual([
    [2, false, false],
    [1, true, false],
    [0, undefined, true],
  ]);
  // The page holds the guest's page tables too, so the shadow has smaller ones.
  expect(differs).toEqual([['table'], ['split'], ['split']]);
  expect(at(CLEAN).differs).toEqual([['table'], ['frame', 'user', 'clean', 'accessed']]);
  expect(at(UNUSED).differs).toEqual([['table'], ['missing']]);
  expect(at(UNMAPPED).guestFault).toEqual(LOAD_PAGE_FAULT);
});

test('looking fills, marks and makes nothing', () => {
  const { guest } = kernel;
  const counts = () => ({ ...guest.vm?.ledger.shadow, digest: guest.digest() });
  const before = counts();
  for (const address of [CLEAN + 0x2000n, UART, ROOT, PROTECTED, 8n]) {
    for (const access of ['load', 'store', 'fetch'] as const) at(address, access);
  }
  expect(counts()).toEqual(before);
});

test('where an access makes no entry, none is promised', () => {
  expect(at(PROTECTED).differs.at(-1)).toEqual(['absent']);
  expect(at(UART).differs).toContainEqual(['absent']);
  expect(at(PARTLY + 0x100n)).toMatchObject({ verdict: 'withheld', differs: [['table'], ['absent']] });
  expect(at(PARTLY + 0x1000n)).toMatchObject({ verdict: 'hidden', differs: [['table'], ['missing']] });
});

test("rights differ by the guest's mode, its PMP, SUM and MXR; G is the guest's alone", () => {
  const pages = [USER, EXECUTABLE, GLOBAL, READ_ONLY].map(load).join('');
  const at = looker(stopped(`${MACHINE}${SUPERVISOR} li t0, ${SUM | MXR}\n csrs sstatus, t0\n${pages}${END}`));
  const leaf = (page: bigint) => at(page).differs.at(-1);
  expect(at(USER).view).toBe('supervisor-sum');
  // SUM lets it load and store there, never fetch.
  expect(leaf(USER)).toEqual(['frame', 'right']);
  expect(leaf(EXECUTABLE)).toEqual(['frame', 'user', 'executable']);
  expect(leaf(GLOBAL)).toEqual(['frame', 'user', 'global']);
  expect(leaf(READ_ONLY)).toEqual(['frame', 'user', 'right']);
  expect(at(READ_ONLY, 'store').verdict).toBe('protected');
});

test('stores to a page that holds page tables are withheld, and loads of it are not', () => {
  const small = `li t0, ${ROOT} + 0x3000\n li t1, ((${ROOT} + 0x1000) >> 2) | ${flags('rwad')}\n sd t1, 0(t0)\n
    li t0, ${entryOf(UNMAPPED)}\n li t1, ((${ROOT} + 0x3000) >> 2) | 1\n sd t1, 0(t0)\n`;
  const at = looker(stopped(`${MACHINE}${small}${SUPERVISOR}${load(UNMAPPED)}${END}`));
  expect(at(UNMAPPED)).toMatchObject({ verdict: 'agree', gpa: ROOT + 0x1000n });
  expect(at(UNMAPPED).differs).toEqual([['table'], ['table'], ['frame', 'user', 'traced']]);
  expect(at(UNMAPPED, 'store').verdict).toBe('traced');
});

test('without translation an entry of the shadow places an address, and under MPRV there are none for data', () => {
  const bare = looker(stopped(`${MACHINE}${load(CLEAN)}${END}`));
  expect(bare(CLEAN)).toMatchObject({ verdict: 'bare', view: 'machine' });
  expect(new Set(bare(CLEAN).differs.flat())).toEqual(new Set(['places']));
  const lent = looker(stopped(`${MACHINE} li t0, ${MPRV} | 1 << 11\n csrw mstatus, t0\n${load(CLEAN)}${END}`));
  expect(lent(CLEAN)).toMatchObject({ verdict: 'withheld', view: 'machine-mprv', differs: [['lent'], []] });
  expect(lent(0x8000_0000n, 'fetch').verdict).toBe('bare');
});

test.each(['drop', 'sync'] as const)('by %s, what the guest has changed and not fenced is stale', (discipline) => {
  const pages = [MOVED, REVOKED, GONE, CLEAN].map(load).join('');
  const changes = [
    enter(MOVED, UNUSED, 'rwxad'),
    enter(REVOKED, REVOKED, 'rad'),
    enter(GONE, 0n, 'v').replace('| 1', '& 0'),
    enter(CLEAN, CLEAN, 'rwxad'),
  ].join('');
  // Enough stores for the page of the tables to be written unseen, before anything derives from its entries anew.
  const unseen = enter(UNMAPPED, 0n, 'v').repeat(8);
  const text = `${MACHINE}${SUPERVISOR}${unseen}${pages}${changes}`;
  const at = looker(stopped(`${text}${END}`, discipline));
  expect(at(MOVED)).toMatchObject({ verdict: 'stale', gpa: UNUSED, differs: [['table'], ['stale']] });
  expect(at(GONE)).toMatchObject({ verdict: 'stale', differs: [['table'], ['stale']] });
  expect(at(REVOKED)).toMatchObject({ verdict: 'agree', differs: [['table'], ['stale']] });
  expect(at(CLEAN).differs).toEqual([['table'], ['frame', 'user', 'later']]);
  expect(at(CLEAN, 'store').verdict).toBe('hidden');
  const fenced = looker(stopped(`${text} sfence.vma\n${END}`, discipline));
  expect(fenced(MOVED)).toMatchObject({ verdict: 'hidden' });
  expect(fenced(GONE)).toMatchObject({ verdict: 'true' });
});

test('of a table that the guest has put elsewhere, the entry that leads to it is stale, and no more is said below', () => {
  const moved = `li t0, ${ROOT}\n li t1, ((${ROOT} + 0x3000) >> 2) | 1\n sd t1, 16(t0)\n`;
  const at = looker(stopped(`${MACHINE}${SUPERVISOR}${load(CLEAN)}${moved}${END}`, 'drop'));
  expect(at(CLEAN)).toMatchObject({ verdict: 'stale', differs: [['stale'], []], guestFault: LOAD_PAGE_FAULT });
});

test('every verdict and every difference was brought about', () => {
  expect([...seen.verdicts].sort()).toEqual([...VERDICTS].sort());
  expect([...seen.differences].sort()).toEqual([...DIFFERENCES].sort());
});
