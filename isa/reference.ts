// The reference evaluator: runs definitions directly over bigint, in the plainest way, on any PrivilegedState and any
// physical memory. It is the oracle for every faster engine and the monitor's way to run an arbitrary instruction on
// a virtual CPU. A debugger steps through the very lines of isa/ that a student reads. It is never optimised.

import type { GuestPhysical, GuestVirtual } from './address.ts';
import { assert } from './assert.ts';
import { arithmetic, MASK64, ones, signed, unaryArithmetic, unsigned } from './bigints.ts';
import { Cause } from './causes.ts';
import { type Decoded, decode, instructionBytes, isPresent } from './decode.ts';
import type { FloatFormat, FloatOperation } from './float/operation.ts';
import { softFloat } from './float/soft.ts';
import { selectInterrupt } from './interrupts.ts';
import {
  type Bits,
  BLOCK_BYTES,
  FILE_WORDS,
  type Field,
  fieldsOf,
  Mode,
  NO_RESERVATION,
  WORD,
  type WordName,
  wordIndex,
} from './layout.ts';
import type { Physical } from './physical.ts';
import { pmp } from './pmp.ts';
import { PrivilegedState } from './state.ts';
import { effectiveMode, FAULTS, translate } from './translation.ts';
import { enterTrap } from './trap.ts';
import type { Access, Definition, Machine, Raised, Result, Width } from './vocabulary.ts';
import type { Fields } from './words.ts';

const RAISED: Raised = { raised: true };

/** Whether a result is an exception; a type guard, so that forgetting to ask does not compile. */
export function failed<T>(result: T | Raised): result is Raised {
  return result === RAISED;
}

/** An address that a program computed is a virtual one, whether or not it is translated. */
const virtual = (address: bigint) => address as GuestVirtual;
/** And one behind it, or in a page-table entry, is physical. */
const physical = (address: bigint) => address as GuestPhysical;

/** What one step did: an instruction retired, a trap was taken, or the hart now waits for an interrupt. */
export type Step = 'retired' | 'trapped' | 'waiting';

const PAGE_BYTES = 4096n;
const OFFSET = PAGE_BYTES - 1n;

export class Reference extends PrivilegedState implements Machine<bigint> {
  readonly physical: Physical;
  instruction = 0n;
  nextPc = 0n;
  /** The exception of the definition that just ended, valid where it raised one. */
  cause = 0n;
  tval = 0n;
  private raised = false;
  private jumped = false;
  private waits = false;

  constructor(physical: Physical, buffer?: ArrayBufferLike, base?: number) {
    super(buffer, base);
    this.physical = physical;
  }

  /** One step: an interrupt if one is to be taken, else the instruction at pc. */
  step(): Step {
    this.instruction = 0n;
    const interrupt = this.interrupt();
    if (interrupt !== 0n) return this.takeTrap(interrupt, 0n);
    const parcel = this.fetch();
    if (failed(parcel)) return this.takeTrap(this.cause, this.tval);
    return this.executeStep(decode(parcel), parcel);
  }

  /**
   * The bits of the instruction that the next step runs; undefined where that is an interrupt or a fault of the fetch.
   * Nothing changes that the step itself would not change.
   */
  peek(): number | undefined {
    if (this.interrupt() !== 0n) return undefined;
    const parcel = this.fetch();
    this.raised = false;
    return failed(parcel) ? undefined : parcel;
  }

  /** The step of one instruction that was fetched; an undecodable one is illegal. */
  executeStep(decoded: Decoded | undefined, parcel: number): Step {
    const { privilege } = this;
    if (!this.execute(decoded, parcel)) return this.takeTrap(this.cause, this.tval);
    this.retired = unsigned(this.retired + 1n);
    this.count(privilege);
    return this.waits ? 'waiting' : 'retired';
  }

  /** The cause of the interrupt that the next step takes, or 0. */
  interrupt(): bigint {
    const { halves } = this;
    const pending = (halves[WORD.mip * 2] as number) | (halves[WORD.lines * 2] as number);
    if ((pending & (halves[WORD.mie * 2] as number)) === 0) return 0n;
    const cause = selectInterrupt.body<bigint>(this, {});
    assert(!failed(cause), 'interrupt selection raises nothing');
    return cause;
  }

  /** Enters a trap as one step; `steps` counts it for the mode that it came from. */
  takeTrap(cause: bigint, tval: bigint): Step {
    this.countTrap();
    enterTrap.body<bigint>(this, { cause, tval });
    return 'trapped';
  }

  /** Counts a trap as a step without entering one: for a caller that answers in place of M-mode software. */
  countTrap(): void {
    this.raised = false;
    this.count(this.privilege);
  }

