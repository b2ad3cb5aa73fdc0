// Computation against plain BigInt mathematics, written anew here: each function takes signed and unsigned readings
// of its operands and says what rd holds, before it is cut to 64 bits. Corner values meet each other in all pairs.
// Immediates are covered by running the immediate form beside its register form.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encode, execute, machine } from './support/machine.ts';
import { runs } from './support/runs.ts';

const s64 = (a: bigint) => BigInt.asIntN(64, a);
const u64 = (a: bigint) => BigInt.asUintN(64, a);
const s32 = (a: bigint) => BigInt.asIntN(32, a);
const u32 = (a: bigint) => BigInt.asUintN(32, a);
const LEAST = -(2n ** 63n);
const LEAST_WORD = -(2n ** 31n);

const quotient = (a: bigint, b: bigint, least: bigint) => (b === 0n ? -1n : a === least && b === -1n ? least : a / b);
const rest = (a: bigint, b: bigint) => (b === 0n ? a : b === -1n ? 0n : a % b);

/** What rd holds, of the raw 64-bit operands. */
const MEANING: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  sll: (a, b) => a * 2n ** (b % 64n),
  slt: (a, b) => (s64(a) < s64(b) ? 1n : 0n),
  sltu: (a, b) => (a < b ? 1n : 0n),
  xor: (a, b) => (a | b) - (a & b),
  srl: (a, b) => a / 2n ** (b % 64n),
  sra: (a, b) => s64(a) >> (b % 64n),
  or: (a, b) => a + b - (a & b),
  and: (a, b) => (a + b - (a ^ b)) / 2n,
  addw: (a, b) => s32(a + b),
  subw: (a, b) => s32(a - b),
  sllw: (a, b) => s32(a * 2n ** (b % 32n)),
  srlw: (a, b) => s32(u32(a) / 2n ** (b % 32n)),
  sraw: (a, b) => s32(a) >> (b % 32n),
  mul: (a, b) => s64(a) * s64(b),
  mulh: (a, b) => (s64(a) * s64(b)) >> 64n,
  mulhsu: (a, b) => (s64(a) * b) >> 64n,
  mulhu: (a, b) => (a * b) >> 64n,
  mulw: (a, b) => s32(a * b),
  div: (a, b) => quotient(s64(a), s64(b), LEAST),
  divu: (a, b) => (b === 0n ? -1n : a / b),
  rem: (a, b) => rest(s64(a), s64(b)),
  remu: (a, b) => (b === 0n ? a : a % b),
  divw: (a, b) => quotient(s32(a), s32(b), LEAST_WORD),
  divuw: (a, b) => (u32(b) === 0n ? -1n : s32(u32(a) / u32(b))),
  remw: (a, b) => rest(s32(a), s32(b)),
  remuw: (a, b) => (u32(b) === 0n ? s32(a) : s32(u32(a) % u32(b))),
};
/** Immediate forms and the register forms whose meaning they share. */
const IMMEDIATE: Readonly<Record<string, string>> = {
  addi: 'add',
  slti: 'slt',
  sltiu: 'sltu',
  xori: 'xor',
  ori: 'or',
  andi: 'and',
  addiw: 'addw',
};
const SHIFTS: Readonly<Record<string, string>> = {
  slli: 'sll',
  srli: 'srl',
  srai: 'sra',
  slliw: 'sllw',
  srliw: 'srlw',
  sraiw: 'sraw',
};

const corners = [0n, 1n, 2n, 31n, 32n, 63n, 64n, -1n, -2n, LEAST, ~LEAST, LEAST_WORD, ~LEAST_WORD, 2n ** 31n, 2n ** 32n]
  .map(u64)
  .concat([u64(LEAST + 1n), 0xffff_ffffn, 0x8000_0000_8000_0000n, 0x7fff_ffff_ffff_fffen]);
const operand = fc.oneof(fc.constantFrom(...corners), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }));

function result(name: string, a: bigint, second: { rs2: bigint } | { imm: number } | { shamt: number }): bigint {
  const { hart } = machine();
  hart.setX(10, a);
  if ('rs2' in second) hart.setX(11, second.rs2);
  const fields = 'rs2' in second ? { rs2: 11 } : second;
  expect(execute(hart, encode(name, { rd: 12, rs1: 10, ...fields }))).toBeUndefined();
  return hart.x(12);
}

describe('register forms', () => {
  test.each(Object.entries(MEANING))('%s is the mathematics of it', (name, meaning) => {
    for (const a of corners) for (const b of corners) expect(result(name, a, { rs2: b })).toBe(u64(meaning(a, b)));
    fc.assert(
      fc.property(operand, operand, (a, b) => {
        expect(result(name, a, { rs2: b })).toBe(u64(meaning(a, b)));
      }),
      runs(100),
    );
  });
});

