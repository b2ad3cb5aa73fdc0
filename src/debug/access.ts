// What an instruction would access, from its name and its operands: for watchpoints and logs. Left out: the walk of page
// tables on the way, and instructions that touch no memory.

import { decode } from '../../isa/decode.ts';
import { BLOCK_BYTES, X0 } from '../../isa/layout.ts';

export interface Accessed {
  /** Virtual, where the hart translates. */
  readonly address: bigint;
  readonly bytes: number;
  readonly reads: boolean;
  readonly writes: boolean;
  /** Word of the state whose low bytes a plain store writes. */
  readonly source: number | undefined;
  /** Word of the state that is not 0 behind a store-conditional that stored nothing. */
  readonly failure?: number;
}

const WIDTHS: Readonly<Record<string, number>> = { b: 1, h: 2, w: 4, d: 8 };
const SHAPE = /^(?:(f?l)([bhwd])u?|(f?s)([bhwd])|(lr|sc|amo\w+)\.([wd]))$/;
const ZERO_BLOCK = 'cbo.zero';
const F0 = X0 + 32;

/** Where an access is, as far as its encoding says. */
interface Form extends Omit<Accessed, 'address'> {
  readonly base: number;
  readonly offset: bigint;
  /** Bits of the address that do not count. */
  readonly ignored: bigint;
}
/** By encoding: whoever looks at each step sees few of them, again and again. */
const forms = new Map<number, Form | undefined>();
const MOST_FORMS = 0x1_0000;

/** @param words of the hart's state, before the instruction. */
export function accessOf(bits: number, words: BigUint64Array): Accessed | undefined {
  if (!forms.has(bits)) {
    if (forms.size >= MOST_FORMS) forms.clear();
    forms.set(bits, formOf(bits));
  }
  const form = forms.get(bits);
  return form && { ...form, address: BigInt.asUintN(64, (words[form.base] as bigint) + form.offset) & ~form.ignored };
}

function formOf(bits: number): Form | undefined {
  const decoded = decode(bits);
  if (decoded?.instruction.name === ZERO_BLOCK) {
    const base = X0 + (decoded.fields['rs1'] ?? 0);
    const ignored = BigInt(BLOCK_BYTES - 1);
    return { base, offset: 0n, ignored, bytes: BLOCK_BYTES, reads: false, writes: true, source: undefined };
  }
  const shape = decoded && SHAPE.exec(decoded.instruction.name);
  if (decoded === undefined || shape === null || shape === undefined) return undefined;
  const [, load, loadWidth, store, storeWidth, atomic, atomicWidth] = shape;
  const { rd = 0, rs1 = 0, imm = 0, fs2, rs2 = 0 } = decoded.fields;
  return {
    base: X0 + rs1,
    offset: BigInt(imm),
    ignored: 0n,
    bytes: WIDTHS[loadWidth ?? storeWidth ?? atomicWidth ?? 'd'] as number,
    reads: load !== undefined || (atomic !== undefined && atomic !== 'sc'),
    writes: store !== undefined || (atomic !== undefined && atomic !== 'lr'),
    source: store === undefined && atomic !== 'sc' ? undefined : fs2 === undefined ? X0 + rs2 : F0 + fs2,
    ...(atomic === 'sc' && rd !== 0 && { failure: X0 + rd }),
  };
}