  /** Counts a step, under the mode in which it began: an xRET is its handler's. */
  private count(mode: Mode): void {
    this.steps += 1n;
    const counter = mode === Mode.M ? WORD.stepsInM : mode === Mode.S ? WORD.stepsInS : WORD.stepsInU;
    this.setWord(counter, this.word(counter) + 1n);
  }

  /** Runs one instruction on this state without counting it. False: it raised `cause` with `tval`, and changed nothing else. */
  execute(decoded: Decoded | undefined, bits: number): boolean {
    this.raised = false;
    this.jumped = false;
    this.waits = false;
    if (decoded === undefined || !isPresent(decoded, this.halves[WORD.extensions * 2] as number)) {
      this.instruction = BigInt(instructionBytes(bits) === 2 ? bits & 0xffff : bits >>> 0);
      this.raise(Cause.IllegalInstruction, this.instruction);
      return this.completed();
    }
    const { instruction, fields } = decoded;
    this.instruction = BigInt(decoded.bits);
    this.nextPc = unsigned(this.pc + BigInt(decoded.bytes));
    const operands: Record<string, bigint> = {};
    for (const field of instruction.pattern.fields) {
      const encoded = fields[field.name] as number;
      operands[field.name] = field.register
        ? this.word(FILE_WORDS[field.register] + encoded)
        : unsigned(BigInt(encoded));
    }
    const result = instruction.body<bigint>(this, operands, fields);
    if (!this.completed()) return false;
    const { rd, fd } = fields;
    if (typeof result === 'bigint') {
      if (rd !== undefined) this.setX(rd, result);
      else if (fd !== undefined) this.setWord(FILE_WORDS.f + fd, result);
    }
    if (!this.jumped) this.pc = this.nextPc;
    return true;
  }

  /** Whether the definition ended without raise(). The state is its caller's again either way. */
  protected completed(): boolean {
    const { raised } = this;
    this.raised = false;
    return !raised;
  }

  /** The bits at pc: 32, or 16 in the low half. The fault of a straddling instruction names the half that faulted. */
  fetch(): number | Raised {
    this.raised = false;
    const low = this.fetchParcel(this.pc);
    if (failed(low) || instructionBytes(Number(low)) === 2) return failed(low) ? low : Number(low);
    const high = this.fetchParcel(unsigned(this.pc + 2n));
    return failed(high) ? high : (Number(high) << 16) | Number(low);
  }

  private fetchParcel(va: bigint): bigint | Raised {
    const pa = this.physicalAddress('fetch', virtual(va), 2);
    if (failed(pa)) return pa;
    const bits = this.physical.isMemory(pa, 2) ? this.physical.read(pa, 2) : undefined;
    return bits ?? this.raise(Cause.InstructionAccessFault, va);
  }

  /** Translation and protection of an access that lies within a page. */
  physicalAddress(access: Access, va: GuestVirtual, bytes: number): GuestPhysical | Raised {
    const translated = this.call(translate[access], { va });
    if (failed(translated)) return translated;
    const address = translated as GuestPhysical; // what a walk yields is one
    const mode = effectiveMode<bigint>(this, access);
    const permitted = this.ask(pmp[access], { address, bytes: BigInt(bytes), mode });
    return permitted ? address : this.raise(FAULTS[access].access, va);
  }

  // Memory as instructions see it.

  load(address: bigint, bytes: Width): bigint {
    const split = this.straddle(address, bytes);
    if (split > 0) return this.loadStraddling(address, bytes, split);
    const pa = this.physicalAddress('load', virtual(address), bytes);
    if (failed(pa)) return 0n;
    const value = this.physical.read(pa, bytes);
    if (value === undefined) this.raise(Cause.LoadAccessFault, address);
    return value ?? 0n;
  }

  store(address: bigint, bytes: Width, value: bigint): void {
    const split = this.straddle(address, bytes);
    if (split > 0) {
      this.storeStraddling(address, bytes, value, split);
      return;
    }
    const pa = this.physicalAddress('store', virtual(address), bytes);
    if (failed(pa)) return;
    if (!this.physical.write(pa, bytes, value & (ones[bytes * 8] as bigint)))
      this.raise(Cause.StoreAccessFault, address);
  }

  float(operation: FloatOperation, format: FloatFormat, rounding: bigint, operands: readonly bigint[]): bigint {
    const [a = 0n, b = 0n, c = 0n] = operands;
    const { value, flags } = softFloat(operation, format, Number(rounding), a, b, c);
    if (flags !== 0) this.setWord(WORD.fcsr, this.word(WORD.fcsr) | BigInt(flags));
    return value;
  }

  loadReserved(address: bigint, bytes: Width): bigint {
    const pa = this.atomicAddress('load', address, bytes);
    if (failed(pa)) return 0n;
    this.reservation = pa;
    return this.physical.read(pa, bytes) ?? 0n;
  }