describe('immediate forms', () => {
  test.each(Object.entries(IMMEDIATE))('%s is %s with a sign-extended immediate', (name, register) => {
    fc.assert(
      fc.property(operand, fc.integer({ min: -2048, max: 2047 }), (a, imm) => {
        expect(result(name, a, { imm })).toBe(result(register, a, { rs2: u64(BigInt(imm)) }));
      }),
      runs(100),
    );
  });
  test.each(Object.entries(SHIFTS))('%s is %s by a constant', (name, register) => {
    const shamt = fc.integer({ min: 0, max: name.endsWith('w') ? 31 : 63 });
    fc.assert(
      fc.property(operand, shamt, (a, by) => {
        expect(result(name, a, { shamt: by })).toBe(result(register, a, { rs2: BigInt(by) }));
      }),
      runs(100),
    );
  });
  test('lui holds the upper immediate, sign-extended, and auipc adds it to pc', () => {
    const { hart } = machine();
    execute(hart, encode('lui', { rd: 1, imm: -0x8000_0000 }));
    expect(hart.x(1)).toBe(0xffff_ffff_8000_0000n);
    hart.pc = 0x1_0000_1000n;
    execute(hart, encode('auipc', { rd: 1, imm: -0x1000 }));
    expect(hart.x(1)).toBe(0x1_0000_0000n);
  });
});

describe('the corners that the manual names', () => {
  const cases: readonly (readonly [name: string, a: bigint, b: bigint, expected: bigint])[] = [
    ['div', 7n, 0n, -1n], // norm:div_by_zero
    ['divw', 7n, 0n, -1n],
    ['divu', 7n, 0n, 2n ** 64n - 1n],
    ['divuw', 7n, 0n, -1n],
    ['rem', -7n, 0n, -7n], // norm:rem_by_zero
    ['remw', 0x8000_0000n, 0n, LEAST_WORD],
    ['remuw', 0x8000_0000n, 0n, LEAST_WORD],
    ['div', LEAST, -1n, LEAST], // norm:signed_div_overflow
    ['rem', LEAST, -1n, 0n],
    ['divw', LEAST_WORD, -1n, LEAST_WORD],
    ['remw', LEAST_WORD, -1n, 0n],
    ['div', -7n, 2n, -3n],
    ['rem', -7n, 2n, -1n], // norm:rem_result_sign
    ['mulh', -1n, -1n, 0n],
    ['mulhsu', -1n, -1n, -1n],
    ['mulhu', -1n, -1n, -2n],
  ];
  test.each(cases)('%s %d, %d yields %d', (name, a, b, expected) => {
    expect(result(name, u64(a), { rs2: u64(b) })).toBe(u64(expected));
  });
  test('rd may be a source, and x0 stays zero', () => {
    const { hart } = machine();
    hart.setX(10, 5n);
    execute(hart, encode('add', { rd: 10, rs1: 10, rs2: 10 }));
    execute(hart, encode('add', { rd: 0, rs1: 10, rs2: 10 }));
    expect([hart.x(10), hart.x(0)]).toEqual([10n, 0n]);
  });
});

describe('control transfer', () => {
  const branches: readonly (readonly [name: string, taken: (a: bigint, b: bigint) => boolean])[] = [
    ['beq', (a, b) => a === b],
    ['bne', (a, b) => a !== b],
    ['blt', (a, b) => s64(a) < s64(b)],
    ['bge', (a, b) => s64(a) >= s64(b)],
    ['bltu', (a, b) => a < b],
    ['bgeu', (a, b) => a >= b],
  ];
  test.each(branches)('%s goes where its comparison says (norm:beq_bne_op and its neighbours)', (name, taken) => {
    const { hart } = machine();
    for (const a of corners) {
      for (const b of corners) {
        hart.pc = 0x1000n;
        hart.setX(10, a);
        hart.setX(11, b);
        execute(hart, encode(name, { rs1: 10, rs2: 11, imm: -4096 }));
        expect(hart.pc).toBe(taken(a, b) ? 0n : 0x1004n);
      }
    }
  });
  test('jal links and jumps, wrapping at the end of the address space (norm:jal_op)', () => {
    const { hart } = machine();
    hart.pc = 0n;
    execute(hart, encode('jal', { rd: 1, imm: -2 }));
    expect([hart.x(1), hart.pc]).toEqual([4n, 2n ** 64n - 2n]);
  });
  test('jalr clears bit 0 and reads its base before it links (norm:jalr_target)', () => {
    const { hart } = machine();
    hart.pc = 0x1000n;
    hart.setX(1, 0x2001n);
    execute(hart, encode('jalr', { rd: 1, rs1: 1, imm: 4 }));
    expect([hart.x(1), hart.pc]).toEqual([0x1004n, 0x2004n]);
  });
  test('c.jalr links to two bytes on (norm:c-jalr_op)', () => {
    const { hart } = machine();
    hart.pc = 0x1000n;
    hart.setX(1, 0x2000n);
    execute(hart, encode('c.jalr', { rs1: 1 }));
    expect([hart.x(1), hart.pc]).toEqual([0x1002n, 0x2000n]);
  });
});
