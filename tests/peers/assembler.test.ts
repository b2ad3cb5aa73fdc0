// Ours against GNU as and ld, byte by byte, for an architecture without C and one with it: every definition with
// random operands, every pseudo-instruction, constants, branches over random distances, directives, and the guests.
// Set TRAPEZE_RUNS to multiply the sizes, TRAPEZE_SEED to repeat a corpus.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COMPRESSED, INSTRUCTIONS } from '../../isa/instructions.ts';
import { ARCHITECTURES, same, UNKNOWN_TO_BINUTILS } from './binutils/compare.ts';
import { constants, lineOf, pseudoLines } from './binutils/corpus.ts';
import type { Text } from './binutils/run.ts';

const RUNS = Number(process.env['TRAPEZE_RUNS'] ?? 1);
const SEED = Number(process.env['TRAPEZE_SEED'] ?? Date.now() % 2 ** 31);
console.log(`assembler corpus: seed ${SEED}`);

const sample = <T>(values: fc.Arbitrary<T>, count: number) => fc.sample(values, { numRuns: count, seed: SEED });
const START = '.globl _start\n_start:\n';
const EACH = 1000 * RUNS;

describe.each(ARCHITECTURES)('for %s, the same bytes as binutils', (arch) => {
  const compressed = arch.includes('c_');
  const definitions = [...INSTRUCTIONS, ...(compressed ? COMPRESSED : [])].filter(
    ({ extension }) => !UNKNOWN_TO_BINUTILS.has(extension),
  );
  const isBranch = (definition: (typeof definitions)[number]) =>
    'expansion' in definition ? definition.expansion.instruction.pcRelative : definition.pcRelative;

  test(`${EACH} random operands of each definition`, () => {
    const plain = definitions.filter((definition) => !isBranch(definition));
    let lines = 0;
    for (const definition of plain) {
      const texts = sample(lineOf(definition, []), EACH);
      lines += texts.length;
      same([{ name: `${definition.name}.s`, text: START + texts.join('\n') }], arch);
    }
    console.log(`${arch}: ${lines} lines of ${plain.length} definitions`);
  });

  test('branches and jumps over random distances, near and far', () => {
    const branches = definitions.filter(isBranch);
    let lines = 0;
    for (let round = 0; round < 12 * RUNS; round++) {
      const size = [60, 400, 2500, 6000][round % 4] as number;
      const labels = Array.from({ length: Math.ceil(size / 12) }, (_, index) => `label${index}`);
      const arbitrary = fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom('nop', 'add a0, a0, a1', 'lui a0, 0x12345', 'sd a0, 8(a1)') },
        { weight: 3, arbitrary: fc.oneof(...branches.map((definition) => lineOf(definition, labels))) },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            '.balign 8',
            '.balign 16',
            '.align 5',
            '.2byte 1',
            '.zero 6',
            '.p2align 4,,5',
            'call label0',
            'la a0, label1',
          ),
        },
      );
      const texts = fc.sample(arbitrary, { numRuns: size, seed: SEED + round });
      const every = Math.floor(size / labels.length);
      const text = labels.map((label, index) =>
        [`${label}:`, ...texts.slice(index * every, (index + 1) * every)].join('\n'),
      );
      lines += size;
      same([{ name: 'branches.s', text: START + text.join('\n') }], arch);
    }
    console.log(`${arch}: ${lines} lines with branches`);
  });

  test(`${EACH} random operands of each pseudo-instruction`, () => {
    const labels = ['before', 'after', 'elsewhere', 'constants + 8'];
    const rest = '\n after: nop\n.data\nelsewhere: .dword 1\n.section .rodata\nconstants: .dword 1,2,3,4\n';
    let lines = 0;
    for (const { syntax, line } of pseudoLines(labels)) {
      const texts = sample(line, EACH);
      lines += texts.length;
      same([{ name: `${syntax}.s`, text: `${START} before: nop\n${texts.join('\n')}${rest}` }], arch);
    }
    console.log(`${arch}: ${lines} lines of pseudo-instructions`);
  });

  test('li of random constants of every shape, and la of numbers', () => {
    const texts = sample(constants, 20 * EACH).map((value, index) => {
      const spelling = [String(value), `0x${BigInt.asUintN(64, value).toString(16)}`][index % 2];
      return `li ${['a0', 't0', 'sp', 's11', 'zero'][index % 5]}, ${spelling}`;
    });
    const numbers = sample(fc.bigInt({ min: -(2n ** 31n), max: 2n ** 31n - 1n }), EACH).map(
      (value) => `la a1, ${value}`,
    );
    same([{ name: 'constants.s', text: START + [...texts, ...numbers].join('\n') }], arch);
  });
});

const GUESTS = fileURLToPath(new URL('../../guests', import.meta.url));

describe('every guest is the same image', () => {
  for (const guest of readdirSync(GUESTS, { withFileTypes: true })) {
    if (!guest.isDirectory()) continue;
    const folder = join(GUESTS, guest.name);
    const { sources, base } = JSON.parse(readFileSync(join(folder, 'guest.json'), 'utf8'));
    const texts: Text[] = sources.map((name: string) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
    test.each(ARCHITECTURES)(`${guest.name} for %s`, (arch) => {
      expect(same(texts, arch, { base: BigInt(base), folder })).toBeGreaterThan(0);
    });
  }
});
