// The upper half of a 128-bit product in line, from products of halves: wasm has none of its own. A signed factor is
// read as unsigned, and the other one is taken off the upper half where it is negative.

import type { Code } from './wasm.ts';

const HALF = 32n;
const LOW_HALF = 0xffff_ffffn;
const SIGN = 63n;

export type Multiplication = 'mulHigh' | 'mulHighUnsigned' | 'mulHighSignedUnsigned';

/** Which factors are signed. */
const SIGNED = { mulHigh: [0, 1], mulHighUnsigned: [], mulHighSignedUnsigned: [0] } as const;

/** The factors are on the stack, and then the upper half of their product. */
export function multiplyHigh(code: Code, operation: Multiplication): void {
  const factors = [code.scratch('i64'), code.scratch('i64')] as const;
  const middle = code.scratch('i64');
  code.op('local.set', factors[1]).op('local.set', factors[0]);
  const low = (factor: 0 | 1) => code.op('local.get', factors[factor]).i64(LOW_HALF).op('i64.and');
  const high = (factor: 0 | 1) => code.op('local.get', factors[factor]).i64(HALF).op('i64.shr_u');
  // middle = high(a) · low(b) + the carry of low(a) · low(b); none of these sums overflows.
  high(0);
  low(1).op('i64.mul');
  low(0);
  low(1).op('i64.mul').i64(HALF).op('i64.shr_u').op('i64.add').op('local.set', middle);
  high(0);
  high(1).op('i64.mul');
  code.op('local.get', middle).i64(HALF).op('i64.shr_u').op('i64.add');
  low(0);
  high(1).op('i64.mul');
  code.op('local.get', middle).i64(LOW_HALF).op('i64.and').op('i64.add').i64(HALF).op('i64.shr_u').op('i64.add');
  for (const factor of SIGNED[operation]) {
    code.op('local.get', factors[1 - factor] as number).op('local.get', factors[factor]);
    code.i64(SIGN).op('i64.shr_s').op('i64.and').op('i64.sub');
  }
}
