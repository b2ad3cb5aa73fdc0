// The comparison of two runs names the first difference, whatever it is in and however soon it passes again, and finds
// none where there is none. Differences are planted in the virtual side of a guest that counts for ever.

import { expect, test } from 'vitest';
import type { GuestPhysical } from '../../isa/address.ts';
import type { Engine } from '../../src/machine/engine.ts';
import { RAM_BASE } from '../../src/platform/memory-map.ts';
import type { SystemGuest } from '../../src/session/system.ts';
import { type Verdict, verify } from '../../src/session/verify.ts';
import { assembleGuest } from '../support/assembly.ts';
import { sidesOf } from '../support/engines.ts';
import type { TestGuest } from '../support/guests.ts';
import { type Planted, plantedSides } from '../support/plant.ts';

const T0 = 5;
const T1 = 6;
const LIMIT = 100_000;

/** t0 counts; t1 is written anew in every turn, of four steps. */
const counting: TestGuest = {
  bytes: assembleGuest(`
test:   li      t0, 0
1:      addi    t0, t0, 1
        li      t1, 7
        nop
        j       1b
`),
};

function differenceAt(
  step: number,
  change: Planted['change'],
  { guest = counting, engine = 'reference' }: { guest?: TestGuest; engine?: Engine } = {},
): Verdict & { agrees: false } {
  const verdict = verify(plantedSides(guest, { step, change }, engine), LIMIT);
  if (verdict.agrees) throw new Error('the planted difference was not found');
  return verdict;
}

test.each(
  [1, 20, 499, 500, 501, 4321, 77_777, LIMIT].flatMap((step) =>
    (['reference', 'auto'] as const).map((engine) => ({ step, engine })),
  ),
)('a register flipped at step $step is named with both values ($engine)', ({ step, engine }) => {
  const flip = ({ states: [cpu] }: SystemGuest) => cpu?.setX(T0, cpu.x(T0) ^ 0x1000n);
  const verdict = differenceAt(step, flip, { engine });
  const [difference] = verdict.differences;
  expect(verdict.step).toBe(step);
  expect(verdict.differences).toHaveLength(1);
  expect(difference).toMatchObject({ hart: 0, what: 'x5' });
  expect(BigInt(difference?.values[0] ?? '') ^ BigInt(difference?.values[1] ?? '')).toBe(0x1000n);
});

test('the step is named with the pc and the instruction that ran there', () => {
  const { pc, instruction, step } = differenceAt(10_000, ({ states: [cpu] }) => cpu?.setX(T0, 1n));
  const bits = new DataView(counting.bytes.buffer).getUint32(Number(pc - RAM_BASE), true);
  expect(step).toBe(10_000);
  expect(instruction).toBe(bits);
});

test('a difference that passes again is named wherever it is seen', () => {
  let found = 0;
  for (let phase = 0; phase < 20 && found < 2; phase++) {
    const planted = { step: 100 + phase, every: 20, change: ({ states: [cpu] }: SystemGuest) => cpu?.setX(T1, 1n) };
    const verdict = verify(plantedSides(counting, planted, 'auto'), LIMIT);
    if (verdict.agrees) continue;
    found++;
    expect(verdict.differences).toMatchObject([{ what: 'x6', values: ['0x7', '0x1'] }]);
  }
  expect(found).toBe(2);
});

test('of several harts, the one that differs is named, and the one that took the step', () => {
  const guest = { ...counting, harts: 4, turnSteps: 1000 };
  for (const [step, taker] of [
    [2500, 2],
    [4000, 3],
    [4001, 0],
  ] as const) {
    const verdict = differenceAt(step, ({ states }) => states[1]?.setX(T0, 0x123n), { guest });
    expect(verdict).toMatchObject({ step, hart: taker, differences: [{ hart: 1, what: 'x5' }] });
    const bits = new DataView(counting.bytes.buffer).getUint32(Number(verdict.pc - RAM_BASE), true);
    expect((verdict.instruction ?? 0) >>> 0).toBe(bits);
  }
});

test('a byte of memory that is flipped is named', () => {
  const verdict = differenceAt(12_345, ({ vm }) => vm?.ram.write((vm.ram.base + 0x10_0000n) as GuestPhysical, 1, 1n));
  expect(verdict.step).toBe(12_345);
  expect(verdict.differences).toMatchObject([{ what: 'memory' }]);
});

test('a console that says something else is named with both texts', () => {
  const verdict = differenceAt(12_345, ({ board }) => board.console.output('!'.charCodeAt(0)));
  expect(verdict.step).toBe(12_345);
  expect(verdict.differences).toEqual([{ hart: 0, what: 'console', values: ['""', '"!"'] }]);
});

test('a CSR and an end are named', () => {
  const csr = differenceAt(5000, ({ states: [cpu] }) => {
    if (cpu !== undefined) cpu.mscratch = 5n;
  });
  expect(csr).toMatchObject({ step: 5000, differences: [{ what: 'mscratch', values: ['0x0', '0x5'] }] });
  const end = differenceAt(5000, ({ board }) => board.exit(3));
  expect(end).toMatchObject({ step: 5000, differences: [{ what: 'outcome' }] });
});

test('reaching the limit without a difference is agreement, and so is ending', () => {
  expect(verify(sidesOf(counting), 12_345)).toEqual({ agrees: true, steps: 12_345, ended: false });
  const ending = { bytes: assembleGuest('test: pass') };
  expect(verify(sidesOf(ending), LIMIT)).toMatchObject({ agrees: true, ended: true });
  const waiting = { bytes: assembleGuest('test: wfi\n j test') };
  expect(verify(sidesOf(waiting), LIMIT)).toMatchObject({ agrees: true, ended: true });
});

test('an interrupt that only one side takes is named as no instruction', () => {
  const guest: TestGuest = {
    bytes: assembleGuest(`
test:   csrwi   mie, 8
        csrsi   mstatus, MSTATUS_MIE
1:      j       1b
`),
  };
  const { differences, step } = differenceAt(
    2000,
    ({ states: [cpu] }) => {
      if (cpu !== undefined) cpu.lines.MSI = 1n;
    },
    { guest },
  );
  expect(step).toBe(2000);
  expect(differences).toMatchObject([{ what: 'lines', values: ['0x0', '0x8'] }]);
});
