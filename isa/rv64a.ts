// The A extension: load-reserved, store-conditional and atomic memory operations on words and doublewords.
// Harts take turns, so an AMO is atomic as it stands and the aq and rl bits order nothing (norm:a_no_aq_rl).
// A misaligned address raises address-misaligned, for LR as a load and for the others as a store (norm:amo_alignment).

import { type Instruction, instructionsOf } from './definition.ts';
import type { Machine, Value, Width } from './vocabulary.ts';

const insn = instructionsOf('A');

/** What an AMO stores, of what was there (sign-extended) and rs2 (sign-extended from the access's width). */
type Combine = <V extends Value>(m: Machine<V>, old: V, rs2: V) => V;
const minimum: Combine = (m, a, b) => m.choose(m.lessThan(a, b), a, b);
const maximum: Combine = (m, a, b) => m.choose(m.lessThan(a, b), b, a);
// Sign extension keeps the unsigned order of words: it moves the upper half of the range up as a whole.
const minimumUnsigned: Combine = (m, a, b) => m.choose(m.lessThanUnsigned(a, b), a, b);
const maximumUnsigned: Combine = (m, a, b) => m.choose(m.lessThanUnsigned(a, b), b, a);

type Funct5 = '00000' | '00001' | '00100' | '01000' | '01100' | '10000' | '10100' | '11000' | '11100';

function atomics(suffix: 'w' | 'd', width: '010' | '011', bytes: Width): Instruction[] {
  const signed = <V extends Value>(m: Machine<V>, value: V) => m.signExtend(value, bytes * 8);
  const amo = (name: string, funct5: Funct5, combine: Combine) =>
    insn(`${name}.${suffix} rd, rs2, (rs1)`, `${funct5} aq rl rs2 rs1 ${width} rd 0101111`, (m, { rs1, rs2 }) =>
      m.amo(rs1, bytes, (old) => combine(m, old, signed(m, rs2))),
    );
  return [
    insn(`lr.${suffix} rd, (rs1)`, `00010 aq rl 00000 rs1 ${width} rd 0101111`, (m, { rs1 }) =>
      signed(m, m.loadReserved(rs1, bytes)),
    ),
    insn(`sc.${suffix} rd, rs2, (rs1)`, `00011 aq rl rs2 rs1 ${width} rd 0101111`, (m, { rs1, rs2 }) =>
      m.storeConditional(rs1, bytes, rs2),
    ),
    amo('amoswap', '00001', (_, __, rs2) => rs2),
    amo('amoadd', '00000', (m, old, rs2) => m.add(old, rs2)),
    amo('amoxor', '00100', (m, old, rs2) => m.xor(old, rs2)),
    amo('amoand', '01100', (m, old, rs2) => m.and(old, rs2)),
    amo('amoor', '01000', (m, old, rs2) => m.or(old, rs2)),
    amo('amomin', '10000', minimum),
    amo('amomax', '10100', maximum),
    amo('amominu', '11000', minimumUnsigned),
    amo('amomaxu', '11100', maximumUnsigned),
  ];
}

export const rv64a = [...atomics('w', '010', 4), ...atomics('d', '011', 8)];
