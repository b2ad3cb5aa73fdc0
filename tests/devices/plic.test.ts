// The PLIC by its specification: priorities, thresholds, claims, and gateways of level-triggered sources.

import { describe, expect, test } from 'vitest';
import { Plic } from '../../src/devices/plic.ts';

const SOURCES = 96;
const PENDING = 0x1000;
const ENABLE = 0x2000;
const THRESHOLD = 0x20_0000;
const CLAIM = 0x20_0004;
/** Contexts. */
const M = 0;
const S = 1;

function harness() {
  const levels = [false, false];
  const plic = new Plic({
    sources: SOURCES,
    contexts: levels.length,
    output: (context, level) => {
      levels[context] = level;
    },
  });
  const write = (offset: number, value: number) => plic.write(offset, 4, BigInt(value));
  return {
    plic,
    levels,
    read: (offset: number) => Number(plic.read(offset)),
    write,
    priority: (source: number, value: number) => write(source * 4, value),
    enable: (context: number, ...sources: number[]) => {
      const words = [0, 0, 0, 0];
      for (const source of sources) words[source >> 5] = ((words[source >> 5] ?? 0) | (1 << (source & 31))) >>> 0;
      for (const [i, word] of words.entries()) write(ENABLE + context * 0x80 + i * 4, word);
    },
    threshold: (context: number, value: number) => write(THRESHOLD + context * 0x1000, value),
    claim: (context: number) => Number(plic.read(CLAIM + context * 0x1000)),
    complete: (context: number, source: number) => write(CLAIM + context * 0x1000, source),
  };
}

describe('a context is interrupted', () => {
  test('by a pending source that it enables, with a priority above its threshold', () => {
    const { plic, levels, priority, enable, threshold } = harness();
    enable(S, 10);
    plic.setSource(10, true);
    expect(levels).toEqual([false, false]);
    priority(10, 1);
    expect(levels).toEqual([false, true]);
    threshold(S, 1);
    expect(levels).toEqual([false, false]);
    priority(10, 2);
    expect(levels).toEqual([false, true]);
  });
  test('and so is every other that enables it, until one claims', () => {
    const { plic, levels, priority, enable, claim } = harness();
    enable(M, 10);
    enable(S, 10);
    priority(10, 1);
    plic.setSource(10, true);
    expect(levels).toEqual([true, true]);
    expect(claim(S)).toBe(10);
    expect(levels).toEqual([false, false]);
    expect(claim(M)).toBe(0);
  });
});

describe('a claim', () => {
  test('gives the highest priority, and of equals the lowest number', () => {
    const { plic, priority, enable, claim } = harness();
    enable(S, 3, 10, 40, 96);
    for (const [source, value] of [
      [3, 1],
      [10, 2],
      [40, 2],
      [96, 7],
    ] as const) {
      priority(source, value);
      plic.setSource(source, true);
    }
    expect([claim(S), claim(S), claim(S), claim(S), claim(S)]).toEqual([96, 10, 40, 3, 0]);
  });
  test('is not affected by the threshold', () => {
    const { plic, priority, enable, threshold, claim } = harness();
    enable(S, 10);
    priority(10, 1);
    threshold(S, 7);
    plic.setSource(10, true);
    expect(claim(S)).toBe(10);
  });
  test('never gives a source of priority 0', () => {
    const { plic, enable, claim } = harness();
    enable(S, 10);
    plic.setSource(10, true);
    expect(claim(S)).toBe(0);
  });
});

describe('a gateway', () => {
  function claimed() {
    const h = harness();
    h.enable(S, 10);
    h.priority(10, 1);
    h.plic.setSource(10, true);
    expect(h.claim(S)).toBe(10);
    return h;
  }
  test('requests again after the completion while the level is still up', () => {
    const { levels, complete, claim } = claimed();
    expect(levels[S]).toBe(false);
    complete(S, 10);
    expect(levels[S]).toBe(true);
    expect(claim(S)).toBe(10);
  });
  test('holds back what comes between claim and completion', () => {
    const { plic, levels, complete } = claimed();
    plic.setSource(10, false);
    plic.setSource(10, true);
    expect(levels[S]).toBe(false);
    plic.setSource(10, false);
    complete(S, 10);
    expect(levels[S]).toBe(false);
  });
  test('does not withdraw a request when the level falls', () => {
    const h = harness();
    h.enable(S, 10);
    h.priority(10, 1);
    h.plic.setSource(10, true);
    h.plic.setSource(10, false);
    expect(h.levels[S]).toBe(true);
    expect(h.claim(S)).toBe(10);
    h.complete(S, 10);
    expect(h.levels[S]).toBe(false);
  });
  test('ignores the completion of a context that does not enable the source', () => {
    const { levels, complete, enable } = claimed();
    complete(M, 10);
    enable(S);
    complete(S, 10);
    enable(S, 10);
    expect(levels[S]).toBe(false);
    complete(S, 10);
    expect(levels[S]).toBe(true);
  });
});

test('source 0 does not exist, nor those past the last', () => {
  const { plic, write, read } = harness();
  plic.setSource(0, true);
  plic.setSource(SOURCES + 1, true);
  write(0, 7);
  write((SOURCES + 1) * 4, 7);
  for (let word = 0; word < 8; word++) write(ENABLE + word * 4, 0xffff_ffff);
  expect([read(0), read((SOURCES + 1) * 4), read(PENDING), read(PENDING + 12)]).toEqual([0, 0, 0, 0]);
  expect([0, 1, 2, 3, 4].map((word) => read(ENABLE + word * 4))).toEqual([0xffff_fffe, 0xffff_ffff, 0xffff_ffff, 1, 0]);
});
test('pending bits show and cannot be written, priorities and thresholds keep three bits', () => {
  const { plic, write, read, priority, threshold } = harness();
  plic.setSource(33, true);
  write(PENDING + 4, 0);
  expect(read(PENDING + 4)).toBe(2);
  priority(5, 0xffff_ffff);
  threshold(S, 0xffff_ffff);
  expect([read(20), read(THRESHOLD + 0x1000)]).toEqual([7, 7]);
});

test('an edge asks once, however long the wire is high, and again if it comes while the interrupt is handled', () => {
  const levels: boolean[] = [];
  const plic = new Plic({ sources: 2, edges: [2], contexts: 1, output: (_context, level) => levels.push(level) });
  plic.write(4 * 2, 4, 1n);
  plic.write(0x2000, 4, 0b100n);
  plic.setSource(2, true);
  expect(plic.read(0x20_0004)).toBe(2n);
  plic.write(0x20_0004, 4, 2n);
  expect(plic.read(0x20_0004)).toBe(0n);
  plic.setSource(2, false);
  plic.setSource(2, true);
  expect(plic.read(0x20_0004)).toBe(2n);
  plic.setSource(2, false);
  plic.setSource(2, true);
  expect(plic.read(0x20_0004)).toBe(0n);
  plic.write(0x20_0004, 4, 2n);
  expect(plic.read(0x20_0004)).toBe(2n);
  expect(levels).toEqual([true, false, true, false, true, false]);
});
