// The vocabulary in which every instruction and every piece of the privileged architecture is written. A definition
// is an ordinary function over a Machine whose values are opaque: bigint to the reference evaluator, expressions to
// the recorder. Comparisons are questions that answer with a host boolean, so `if` and `return` are TypeScript's own.

import type { Cause } from './causes.ts';
import type { FloatFormat, FloatOperation } from './float/operation.ts';
import type { Bits, WordName } from './layout.ts';
import type { Fields, WordProperties } from './words.ts';

/** What a machine computes with. Never a number or a string, so that `rs1 === 0` does not compile. */
export type Value = bigint | object;

/** The result of `raise`: the definition has ended in an exception. An interface, since a unique symbol would widen. */
export interface Raised {
  readonly raised: true;
}

/** Bytes of a memory access. */
export type Width = 1 | 2 | 4 | 8;
export type Access = 'fetch' | 'load' | 'store';

/** A named piece of the privileged architecture; see definition.ts. */
export interface Definition<
  P extends string = string,
  R extends 'value' | 'question' | 'effect' = 'value' | 'question' | 'effect',
> {
  readonly name: string;
  readonly parameters: readonly P[];
  readonly result: R;
  readonly body: <V extends Value>(m: Machine<V>, parameters: Readonly<Record<P, V>>) => Result<V, R>;
}
export type Result<V, R> = R extends 'question' ? boolean : R extends 'value' ? V | Raised : Raised | undefined | void;

export interface Machine<V extends Value> extends Values<V>, Questions<V>, Memory<V>, WordProperties<V> {
  /** A word chosen by data, for CSRs as data. */
  named(name: WordName): V;
  setNamed(name: WordName, value: V): void;
  readonly instruction: V; // the bits of the instruction that runs; upper half zero if compressed
  readonly nextPc: V; // the address after it
  /**
   * A floating-point operation: its result is a value of the format (or an integer), its flags go to `fcsr` at once.
   * @param rounding one of float/operation.ts's Rounding.
   */
  float(operation: FloatOperation, format: FloatFormat, rounding: V, operands: readonly V[]): V;
  /** The value of mtime, which the `time` CSR shows. */
  time(): V;
  /** Ends the definition in an exception: `return m.raise(…)`. The runner then enters the trap. */
  raise(cause: Cause, tval: V): Raised;
  /** Another definition as a subroutine; the recorder keeps it one, instead of multiplying paths. */
  call<P extends string>(definition: Definition<P, 'value'>, parameters: Readonly<Record<P, V>>): V | Raised;
  /** Whether a call raised: `const pa = m.call(…); if (m.failed(pa)) return pa;` Forgetting to ask does not compile. */
  failed(result: V | Raised): result is Raised;
  ask<P extends string>(definition: Definition<P, 'question'>, parameters: Readonly<Record<P, V>>): boolean;
  /** The hart has nothing to do until an interrupt is pending. */
  wait(): void;
  /** Orders later fetches, or later translations, after earlier stores. */
  fence(what: 'instructions' | 'translations'): void;
}

/** Arithmetic on 64-bit values, wrapping. Shifts and rotations use the low six bits of `by`. */
interface Values<V extends Value> {
  k(constant: number | bigint): V;
  add(a: V, b: V): V;
  sub(a: V, b: V): V;
  mul(a: V, b: V): V;
  /** The upper half of the 128-bit product. */
  mulHigh(a: V, b: V): V;
  mulHighUnsigned(a: V, b: V): V;
  mulHighSignedUnsigned(a: V, b: V): V;
  /** Quotient and remainder towards zero. The divisor is not zero, and the signed quotient does not overflow. */
  divide(a: V, b: V): V;
  divideUnsigned(a: V, b: V): V;
  remainder(a: V, b: V): V;
  remainderUnsigned(a: V, b: V): V;
  and(a: V, b: V): V;
  or(a: V, b: V): V;
  xor(a: V, b: V): V;
  not(a: V): V;
  shiftLeft(a: V, by: V): V;
  shiftRight(a: V, by: V): V;
  shiftRightArithmetic(a: V, by: V): V;
  rotateLeft(a: V, by: V): V;
  rotateRight(a: V, by: V): V;
  /** 64 of 0. */
  countLeadingZeros(a: V): V;
  countTrailingZeros(a: V): V;
  /** How many bits are set. */
  populationCount(a: V): V;
  reverseBytes(a: V): V;
  /** Each byte as all ones where it has a bit that is set, else as zero. */
  orCombineBytes(a: V): V;
  /** Bits [high:low], moved to bit 0. */
  bits(a: V, high: number, low: number): V;
  /** The low `width` bits, their highest repeated upwards. */
  signExtend(a: V, width: number): V;
  /** 1 where a < b, else 0. */
  lessThan(a: V, b: V): V;
  lessThanUnsigned(a: V, b: V): V;
  /** A value that depends on a flag of 0 or 1: no second path, for the recorder. */
  choose(flag: V, yes: V, no: V): V;
  /** Names for the bits of a value; read only. */
  view<const T extends Record<string, Bits>>(value: V, fields: T): Readonly<Fields<V, keyof T & string>>;
}

interface Questions<V extends Value> {
  /** Equal to a constant. */
  is(a: V, constant: number | bigint): boolean;
  eq(a: V, b: V): boolean;
  /** Unsigned and signed less-than. */
  below(a: V, b: V): boolean;
  less(a: V, b: V): boolean;
  /** Not zero. */
  isSet(a: V): boolean;
}

interface Memory<V extends Value> {
  /**
   * Virtual memory, as the current privilege and `mstatus` see it; zero-extended. A misaligned access is done in
   * parts. An access that faults ends the instruction: its remaining effects and its result are void.
   */
  load(address: V, bytes: Width): V;
  store(address: V, bytes: Width, value: V): void;
  loadReserved(address: V, bytes: Width): V;
  /** 0 where it stored, 1 where the reservation was gone. */
  storeConditional(address: V, bytes: Width, value: V): V;
  /** Loads, stores `next` of what was there, and yields what was there, sign-extended. */
  amo(address: V, bytes: Width, next: (old: V) => V): V;
  /**
   * The cache block around a virtual address, by rights: `zero` as a store of all of it, `manage` as a load or a store,
   * whichever may. Faults are a store's, of the address itself (norm:fault_excep_csr).
   */
  block(operation: 'zero' | 'manage', address: V): void;
  /** Physical doublewords, for page tables. */
  isMemory(address: V): boolean;
  loadPhysical(address: V): V;
  storePhysical(address: V, value: V): void;
}
