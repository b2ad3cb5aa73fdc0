// The goldfish RTC: time that starts at a fixed date, and the alarm as Linux's driver sets it.

import { expect, test } from 'vitest';
import { GoldfishRtc, RESET_TIME } from '../../src/devices/goldfish-rtc.ts';

const TIME_LOW = 0x00;
const TIME_HIGH = 0x04;
const ALARM_LOW = 0x08;
const ALARM_HIGH = 0x0c;
const IRQ_ENABLED = 0x10;
const CLEAR_ALARM = 0x14;
const ALARM_STATUS = 0x18;
const CLEAR_INTERRUPT = 0x1c;
const NEXT_HALF = 0x1_0000_0000;

function harness() {
  const state = { now: 0, level: false, alarm: undefined as number | undefined };
  const rtc = new GoldfishRtc({
    now: () => state.now,
    events: {
      schedule: (step) => {
        state.alarm = step;
      },
      cancel: () => {
        state.alarm = undefined;
      },
    },
    interrupt: (level) => {
      state.level = level;
    },
  });
  const write = (offset: number, value: bigint) => rtc.write(offset, 4, value);
  return {
    rtc,
    state,
    write,
    time: () => rtc.read(TIME_LOW) | (rtc.read(TIME_HIGH) << 32n),
    setAlarm: (at: bigint) => {
      write(ALARM_HIGH, at >> 32n);
      write(ALARM_LOW, at & 0xffff_ffffn);
    },
  };
}

test('it shows the fixed date plus board time, and both halves belong together', () => {
  const { rtc, state, time } = harness();
  expect(time()).toBe(RESET_TIME);
  state.now = 12_345;
  const low = rtc.read(TIME_LOW);
  state.now += NEXT_HALF;
  expect(low | (rtc.read(TIME_HIGH) << 32n)).toBe(RESET_TIME + 12_345n);
});
test('its time can be set', () => {
  const { state, write, time } = harness();
  write(TIME_HIGH, 5n);
  write(TIME_LOW, 7n);
  state.now += 3;
  expect(time()).toBe((5n << 32n) + 10n);
});
test('an alarm is an event at its step, and interrupts where that is enabled', () => {
  const { rtc, state, write, setAlarm } = harness();
  write(IRQ_ENABLED, 1n);
  state.now = 100;
  setAlarm(RESET_TIME + 5000n);
  expect([state.alarm, rtc.read(ALARM_STATUS), state.level]).toEqual([5000, 1n, false]);
  rtc.handle();
  expect([rtc.read(ALARM_STATUS), state.level]).toEqual([0n, true]);
  write(CLEAR_INTERRUPT, 1n);
  expect(state.level).toBe(false);
});
test('an alarm in the past comes at once, one that is cleared never', () => {
  const { state, write, setAlarm } = harness();
  write(IRQ_ENABLED, 1n);
  setAlarm(RESET_TIME - 1n);
  expect(state.level).toBe(true);
  write(CLEAR_INTERRUPT, 1n);
  setAlarm(RESET_TIME + 5n);
  write(CLEAR_ALARM, 1n);
  expect(state.alarm).toBe(undefined);
});
test('setting the time moves an alarm that is set', () => {
  const { state, write, setAlarm } = harness();
  setAlarm(RESET_TIME + 1000n);
  write(TIME_LOW, (RESET_TIME + 400n) & 0xffff_ffffn);
  expect(state.alarm).toBe(600);
});
