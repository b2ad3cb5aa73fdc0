// More code than the translator's tables hold: frames that have records, and functions. What must go is made anew.

import { test } from 'vitest';
import type { Engine } from '../../src/machine/engine.ts';
import { RECORD_FRAMES } from '../../src/machine/memory-map.ts';
import { everywhere } from './everywhere.ts';

const MEBIBYTE = 1024 * 1024;
const SCALE = Number(process.env['TRAPEZE_RUNS'] ?? 1);
const MINUTE = 60_000;

test('code on more pages than have records at once, some of it changed between', () => {
  const pages = RECORD_FRAMES + 88;
  everywhere(
    `
        .equ    PAGES, ${pages}
test:   li      s1, RAM + 0x100000
        li      s0, PAGES
        li      s2, PAGE
        lw      t0, code
        lw      t1, code + 4
1:      sw      t0, 0(s1)
        sw      t1, 4(s1)
        add     s1, s1, s2
        addi    s0, s0, -1
        bnez    s0, 1b
        li      s3, 3
2:      li      s1, RAM + 0x100000
        li      s0, PAGES
3:      jalr    s1
        jalr    s1
        andi    t2, s0, 63
        bnez    t2, 4f
        lw      t0, 0(s1)
        lw      t1, code + 8
        xor     t0, t0, t1
        sw      t0, 0(s1)
4:      add     s1, s1, s2
        addi    s0, s0, -1
        bnez    s0, 3b
        addi    s3, s3, -1
        bnez    s3, 2b
        check   s5, 6 * PAGES + 2 * (PAGES / 64)
        pass
code:   addi    s5, s5, 1
        ret
        .word   3 << 20                 # makes the 1 a 2
`,
    { ramBytes: 4 * MEBIBYTE },
  );
});

/** Eight thousand regions take a while. */
const MANY: readonly Engine[] = ['regions'];
test.runIf(SCALE > 1)('more regions than there are functions', { timeout: 5 * MINUTE }, () => {
  everywhere(
    `
        .equ    FUNCTIONS, 9000
test:   li      s3, 2
2:      la      s1, functions
        li      s0, FUNCTIONS
3:      jalr    s1
        addi    s1, s1, 8
        addi    s0, s0, -1
        bnez    s0, 3b
        addi    s3, s3, -1
        bnez    s3, 2b
        check   s5, 2 * FUNCTIONS
        pass
functions:
        .rept   FUNCTIONS
        addi    s5, s5, 1
        ret
        .endr
`,
    { engines: MANY },
  );
});
