// Random programs of several harts under the built-in SBI: they start, stop, suspend and interrupt one another at will, with
// numbers, masks and addresses that often make no sense, under page tables that they change. Whatever they do, every
// way to run them is in the same state after each slice.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assembleGuest } from '../support/assembly.ts';
import { sidesOf } from '../support/engines.ts';
import { SBI } from '../support/harts/sbi.ts';
import { lockstep } from './lockstep.ts';

const SCALE = Number(process.env['TRAPEZE_RUNS'] ?? 1);
const MINUTE = 60_000;
const PROGRAMS = 12;
const STEPS = 4000;
const MOST_SLICES = 300;
/** Where harts may start: as many as the most harts of a program. */
const ENTRIES = 4;

const HART = fc.constantFrom('0', '1', '1', '2', '2', '3', '-1', '9');
const ADDRESS = fc.constantFrom(
  'entry0',
  'entry1',
  'entry1',
  'entry2',
  'entry3',
  'entry1 + 2',
  'entry1 + 1',
  'page2',
  '0',
);
const MASK = fc.constantFrom('0', '1', '2', '3', '6', '7', '8', '-1');
const HART_BASE = fc.constantFrom('0', '0', '1', '2', '-1', '5', '1 << 63');
const TICKS = fc.nat(4);

/** A call whose second argument is an address. */
const callAt = (extension: string, number: string, first: string, address: string, third: number) => [
  `la a1, ${address}`,
  `li a0, ${first}`,
  `li a2, ${third}`,
  `li a7, ${extension}`,
  `li a6, ${number}`,
  'ecall',
];
const timer = (ticks: number) => ['csrr a0, time', `addi a0, a0, ${ticks}`, 'li a7, TIME', 'li a6, 0', 'ecall'];

const operation: fc.Arbitrary<readonly string[]> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(HART, ADDRESS).map(([hart, at]) => callAt('HSM', 'START', hart, at, 7)) },
  { weight: 1, arbitrary: fc.constant(['andi t0, s2, 7', 'bnez t0, 1f', 'call HSM, STOP', '1:']) },
  { weight: 2, arbitrary: HART.map((hart) => [`call HSM, STATUS, ${hart}`, 'add s5, s5, a1']) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('0', '0', 'NON_RETENTIVE', '1', '-1'), ADDRESS, TICKS)
      .map(([type, at, ticks]) => [...timer(ticks), 'csrsi sie, 2', ...callAt('HSM', 'SUSPEND', type, at, 5)]),
  },
  { weight: 4, arbitrary: fc.tuple(MASK, HART_BASE).map(([mask, base]) => [`call IPI, 0, ${mask}, ${base}`]) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.nat(4), MASK, HART_BASE)
      .map(([number, mask, base]) => [`call RFENCE, ${number}, ${mask}, ${base}`]),
  },
  { weight: 2, arbitrary: TICKS.map(timer) },
  { weight: 2, arbitrary: fc.constantFrom(['csrsi sie, 2'], ['li t0, 0x22', 'csrs sie, t0'], ['csrci sie, 2']) },
  { weight: 2, arbitrary: fc.constantFrom(['csrsi sstatus, 2'], ['csrci sstatus, 2']) },
  { weight: 1, arbitrary: TICKS.map((ticks) => [...timer(ticks), 'li t0, 0x20', 'csrs sie, t0', 'wfi']) },
  { weight: 1, arbitrary: fc.constant(['csrsi sie, 2', 'wfi']) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ['la t0, counter', 'amoadd.d s4, s1, (t0)'],
      ['la t0, counter', 'lr.d t1, (t0)', 'addi t1, t1, 1', 'sc.d s4, t1, (t0)', 'add s5, s5, s4'],
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom(['csrw satp, zero'], ['csrw satp, s3', 'sfence.vma']) },
  { weight: 1, arbitrary: fc.constantFrom(...['page1', 'page2'].map((page) => [`map 1, ${page}, PTE_RW`])) },
  { weight: 2, arbitrary: fc.constantFrom(['li t0, PAGE', 'ld s4, 0(t0)', 'sd s1, 16(t0)', 'add s5, s5, s4']) },
  { weight: 2, arbitrary: fc.nat(40).map((turns) => [`li t0, ${turns + 1}`, '1: addi t0, t0, -1', 'bnez t0, 1b']) },
  { weight: 1, arbitrary: fc.constant(['call 0x4442434e, 2, 0x2e']) },
);
const program = fc.array(fc.array(operation, { minLength: 3, maxLength: 15 }), {
  minLength: ENTRIES,
  maxLength: ENTRIES,
});

/** Each entry is a loop of its own; a hart that comes there again goes on with its registers as they are. */
const textOf = (harts: number, entries: readonly (readonly (readonly string[])[])[]) => `${SBI(harts)}
${Array.from({ length: harts - 1 }, (_, index) => `        start ${index + 1}, entry${index + 1}`).join('\n')}
        j       entry0
        .balign 4
handler:
        csrr    t6, scause
        bltz    t6, 1f
        csrr    t6, sepc
        addi    t6, t6, 4
        csrw    sepc, t6
        sret
1:      csrci   sip, 2
        li      t6, -1
        csrw    stimecmp, t6
        addi    s2, s2, 1
        sret
prepare:
        la      t0, handler
        csrw    stvec, t0
        la      s3, root
        srli    s3, s3, 12
        li      t0, 8 << 60
        or      s3, s3, t0
        mv      s1, a1
        ret
${entries
  .flatMap((operations, index) => {
    const body = operations.flat().map((line) => (/^\d:/.test(line) ? line : `        ${line}`));
    return [`entry${index}:`, '        jal     prepare', `again${index}:`, ...body, `        j       again${index}`];
  })
  .join('\n')}
`;

test('random calls of several harts are answered the same in all ways', { timeout: 2 * MINUTE * SCALE }, () => {
  fc.assert(
    fc.property(
      program,
      fc.integer({ min: 2, max: ENTRIES }),
      fc.constantFrom(1, 5, 40, 300),
      fc.constantFrom(1, 10, 50, 400),
      (entries, harts, turnSteps, slice) => {
        const text = textOf(harts, entries);
        const sides = sidesOf({ bytes: assembleGuest(text, 's'), harts, turnSteps, mode: 's' });
        const { difference } = lockstep({
          sides,
          slices: Array.from({ length: Math.min(MOST_SLICES, STEPS / slice) }, () => slice),
        });
        if (difference !== undefined) expect.fail(`${difference}\n${text.slice(text.indexOf('entry0:'))}`);
      },
    ),
    { numRuns: PROGRAMS * SCALE },
  );
});
