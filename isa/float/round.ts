// Rounding: an exact result becomes the nearest number of a format, or its neighbour, as frm says, with the flags.
// IEEE 754 clauses 4.3 and 7; of its two ways to see that a result is tiny RISC-V takes the one after rounding.
// Left out: traps on exceptions; RISC-V has none.

import { canonicalNaN, type Format, greatest, infinity, leastExponent, pack, zero } from './format.ts';
import { Flag, type FloatResult, Rounding } from './operation.ts';

/**
 * (−1)^sign · significand · 2^exponent, or with `sticky` a number between that and the same of significand + 1.
 * A sticky significand has more bits than any format: at least `STICKY_BITS`.
 */
export interface Exact {
  readonly sign: bigint;
  readonly exponent: number;
  readonly significand: bigint;
  readonly sticky?: boolean;
}
/** Two more than the precision of `d`, so that a sticky part is below half of the last bit kept. */
export const STICKY_BITS = 55;

export const exactly = (value: bigint): FloatResult => ({ value, flags: 0 });
export const invalid = (format: Format): FloatResult => ({ value: canonicalNaN(format), flags: Flag.NV });

export const bitLength = (value: bigint): number => (value === 0n ? 0 : value.toString(2).length);

/** How a number compares with the middle of the two multiples around it. */
interface Split {
  /** The multiple below, in magnitude. */
  readonly kept: bigint;
  readonly isExact: boolean;
  /** Negative below the middle, 0 on it, positive above. */
  readonly fromMiddle: number;
}

/** A magnitude as a multiple of 2^quantum and what is left of it. */
function split({ exponent, significand, sticky = false }: Exact, quantum: number): Split {
  const shift = quantum - exponent;
  if (shift <= 0) return { kept: significand << BigInt(-shift), isExact: !sticky, fromMiddle: -1 };
  const kept = significand >> BigInt(shift);
  const rest = significand - (kept << BigInt(shift));
  const half = 1n << BigInt(shift - 1);
  const fromMiddle = rest < half ? -1 : rest > half || sticky ? 1 : 0;
  return { kept, isExact: rest === 0n && !sticky, fromMiddle };
}

/** Whether rounding goes from the multiple below to the one above, in magnitude. */
function roundsAway({ kept, isExact, fromMiddle }: Split, rounding: number, sign: bigint): boolean {
  if (isExact) return false;
  switch (rounding) {
    case Rounding.RTZ:
      return false;
    case Rounding.RDN:
      return sign === 1n;
    case Rounding.RUP:
      return sign === 0n;
    case Rounding.RMM:
      return fromMiddle >= 0;
    default:
      return fromMiddle > 0 || (fromMiddle === 0 && (kept & 1n) === 1n);
  }
}

/** A number rounded to a multiple of 2^quantum: which multiple, and whether it is the number itself. */
export function roundTo(exact: Exact, quantum: number, rounding: number): { multiple: bigint; isExact: boolean } {
  const parts = split(exact, quantum);
  const away = roundsAway(parts, rounding, exact.sign);
  return { multiple: away ? parts.kept + 1n : parts.kept, isExact: parts.isExact };
}

/** An exact result in a format. A zero keeps its sign. */
export function round(format: Format, rounding: number, exact: Exact): FloatResult {
  const { sign, exponent, significand } = exact;
  if (significand === 0n) return exactly(zero(format, sign));
  const least = leastExponent(format);
  // Where the last bit would be, were there no bound to exponents.
  const unbounded = exponent + bitLength(significand) - 1 - format.fractionBits;
  const quantum = Math.max(unbounded, least);
  const { multiple, isExact } = roundTo(exact, quantum, rounding);
  const value = pack(format, sign, quantum, multiple);
  if (value >= infinity(format, sign)) return overflow(format, rounding, sign);
  if (isExact) return exactly(value);
  return { value, flags: isTiny(format, rounding, exact, unbounded) ? Flag.UF | Flag.NX : Flag.NX };
}

/** Whether the result, rounded with all bits of a significand, is below the least normal number. */
function isTiny(format: Format, rounding: number, exact: Exact, unbounded: number): boolean {
  const least = leastExponent(format);
  if (unbounded >= least) return false;
  const reached = roundTo(exact, unbounded, rounding).multiple >> BigInt(format.fractionBits + 1);
  return !(unbounded === least - 1 && reached === 1n);
}

function overflow(format: Format, rounding: number, sign: bigint): FloatResult {
  const toInfinity =
    rounding === Rounding.RNE || rounding === Rounding.RMM || rounding === (sign === 0n ? Rounding.RUP : Rounding.RDN);
  return { value: toInfinity ? infinity(format, sign) : greatest(format, sign), flags: Flag.OF | Flag.NX };
}
