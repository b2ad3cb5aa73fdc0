// What all instructions of F and D share: whether the unit is on, rounding modes, NaN boxing, and that its state is
// dirty afterwards (mstatus.FS, norm:mstatus_fs_op and its neighbours; unprivileged manual, chapters "F" and "D").
// FS becomes Dirty with every instruction that may change an f register or a flag, which the manual lets it.
// Left out: arithmetic, which is isa/float's.

import type { Extension } from './extensions.ts';
import type { FloatFormat, FloatOperation } from './float/operation.ts';
import { Rounding } from './float/operation.ts';
import { illegal } from './illegal.ts';
import { FIELDS, FloatStatus, WORD } from './layout.ts';
import type { Assumption } from './recorder-values.ts';
import type { Machine, Raised, Value } from './vocabulary.ts';

/** Of a single in a register of 64 bits, all upper bits are ones (norm:fp_nan-boxing). */
const BOX = 0xffff_ffff_0000_0000n;
const SINGLE_NAN = 0x7fc0_0000n;
/** The rounding mode that an instruction encodes to have `frm`'s. */
export const DYNAMIC = 7;

/** How fast paths find the unit: in use, and rounding to nearest. */
export const UNIT_READY: readonly Assumption[] = [
  { word: WORD.mstatus, field: FIELDS.mstatus.FS, value: FloatStatus.Dirty },
  { word: WORD.fcsr, field: FIELDS.fcsr.FRM, value: Rounding.RNE },
];
/** Whether an instruction is one of the unit's. */
export const isFloating = ({ extension }: { readonly extension: Extension }): boolean =>
  extension === 'F' || extension === 'D';

/** The places of a format's parts. */
const SHAPES = {
  s: { sign: 31, exponent: [30, 23], largest: 0xff, fraction: [22, 0], quiet: 22 },
  d: { sign: 63, exponent: [62, 52], largest: 0x7ff, fraction: [51, 0], quiet: 51 },
} as const;

/** Whether floating-point instructions are illegal: FS is Off. */
export const isOff = <V extends Value>(m: Machine<V>): boolean => m.is(m.mstatus.FS, FloatStatus.Off);

/** What a register holds in a format: a single that is not boxed is the canonical NaN. */
export function unboxed<V extends Value>(m: Machine<V>, format: FloatFormat, register: V): V {
  if (format === 'd') return register;
  const isBoxed = m.lessThanUnsigned(m.not(register), m.k(1n << 32n));
  return m.choose(isBoxed, m.bits(register, 31, 0), m.k(SINGLE_NAN));
}

/** A value of a format as a register holds it. */
export const boxed = <V extends Value>(m: Machine<V>, format: FloatFormat, value: V): V =>
  format === 'd' ? value : m.or(value, m.k(BOX));

/** Marks the unit's state as changed. */
export function dirty<V extends Value>(m: Machine<V>): void {
  m.mstatus.FS = m.k(FloatStatus.Dirty);
}

/** Whether an encoded rounding mode, or the one in `frm` that it means, is none (norm:roundingmode_rsv). */
function isReserved<V extends Value>(m: Machine<V>, encoded: number): boolean {
  return encoded === DYNAMIC ? m.below(m.k(Rounding.RMM), m.fcsr.FRM) : encoded > Rounding.RMM;
}
const roundingOf = <V extends Value>(m: Machine<V>, encoded: number): V =>
  encoded === DYNAMIC ? m.fcsr.FRM : m.k(encoded);

/** What an operation works on, and what becomes of its result. */
export interface Computation<V> {
  readonly operation: FloatOperation;
  readonly format: FloatFormat;
  /** As encoded; without one, the operation does not round. */
  readonly rounding?: number;
  /** Values of the format, or integers. */
  readonly operands: readonly V[];
}

/** One operation, with all checks before it. The result is the operation's own: neither boxed nor a register's yet. */
export function compute<V extends Value>(
  m: Machine<V>,
  computation: Computation<V>,
  finish: (result: V) => V,
): V | Raised {
  const { operation, format, rounding = Rounding.RNE, operands } = computation;
  if (isOff(m) || isReserved(m, rounding)) return illegal(m);
  const result = m.float(operation, format, roundingOf(m, rounding), operands);
  dirty(m);
  return finish(result);
}

/** An f register for an f register: its bits, changed. */
export function change<V extends Value>(m: Machine<V>, next: () => V): V | Raised {
  if (isOff(m)) return illegal(m);
  dirty(m);
  return next();
}

/** Bits of an f register, for an x register. */
export const reveal = <V extends Value>(m: Machine<V>, shown: () => V): V | Raised => (isOff(m) ? illegal(m) : shown());

export function loadFloat<V extends Value>(m: Machine<V>, format: FloatFormat, address: V): V | Raised {
  if (isOff(m)) return illegal(m);
  const value = m.load(address, format === 'd' ? 8 : 4);
  dirty(m);
  return boxed(m, format, value);
}
/** The bits of the register as they are: a store unboxes nothing. */
export function storeFloat<V extends Value>(
  m: Machine<V>,
  format: FloatFormat,
  address: V,
  register: V,
): Raised | undefined {
  if (isOff(m)) return illegal(m);
  m.store(address, format === 'd' ? 8 : 4, register);
  return undefined;
}

/** The value with its sign turned. */
export const negated = <V extends Value>(m: Machine<V>, format: FloatFormat, value: V): V =>
  m.xor(value, m.k(1n << BigInt(SHAPES[format].sign)));

/** The magnitude of `a` under a sign that comes of both signs. */
export function withSign<V extends Value>(
  m: Machine<V>,
  format: FloatFormat,
  [a, b]: readonly [V, V],
  sign: 'its' | 'opposite' | 'product',
): V {
  const mask = 1n << BigInt(SHAPES[format].sign);
  const own = sign === 'product' ? a : m.and(a, m.k(~mask));
  const other = sign === 'opposite' ? m.not(b) : b;
  const signed = m.and(other, m.k(mask));
  return boxed(m, format, sign === 'product' ? m.xor(own, signed) : m.or(own, signed));
}

/** fclass's bits, by their numbers. */
const Class = {
  negativeInfinity: 0,
  negativeNormal: 1,
  negativeSubnormal: 2,
  negativeZero: 3,
  positiveZero: 4,
  positiveSubnormal: 5,
  positiveNormal: 6,
  positiveInfinity: 7,
  signallingNan: 8,
  quietNan: 9,
} as const;

/** One bit that says what kind of value it is (norm:fclass-s_op, norm:fclass-d_op). */
export function classOf<V extends Value>(m: Machine<V>, format: FloatFormat, value: V): V {
  const { sign, exponent, largest, fraction, quiet } = SHAPES[format];
  const bit = (which: number) => m.k(1 << which);
  const bySign = (negative: number, positive: number) =>
    m.choose(m.bits(value, sign, sign), bit(negative), bit(positive));
  const power = m.bits(value, exponent[0], exponent[1]);
  const hasFraction = m.isSet(m.bits(value, fraction[0], fraction[1]));
  if (m.is(power, largest)) {
    if (!hasFraction) return bySign(Class.negativeInfinity, Class.positiveInfinity);
    return m.choose(m.bits(value, quiet, quiet), bit(Class.quietNan), bit(Class.signallingNan));
  }
  if (!m.is(power, 0)) return bySign(Class.negativeNormal, Class.positiveNormal);
  return hasFraction
    ? bySign(Class.negativeSubnormal, Class.positiveSubnormal)
    : bySign(Class.negativeZero, Class.positiveZero);
}