  storeConditional(address: bigint, bytes: Width, value: bigint): bigint {
    const pa = this.atomicAddress('store', address, bytes);
    if (failed(pa)) return 0n;
    const reserved = this.reservation === pa;
    this.reservation = NO_RESERVATION; // whatever its address, an SC ends the reservation (norm:sc_reservation_invalidate)
    if (!reserved) return 1n;
    this.physical.write(pa, bytes, value & (ones[bytes * 8] as bigint));
    return 0n;
  }

  block(operation: 'zero' | 'manage', address: bigint): void {
    const block = virtual(address & ~BigInt(BLOCK_BYTES - 1));
    let pa = operation === 'manage' ? this.physicalAddress('load', block, BLOCK_BYTES) : undefined;
    if (pa === undefined || failed(pa)) {
      this.raised = false;
      pa = this.physicalAddress('store', block, BLOCK_BYTES);
    }
    this.tval = address;
    if (failed(pa)) return;
    // Devices are in no cache.
    if (!this.physical.isMemory(pa, BLOCK_BYTES)) this.raise(Cause.StoreAccessFault, address);
    else if (operation === 'zero') {
      for (let at = 0; at < BLOCK_BYTES; at += 8) this.physical.write((pa + BigInt(at)) as GuestPhysical, 8, 0n);
    }
  }

  amo(address: bigint, bytes: Width, next: (old: bigint) => bigint): bigint {
    const pa = this.atomicAddress('store', address, bytes);
    if (failed(pa)) return 0n;
    const old = this.signExtend(this.physical.read(pa, bytes) ?? 0n, bytes * 8);
    this.physical.write(pa, bytes, next(old) & (ones[bytes * 8] as bigint));
    return old;
  }

  /** Atomics are aligned and stay in main memory. AMO and SC fault as stores, LR as a load. */
  private atomicAddress(access: 'load' | 'store', address: bigint, bytes: Width): GuestPhysical | Raised {
    const misaligned = access === 'load' ? Cause.LoadAddressMisaligned : Cause.StoreAddressMisaligned;
    if (address & BigInt(bytes - 1)) return this.raise(misaligned, address);
    const pa = this.physicalAddress(access, virtual(address), bytes);
    if (failed(pa) || this.physical.isMemory(pa, bytes)) return pa;
    return this.raise(FAULTS[access].access, address);
  }

  /** How many of the bytes lie before the next page, or 0 if none lie behind it. */
  private straddle(address: bigint, bytes: number): number {
    const left = Number(PAGE_BYTES - (address & OFFSET));
    return left < bytes ? left : 0;
  }

  // A misaligned access across pages: both pages are checked before a byte moves, and the fault names its own half.

  private loadStraddling(address: bigint, bytes: number, split: number): bigint {
    const halves = this.straddlingAddresses('load', address, bytes, split);
    if (failed(halves)) return 0n;
    let value = 0n;
    for (let i = bytes - 1; i >= 0; i--) {
      const at = i < split ? halves.low + BigInt(i) : halves.high + BigInt(i - split);
      const byte = this.physical.read(physical(at), 1);
      if (byte === undefined) this.raise(Cause.LoadAccessFault, unsigned(address + BigInt(i < split ? 0 : split)));
      value = (value << 8n) | (byte ?? 0n);
    }
    return value;
  }

  private storeStraddling(address: bigint, bytes: number, value: bigint, split: number): void {
    const halves = this.straddlingAddresses('store', address, bytes, split);
    if (failed(halves)) return;
    for (let i = 0; i < bytes; i++) {
      const at = i < split ? halves.low + BigInt(i) : halves.high + BigInt(i - split);
      this.physical.write(physical(at), 1, (value >> BigInt(8 * i)) & 0xffn);
    }
  }

  private straddlingAddresses(access: 'load' | 'store', address: bigint, bytes: number, split: number) {
    const second = unsigned(address + BigInt(split));
    const low = this.physicalAddress(access, virtual(address), split);
    if (failed(low)) return low;
    const high = this.physicalAddress(access, virtual(second), bytes - split);
    if (failed(high)) return high;
    // A device takes no part of a misaligned access.
    if (!this.physical.isMemory(low, split)) return this.raise(FAULTS[access].access, address);
    if (!this.physical.isMemory(high, bytes - split)) return this.raise(FAULTS[access].access, second);
    return { low, high };
  }

  isMemory(address: bigint): boolean {
    return this.physical.isMemory(physical(address), 8);
  }
  loadPhysical(address: bigint): bigint {
    return this.physical.read(physical(address), 8) ?? 0n;
  }
  storePhysical(address: bigint, value: bigint): void {
    this.physical.write(physical(address), 8, value);
  }

  // Control. An access that faults ends the instruction, but its definition goes on: what it changes then is dropped.

