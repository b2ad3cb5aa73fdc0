// Words to instructions. A word is looked up among the definitions whose fixed bits it has; of two that match, the
// one that fixes more bits wins, as c.addi16sp does over c.lui. Compressed instructions become their expansions and
// keep their own bits and length. An all-zero word is defined illegal, and indeed nothing matches it.

import type { CompressedInstruction, Instruction } from './definition.ts';
import { COMPRESSED, INSTRUCTIONS } from './instructions.ts';
import { extractFields, matches, type Pattern } from './pattern.ts';

export interface Decoded {
  readonly instruction: Instruction;
  /** The 16-bit form that it came in, if any. */
  readonly compressed?: CompressedInstruction;
  /** The instruction's fields; those of the expansion where it was compressed. */
  readonly fields: Readonly<Record<string, number>>;
  /** The instruction's own bits, as xtval shows them. */
  readonly bits: number;
  readonly bytes: 2 | 4;
}

const FULL = 3;
const HALF_MASK = 0xffff;
/** Low bits of the first parcel: all ones in a 32-bit instruction. */
const LENGTH_MASK = 3;
const OPCODE_MASK = 0x7f;
const QUADRANT_MASK = 0xe003;

/** 2 or 4 bytes, told by the first 16 bits. Longer encodings are reserved and count as four. */
export function instructionBytes(parcel: number): 2 | 4 {
  return (parcel & LENGTH_MASK) === FULL ? 4 : 2;
}

function popcount(mask: number): number {
  return mask.toString(2).replaceAll('0', '').length;
}

/** Whether a hart with this `extensions` word, of which the low half matters, has what an instruction belongs to. */
export function isPresent({ instruction, compressed }: Decoded, extensions: number): boolean {
  return ((instruction.requires | (compressed?.requires ?? 0)) & ~extensions) === 0;
}

/** Definitions grouped by the bits that all patterns of one length fix, most specific first. */
function index<T extends { readonly pattern: Pattern }>(definitions: readonly T[], by: number): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  const specificFirst = definitions.toSorted((a, b) => popcount(b.pattern.mask) - popcount(a.pattern.mask));
  for (const definition of specificFirst) {
    const key = definition.pattern.match & by;
    groups.set(key, [...(groups.get(key) ?? []), definition]);
  }
  return groups;
}

const full = index(INSTRUCTIONS, OPCODE_MASK);
const compressed = index(COMPRESSED, QUADRANT_MASK);

/** The instruction that starts with this word, of which a 16-bit one has only the low half. */
export function decode(word: number): Decoded | undefined {
  if (instructionBytes(word) === 2) return decodeCompressed(word & HALF_MASK);
  const bits = word >>> 0;
  const instruction = full.get(bits & OPCODE_MASK)?.find(({ pattern }) => matches(pattern, bits));
  return instruction && { instruction, fields: extractFields(instruction.pattern, bits), bits, bytes: 4 };
}

function decodeCompressed(bits: number): Decoded | undefined {
  const found = compressed.get(bits & QUADRANT_MASK)?.find(({ pattern }) => matches(pattern, bits));
  if (found === undefined) return undefined;
  const own = extractFields(found.pattern, bits);
  const { instruction, operands } = found.expansion;
  const fields: Record<string, number> = {};
  for (const [name, origin] of Object.entries(operands)) {
    fields[name] = 'field' in origin ? (own[origin.field] as number) : origin.value;
  }
  return { instruction, compressed: found, fields, bits, bytes: 2 };
}
