// Encoder and decoder are inverse on every definition, reserved encodings decode to nothing, and hints execute as
// written. Which encodings are reserved is said by a list taken from the manual, not by the patterns.
// Words that no pattern has are covered by disassembling at random in the peers suite.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode, instructionBytes } from '../../isa/decode.ts';
import { COMPRESSED, INSTRUCTIONS } from '../../isa/instructions.ts';
import { insertFields, type Pattern, type PatternField } from '../../isa/pattern.ts';
import { encode, execute, machine } from './support/machine.ts';
import { runs } from './support/runs.ts';

const FIRST_PRIME_REGISTER = 8;

function anyValue(field: PatternField): fc.Arbitrary<number> {
  const steps = 2 ** field.width / field.scale;
  const lowest = field.signed ? -steps / 2 : 0;
  const values = fc.integer({ min: lowest, max: lowest + steps - 1 });
  const offset = field.prime ? FIRST_PRIME_REGISTER : 0;
  return values.map((value) => value * field.scale + offset).filter((value) => !field.excluded.includes(value));
}

const fieldsOf = (pattern: Pattern): fc.Arbitrary<Record<string, number>> =>
  fc.record(Object.fromEntries(pattern.fields.map((field) => [field.name, anyValue(field)])));

describe('what is encoded is decoded', () => {
  test.each(INSTRUCTIONS)('$name', (instruction) => {
    fc.assert(
      fc.property(fieldsOf(instruction.pattern), (fields) => {
        const word = insertFields(instruction.pattern, fields);
        expect(decode(word)).toEqual({ instruction, fields, bits: word, bytes: 4 });
      }),
      runs(100),
    );
  });

  test.each(COMPRESSED)('$name, as its expansion', (compressed) => {
    fc.assert(
      fc.property(fieldsOf(compressed.pattern), (values) => {
        const word = insertFields(compressed.pattern, values);
        const decoded = decode(word);
        // A more specific form may own this encoding: c.addi with rd and imm 0 is c.nop, c.lui to sp c.addi16sp.
        if (decoded?.compressed !== compressed) {
          expect(decoded?.compressed?.pattern.mask).not.toBe(compressed.pattern.mask);
          return;
        }
        const { instruction, operands } = compressed.expansion;
        expect(decoded.instruction).toBe(instruction);
        for (const [field, origin] of Object.entries(operands)) {
          expect(decoded.fields[field]).toBe('field' in origin ? values[origin.field] : origin.value);
        }
        expect([decoded.bits, decoded.bytes]).toEqual([word, 2]);
      }),
      runs(100),
    );
  });

  test('each expansion gives every operand of its instruction a value', () => {
    for (const { name, expansion } of COMPRESSED) {
      const wanted = expansion.instruction.pattern.fields.map((field) => field.name);
      expect(Object.keys(expansion.operands).sort(), name).toEqual(wanted.sort());
    }
  });
});

test('all 65,536 parcels decode by length, and each 16-bit one that decodes is encoded again as it was', () => {
  for (let parcel = 0; parcel < 0x1_0000; parcel++) {
    if (instructionBytes(parcel) === 4) continue;
    const decoded = decode(parcel);
    if (decoded?.compressed === undefined) continue;
    expect(decoded.bits).toBe(parcel);
    const { pattern } = decoded.compressed;
    expect((parcel & pattern.mask) >>> 0).toBe(pattern.match);
  }
});