  override setWord(index: number, value: bigint): void {
    if (this.raised) return;
    if (index === WORD.pc) this.jumped = true;
    super.setWord(index, value);
  }
  override setField(index: number, field: Field, value: bigint): void {
    if (!this.raised) super.setField(index, field, value);
  }
  named(name: WordName): bigint {
    return this.word(wordIndex(name));
  }
  setNamed(name: WordName, value: bigint): void {
    this.setWord(wordIndex(name), value);
  }
  time(): bigint {
    return this.physical.time();
  }
  raise(cause: Cause, tval: bigint): Raised {
    this.cause = BigInt(cause);
    this.tval = tval;
    this.raised = true;
    return RAISED;
  }
  call<P extends string>(definition: Definition<P, 'value'>, parameters: Readonly<Record<P, bigint>>): bigint | Raised {
    return definition.body<bigint>(this, parameters) as Result<bigint, 'value'>;
  }
  failed(result: bigint | Raised): result is Raised {
    return failed(result);
  }
  ask<P extends string>(definition: Definition<P, 'question'>, parameters: Readonly<Record<P, bigint>>): boolean {
    return definition.body<bigint>(this, parameters) as Result<bigint, 'question'>;
  }
  wait(): void {
    this.waits = true;
  }
  fence(_what: 'instructions' | 'translations'): void {
    // Nothing here is cached.
  }

  // Values.

  k(constant: number | bigint): bigint {
    return unsigned(BigInt(constant));
  }
  readonly add = arithmetic.add;
  readonly sub = arithmetic.sub;
  readonly mul = arithmetic.mul;
  readonly mulHigh = arithmetic.mulHigh;
  readonly mulHighUnsigned = arithmetic.mulHighUnsigned;
  readonly mulHighSignedUnsigned = arithmetic.mulHighSignedUnsigned;
  readonly divide = arithmetic.divide;
  readonly divideUnsigned = arithmetic.divideUnsigned;
  readonly remainder = arithmetic.remainder;
  readonly remainderUnsigned = arithmetic.remainderUnsigned;
  readonly and = arithmetic.and;
  readonly or = arithmetic.or;
  readonly xor = arithmetic.xor;
  readonly shiftLeft = arithmetic.shiftLeft;
  readonly shiftRight = arithmetic.shiftRight;
  readonly shiftRightArithmetic = arithmetic.shiftRightArithmetic;
  readonly rotateLeft = arithmetic.rotateLeft;
  readonly rotateRight = arithmetic.rotateRight;
  readonly countLeadingZeros = unaryArithmetic.countLeadingZeros;
  readonly countTrailingZeros = unaryArithmetic.countTrailingZeros;
  readonly populationCount = unaryArithmetic.populationCount;
  readonly reverseBytes = unaryArithmetic.reverseBytes;
  readonly orCombineBytes = unaryArithmetic.orCombineBytes;
  readonly lessThan = arithmetic.lessThan;
  readonly lessThanUnsigned = arithmetic.lessThanUnsigned;
  not(a: bigint): bigint {
    return a ^ MASK64;
  }
  bits(a: bigint, high: number, low: number): bigint {
    return (a >> BigInt(low)) & (ones[high - low + 1] as bigint);
  }
  signExtend(a: bigint, width: number): bigint {
    return unsigned(BigInt.asIntN(width, a));
  }
  choose(flag: bigint, yes: bigint, no: bigint): bigint {
    return flag === 0n ? no : yes;
  }
  view<const T extends Record<string, Bits>>(value: bigint, table: T): Readonly<Fields<bigint, keyof T & string>> {
    return new (viewOf(table))(value) as Fields<bigint, keyof T & string>;
  }

  // Questions.

  is(a: bigint, constant: number | bigint): boolean {
    return a === unsigned(BigInt(constant));
  }
  eq(a: bigint, b: bigint): boolean {
    return a === b;
  }
  below(a: bigint, b: bigint): boolean {
    return a < b;
  }
  less(a: bigint, b: bigint): boolean {
    return signed(a) < signed(b);
  }
  isSet(a: bigint): boolean {
    return a !== 0n;
  }
}

type View = new (value: bigint) => { readonly bits: bigint };
/** One class for each table of fields that a definition views: making a record of getters each time is far slower. */
const views = new WeakMap<object, View>();

function viewOf(table: Record<string, Bits>): View {
  const known = views.get(table);
  if (known !== undefined) return known;
  const made = class {
    readonly bits: bigint;
    constructor(value: bigint) {
      this.bits = value;
    }
  };
  for (const [name, { shift, ones: mask }] of Object.entries(fieldsOf(table))) {
    Object.defineProperty(made.prototype, name, {
      get(this: { bits: bigint }) {
        return (this.bits >> shift) & mask;
      },
    });
  }
  views.set(table, made);
  return made;
}
