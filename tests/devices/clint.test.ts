// The CLINT's registers; when they interrupt is the board's business (tests/platform/timers.test.ts).

import { expect, test } from 'vitest';
import { Clint } from '../../src/devices/clint.ts';

const MSIP = 0x0;
const MTIMECMP = 0x4000;
const MTIME = 0xbff8;
const HARTS = 2;

function harness() {
  const software: [number, boolean][] = [];
  const changed: number[] = [];
  const time = {
    value: 0x1_2345_6789n,
    ticks: () => time.value,
    setTicks: (value: bigint) => {
      time.value = value;
    },
  };
  const clint = new Clint({
    harts: HARTS,
    time,
    software: (hart, level) => software.push([hart, level]),
    timerChanged: (hart) => changed.push(hart),
  });
  return { clint, software, changed, time };
}

test('msip has one bit a hart, which drives its software interrupt', () => {
  // norm:msip_sz_acc, norm:msip_enc
  const { clint, software } = harness();
  clint.write(MSIP + 4, 4, 0xffff_ffffn);
  expect(clint.read(MSIP + 4, 4)).toBe(1n);
  clint.write(MSIP + 4, 4, 0n);
  expect(software).toEqual([
    [1, true],
    [1, false],
  ]);
});
test('mtimecmp is written whole or by halves, and never comes true at reset', () => {
  // norm:mtimecmp_sz, norm:mtimecmp_enc_img, norm:mtimecmp_rv32_wr
  const { clint, changed } = harness();
  expect([clint.mtimecmp(1, 0), clint.mtimecmp(1, 1)]).toEqual([0xffff_ffff, 0xffff_ffff]);
  clint.write(MTIMECMP + 8, 8, 0x1122_3344_5566_7788n);
  expect(clint.read(MTIMECMP + 8, 4)).toBe(0x5566_7788n);
  expect(clint.read(MTIMECMP + 12, 4)).toBe(0x1122_3344n);
  clint.write(MTIMECMP + 8, 4, 0x9999_9999n);
  clint.write(MTIMECMP + 12, 4, 0x8888_8888n);
  expect([clint.mtimecmp(1, 0), clint.mtimecmp(1, 1)]).toEqual([0x9999_9999, 0x8888_8888]);
  expect(changed).toEqual([1, 1, 1]);
});
test('mtime is read and written whole or by halves, and a write concerns every hart', () => {
  // norm:mtime_acc, norm:mtime_sz, norm:mtime_enc_img
  const { clint, changed, time } = harness();
  expect([clint.read(MTIME, 8), clint.read(MTIME, 4), clint.read(MTIME + 4, 4)]).toEqual([
    0x1_2345_6789n,
    0x2345_6789n,
    1n,
  ]);
  clint.write(MTIME + 4, 4, 2n);
  expect(time.value).toBe(0x2_2345_6789n);
  expect(changed).toEqual([0, 1]);
});
test('registers of harts that do not exist read as zero and keep nothing', () => {
  const { clint, software, changed } = harness();
  clint.write(MSIP + 4 * HARTS, 4, 1n);
  clint.write(MTIMECMP + 8 * HARTS, 8, 5n);
  expect(clint.read(MSIP + 4 * HARTS, 4)).toBe(0n);
  expect(clint.read(MTIMECMP + 8 * HARTS, 8)).toBe(0n);
  expect([software, changed]).toEqual([[], []]);
});
test('msip takes words alone, the timers also doublewords, nothing takes less', () => {
  const { clint } = harness();
  expect([clint.accepts(MSIP, 4), clint.accepts(MSIP, 8), clint.accepts(MTIME, 8)]).toEqual([true, false, true]);
  expect([clint.accepts(MTIME, 1), clint.accepts(MTIME, 2)]).toEqual([false, false]);
});
