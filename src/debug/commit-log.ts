// A log of what each instruction commits, in the form of `spike --log-commits`, so that tools which compare the two do:
// `core   0: 3 0x0000000080000000 (0x00000297) x5  0x0000000080000000`, then accesses to memory and CSRs that changed.
// Steps that take a trap commit nothing and have no line. Left out: the value that an AMO stores, which is written as the
// one that it read.

import { CSRS } from '../../isa/csrs.ts';
import { decode, instructionBytes } from '../../isa/decode.ts';
import { WORD_NAMES, X0 } from '../../isa/layout.ts';
import { accessOf } from './access.ts';

const F0 = X0 + 32;
/** Hexadecimal digits of 64 bits, and of a doubled byte. */
const WORD_DIGITS = 16;
const CORE_WIDTH = 4;
const NAME_WIDTH = 3;

/** By word: the CSR that is it whole. */
const csrs = new Map(
  CSRS.filter(({ word }) => word !== undefined).map((csr) => [WORD_NAMES.indexOf(csr.word ?? ''), csr]),
);

export interface Committed {
  readonly hart: number;
  readonly mode: number;
  readonly pc: bigint;
  readonly instruction: number;
  readonly before: BigUint64Array;
  readonly after: BigUint64Array;
}

export function commitLine({ hart, mode, pc, instruction, before, after }: Committed): string {
  const short = instructionBytes(instruction) === 2;
  const bits = (short ? instruction & 0xffff : instruction >>> 0).toString(16).padStart(short ? 4 : 8, '0');
  const start = `core${`${hart}`.padStart(CORE_WIDTH)}: ${mode} 0x${digits(pc)} (0x${bits})`;
  return [start, ...registers(instruction, after), ...memory(instruction, before), ...changed(before, after)].join(' ');
}

function registers(instruction: number, after: BigUint64Array): string[] {
  const { rd, fd } = decode(instruction)?.fields ?? {};
  if (fd !== undefined) return [`${`f${fd}`.padEnd(NAME_WIDTH)} 0x${digits(after[F0 + fd] as bigint)}`];
  return rd === undefined || rd === 0 ? [] : [`${`x${rd}`.padEnd(NAME_WIDTH)} 0x${digits(after[X0 + rd] as bigint)}`];
}

function memory(instruction: number, before: BigUint64Array): string[] {
  const access = accessOf(instruction, before);
  if (access === undefined) return [];
  const place = `mem 0x${digits(access.address)}`;
  if (access.source === undefined) return [place];
  const value = BigInt.asUintN(access.bytes * 8, before[access.source] as bigint);
  return [`${place} 0x${value.toString(16).padStart(access.bytes * 2, '0')}`];
}

function changed(before: BigUint64Array, after: BigUint64Array): string[] {
  const found: string[] = [];
  // By halves: a bigint for each word would cost more than the rest of the line.
  const [then, now] = [before, after].map(
    ({ buffer, byteOffset, length }) => new Uint32Array(buffer, byteOffset, length * 2),
  );
  for (const [word, csr] of csrs) {
    const low = word * 2;
    if (then?.[low] !== now?.[low] || then?.[low + 1] !== now?.[low + 1])
      found.push(`c${csr.number}_${csr.name} 0x${digits(after[word] as bigint)}`);
  }
  return found;
}

const digits = (value: bigint) => value.toString(16).padStart(WORD_DIGITS, '0');
