// The privileged state of a hart: a view of its block of words in memory, with the manual's names. The hart of the
// simulated machine and a virtual CPU of the monitor both are one, which is why one definition serves both.
// Values are bigint; hot code reads the same block through `halves`.

import { DEFAULT_EXTENSIONS, hasExtension, misaOf } from './extensions.ts';
import { type Field, Mode, NO_RESERVATION, WORD, WORDS } from './layout.ts';
import { Words } from './words.ts';

/** Bytes of one block. */
export const STATE_BYTES = WORDS * 8;

const XL64 = 2n;
const COUNTED = [WORD.steps, WORD.retired, WORD.stepsInU, WORD.stepsInS, WORD.stepsInM];

export class PrivilegedState extends Words<bigint> {
  readonly words: BigUint64Array;
  /** The same words as pairs of 32-bit halves, low half first. */
  readonly halves: Uint32Array;

  constructor(buffer: ArrayBufferLike = new ArrayBuffer(STATE_BYTES), base = 0) {
    super();
    this.words = new BigUint64Array(buffer, base, WORDS);
    this.halves = new Uint32Array(buffer, base, WORDS * 2);
  }

  /** The state after reset (norm:M-mode_at_rst1, norm:pmp_A_L_rst): M-mode, interrupts off. */
  reset(hart: number, pc: bigint): void {
    this.words.fill(0n);
    this.mode = BigInt(Mode.M);
    this.pc = pc;
    this.mhartid = BigInt(hart);
    this.reservation = NO_RESERVATION;
    this.mstatus.UXL = XL64;
    this.mstatus.SXL = XL64;
    this.stimecmp = NO_TIMER;
    this.equip(DEFAULT_EXTENSIONS);
  }

  /** The same for one that has run: what it has done is not undone, so its steps stay counted. */
  resetAgain(hart: number, pc: bigint): void {
    const counted = COUNTED.map((index) => this.words[index] as bigint);
    this.reset(hart, pc);
    for (const [i, index] of COUNTED.entries()) this.words[index] = counted[i] as bigint;
  }

  /**
   * Gives a hart that was just reset these extensions and no others. Where it has Svadu but not Svade, it updates
   * accessed and dirty bits from the start, as on QEMU virt.
   */
  equip(extensions: bigint): void {
    this.extensions.bits = extensions;
    this.misa = misaOf(extensions);
    this.menvcfg.ADUE = hasExtension(extensions, 'Svadu') && !hasExtension(extensions, 'Svade') ? 1n : 0n;
  }

  override word(index: number): bigint {
    return this.words[index] as bigint;
  }
  override setWord(index: number, value: bigint): void {
    this.words[index] = value;
  }
  override field(index: number, field: Field): bigint {
    return ((this.words[index] as bigint) >> field.shift) & field.ones;
  }
  override setField(index: number, field: Field, value: bigint): void {
    this.words[index] = ((this.words[index] as bigint) & field.others) | ((value & field.ones) << field.shift);
  }

  /** Integer register `index`; register 0 reads as zero. */
  x(index: number): bigint {
    return this.words[index] as bigint;
  }
  setX(index: number, value: bigint): void {
    if (index !== 0) this.words[index] = value;
  }

  /** The privilege as a number, without a bigint. */
  get privilege(): Mode {
    return this.halves[WORD.mode * 2] as Mode;
  }
}

/** A comparison that never comes true: no timer is set. */
export const NO_TIMER = (1n << 64n) - 1n;
