// Zba, Zbb, Zbs and Zicond against models on the digits of a number, written anew here from the manual's words.
// Corner values meet each other in all pairs; the forms with a constant are run beside those with a register.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encode, execute, machine } from './support/machine.ts';
import { runs } from './support/runs.ts';

const s64 = (a: bigint) => BigInt.asIntN(64, a);
const u64 = (a: bigint) => BigInt.asUintN(64, a);
const s32 = (a: bigint) => BigInt.asIntN(32, a);
const u32 = (a: bigint) => BigInt.asUintN(32, a);
const digits = (a: bigint, width = 64) => BigInt.asUintN(width, a).toString(2).padStart(width, '0');
const fromDigits = (text: string) => BigInt(`0b${text}`);
const bytes = (a: bigint) => digits(a).match(/.{8}/g) ?? [];
const rotated = (text: string, right: number) => {
  const by = text.length - (((right % text.length) + text.length) % text.length);
  return text.slice(by) + text.slice(0, by);
};
const withBit = (a: bigint, b: bigint, digit: (was: string) => string) => {
  const text = digits(a);
  const at = 63 - Number(b % 64n);
  return fromDigits(text.slice(0, at) + digit(text[at] as string) + text.slice(at + 1));
};
const largest = (a: bigint, b: bigint) => (a < b ? b : a);
const least = (a: bigint, b: bigint) => (a < b ? a : b);

const MEANING: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  sh1add: (a, b) => 2n * a + b,
  sh2add: (a, b) => 4n * a + b,
  sh3add: (a, b) => 8n * a + b,
  'add.uw': (a, b) => u32(a) + b,
  'sh1add.uw': (a, b) => 2n * u32(a) + b,
  'sh2add.uw': (a, b) => 4n * u32(a) + b,
  'sh3add.uw': (a, b) => 8n * u32(a) + b,
  andn: (a, b) => a & (2n ** 64n - 1n - b),
  orn: (a, b) => a | (2n ** 64n - 1n - b),
  xnor: (a, b) => 2n ** 64n - 1n - (a ^ b),
  max: (a, b) => largest(s64(a), s64(b)),
  maxu: largest,
  min: (a, b) => least(s64(a), s64(b)),
  minu: least,
  rol: (a, b) => fromDigits(rotated(digits(a), -Number(b % 64n))),
  ror: (a, b) => fromDigits(rotated(digits(a), Number(b % 64n))),
  rolw: (a, b) => s32(fromDigits(rotated(digits(a, 32), -Number(b % 32n)))),
  rorw: (a, b) => s32(fromDigits(rotated(digits(a, 32), Number(b % 32n)))),
  bclr: (a, b) => withBit(a, b, () => '0'),
  bset: (a, b) => withBit(a, b, () => '1'),
  binv: (a, b) => withBit(a, b, (was) => (was === '0' ? '1' : '0')),
  bext: (a, b) => BigInt(digits(a)[63 - Number(b % 64n)] as string),
  'czero.eqz': (a, b) => (b === 0n ? 0n : a),
  'czero.nez': (a, b) => (b === 0n ? a : 0n),
};
const leadingZeros = (text: string) => BigInt(/^0*/.exec(text)?.[0].length ?? 0);
const trailingZeros = (text: string) => BigInt(/0*$/.exec(text)?.[0].length ?? 0);
const setBits = (text: string) => BigInt([...text].filter((digit) => digit === '1').length);
const OF_ONE: Readonly<Record<string, (a: bigint) => bigint>> = {
  clz: (a) => leadingZeros(digits(a)),
  clzw: (a) => leadingZeros(digits(a, 32)),
  ctz: (a) => trailingZeros(digits(a)),
  ctzw: (a) => trailingZeros(digits(a, 32)),
  cpop: (a) => setBits(digits(a)),
  cpopw: (a) => setBits(digits(a, 32)),
  'sext.b': (a) => BigInt.asIntN(8, a),
  'sext.h': (a) => BigInt.asIntN(16, a),
  'zext.h': (a) => a % 2n ** 16n,
  'orc.b': (a) =>
    fromDigits(
      bytes(a)
        .map((byte) => (byte.includes('1') ? '1' : '0').repeat(8))
        .join(''),
    ),
  rev8: (a) => fromDigits(bytes(a).reverse().join('')),
};
/** Forms with a constant, and the register forms whose meaning they share. */
const CONSTANT: Readonly<Record<string, (a: bigint, by: bigint) => bigint>> = {
  rori: MEANING['ror'] as (a: bigint, b: bigint) => bigint,
  roriw: MEANING['rorw'] as (a: bigint, b: bigint) => bigint,
  bclri: MEANING['bclr'] as (a: bigint, b: bigint) => bigint,
  bexti: MEANING['bext'] as (a: bigint, b: bigint) => bigint,
  binvi: MEANING['binv'] as (a: bigint, b: bigint) => bigint,
  bseti: MEANING['bset'] as (a: bigint, b: bigint) => bigint,
  'slli.uw': (a, by) => u32(a) * 2n ** by,
};

const corners = [0n, 1n, 2n, 31n, 32n, 33n, 63n, 64n, -1n, -2n, -(2n ** 63n), 2n ** 63n - 1n, 2n ** 31n, 2n ** 32n]
  .map(u64)
  .concat([0xffff_ffffn, 0x0100_8000_00ff_0001n, 0x8000_0000_8000_0000n, 0x0123_4567_89ab_cdefn]);
const shaped = fc
  .tuple(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.nat({ max: 63 }), fc.nat({ max: 63 }))
  .map(([value, left, right]) => u64((value >> BigInt(right)) << BigInt(left)));
const operand = fc.oneof(fc.constantFrom(...corners), shaped);

function result(name: string, a: bigint, second: Readonly<Record<string, number>>, b = 0n): bigint {
  const { hart } = machine();
  hart.setX(10, a);
  hart.setX(11, b);
  expect(execute(hart, encode(name, { rd: 12, rs1: 10, ...second }))).toBeUndefined();
  return hart.x(12);
}

describe('the manual, in digits', () => {
  test.each(Object.entries(MEANING))('%s', (name, meaning) => {
    const check = (a: bigint, b: bigint) => {
      expect(result(name, a, { rs2: 11 }, b)).toBe(u64(meaning(a, b)));
    };
    for (const a of corners) for (const b of corners) check(a, b);
    fc.assert(fc.property(operand, operand, check), runs(100));
  });
  test.each(Object.entries(OF_ONE))('%s', (name, meaning) => {
    const check = (a: bigint) => {
      expect(result(name, a, {})).toBe(u64(meaning(a)));
    };
    for (const a of corners) check(a);
    fc.assert(fc.property(operand, check), runs(200));
  });
  test.each(Object.entries(CONSTANT))('%s', (name, meaning) => {
    const most = name.endsWith('w') && name !== 'slli.uw' ? 31 : 63;
    const check = (a: bigint, by: number) => {
      expect(result(name, a, { shamt: by })).toBe(u64(meaning(a, BigInt(by))));
    };
    fc.assert(fc.property(operand, fc.nat({ max: most }), check), runs(200));
  });
});
