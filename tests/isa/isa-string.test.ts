// ISA strings: what is read, what is refused and in which words, and the canonical form, which reads as itself.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_EXTENSIONS, EXTENSIONS, extensionBits, misaOf, REQUIRED } from '../../isa/extensions.ts';
import { isaString, parseIsa } from '../../isa/isa-string.ts';

const read = (text: string) => {
  const isa = parseIsa(text);
  return isa.ok ? isaString(isa.extensions) : isa.message;
};
const letters = (misa: bigint) =>
  [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].filter((_, bit) => (misa >> BigInt(bit)) & 1n).join('');

test('what every hart has is there unsaid', () => {
  expect(read('rv64ic')).toBe('rv64ic_zicntr_zicsr_zihpm_sv39');
});

test.each([
  ['RV64IMAC_Zba', 'rv64imac_zicntr_zicsr_zihpm_zba_sv39'],
  ['rv64i2p1_m2p0_c2p0', undefined],
  ['rv64i2p1m2a2p1c', 'rv64imac_zicntr_zicsr_zihpm_sv39'],
  ['rv64imaczifencei', 'rv64imac_zicntr_zicsr_zifencei_zihpm_sv39'],
  ['rv64ic_sstc_zbb1p0', 'rv64ic_zicntr_zicsr_zihpm_zbb_sstc_sv39'],
  ['rv64icb', 'rv64ic_zicntr_zicsr_zihpm_zba_zbb_zbs_sv39'],
  ['rv64cmi', 'rv64imc_zicntr_zicsr_zihpm_sv39'],
])('%s is %s', (text, canonical) => {
  if (canonical !== undefined) expect(read(text)).toBe(canonical);
  else expect(read(text)).toBe('rv64imc_zicntr_zicsr_zihpm_sv39');
});

test.each([
  ['rv32imac', /^an ISA string begins with rv64/],
  ['imac', /^an ISA string begins with rv64/],
  ['rv64', /followed by i or g/],
  ['rv64mac', /followed by i or g/],
  ['rv64ima', /^C cannot be left out/],
  ['rv64imacv', /^there is no extension 'v'; known are i, m, a, .*zba/],
  ['rv64imac_zbz', /^there is no extension 'zbz'/],
  ['rv64imac__zba', /on both sides of each _/],
  ['rv64imac_', /on both sides of each _/],
  ['', /begins with rv64/],
])('%s is refused', (text, message) => {
  expect(read(text)).toMatch(message);
});

test('a canonical string reads as itself, whatever is left out', () => {
  fc.assert(
    fc.property(fc.subarray([...EXTENSIONS]), (names) => {
      const text = isaString(extensionBits([...REQUIRED, ...names, ...(names.includes('D') ? (['F'] as const) : [])]));
      expect(read(text)).toBe(text);
    }),
  );
});

test('random text is read or refused', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'rv64imac_zbs1p0svdx ') }), (text) => {
      expect(typeof read(`rv64${text}`)).toBe('string');
    }),
  );
});

describe('misa', () => {
  test('has a bit for each letter, S and U, and B for its three', () => {
    expect(letters(misaOf(DEFAULT_EXTENSIONS))).toBe(
      [...'ABCDFIMSU'].filter((letter) => !'DF'.includes(letter) || EXTENSIONS.includes(letter as 'D')).join(''),
    );
    expect(letters(misaOf(extensionBits([...REQUIRED, 'Zba', 'Zbb'])))).toBe('CISU');
    expect(misaOf(0n) >> 62n).toBe(2n);
  });
});
