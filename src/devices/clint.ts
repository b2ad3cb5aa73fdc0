// The core-local interruptor of SiFive, which QEMU's virt board has too: for each hart a software interrupt (msip)
// and a timer comparison (mtimecmp), and mtime for all of them. Registers are 4 bytes, the timers also 8, as in
// QEMU's ACLINT. Left out: comparing, which the board does for this timer and for the hart's own stimecmp alike.

import type { Device, RegisterView, Width } from './device.ts';

/** Offsets of SiFive's layout; each array has room for more harts than any board. */
const REGISTER = { msip: 0x0, mtimecmp: 0x4000, mtime: 0xbff8 } as const;
const WINDOW_BYTES = 0x1_0000;
const WORD_BYTES = 4;
const DOUBLE_BYTES = 8;
const WORD_BITS = 32n;
const WORD = 0xffff_ffffn;
const WORD_ONES = 0xffff_ffff;
/** Reset value of a comparison: never. The manual leaves it open; QEMU raises no interrupt before the first write. */
const NEVER = (1n << 64n) - 1n;

export interface ClintHands {
  readonly harts: number;
  readonly time: { ticks(): bigint; setTicks(value: bigint): void };
  readonly software: (hart: number, level: boolean) => void;
  /** A hart's mtimecmp, or mtime, changed. */
  readonly timerChanged: (hart: number) => void;
}

export class Clint implements Device {
  readonly name = 'clint';
  readonly size = WINDOW_BYTES;
  private readonly hands: ClintHands;
  private readonly msip: boolean[];
  private readonly compare: BigUint64Array;
  /** The same by halves, low half first. */
  private readonly compareHalves: Uint32Array;

  constructor(hands: ClintHands) {
    this.hands = hands;
    this.msip = Array.from({ length: hands.harts }, () => false);
    this.compare = new BigUint64Array(hands.harts).fill(NEVER);
    this.compareHalves = new Uint32Array(this.compare.buffer);
  }

  /** A half of the timer comparison of a hart, in ticks. */
  mtimecmp(hart: number, half: 0 | 1): number {
    return this.compareHalves[hart * 2 + half] ?? WORD_ONES;
  }

  accepts(offset: number, width: Width): boolean {
    return width === WORD_BYTES || (width === DOUBLE_BYTES && offset >= REGISTER.mtimecmp);
  }

  read(offset: number, width: Width): bigint {
    if (offset < REGISTER.mtimecmp) return this.msip[offset / WORD_BYTES] ? 1n : 0n;
    const double = this.double(offset - (offset % DOUBLE_BYTES));
    if (width === DOUBLE_BYTES) return double;
    return offset % DOUBLE_BYTES === 0 ? double & WORD : double >> WORD_BITS;
  }

  write(offset: number, width: Width, value: bigint): void {
    if (offset < REGISTER.mtimecmp) {
      this.setSoftware(offset / WORD_BYTES, (value & 1n) === 1n);
      return;
    }
    const aligned = offset - (offset % DOUBLE_BYTES);
    if (width === DOUBLE_BYTES) {
      this.setDouble(aligned, value);
      return;
    }
    const before = this.double(aligned);
    const word = value & WORD;
    const isLow = offset === aligned;
    this.setDouble(aligned, isLow ? (before & ~WORD) | word : (before & WORD) | (word << WORD_BITS));
  }

  registers(): readonly RegisterView[] {
    const { msip, mtimecmp, mtime } = REGISTER;
    const view = (name: string, offset: number, width: Width) => ({
      name,
      offset,
      width,
      value: this.read(offset, width),
    });
    return [
      ...this.msip.map((_, hart) => view(`msip[${hart}]`, msip + hart * WORD_BYTES, WORD_BYTES)),
      ...Array.from(this.compare, (_, hart) => view(`mtimecmp[${hart}]`, mtimecmp + hart * DOUBLE_BYTES, DOUBLE_BYTES)),
      view('mtime', mtime, DOUBLE_BYTES),
    ];
  }

  private setSoftware(hart: number, level: boolean): void {
    if (hart >= this.msip.length) return;
    this.msip[hart] = level;
    this.hands.software(hart, level);
  }

  /** A register of 8 bytes; harts that do not exist read as zero. */
  private double(offset: number): bigint {
    if (offset === REGISTER.mtime) return this.hands.time.ticks();
    return this.compare[(offset - REGISTER.mtimecmp) / DOUBLE_BYTES] ?? 0n;
  }
  private setDouble(offset: number, value: bigint): void {
    if (offset === REGISTER.mtime) {
      this.hands.time.setTicks(value);
      for (const hart of this.compare.keys()) this.hands.timerChanged(hart);
      return;
    }
    const hart = (offset - REGISTER.mtimecmp) / DOUBLE_BYTES;
    if (hart >= this.compare.length) return;
    this.compare[hart] = value;
    this.hands.timerChanged(hart);
  }
}
