// `li`, expanded as GNU as does: one addi, or lui and addiw, or the upper part built first, shifted into place as far
// as its zeros reach, and the low twelve bits added; so a 64-bit number takes up to eight instructions.

import { wrap } from './values.ts';

export interface LoadStep {
  readonly name: 'addi' | 'addiw' | 'lui' | 'slli';
  /** The source is x0 instead of the register itself. */
  readonly fromZero: boolean;
  readonly value: bigint;
}

const LOW_BITS = 12n;
const WORD_BITS = 32;
const UPPER_BITS = 20;

const lowPart = (value: bigint) => BigInt.asIntN(Number(LOW_BITS), value);

/** The steps of `li`. @param discarded the register is x0, to which GNU as adds even nothing. */
export function loadImmediate(value: bigint, discarded: boolean): LoadStep[] {
  if (lowPart(value) === value) return [{ name: 'addi', fromZero: true, value }];
  return buildConstant(value, discarded);
}

/** The steps of `la` with a number, which differ for small ones: they are made as words. */
export function buildConstant(value: bigint, discarded: boolean): LoadStep[] {
  const low = lowPart(value);
  const upper = wrap(value - low);
  if (BigInt.asIntN(WORD_BITS, value) === value) {
    const steps: LoadStep[] = [];
    if (upper !== 0n) steps.push({ name: 'lui', fromZero: true, value: BigInt.asUintN(UPPER_BITS, upper >> LOW_BITS) });
    if (low !== 0n || upper === 0n || discarded) steps.push({ name: 'addiw', fromZero: upper === 0n, value: low });
    return steps;
  }
  let shift = LOW_BITS;
  while (((upper >> shift) & 1n) === 0n) shift += 1n;
  const steps = buildConstant(upper >> shift, discarded);
  steps.push({ name: 'slli', fromZero: false, value: shift });
  if (low !== 0n) steps.push({ name: 'addi', fromZero: false, value: low });
  return steps;
}