describe('reserved encodings are illegal', () => {
  const reserved: readonly (readonly [what: string, word: number])[] = [
    ['the all-zero parcel (norm:Zca_illegal)', 0x0000],
    ['c.addi4spn with nzuimm 0 (norm:c-addi4spn_rsv)', 0x0004],
    ['c.addiw with rd x0 (norm:c-addiw_rsv)', 0x2005],
    ['c.addi16sp with nzimm 0 (norm:c-addi16sp_rsv)', 0x6101],
    ['c.lui with nzimm 0 (norm:c-lui_rsv)', 0x6081],
    ['c.lui with nzimm 0 and rd x0 (norm:c-lui_rsv)', 0x6001],
    ['c.lwsp with rd x0 (norm:c-lwsp_rsv)', 0x4002],
    ['c.ldsp with rd x0 (norm:c-ldsp_rsv)', 0x6002],
    ['c.jr with rs1 x0 (norm:c-jr_rsv)', 0x8002],
    ['the free place beside c.subw', 0x9c41],
    ['the free place beside c.addw', 0x9c61],
    ['quadrant 0, 100', 0x8000],
    ['the all-one word', 0xffff_ffff],
    ['slliw with shamt bit 5', 0x0200_109b],
    ['srai with a stray bit 26', 0x4400_5013],
    ['lr.w with rs2 not 0', encode('lr.w', { rd: 1, rs1: 2 }) + 0x0010_0000],
    ['ecall with rd not 0', 0x0000_00f3],
    ['sfence.vma with rd not 0', 0x1200_00f3],
    ['a load of funct3 111', 0x0000_7003],
    ['a branch of funct3 010', 0x0000_2063],
    ['csr funct3 100', 0x0000_4073],
  ];
  test.each(reserved)('%s', (_what, word) => {
    expect(decode(word)).toBeUndefined();
    const { hart } = machine();
    expect(execute(hart, word)).toBe(2n);
    expect(hart.tval).toBe(BigInt(word)); // norm:mtval_ill_instr_exc_in_low_bits
  });
});

describe('hints change nothing but pc (norm:hints_op, norm:Zca_hints)', () => {
  const hints: readonly (readonly [what: string, word: number])[] = [
    ['c.nop with an immediate (norm:c-nop_hint)', 0x0005],
    ['c.addi with immediate 0 (norm:c-addi_hint)', encode('c.addi', { rd: 10, imm: 0 })],
    ['c.li to x0 (norm:c-li_hint)', encode('c.li', { rd: 0, imm: 7 })],
    ['c.lui to x0 (norm:c-lui_hint)', encode('c.lui', { rd: 0, nzimm: 4096 })],
    ['c.mv to x0 (norm:c-mv_hint)', encode('c.mv', { rd: 0, rs2: 10 })],
    ['c.add to x0 (norm:c-add_hint)', encode('c.add', { rd: 0, rs2: 10 })],
    ['c.slli to x0 (norm:c-slli_hint)', encode('c.slli', { rd: 0, shamt: 3 })],
    ['c.slli by 0 (norm:c-slli_hint)', encode('c.slli', { rd: 10, shamt: 0 })],
    ['c.srli by 0 (norm:c-srli_hint)', encode('c.srli', { rd: 10, shamt: 0 })],
    ['add to x0 (norm:hints_enc)', encode('add', { rd: 0, rs1: 10, rs2: 11 })],
    ['lui to x0 (norm:hints_enc)', encode('lui', { rd: 0, imm: 4096 })],
    ['fence with no successors (norm:hints_enc)', encode('fence', { pred: 3 })],
    ['pause', 0x0100_000f],
    ['fence.tso (norm:fence-tso_enc)', 0x8330_000f],
    ['fence with reserved fields set (norm:fence_cons_ok)', encode('fence', { pred: 3, succ: 3, ignored: 0x3ff })],
    ['fence.i with reserved fields set (norm:fence_i_rsv)', encode('fence.i', { ignored: 0x1f_ffff })],
  ];
  test.each(hints)('%s', (_what, word) => {
    const { hart } = machine();
    for (let i = 1; i < 32; i++) hart.setX(i, BigInt(i) * 0x0101_0101n);
    const before = hart.words.slice();
    expect(execute(hart, word)).toBeUndefined();
    before[64] = (before[64] as bigint) + BigInt(instructionBytes(word)); // pc
    expect(hart.words).toEqual(before);
  });
});
