// The door to the simulated hardware: exact budgets, contexts, real CSRs, physical memory, watches, breakpoints, and
// snapshots. Guests here own the machine; the software beside it is the test.

import { describe, expect, test } from 'vitest';
import type { SystemPhysical } from '../../isa/address.ts';
import { WORD_NAMES } from '../../isa/layout.ts';
import { PrivilegedState } from '../../isa/state.ts';
import { ENGINES } from '../../src/machine/engine.ts';
import { Hardware, newExit } from '../../src/machine/hardware.ts';
import { assembleGuest } from '../support/assembly.ts';

const MEBIBYTE = 1024 * 1024;
const RAM = 0x8000_0000n;
const DATA = (RAM + 0x10_0000n) as SystemPhysical;
const HART = 0;

describe.each(ENGINES)('on the engine %s', (engine) => {
  function machineWith(text: string, machineTraps: 'enter' | 'leave' = 'enter'): Hardware {
    const hardware = new Hardware({ ramBytes: 2 * MEBIBYTE, machineTraps, engine });
    hardware.copyIn(RAM as SystemPhysical, assembleGuest(text));
    return hardware;
  }
  function run(hardware: Hardware, steps: number) {
    const exit = newExit();
    hardware.run(HART, steps, exit);
    return { ...exit };
  }
  const wordsOf = (hardware: Hardware) =>
    Object.fromEntries(WORD_NAMES.map((name, i) => [name, hardware.state(HART).words[i]]));

  test('a run takes exactly its budget, in one piece or in many', () => {
    const [whole, pieces] = [
      machineWith('test: addi t0, t0, 1\n j test'),
      machineWith('test: addi t0, t0, 1\n j test'),
    ];
    expect(run(whole, 1000)).toMatchObject({ reason: 'budget', steps: 1000, retired: 1000 });
    for (const size of [1, 2, 3, 500, 494]) expect(run(pieces, size).steps).toBe(size);
    expect(wordsOf(pieces)).toEqual(wordsOf(whole));
  });

  test('a trap that the machine does not own leaves it with the state before, and is a step but not retired', () => {
    const hardware = machineWith('test: li a0, 5\n .word 0', 'leave');
    hardware.writeCsr(HART, 0x3b0, (1n << 54n) - 1n);
    hardware.writeCsr(HART, 0x3a0, 0x1fn);
    hardware.state(HART).mode = 0n;
    hardware.state(HART).pc = RAM;
    const first = run(hardware, 1000);
    expect(first).toMatchObject({ reason: 'trap', cause: 2n }); // the first csrw of the start is illegal in U
    const { pc, mode } = hardware.state(HART);
    expect(mode).toBe(0n);
    expect(first.steps).toBe(first.retired + 1);
    expect(first.tval).toBe(BigInt(hardware.nextInstruction(HART) ?? 0));
    expect(hardware.read(pc as SystemPhysical, 4)).toBe(first.tval);
  });

  test('a trap that the machine owns is taken, and a WFI comes back', () => {
    const hardware = machineWith('test: catching 1f\n ecall\n1: wfi\n j test');
    expect(run(hardware, 1000)).toMatchObject({ reason: 'wait' });
    expect(hardware.state(HART).x(24)).toBe(11n); // s8: an environment call from M
  });

  test('contexts carry registers and pc, and nothing of the privileged state', () => {
    const hardware = machineWith('test: addi t0, t0, 1\n j test');
    run(hardware, 100);
    const context = new PrivilegedState();
    hardware.saveContext(HART, context);
    expect(context.pc).toBe(hardware.state(HART).pc);
    const before = wordsOf(hardware);
    run(hardware, 37);
    hardware.writeCsr(HART, 0x340, 77n);
    hardware.loadContext(HART, context);
    expect(hardware.state(HART).pc).toBe(before['pc']);
    expect(hardware.state(HART).x(5)).toBe(before['x5']);
    expect(hardware.readCsr(HART, 0x340)).toBe(77n);
    expect(hardware.state(HART).steps).toBe(137n);
  });

  test('real CSRs are written with their legal values, whatever mode the hart is in', () => {
    const hardware = machineWith('test: j test', 'leave');
    hardware.state(HART).mode = 0n;
    hardware.writeCsr(HART, 0x302, ~0n & ((1n << 64n) - 1n));
    expect(hardware.readCsr(HART, 0x302)).toBe(0xb3ffn);
    hardware.writeCsr(HART, 0x180, 10n << 60n);
    expect(hardware.readCsr(HART, 0x180)).toBe(0n);
    expect(hardware.readCsr(HART, 0xf14)).toBe(0n);
    expect(hardware.state(HART).mode).toBe(0n);
  });

  test('physical memory is read, written, copied, zeroed and digested by content, not by place', () => {
    const hardware = machineWith('test: j test');
    hardware.write(DATA, 8, 0x1122334455667788n);
    expect([1, 2, 4, 8].map((width) => hardware.read(DATA, width as 1))).toEqual([
      0x88n,
      0x7788n,
      0x55667788n,
      0x1122334455667788n,
    ]);
    const other = (DATA + 0x4000n) as SystemPhysical;
    const empty = hardware.digest(other, 0x4000);
    hardware.copyIn(other, hardware.copyOut(DATA, 0x4000));
    expect(hardware.digest(other, 0x4000)).toBe(hardware.digest(DATA, 0x4000));
    expect(hardware.digest(other, 0x4000)).not.toBe(empty);
    hardware.write((other + 0x3fffn) as SystemPhysical, 1, 1n);
    expect(hardware.digest(other, 0x4000)).not.toBe(hardware.digest(DATA, 0x4000));
    expect(hardware.frames(other, 0x4000)).toEqual([0, 3]);
    hardware.zero(other, 0x4000);
    expect(hardware.digest(other, 0x4000)).toBe(empty);
    expect(hardware.frames(other, 0x4000)).toEqual([]);
    const copy = hardware.copyOut(DATA, 8);
    copy[0] = 0;
    expect(hardware.read(DATA, 1)).toBe(0x88n);
    expect(hardware.contains(RAM + BigInt(2 * MEBIBYTE), 1)).toBe(false);
    expect(hardware.contains(RAM + BigInt(2 * MEBIBYTE) - 8n, 8)).toBe(true);
    expect(hardware.contains(RAM - 1n, 8)).toBe(false);
  });

  const TOUCHING = `
test:   li      s1, RAM + 0x100000
        ld      a0, 8(s1)
        ld      a0, 8(s1)
        sd      a1, 16(s1)
        sd      a1, 16(s1)
        li      t0, 0x8082
        li      s2, RAM + 0x101000
        sw      t0, 0(s2)
        jalr    ra, s2
        jalr    ra, s2
        li      t1, 1
1:      j       1b
`;

  test.each([
    { access: 'load', offset: 0n, hits: [8n, 8n] },
    { access: 'store', offset: 0n, hits: [16n, 16n] },
    { access: 'fetch', offset: 0x1000n, hits: [0n, 0n] },
  ] as const)('a watch for $access sees each, comes back after it, and ends when told', ({ access, offset, hits }) => {
    const hardware = machineWith(TOUCHING);
    const at = (DATA + offset) as SystemPhysical;
    const seen: bigint[] = [];
    const end = hardware.watch(at, access, (address) => seen.push(address - at));
    const reasons: string[] = [];
    for (let i = 0; i < 40; i++) {
      const before = seen.length;
      const exit = run(hardware, 100);
      if (exit.reason === 'budget') break;
      expect(seen.length).toBe(before + 1);
      reasons.push(exit.reason);
    }
    expect(seen).toEqual(hits);
    expect(reasons).toEqual(hits.map(() => 'disturbed'));
    end();
    hardware.state(HART).pc = RAM;
    expect(run(hardware, 200).reason).toBe('budget');
    expect(seen).toEqual(hits);
  });

  test('a watch for stores sees those of the caller too, before the bytes change', () => {
    const hardware = machineWith('test: j test');
    const seen: bigint[] = [];
    hardware.watch(DATA, 'store', () => seen.push(hardware.read(DATA, 8)));
    hardware.write(DATA, 8, 1n);
    hardware.copyIn(DATA, Uint8Array.of(2));
    hardware.zero(DATA, 8);
    hardware.write((DATA + 4096n) as SystemPhysical, 8, 9n);
    expect(seen).toEqual([0n, 1n, 2n]);
  });

  test('a breakpoint stops before its instruction, and the next run goes on from it', () => {
    const hardware = machineWith('test: addi t0, t0, 1\n addi t1, t1, 1\n j test');
    run(hardware, 99);
    const { pc } = hardware.state(HART);
    hardware.addBreakpoint(pc);
    expect(run(hardware, 100)).toMatchObject({ reason: 'breakpoint', steps: 3 });
    expect(hardware.state(HART).pc).toBe(pc);
    expect(run(hardware, 2)).toMatchObject({ reason: 'budget', steps: 2 });
    expect(run(hardware, 1)).toMatchObject({ reason: 'budget', steps: 1 });
    hardware.removeBreakpoint(pc);
    expect(run(hardware, 100)).toMatchObject({ reason: 'budget', steps: 100 });
  });

  test('a snapshot restored in the middle of a run gives the same continuation', () => {
    const text = `
test:   map     1, page1, PTE_RW
        map     2, page2, PTE_RW
        translate
        try     S, 1f
        j       fail
1:      li      s1, PAGE
        la      s2, leaves
2:      ld      t0, 0(s1)
        addi    t0, t0, 1
        sd      t0, 0(s1)
        ld      t1, 8(s2)
        ld      t2, 16(s2)
        sd      t2, 8(s2)
        sd      t1, 16(s2)
        lr.d    t3, (s1)
        sc.d    t3, t0, (s1)
        j       2b
`;
    const hardware = machineWith(text);
    run(hardware, 777);
    const snapshot = hardware.snapshot();
    run(hardware, 1234);
    const end = { words: wordsOf(hardware), memory: hardware.digest(RAM as SystemPhysical, hardware.ramBytes) };
    run(hardware, 999);
    hardware.write(DATA, 8, 5n);
    hardware.restore(snapshot);
    expect(hardware.read(DATA, 8)).toBe(0n);
    run(hardware, 1234);
    expect({ words: wordsOf(hardware), memory: hardware.digest(RAM as SystemPhysical, hardware.ramBytes) }).toEqual(
      end,
    );
    const other = machineWith('test: j test');
    other.restore(snapshot);
    run(other, 1234);
    expect(wordsOf(other)).toEqual(end.words);
  });
});
