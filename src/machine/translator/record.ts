// The record that the interpreter has of an instruction: 16 bytes that say which handler runs and what it works on.
// Registers are offsets of their words in the state block, and a destination x0 is the sink behind it, so that no
// handler asks. Where the instruction is, a record does not say: its place among its frame's records does.

import type { Decoded } from '../../../isa/decode.ts';
import { FILE_WORDS, WORDS } from '../../../isa/layout.ts';
import type { RegisterFile } from '../../../isa/registers.ts';

/** Byte offsets in a record. */
export const RECORD = {
  /** u8: the handler that runs, and the one of the instruction itself where the first is Handler.Enter. */
  handler: 0,
  plain: 1,
  /** u16: offsets of registers' words. */
  rd: 2,
  rs1: 4,
  rs2: 6,
  /** i32: the immediate; for handlers that need them, the instruction's bits, which a third source is in. */
  immediate: 8,
  /** u8: how far the next record is. */
  length: 12,
  /** u16: how often control may still arrive here before it counts as hot. */
  heat: 14,
} as const;
export const RECORD_BYTES = 16;

/** Handlers that are no instruction's. Those of instructions follow, in the order of the core's list. */
export const Handler = {
  /** Nothing was decoded here yet, or what was is no more: all records are so at the start. */
  Undecoded: 0,
  /** Behind the last record of a frame. */
  NextPage: 1,
  /** A region begins here. */
  Enter: 2,
  /** No instruction has these bits. */
  Illegal: 3,
  /** A function in the table does it: `rs2` says which. */
  System: 4,
  /** The reference does it. */
  Aside: 5,
} as const;
export const FIRST_INSTRUCTION = 6;

const WORD_BYTES = 8;
/** The word behind the state block takes what is written to x0. */
const SINK = WORDS * WORD_BYTES;
/** Records of the two halves of an instruction of four bytes are 16 bytes apart each. */
const RECORD_BYTES_PER_BYTE = RECORD_BYTES / 2;

const registerOffset = (number: number | undefined, file: RegisterFile = 'x') =>
  (FILE_WORDS[file] + (number ?? 0)) * WORD_BYTES;
/** The offset of a register that the field names in one file or the other. */
const offsetOf = (integer: number | undefined, floating: number | undefined) =>
  floating === undefined ? registerOffset(integer) : registerOffset(floating, 'f');

export interface RecordOf {
  readonly handler: number;
  readonly heat: number;
  /** The function that Handler.System calls. */
  readonly function?: number;
}

export function writeRecord(
  memory: DataView,
  at: number,
  decoded: Decoded,
  { handler, heat, function: index }: RecordOf,
): void {
  const { instruction, fields, bits, bytes } = decoded;
  const immediate = instruction.pattern.fields.find(({ name }) => /^(imm|shamt)$/.test(name));
  memory.setUint8(at + RECORD.handler, handler);
  memory.setUint8(at + RECORD.plain, handler);
  memory.setUint16(
    at + RECORD.rd,
    fields['rd'] || fields['fd'] !== undefined ? offsetOf(fields['rd'], fields['fd']) : SINK,
    true,
  );
  // An immediate in the place of rs1 (csrrwi) is that number.
  memory.setUint16(at + RECORD.rs1, fields['uimm'] ?? offsetOf(fields['rs1'], fields['fs1']), true);
  memory.setUint16(at + RECORD.rs2, index ?? offsetOf(fields['rs2'], fields['fs2']), true);
  memory.setInt32(at + RECORD.immediate, immediate === undefined ? bits : (fields[immediate.name] as number), true);
  memory.setUint8(at + RECORD.length, bytes * RECORD_BYTES_PER_BYTE);
  memory.setUint16(at + RECORD.heat, heat, true);
}

/** The record of bits that are no instruction. */
export function writeIllegal(memory: DataView, at: number, bits: number): void {
  memory.setUint8(at + RECORD.handler, Handler.Illegal);
  memory.setUint8(at + RECORD.plain, Handler.Illegal);
  memory.setInt32(at + RECORD.immediate, bits, true);
}
