// Code that changes under what was compiled from it, as guests that check themselves: by stores in the loop itself,
// before and behind them, on other pages, in halves, with a fence and without. In all ways at once.

import { describe, test } from 'vitest';
import { everywhere, ROUNDS } from './everywhere.ts';

describe('code that changes', () => {
  /** A hot loop whose instruction at `place` is another every 16 rounds. */
  const patching = (place: 'before' | 'after' | 'far', fence: string) => {
    const patched = '1:      addi    s5, s5, 1';
    return `
test:   li      s0, ${ROUNDS}
        la      s1, 1f
        la      s2, other
        lw      s3, 0(s1)
        lw      s4, 0(s2)
        xor     s4, s4, s3
loop:   ${place === 'before' ? patched : ''}
        andi    t0, s0, 15
        bnez    t0, 2f
        xor     s3, s3, s4
        sw      s3, 0(s1)
        ${fence}
2:      ${place === 'after' ? patched : ''}
        addi    s6, s6, 3
        xor     s6, s6, s5
        ${place === 'far' ? 'call    4f' : ''}
        addi    s0, s0, -1
        bnez    s0, loop
        li      t0, ${ROUNDS}
        bgt     s5, t0, 3f
        j       fail
3:      pass
other:  addi    s5, s5, 100
        ${place === 'far' ? `.balign PAGE\n4:\n${patched}\n ret` : ''}`;
  };
  test.each([
    ['before', ''],
    ['after', ''],
    ['far', ''],
    ['after', 'fence.i'],
  ] as const)('a store in a hot loop changes an instruction %s it, %s', (place, fence) => {
    everywhere(patching(place, fence));
    everywhere(patching(place, fence), { warm: 9000, slice: 7 });
  });

  test('a store overwrites the instruction right behind it, one of its own loop, each round', () => {
    everywhere(`
test:   li      s0, ${ROUNDS}
        la      s1, 1f
        lw      s3, 0(s1)
        lw      s4, 2f
        xor     s4, s4, s3
loop:   xor     s3, s3, s4
        sw      s3, 0(s1)
1:      addi    s5, s5, 1
        addi    s0, s0, -1
        bnez    s0, loop
        check   s5, ${ROUNDS / 2} * 101
        pass
2:      addi    s5, s5, 100
`);
  });

  test('a store overwrites the branch of its own loop', () => {
    everywhere(`
test:   li      s0, ${ROUNDS}
        la      s1, 1f
        lw      s2, 2f
loop:   addi    s5, s5, 1
        addi    s0, s0, -1
        bnez    s0, 1f
        sw      s2, 0(s1)
1:      j       loop
        check   s5, ${ROUNDS}
        pass
2:      nop
`);
  });

  test('half of an instruction changes, and an instruction is entered in its middle', () => {
    everywhere(`
        .option rvc
test:   li      s0, ${ROUNDS}
        la      s1, 1f
        la      s2, 1f + 2
        li      s3, 0x0485              # c.addi s1 would be another: this is c.addi s1, 1, never run whole
        li      s4, 0x0a85              # c.addi s5, 1
        li      s6, 0x0a89              # c.addi s5, 2
loop:   sh      s4, 2(s1)
        jalr    t0, s2, 0
        sh      s6, 2(s1)
        jalr    t0, s2, 0
        jalr    t0, s1, 0
        addi    s0, s0, -1
        bnez    s0, loop
        check   s5, ${ROUNDS} * 3
        pass
        .balign 4
1:      .half   0x0fb7, 0x0a85          # lui t6, …; or the instruction in its upper half
        jr      t0
`);
  });
});
