// Encodings against the official tables, where their folder is, and against pinned facts, which always run: masks and
// matches of all instructions, and words made by GNU as that show the place of every bit of every immediate.
// The peers suite compares whole programs with binutils.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Cause, causeName } from '../../isa/causes.ts';
import { isReadOnlyCsr, privilegeOfCsr } from '../../isa/csr-access.ts';
import { CSR_NUMBERS } from '../../isa/csr-names.ts';
import { CSRS } from '../../isa/csrs.ts';
import { byName, COMPRESSED, INSTRUCTIONS } from '../../isa/instructions.ts';
import { insertFields, type Pattern } from '../../isa/pattern.ts';
import { expectGolden } from './support/golden.ts';
import { normTags, officialInstructions, officialNumbers, operandPlaces, PRESENT } from './support/official.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const hex = (value: number, digits = 8) => value.toString(16).padStart(digits, '0');
const definitions = [...INSTRUCTIONS, ...COMPRESSED];

/** Where our pattern fixes what the official table leaves to operands: a c.nop with an immediate is c.addi's hint. */
const FIXED_FURTHER = ['c.nop'];

/** Our field for an official operand: rd_rs1_n0 is rd, c_nzimm6hi the immediate. */
function fieldOf(operand: string, pattern: Pattern): string | undefined {
  const names = pattern.fields.map((field) => field.name);
  const plain = operand.replace(/^c_/, '');
  const register = /^r(d|s1|s2|s3)(?=$|_)/.exec(plain)?.[1];
  if (register !== undefined)
    return (
      [`r${register}`, `f${register}`].find((name) => names.includes(name)) ?? names.find((name) => name === 'ignored')
    );
  if (names.includes(plain)) return plain;
  return names.find((name) => /^(nz)?u?imm$|^shamt$|^ignored$/.test(name));
}

const bitsFrom = (high: number, low: number) => (2 ** (high - low + 1) - 1) * 2 ** low;

describe.runIf(PRESENT)('the official tables', () => {
  const official = officialInstructions();

  test('name every instruction of the implemented extensions, and no other', () => {
    expect(definitions.map((definition) => definition.name).sort()).toEqual(official.map((row) => row.name).sort());
  });

  test.each(official)('$name has the official mask and match', ({ name, mask, match }) => {
    const pattern = byName.get(name)?.pattern;
    expect(pattern?.match).toBe(match);
    if (FIXED_FURTHER.includes(name)) expect(((pattern?.mask ?? 0) & mask) >>> 0).toBe(mask);
    else expect(pattern?.mask).toBe(mask);
  });

  test.each(official.filter((row) => !FIXED_FURTHER.includes(row.name)))(
    '$name has its fields where the official operands are',
    ({ name, operands }) => {
      const pattern = byName.get(name)?.pattern as Pattern;
      const places = operandPlaces();
      const theirs = new Map<string, number>();
      for (const operand of operands) {
        const [high, low] = places.get(operand) as readonly [number, number];
        const field = fieldOf(operand, pattern) ?? operand;
        theirs.set(field, (theirs.get(field) ?? 0) + bitsFrom(high, low));
      }
      const ours = new Map<string, number>();
      for (const field of pattern.fields) {
        const bits = field.pieces.map((piece) => bitsFrom(piece.at + piece.high - piece.low, piece.at));
        ours.set(
          field.name,
          bits.reduce((sum, run) => sum + run, 0),
        );
      }
      expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(theirs));
    },
  );

  test('number every CSR as we do', () => {
    expect(
      Object.entries(CSR_NUMBERS)
        .map(([name, number]) => `${hex(number, 3)} ${name}`)
        .sort(),
    ).toEqual(
      officialNumbers('csrs.csv')
        .map(([number, name]) => `${hex(number, 3)} ${name}`)
        .sort(),
    );
  });

  test('have every cause that the machine raises', () => {
    const names = new Map(officialNumbers('causes.csv'));
    const words: Readonly<Record<string, string>> = {
      'instruction address misaligned': 'misaligned fetch',
      'instruction access fault': 'fetch access',
      'illegal instruction': 'illegal instruction',
      breakpoint: 'breakpoint',
      'load address misaligned': 'misaligned load',
      'load access fault': 'load access',
      'store/AMO address misaligned': 'misaligned store',
      'store/AMO access fault': 'store access',
      'environment call from U-mode': 'user ecall',
      'environment call from S-mode': 'supervisor ecall',
      'environment call from M-mode': 'machine ecall',
      'instruction page fault': 'fetch page fault',
      'load page fault': 'load page fault',
      'store/AMO page fault': 'store page fault',
    };
    for (const cause of Object.values(Cause)) expect(words[causeName(BigInt(cause))]).toBe(names.get(cause));
  });

  test('name every tag that isa and its tests cite', () => {
    const tags = normTags();
    for (const folder of ['isa', 'tests/isa']) {
      for (const name of readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' })) {
        if (!name.endsWith('.ts')) continue;
        const text = readFileSync(`${ROOT}${folder}/${name}`, 'utf8');
        for (const [tag] of text.matchAll(/norm:[A-Za-z0-9][A-Za-z0-9_-]*/g)) {
          expect(tags.has(tag), `${folder}/${name} cites ${tag}`).toBe(true);
        }
      }
    }
  });
});

test.runIf(!PRESENT)('the official tables are absent here, so only pinned facts are checked', () => {
  expect(PRESENT).toBe(false);
});

test('masks and matches are the pinned ones', () => {
  const rows = definitions.map(({ name, pattern }) => `${hex(pattern.mask)} ${hex(pattern.match)} ${name}`);
  expectGolden('encodings.txt', `${rows.join('\n')}\n`);
});

test('the CSRs of the machine, with the privilege that their number gives them, are the pinned ones', () => {
  const rows = CSRS.map(({ name, number }) => {
    const access = isReadOnlyCsr(number) ? 'read-only' : 'read-write';
    return `${hex(number, 3)} ${'USHM'[privilegeOfCsr(number)]} ${access} ${name}`;
  });
  expectGolden('csrs.txt', `${rows.join('\n')}\n`);
});

test('no two CSRs share a number', () => {
  expect(new Set(CSRS.map((csr) => csr.number)).size).toBe(CSRS.length);
});

/** What GNU as 2.40 made of instructions that set each bit of each immediate alone: never blessed from our own. */
const words = readFileSync(new URL('./golden/words.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n');

test.each(words)('GNU as encodes %s', (row) => {
  const [word = '', name = '', ...fields] = row.split(' ');
  const values = Object.fromEntries(
    fields.map((field) => field.split('=')).map(([key, value]) => [key, Number(value)]),
  );
  expect(hex(insertFields(byName.get(name)?.pattern as Pattern, values), word.length)).toBe(word);
});
