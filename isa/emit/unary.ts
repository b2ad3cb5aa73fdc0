// Operations of one operand as wasm: counts of bits have an instruction; what works on each byte is made of shifts and
// masks. The operand is on the stack, and then the result.

import type { UnaryOperation } from '../bigints.ts';
import type { Code } from './wasm.ts';

const EVERY_BYTE = 0x0101_0101_0101_0101n;
const LOW_SEVEN_BITS = 0x7fn * EVERY_BYTE;
const BYTE = 0xffn;
const SIGN_OF_BYTE = 7n;
/** How far halves of each size change places, with the bits of the lower of two. The halves of the whole follow. */
const SWAPS = [
  [8n, 0x00ff_00ff_00ff_00ffn],
  [16n, 0x0000_ffff_0000_ffffn],
] as const;
const HALF = 32n;

export function unary(code: Code, operation: UnaryOperation): void {
  switch (operation) {
    case 'countLeadingZeros':
      code.op('i64.clz');
      return;
    case 'countTrailingZeros':
      code.op('i64.ctz');
      return;
    case 'populationCount':
      code.op('i64.popcnt');
      return;
    case 'reverseBytes':
      reverseBytes(code);
      return;
    case 'orCombineBytes':
      orCombineBytes(code);
  }
}

function reverseBytes(code: Code): void {
  const value = code.scratch('i64');
  for (const [by, low] of SWAPS) {
    code.op('local.tee', value).i64(by).op('i64.shr_u').i64(low).op('i64.and');
    code.op('local.get', value).i64(low).op('i64.and').i64(by).op('i64.shl').op('i64.or');
  }
  code.i64(HALF).op('i64.rotl');
}

/** The low seven bits of a byte carry into its highest where one of them is set; that, or the highest itself, fills it. */
function orCombineBytes(code: Code): void {
  const value = code.scratch('i64');
  code.op('local.tee', value).i64(LOW_SEVEN_BITS).op('i64.and').i64(LOW_SEVEN_BITS).op('i64.add');
  code.op('local.get', value).op('i64.or').i64(SIGN_OF_BYTE).op('i64.shr_u').i64(EVERY_BYTE).op('i64.and');
  code.i64(BYTE).op('i64.mul');
}
