// The real-time clock of Android's goldfish board, as QEMU's virt has it: nanoseconds since 1970 in two halves, an
// alarm with an interrupt. Its time is the board's, from a fixed date at reset, so that a run does not depend on the
// day it is made on. Left out: nothing that Linux's driver uses.

import type { Device, RegisterView, Scheduler, Width } from './device.ts';

const REGISTER = {
  TIME_LOW: 0x00,
  TIME_HIGH: 0x04,
  ALARM_LOW: 0x08,
  ALARM_HIGH: 0x0c,
  IRQ_ENABLED: 0x10,
  CLEAR_ALARM: 0x14,
  ALARM_STATUS: 0x18,
  CLEAR_INTERRUPT: 0x1c,
} as const;
/** Those that a write does something by, and that hold nothing. */
const WRITE_ONLY: ReadonlySet<string> = new Set(['CLEAR_ALARM', 'CLEAR_INTERRUPT']);
const WINDOW_BYTES = 0x24;
const WORD_BYTES = 4;
const WORD_BITS = 32n;
const WORD = 0xffff_ffffn;
const ALARM = 'alarm';

/** What the clock shows at reset: 2024-01-01 00:00:00 UTC, in nanoseconds since 1970. */
export const RESET_TIME = 1_704_067_200_000_000_000n;

export interface RtcHands {
  /** Board time in nanoseconds since reset, which are the steps that events are scheduled by. */
  readonly now: () => number;
  readonly events: Scheduler;
  readonly interrupt: (level: boolean) => void;
}

export class GoldfishRtc implements Device {
  readonly name = 'rtc';
  readonly size = WINDOW_BYTES;
  private readonly hands: RtcHands;
  /** What the clock shows is this more than board time. */
  private offset = RESET_TIME;
  /** The upper half of the time, kept when the lower is read, so that both belong together. */
  private latchedHigh = 0n;
  private alarm = 0n;
  private alarmRunning = false;
  private enabled = false;
  private pending = false;

  constructor(hands: RtcHands) {
    this.hands = hands;
  }

  accepts(_offset: number, width: Width): boolean {
    return width === WORD_BYTES;
  }

  read(offset: number): bigint {
    if (offset === REGISTER.TIME_LOW) this.latchedHigh = this.time() >> WORD_BITS;
    return this.shown(offset);
  }
  registers(): readonly RegisterView[] {
    return Object.entries(REGISTER).map(([name, offset]) => {
      const view: RegisterView = { name, offset, width: WORD_BYTES, value: this.shown(offset) };
      return WRITE_ONLY.has(name) ? { ...view, writeOnly: true } : view;
    });
  }
  /** What a register holds: a read, without what it does. */
  private shown(offset: number): bigint {
    switch (offset) {
      case REGISTER.TIME_LOW:
        return this.time() & WORD;
      case REGISTER.TIME_HIGH:
        return this.latchedHigh;
      case REGISTER.ALARM_LOW:
        return this.alarm & WORD;
      case REGISTER.ALARM_HIGH:
        return this.alarm >> WORD_BITS;
      case REGISTER.IRQ_ENABLED:
        return this.enabled ? 1n : 0n;
      case REGISTER.ALARM_STATUS:
        return this.alarmRunning ? 1n : 0n;
      default:
        return 0n;
    }
  }

  write(offset: number, _width: Width, value: bigint): void {
    switch (offset) {
      case REGISTER.TIME_LOW:
        this.setTime(withLow(this.time(), value));
        break;
      case REGISTER.TIME_HIGH:
        this.setTime(withHigh(this.time(), value));
        break;
      case REGISTER.ALARM_LOW: // written last by drivers, and what starts the alarm
        this.alarm = withLow(this.alarm, value);
        this.startAlarm();
        break;
      case REGISTER.ALARM_HIGH:
        this.alarm = withHigh(this.alarm, value);
        break;
      case REGISTER.IRQ_ENABLED:
        this.enabled = (value & 1n) === 1n;
        break;
      case REGISTER.CLEAR_ALARM:
        this.alarmRunning = false;
        this.hands.events.cancel(ALARM, 0);
        break;
      case REGISTER.CLEAR_INTERRUPT:
        this.pending = false;
        break;
    }
    this.drive();
  }

  handle(): void {
    this.alarmRunning = false;
    this.pending = true;
    this.drive();
  }

  private time(): bigint {
    return BigInt.asUintN(64, BigInt(this.hands.now()) + this.offset);
  }
  private setTime(time: bigint): void {
    this.offset = time - BigInt(this.hands.now());
    if (this.alarmRunning) this.startAlarm();
  }
  private startAlarm(): void {
    const away = this.alarm - this.time();
    if (away <= 0n) {
      this.hands.events.cancel(ALARM, 0);
      this.handle();
      return;
    }
    this.alarmRunning = true;
    this.hands.events.schedule(this.hands.now() + Number(away), ALARM, 0);
  }
  private drive(): void {
    this.hands.interrupt(this.enabled && this.pending);
  }
}

const withLow = (double: bigint, word: bigint) => ((double >> WORD_BITS) << WORD_BITS) | (word & WORD);
const withHigh = (double: bigint, word: bigint) => (double & WORD) | ((word & WORD) << WORD_BITS);
