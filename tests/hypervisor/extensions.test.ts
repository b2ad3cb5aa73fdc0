// Extensions that a guest is to do without: their instructions, CSRs and bits are not there, in every mode, on every
// engine, bare and virtual, cold and hot, though the real machine has them all.

import { describe, expect, test } from 'vitest';
import { EXTENSIONS, type ExtensionName, extensionBits, REQUIRED } from '../../isa/extensions.ts';
import { isaString } from '../../isa/isa-string.ts';
import { runCase } from '../support/assembly.ts';
import { extensionsOf } from '../support/guests.ts';

/** An instruction of each extension that has some of its own, and its bits. */
const INSTRUCTIONS: Readonly<Partial<Record<ExtensionName, readonly [text: string, word: string]>>> = {
  M: ['mul a0, a1, a2', '0x02c58533'],
  A: ['amoadd.w a0, a2, (a3)', '0x00c6a52f'],
  Zicond: ['czero.eqz a0, a1, a2', '0x0ec5d533'],
  Zifencei: ['fence.i', '0x0000100f'],
  Zba: ['sh1add a0, a1, a2', '0x20c5a533'],
  Zbb: ['rev8 a0, a1', '0x6b85d513'],
  Zbs: ['bset a0, a1, a2', '0x28c59533'],
};
const without = (name: ExtensionName) =>
  isaString(extensionBits([...EXTENSIONS.filter((each) => each !== name || REQUIRED.includes(each))]));

describe.each(Object.entries(INSTRUCTIONS))('%s', (name, [text, word]) => {
  const program = (caught: string) => `
test:   li      s0, 3
        li      s1, 40
        la      a3, cell
        li      a4, 0
1:      catching 2f
        ${text}
        j       3f
2:      ${caught}
        check   s8, ILLEGAL
        check   s9, ${word}
        addi    s10, s10, 4
        csrw    mepc, s10
        mret
3:      addi    s1, s1, -1
        bnez    s1, 1b
        li      t0, 3
        bne     s0, t0, 4f
        li      s0, 1
        li      s1, 40
        enter   S, 1b
4:      li      t0, 1
        bne     s0, t0, 5f
        li      s0, 0
        li      s1, 40
        la      s11, down
        ecall
down:   enter   U, 1b
5:      la      s11, done
        ecall
done:   check   a4, CAUGHT
        pass
        .balign 8
cell:   .dword  0
`;
  test('runs where it is', () => {
    runCase(`.equ CAUGHT, 0\n${program('')}`);
  });
  test('is illegal where it is left out, with its bits as the trap value', () => {
    const isa = without(name as ExtensionName);
    expect(extensionsOf(isa)).not.toBe(extensionsOf(without('I')));
    runCase(`.equ CAUGHT, 120\n${program('addi a4, a4, 1')}`, { isa });
  });
});

test('a pause is a fence where Zihintpause is left out', () => {
  runCase('test: pause\n pass', { isa: without('Zihintpause') });
});

test('without Sstc there is no stimecmp, and menvcfg.STCE stays clear', () => {
  runCase(
    `
test:   catching 1f
        csrw    stimecmp, zero
        j       fail
1:      check   s8, ILLEGAL
        li      t0, -1
        csrw    menvcfg, t0
        csrr    t0, menvcfg
        srli    t0, t0, 60
        check   t0, 2
        pass
`,
    { isa: without('Sstc') },
  );
});

test('without Svadu harts leave accessed and dirty bits to faults, and menvcfg.ADUE stays clear', () => {
  runCase(
    `
test:   map     1, page1, PTE_V | PTE_R
        translate
        csrr    t0, menvcfg
        check   t0, 0
        li      t0, 1 << 61
        csrs    menvcfg, t0
        csrr    t0, menvcfg
        check   t0, 0
        try     S, 1f
        check_trap LOAD_PAGE, PAGE
        pass
1:      li      t0, PAGE
        ld      t0, 0(t0)
        ecall
`,
    { isa: without('Svadu') },
  );
});

test('with Svade and Svadu, faults come until ADUE is set', () => {
  runCase(
    `
test:   map     1, page1, PTE_V | PTE_R
        translate
        try     S, 1f
        check_trap LOAD_PAGE, PAGE
        li      t0, 1 << 61
        csrs    menvcfg, t0
        try     S, 1f
        check   s8, ECALL_S
        pass
1:      li      t0, PAGE
        ld      t0, 0(t0)
        ecall
`,
    { isa: 'rv64imac_zifencei_svade_svadu' },
  );
});

test('a kernel under the SBI has its timer without Sstc', () => {
  runCase(
    `
test:   la      t0, 2f
        csrw    stvec, t0
        li      t0, 1 << 5
        csrw    sie, t0
        csrsi   sstatus, 2
        rdtime  a0
        addi    a0, a0, 20
        li      a7, 0x54494d45
        li      a6, 0
        ecall
1:      j       1b
        .balign 4
2:      csrr    t0, scause
        check   t0, INTERRUPT + 5
        pass
`,
    { mode: 's', isa: without('Sstc') },
  );
});
