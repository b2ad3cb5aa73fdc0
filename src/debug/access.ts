// What an instruction would access, from its name and its operands: for watchpoints and logs. Left out: the walk of page
// tables on the way, and instructions that touch no memory.

import { decode } from '../../isa/decode.ts';
import { X0 } from '../../isa/layout.ts';

export interface Accessed {
  /** Virtual, where the hart translates. */
  readonly address: bigint;
  readonly bytes: number;
  readonly reads: boolean;
  readonly writes: boolean;
  /** Word of the state whose low bytes a plain store writes. */
  readonly source: number | undefined;
}

const WIDTHS: Readonly<Record<string, number>> = { b: 1, h: 2, w: 4, d: 8 };
const SHAPE = /^(?:(f?l)([bhwd])u?|(f?s)([bhwd])|(lr|sc|amo\w+)\.([wd]))$/;
const F0 = X0 + 32;

/** @param words of the hart's state, before the instruction. */
export function accessOf(bits: number, words: BigUint64Array): Accessed | undefined {
  const decoded = decode(bits);
  const shape = decoded && SHAPE.exec(decoded.instruction.name);
  if (decoded === undefined || shape === null || shape === undefined) return undefined;
  const { fields } = decoded;
  const [, load, loadWidth, store, storeWidth, atomic, atomicWidth] = shape;
  const base = words[X0 + (fields['rs1'] ?? 0)] as bigint;
  const { fs2, rs2 = 0 } = fields;
  return {
    address: BigInt.asUintN(64, base + BigInt(fields['imm'] ?? 0)),
    bytes: WIDTHS[loadWidth ?? storeWidth ?? atomicWidth ?? 'd'] as number,
    reads: load !== undefined || (atomic !== undefined && atomic !== 'sc'),
    writes: store !== undefined || (atomic !== undefined && atomic !== 'lr'),
    source: store === undefined && atomic !== 'sc' ? undefined : fs2 === undefined ? X0 + rs2 : F0 + fs2,
  };
}
