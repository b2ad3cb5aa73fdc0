// What the machine remembers of memory never shows: translations, protections and decoded instructions are the same
// as without, whoever changes what they were made from, and without any fence.

import { describe, expect, test } from 'vitest';
import type { SystemPhysical } from '../../isa/address.ts';
import { ENGINES, type Engine } from '../../src/machine/engine.ts';
import { Hardware, newExit } from '../../src/machine/hardware.ts';
import { assembleGuest, runCase } from '../support/assembly.ts';

const MEBIBYTE = 1024 * 1024;
const RAM = 0x8000_0000n as SystemPhysical;
const LEAVES = RAM + 0x3000n;
const PAGE2 = RAM + 0x6000n;
const ENTRY = (LEAVES + 8n) as SystemPhysical;
const A0 = 10;

/** A machine whose S-mode code reads page 1 for ever, into a0. */
function reading(engine: Engine) {
  const hardware = new Hardware({ ramBytes: 2 * MEBIBYTE, machineTraps: 'enter', engine });
  hardware.copyIn(
    RAM,
    assembleGuest(`
test:   map     1, page1, PTE_RW
        translate
        enter   S, 1f
1:      li      s1, PAGE
2:      ld      a0, 0(s1)
        sd      a0, 8(s1)
        j       2b
`),
  );
  const run = (steps: number) => hardware.run(0, steps, newExit());
  run(200);
  expect(hardware.state(0).x(A0)).toBe(0x1001n);
  return { hardware, run };
}
const entryOf = (page: bigint) => ((page >> 12n) << 10n) | 0xc7n;

const DOORS: Readonly<Record<string, (hardware: Hardware) => void>> = {
  'a write': (hardware) => hardware.write(ENTRY, 8, entryOf(PAGE2)),
  'a write of one byte': (hardware) => {
    for (let i = 0n; i < 8n; i++)
      hardware.write((ENTRY + i) as SystemPhysical, 1, (entryOf(PAGE2) >> (8n * i)) & 0xffn);
  },
  'a copy': (hardware) => hardware.copyIn(ENTRY, new Uint8Array(BigUint64Array.of(entryOf(PAGE2)).buffer)),
  'a copy over several tables': (hardware) => {
    const tables = hardware.copyOut((RAM + 0x1000n) as SystemPhysical, 0x3000);
    new DataView(tables.buffer).setBigUint64(0x2008, entryOf(PAGE2), true);
    hardware.copyIn((RAM + 0x1000n) as SystemPhysical, tables);
  },
};

describe.each(ENGINES)('on the engine %s', (engine) => {
  test.each(Object.entries(DOORS))('a page table that changes by %s of the caller counts at once', (_, change) => {
    const { hardware, run } = reading(engine);
    change(hardware);
    run(10);
    expect(hardware.state(0).x(A0)).toBe(0x1002n);
  });

  test('a page table that the caller zeroes counts at once, and one that a snapshot brings back', () => {
    const { hardware, run } = reading(engine);
    const snapshot = hardware.snapshot();
    hardware.zero(LEAVES as SystemPhysical, 4096);
    run(3);
    expect(hardware.state(0).mcause).toBe(13n);
    hardware.restore(snapshot);
    run(10);
    expect(hardware.state(0).x(A0)).toBe(0x1001n);
  });

  test('a machine without a board has RAM and nothing else', () => {
    const hardware = new Hardware({ ramBytes: MEBIBYTE, machineTraps: 'enter', engine });
    hardware.copyIn(RAM, assembleGuest('test: catching 1f\n li t0, UART\n lb a0, 0(t0)\n1: csrr a1, time\n j 1b'));
    hardware.run(0, 100, newExit());
    hardware.run(0, 100, newExit());
    expect(hardware.state(0).mcause).toBe(5n);
    expect(hardware.state(0).x(11)).toBe(0n);
  });
});

test('an entry that was not valid may become valid without a fence', () => {
  runCase(`
test:   translate
        .rept   3
        try     S, 1f
        check   s8, LOAD_PAGE
        map     1, page1, PTE_RW
        try     S, 1f
        check   a0, 0x1001
        map     1, page1, 0
        .endr
        pass
1:      li      a1, PAGE
        ld      a0, 0(a1)
        ecall
`);
});

test('code that is changed is what runs next, by a store, by the caller, and through another mapping', () => {
  runCase(`
test:   li      s0, 50
        la      s1, 1f
        la      s2, 2f
        lw      s3, 0(s1)
        lw      s4, 0(s2)
        li      s5, 0
3:      xor     t0, s3, s4
        lw      t1, 0(s1)
        xor     t1, t1, t0
        sw      t1, 0(s1)               # turns one instruction into the other and back
1:      addi    s5, s5, 1
        addi    s0, s0, -1
        bnez    s0, 3b
        check   s5, 25 + 25 * 100
        map     1, page1, PTE_RWX
        translate
        la      t0, page1
        li      t1, 0x00150513          # addi a0, a0, 1
        sw      t1, 0(t0)
        li      t1, 0x00000073          # ecall
        sw      t1, 4(t0)
        li      a0, 0
        try     S, 4f
        check   a0, 1
        la      t0, page1
        li      t1, 0x00250513          # addi a0, a0, 2
        sw      t1, 0(t0)
        try     S, 4f
        check   a0, 3
        try     S, 5f
        check   a0, 7
        pass
2:      addi    s5, s5, 100
4:      li      t0, PAGE
        jr      t0
5:      li      t0, PAGE
        li      t1, 0x00450513
        sw      t1, 0(t0)               # the mapping that it runs from
        jr      t0
`);
});

test('an instruction that changes the next one changes it', () => {
  runCase(`
test:   la      t0, 1f
        lw      t1, 2f
        sw      t1, 0(t0)
1:      li      a0, 1
2:      li      a0, 2
        la      t0, 3f
        la      t2, 4f
        lhu     t1, 0(t2)
        sh      t1, 2(t0)               # the second half of an instruction
3:      lui     a0, 0x5
        check   a0, 0x12345000
        pass
4:      .half   0x1234
`);
});
