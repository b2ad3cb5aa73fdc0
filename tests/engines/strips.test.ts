// Loops of one block that go through memory, which regions run in strips: random ones in all ways at once, cut into
// slices anywhere, over pages that lie in another order in memory, off their end, and into page tables and code.
// Left out: other loops, which fuzz.test.ts has.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assembleGuest } from '../support/assembly.ts';
import { sidesOf } from '../support/engines.ts';
import { everywhere } from './everywhere.ts';
import { lockstep } from './lockstep.ts';
import { Random } from './random.ts';

const SCALE = Number(process.env['TRAPEZE_RUNS'] ?? 1);
const MINUTE = 60_000;
const PROGRAMS = 15;
const MOST_STEPS = 40_000;
const LONGEST_SLICE = 5000;
const PAGES = 6;
const POINTERS = ['s1', 's2', 's3'];
const STEPS = [0, 1, 2, 4, 8, 8, 16, 24, 100, 256, 264];
const LOADS = ['lb', 'lbu', 'lh', 'lhu', 'lw', 'lwu', 'ld'];
const STORES = ['sb', 'sh', 'sw', 'sd'];

/** An instruction of the loop's body: most go through memory. */
function instruction(random: Random): string {
  const pointer = random.pick(POINTERS);
  const [value, other] = [random.pick(['t0', 't1', 't2']), random.pick(['t0', 't1', 't2'])];
  const place = `${random.pick([0, 0, 8, 1, -8, random.between(-700, 700)])}(${pointer})`;
  const step = random.pick([1, 1, -1]) * random.pick(STEPS);
  return random.weighed({
    [`${random.pick(LOADS)} ${value}, ${place}`]: 4,
    [`${random.pick(STORES)} ${value}, ${place}`]: 4,
    [`addi ${pointer}, ${pointer}, ${step}`]: 4,
    [`addi ${value}, ${other}, ${step}`]: 1,
    [`add ${value}, ${value}, ${other}`]: 2,
    [`fld ft0, ${place}`]: 1,
    [`fsd ft1, ${place}`]: 1,
    'fmadd.d ft1, ft0, ft2, ft1': 1,
    [`amoadd.d ${value}, ${other}, (s4)`]: 0.3,
    [`ld s3, ${place}`]: 0.1,
  });
}

/** In M-mode over memory as it is, or in S-mode through a window whose pages lie in any order, with nothing behind them. */
function program(random: Random): string {
  const isMapped = random.oneIn(2);
  const at = () => random.between(PAGES / 3, (2 * PAGES) / 3) * 0x1000 + random.pick([0, 8, 1, random.below(0x1000)]);
  const body = Array.from({ length: random.between(2, 6) }, () => instruction(random));
  const frames = Array.from({ length: PAGES }, (_, page) => ({ page, key: random.below(1e6) })).sort(
    (a, b) => a.key - b.key,
  );
  return `
test:   li      t0, 1 << 13             # mstatus.FS
        csrs    mstatus, t0
        li      t0, 3
        fcvt.d.l ft1, t0
        li      t0, 1
        fcvt.d.l ft0, t0
        fdiv.d  ft2, ft0, ft1
${frames.map(({ page }, index) => `        map ${index}, frames + ${page} * PAGE, PTE_RW`).join('\n')}
        ${isMapped ? 'translate' : ''}
${POINTERS.map((pointer) => (isMapped ? `        li ${pointer}, ${at()}` : `        la ${pointer}, frames + ${at()}`)).join('\n')}
        la      s4, frames
        li      s0, ${random.between(20, 3000)}
        la      s11, 9f
        ${isMapped ? 'enter S, 1f' : ''}
1:      ${body.join('\n        ')}
        addi    s0, s0, -1
        bnez    s0, 1b
        ${isMapped ? 'ecall' : ''}
9:      pass
        .balign PAGE
frames: .rept   ${PAGES * 512}
        .dword  0x0123456789abcdef + (. - frames) * 0x10001
        .endr
        .zero   2 * PAGE
`;
}

function* slices(random: Random): Generator<number> {
  const most = random.pick([LONGEST_SLICE, LONGEST_SLICE, 300]);
  for (let left = MOST_STEPS; left > 0; ) {
    const slice = Math.min(left, random.between(1, most));
    yield slice;
    left -= slice;
  }
}

test('random loops through memory are the same in all ways', { timeout: 2 * MINUTE * SCALE }, () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const random = new Random(seed);
      const text = program(random);
      const guest = { bytes: assembleGuest(text, 'm'), mode: 'm' as const };
      const { difference } = lockstep({ sides: sidesOf(guest), slices: slices(random) });
      if (difference !== undefined) expect.fail(`${difference}\n${text}`);
    }),
    { numRuns: PROGRAMS * SCALE, endOnFailure: true },
  );
});

describe('a loop that stores', () => {
  test('into the page tables comes to another frame at the step at which it changes them', () => {
    everywhere(
      `
test:   map     1, page1, PTE_RW
        la      s1, leaves + 8 - 40 * 8
        la      s2, leaves + 8
        la      t1, page2
        srli    t1, t1, 2
        ori     t1, t1, PTE_RW
        li      s3, PAGE
        translate
        la      s11, 3f
        li      s0, 1500
        enter   S, 2f
2:      ld      t0, 0(s3)
        add     s5, s5, t0
        addi    s0, s0, -1
        bnez    s0, 2b
1:      ld      t0, 0(s3)
        sd      t1, 0(s1)
        add     s5, s5, t0
        addi    s1, s1, 8
        bleu    s1, s2, 1b
        ld      t0, 0(s3)
        add     s5, s5, t0
        ecall
3:      check   s5, 1541 * 0x1001 + 0x1002
        pass`,
      { warm: 8000 },
    );
  });

  test('into its own page changes what it runs next', () => {
    everywhere(
      `
test:   la      s1, 4f
        lw      t1, 5f
        la      s2, 4f + 4
        li      s3, 2
        j       1f
        .balign 64
1:      sw      t1, 0(s1)
        addi    s1, s1, 4
        bltu    s1, s2, 1b
        la      s1, 4f - PAGE
        addi    s3, s3, -1
        bnez    s3, 1b
        call    4f
        check   s5, 100
        pass
        .zero   2 * PAGE
4:      addi    s5, s5, 1
        ret
5:      addi    s5, s5, 100`,
      { warm: 4000 },
    );
  });

  test('across the end of a page stores in both, wherever they lie', () => {
    everywhere(
      `
test:   map     1, page2, PTE_RW
        map     2, page1, PTE_RW
        li      s1, PAGE + 4
        li      s2, 3 * PAGE - 8
        li      t1, 0x1122334455667788
        la      s11, 2f
        translate
        enter   S, 1f
1:      ld      t0, 0(s1)
        add     s5, s5, t0
        sd      t1, 0(s1)
        addi    s1, s1, 8
        bltu    s1, s2, 1b
        ecall
2:      la      s1, page2 + PAGE - 4
        lwu     t0, 0(s1)
        check   t0, 0x55667788
        la      s1, page1
        lwu     t0, 0(s1)
        check   t0, 0x11223344
        check   s5, 0x100100000000
        pass`,
      { warm: 6000 },
    );
  });
});
