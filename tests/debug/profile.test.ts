// Profiles: exact samples by guest step, the same in every run, bare and virtual, and no change to what is sampled.

import { expect, test } from 'vitest';
import { assemble } from '../../src/asm/assemble.ts';
import { Profile, SAMPLE_STEPS } from '../../src/debug/profile.ts';
import { SymbolTable } from '../../src/debug/symbols.ts';
import type { Engine } from '../../src/machine/engine.ts';
import { loadImage } from '../../src/platform/image.ts';
import { bareSystem, type SystemOptions, stepsOf, virtualSystem, type Wrap } from '../../src/session/system.ts';
import { runSteps, specOf } from '../support/guests.ts';

/** A loop with a call in it, an interrupt now and then, and U-mode under Sv39 in between. */
const SOURCE = `
        .globl _start
_start: la      t0, handler
        csrw    mtvec, t0
        li      t0, -1
        csrw    pmpaddr0, t0
        li      t0, 0x1f
        csrw    pmpcfg0, t0
        li      t0, 0x2004000
        li      t1, 300
        sd      t1, 0(t0)
        li      t1, 1 << 7
        csrw    mie, t1
        csrsi   mstatus, 8
        li      s0, 60000
busy:   addi    s0, s0, -1
        mul     t2, s0, s0
        bnez    s0, busy
        li      s1, 9000
call:   jal     callee
        addi    s1, s1, -1
        bnez    s1, call
        la      t0, root
        srli    t0, t0, 12
        li      t1, 8 << 60
        or      t0, t0, t1
        csrw    satp, t0
        la      t0, user
        csrw    mepc, t0
        mret
user:   li      s0, 20000
spin:   addi    s0, s0, -1
        bnez    s0, spin
        ecall
callee: ret
        .balign 4
handler:
        csrr    t0, mcause
        bgez    t0, done
        li      t0, 0x2004000
        li      t1, -1
        sd      t1, 0(t0)
        mret
done:   li      t0, 0x100000
        li      t1, 0x5555
        sw      t1, 0(t0)
stop:   j       stop
        .balign 4096
root:   .dword  0, 0, (0x80000000 >> 2) | 0xdf
        .zero   4072
`;
const { image } = assemble([{ name: 'test.s', text: SOURCE }], {});
const loaded = loadImage(image?.elf ?? new Uint8Array(), { behindFirmware: false });
const symbols = new SymbolTable(loaded.ok ? loaded.image.symbols : []);
const spec = () => specOf({ name: 'guest', bytes: image?.raw ?? new Uint8Array() });
const LIMIT = 1_000_000;

function run(kind: 'bare' | 'virtual', engine: Engine, slice = LIMIT, isProfiled = true) {
  const profile = new Profile();
  const wrap: Wrap = (executor, guest) =>
    isProfiled ? profile.wrap(executor, guest, { name: 'guest', symbols }) : executor;
  const options: SystemOptions = { engine, wrap };
  const system = kind === 'bare' ? bareSystem(spec(), options) : virtualSystem([spec()], options);
  for (let steps = 0; steps < LIMIT; steps += slice) runSteps(system, slice);
  const [guest] = system.guests;
  const words = guest?.states.map((state) => [...state.words]);
  return { profile, guest, words, digest: guest?.digest() };
}

test('the symbols of loops are on top, under their mode and space, and there is a sample every so many steps', () => {
  const { profile, guest } = run('bare', 'auto');
  const lines = profile.folded().trimEnd().split('\n');
  const steps = guest === undefined ? undefined : stepsOf(guest);
  const total = (steps?.user ?? 0) + (steps?.machine ?? 0);
  const counts = lines.map((line) => Number(line.split(' ').at(-1)));
  expect(lines[0]).toBe(`guest;M;busy ${Math.floor(180_000 / SAMPLE_STEPS)}`);
  expect(lines.some((line) => /^guest;U under root 0x80001000;spin [34]$/.test(line))).toBe(true);
  expect(lines.some((line) => /^guest;M;(call|callee) \d+$/.test(line))).toBe(true);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(Math.floor(total / SAMPLE_STEPS));
});

test.each(['reference', 'baseline', 'auto'] as const)('bare and virtual, %s: the same profile', (engine) => {
  const expected = run('bare', 'reference').profile;
  for (const kind of ['bare', 'virtual'] as const) {
    const { profile } = run(kind, engine);
    expect(profile.folded()).toBe(expected.folded());
    expect(profile.speedscope()).toBe(expected.speedscope());
  }
});

test('slices make no difference', () => {
  expect(run('virtual', 'auto', 777).profile.speedscope()).toBe(run('virtual', 'auto').profile.speedscope());
});

test.each(['bare', 'virtual'] as const)('%s: a run that is sampled is the run that is not', (kind) => {
  const [sampled, plain] = [run(kind, 'auto'), run(kind, 'auto', LIMIT, false)];
  expect(sampled.guest?.board.outcome).toEqual({ kind: 'exit', code: 0 });
  expect([sampled.words, sampled.digest]).toEqual([plain.words, plain.digest]);
});

test('speedscope: samples are in the order of time, and weights are steps', () => {
  const document = JSON.parse(run('bare', 'auto').profile.speedscope()) as {
    shared: { frames: { name: string }[] };
    profiles: { name: string; samples: number[][]; weights: number[]; endValue: number }[];
  };
  const [profile] = document.profiles;
  const leaves = profile?.samples.map((stack) => document.shared.frames[stack.at(-1) ?? -1]?.name);
  expect(leaves?.[0]).toBe('busy');
  expect(leaves?.at(-1)).toBe('spin');
  expect(profile?.weights.reduce((sum, weight) => sum + weight, 0)).toBe(profile?.endValue);
  expect((profile?.endValue ?? 1) % SAMPLE_STEPS).toBe(0);
});
