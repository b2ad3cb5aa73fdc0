// The record that a pre-decoded interpreter keeps of an instruction: 16 bytes that say which handler runs and what it
// works on. A destination x0 is written to the sink, a word behind the state block, so that no handler asks.
// The next pc is pc plus the length.

import type { Decoded } from '../decode.ts';
import { WORDS } from '../layout.ts';

export const RECORD_BYTES = 16;
/** Byte offsets. Registers are one byte each, word indices of the state block. */
export const RECORD = { handler: 0, rd: 2, rs1: 3, rs2: 4, length: 5, immediate: 8, bits: 12 } as const;

/** The word that takes what is written to x0. */
export const SINK_WORD = WORDS;

export function writeRecord(memory: DataView, at: number, decoded: Decoded, handler: number): void {
  const { instruction, fields, bits, bytes } = decoded;
  const immediate = instruction.pattern.fields.find(({ name }) => /^(imm|shamt|uimm)$/.test(name));
  memory.setUint16(at + RECORD.handler, handler, true);
  memory.setUint8(at + RECORD.rd, fields['rd'] || SINK_WORD);
  memory.setUint8(at + RECORD.rs1, fields['rs1'] ?? 0);
  memory.setUint8(at + RECORD.rs2, fields['rs2'] ?? 0);
  memory.setUint8(at + RECORD.length, bytes);
  memory.setInt32(at + RECORD.immediate, immediate === undefined ? 0 : (fields[immediate.name] as number), true);
  memory.setUint32(at + RECORD.bits, bits, true);
}
