// Random sequences in all three modes on QEMU, through its GDB port, and on the reference evaluator: the whole state
// after each must be the same. TRAPEZE_RUNS multiplies the size, TRAPEZE_SEED repeats a run; differences.ts lists what
// is not compared, and why.

import { expect, test } from 'vitest';
import { arithmetic } from '../../../isa/bigints.ts';
import { Cause, causeName, INTERRUPT_BIT, Interrupt } from '../../../isa/causes.ts';
import { byName } from '../../../isa/instructions.ts';
import { makeBatch } from './batch.ts';
import { compareOnQemu, explainDifference } from './compare.ts';
import { DIFFERENCES, NOT_IN_QEMU, type Reason } from './differences.ts';
import { Ours } from './ours.ts';
import { qemuVersion } from './qemu.ts';

const MIN_INSTRUCTIONS = 100_000 * Number(process.env['TRAPEZE_RUNS'] ?? 1);
const SEED = Number(process.env['TRAPEZE_SEED'] ?? 1);
const SEQUENCES = 500;
const SHOWN = 3;
/** With C no instruction address is misaligned; and no device raises an M-level interrupt. */
const POSSIBLE_CAUSES = [
  ...Object.values(Cause)
    .filter((cause) => cause !== Cause.InstructionAddressMisaligned)
    .map(BigInt),
  ...[Interrupt.SSI, Interrupt.STI, Interrupt.SEI].map((interrupt) => INTERRUPT_BIT | BigInt(interrupt)),
];

test('QEMU is installed', () => {
  expect(qemuVersion(), 'qemu-system-riscv64 is missing: apt-get install qemu-system-misc').toMatch(/version/);
});

test('random sequences leave the same registers, CSRs and memory as on QEMU', async () => {
  const left = new Map<string, number>();
  const causes = new Map<string, number>();
  const reached = new Set<string>();
  const problems: string[] = [];
  const total = { sequences: 0, instructions: 0, traps: 0 };
  for (let seed = SEED; total.instructions < MIN_INSTRUCTIONS && problems.length === 0; seed++) {
    const batch = makeBatch(seed, SEQUENCES);
    total.sequences += SEQUENCES;
    total.instructions += batch.steps - batch.traps;
    total.traps += batch.traps;
    addUp(left, batch.left);
    addUp(causes, batch.causes);
    for (const name of batch.reached) reached.add(name);
    for (const { sequence, places } of (await compareOnQemu(batch)).slice(0, SHOWN)) {
      const where = `TRAPEZE_SEED=${seed}, sequence ${sequence}`;
      problems.push(`${where}:\n${places.join('\n')}\n${await explainDifference(batch, sequence)}`);
    }
  }
  console.log(report(total, left, causes));
  expect(problems, problems.join('\n\n')).toEqual([]);
  const known = [...byName].filter(([, { extension }]) => !NOT_IN_QEMU.has(extension)).map(([name]) => name);
  expect(known.filter((name) => !reached.has(name))).toEqual([]);
  const taken = [...causes.keys()].join();
  for (const cause of POSSIBLE_CAUSES) expect(taken).toContain(causeName(cause));
});

test('a mistake planted in arithmetic shifts is noticed, and the first wrong instruction is named', async () => {
  class Mistaken extends Ours {
    override readonly shiftRightArithmetic = arithmetic.shiftRight;
  }
  const batch = makeBatch(1, 100, (image) => new Mistaken(image));
  const [first] = await compareOnQemu(batch);
  expect(first).toBeDefined();
  const explanation = await explainDifference(batch, first?.sequence ?? 0);
  expect(explanation).toMatch(/after pc 0x[0-9a-f]+ in mode [013]: 0x[0-9a-f]+ sra/);
  expect(explanation).toMatch(/x[0-9]+: QEMU 0x[0-9a-f]+, ours 0x[0-9a-f]+/);
});

test('the same seed makes the same batch', () => {
  expect(makeBatch(7, 5).after).toEqual(makeBatch(7, 5).after);
});

function addUp(sums: Map<string, number>, counts: ReadonlyMap<string, number>): void {
  for (const [key, count] of counts) sums.set(key, (sums.get(key) ?? 0) + count);
}

function report(
  total: { sequences: number; instructions: number; traps: number },
  left: ReadonlyMap<string, number>,
  causes: ReadonlyMap<string, number>,
): string {
  const { sequences, instructions, traps } = total;
  const rows = (counts: ReadonlyMap<string, number>, name: (key: string) => string) =>
    [...counts].sort(([, a], [, b]) => b - a).map(([key, count]) => `  ${String(count).padStart(7)}  ${name(key)}`);
  return [
    `${qemuVersion()}: ${instructions} instructions and ${traps} traps in ${sequences} sequences, seed ${SEED}`,
    'traps:',
    ...rows(causes, (key) => key),
    'sequences replaced, because one',
    ...rows(left, (key) => DIFFERENCES[key as Reason].why),
  ].join('\n');
}
