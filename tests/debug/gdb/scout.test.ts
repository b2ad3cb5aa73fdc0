// A guest that runs on at full speed up to what may stop it stops where one does of which each step is looked at: at the
// same steps, for the same reasons, forward and back, at breakpoints, watchpoints, traps and exits of any kind.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { WORD } from '../../../isa/layout.ts';
import { guestFolder } from '../../../src/cli/bundled.ts';
import { planGuests } from '../../../src/cli/machine-options.ts';
import { accessOf } from '../../../src/debug/access.ts';
import { Debuggee, type Motion, type Pace } from '../../../src/debug/gdb/debuggee.ts';
import type { Watch, Watchpoint } from '../../../src/debug/gdb/stop-points.ts';
import { ConsoleInput } from '../../../src/devices/console-input.ts';
import type { ExitReason } from '../../../src/hypervisor/reason.ts';
import type { Engine } from '../../../src/machine/engine.ts';
import { virtualSystem } from '../../../src/session/system.ts';
import { type Kind, systemOf } from '../../support/engines.ts';

const THREAD = { guest: 0, hart: 0 };
const LIMITS = { bytes: 256 * 1024 * 1024, interval: 9_000 };
const typed = readFileSync(join(guestFolder('lilliput'), 'demo.txt'));
const RUNS = Number(process.env['TRAPEZE_RUNS'] ?? 1);

interface Subject {
  readonly name: string;
  readonly harts: number;
  readonly kind: Kind;
  readonly engine: Engine;
  /** Where in its run it is looked at, and for how many steps. */
  readonly from: number;
  readonly steps: number;
}

function debuggeeOf({ name, harts, kind, engine }: Subject, pace: Pace) {
  const [planned] = planGuests([name], { memory: 16 * 1024 * 1024, smp: harts, engine });
  const spec = (planned as NonNullable<typeof planned>).spec(ConsoleInput.script(typed), () => {});
  return new Debuggee(systemOf(spec, { engine, kind }).guests, LIMITS, pace);
}
const timelineOf = ({ timelines: [timeline] }: Debuggee) => timeline as NonNullable<typeof timeline>;
/** Of all that harts hold: arrays are compared too slowly. */
const wordsOf = ({ guests: [guest] }: Debuggee) =>
  guest?.states.map(({ words }) => createHash('sha256').update(words.slice()).digest('hex'));

function runTo(debuggee: Debuggee, position: number): void {
  const timeline = timelineOf(debuggee);
  while (timeline.position < position && timeline.run(position - timeline.position) === 'ran');
}
/** Goes on until it stops, or is behind a step. */
function move(debuggee: Debuggee, way: Motion['way'], last = Number.POSITIVE_INFINITY) {
  debuggee.begin({ way, thread: THREAD });
  const timeline = timelineOf(debuggee);
  for (;;) {
    const stop = debuggee.advance();
    const { position } = timeline;
    if (way === 'continue' && (position > last || (stop === undefined && timeline.ended))) {
      if (stop === undefined) debuggee.interrupt();
      return 'further';
    }
    if (stop === undefined) continue;
    const watched = stop.kind === 'watchpoint' ? stop.watchpoint.address : undefined;
    return { ...stop, watchpoint: watched, position, words: wordsOf(debuggee) };
  }
}

/** A generator of numbers below a bound. */
function numbers(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
/** What a guest does at some steps of its run, from which stop points are made. */
function seenAt(subject: Subject, next: ReturnType<typeof numbers>) {
  const debuggee = debuggeeOf(subject, 'steps');
  const at = Array.from({ length: 6 }, () => subject.from + next(subject.steps)).toSorted((a, b) => a - b);
  return at.map((position) => {
    runTo(debuggee, position);
    const [guest] = debuggee.guests;
    for (let more = 0; more < 60; more++) {
      const hart = timelineOf(debuggee).settle() ?? 0;
      const words = guest?.states[hart]?.words ?? new BigUint64Array(WORD.pc + 1);
      const bits = guest?.nextInstruction(hart);
      const access = bits === undefined ? undefined : accessOf(bits, words);
      const pc = words[WORD.pc] as bigint;
      if (access !== undefined) {
        const places = debuggee.look({ guest: 0, hart }).places(access.address, access.bytes);
        return { pc, access, places };
      }
      timelineOf(debuggee).run(1);
    }
    return undefined;
  });
}

const KINDS_OF_WATCH: readonly Watch[] = ['write', 'read', 'access'];
const REASONS: readonly ExitReason[] = [
  'ecall',
  'csr',
  'xret',
  'mmio',
  'shadow-fill',
  'interrupt',
  'page-fault',
  'sbi',
];
const CAUSES = [8n, 9n, 11n, 12n, 13n, 15n, (1n << 63n) | 5n, (1n << 63n) | 7n, (1n << 63n) | 9n];

/** Sets some stop points in all of some debuggees. */
function arm(debuggees: readonly Debuggee[], seen: ReturnType<typeof seenAt>, next: ReturnType<typeof numbers>): void {
  for (const what of Array.from({ length: 1 + next(3) }, () => next(4))) {
    const one = seen[next(seen.length)];
    const kind = KINDS_OF_WATCH[next(3)] as Watch;
    const [isPhysical, wider] = [next(3) === 0, BigInt(next(12))];
    const [cause, reason] = [CAUSES[next(CAUSES.length)], REASONS[next(REASONS.length)]];
    for (const {
      stopPoints: [points],
      guests: [guest],
    } of debuggees) {
      if (what === 0 && one !== undefined) points?.breakpoints.add(one.pc);
      if (what === 1 && one !== undefined) {
        const [place] = one.places;
        const address = isPhysical ? (place?.address ?? 0n) : one.access.address;
        const bytes = BigInt(one.access.bytes) + (isPhysical ? 0n : wider);
        const watchpoint: Watchpoint = { kind, address, bytes, isPhysical, places: one.places };
        points?.addWatchpoint(watchpoint);
      }
      if (what === 2) points?.traps.add(cause as bigint);
      if (what === 3 && guest?.vm !== undefined) points?.exits.add(reason as ExitReason);
    }
  }
}

const both = ['bare', 'virtual'] as const;
const SUBJECTS: readonly Subject[] = both.flatMap((kind) => [
  { name: 'lilliput', harts: 1, kind, engine: 'auto' as const, from: 8_000, steps: 6_000 },
  { name: 'crew', harts: 3, kind, engine: 'auto' as const, from: 0, steps: 10_000 },
  { name: 'ticks', harts: 1, kind, engine: 'reference' as const, from: 0, steps: 8_000 },
]);

describe.each(SUBJECTS)('$name, $harts harts, $kind, $engine', (subject) => {
  test.each(Array.from({ length: RUNS }, (_, run) => run))('stops alike, run %i', (run) => {
    const next = numbers(run + Number(process.env['TRAPEZE_SEED'] ?? 1));
    const seen = seenAt(subject, next);
    const [fast, slow] = [debuggeeOf(subject, 'scouts'), debuggeeOf(subject, 'steps')];
    arm([fast, slow], seen, next);
    for (const debuggee of [fast, slow]) runTo(debuggee, subject.from);
    const last = subject.from + subject.steps;
    for (let stops = 0; stops < 8; stops++) {
      const [found, expected] = [fast, slow].map((debuggee) => move(debuggee, 'continue', last));
      expect(found, `stop ${stops}`).toEqual(expected);
      if (expected === 'further') break;
    }
    for (const debuggee of [fast, slow]) timelineOf(debuggee).goTo(last);
    for (let stops = 0; stops < 3; stops++) {
      const [found, expected] = [fast, slow].map((debuggee) => move(debuggee, 'continue-back'));
      expect(found, `stop ${stops}, going back`).toEqual(expected);
    }
  });
});

test('of two virtual machines on one machine, each stops where it does alone, and goes back alone', () => {
  const specs = (names: readonly string[]) => {
    const planned = planGuests(names, { memory: 16 * 1024 * 1024, engine: 'auto' });
    return planned.map((each) => each.spec(ConsoleInput.script(new Uint8Array()), () => {}));
  };
  const subject: Subject = { name: 'ticks', harts: 1, kind: 'virtual', engine: 'auto', from: 6_000, steps: 8_000 };
  const seen = seenAt(subject, numbers(3));
  const stopsOf = (names: readonly string[], pace: Pace) => {
    const { guests } = virtualSystem(specs(names), { shadow: 'trace' });
    const debuggee = new Debuggee(guests, LIMITS, pace);
    const mine = names.length - 1;
    const timeline = debuggee.timelines[mine] as NonNullable<(typeof debuggee.timelines)[0]>;
    while (timeline.position < subject.from) timeline.run(subject.from - timeline.position);
    const points = debuggee.stopPoints[mine];
    points?.traps.add((1n << 63n) | 5n);
    for (const one of seen) {
      const [place] = one?.places ?? [];
      if (one === undefined || place === undefined) continue;
      points?.breakpoints.add(one.pc);
      points?.addWatchpoint({ kind: 'access', address: place.address, bytes: 4n, isPhysical: true, places: [place] });
    }
    const stops = [];
    for (const way of ['continue', 'continue', 'continue', 'continue-back', 'continue', 'continue-back'] as const) {
      const others = debuggee.timelines.map(({ position }) => position);
      debuggee.begin({ way, thread: { guest: mine, hart: 0 } });
      let stop = debuggee.advance();
      // The others may end before it stops.
      while (stop === undefined || (stop.kind === 'ended' && stop.guest !== mine)) stop = debuggee.advance();
      const { kind, thread } = { thread: undefined, ...stop };
      expect(thread?.guest).toBe(mine);
      if (way === 'continue-back' && mine > 0) expect(debuggee.timelines[0]?.position).toBe(others[0]);
      stops.push({ kind, position: timeline.position, digest: guests[mine]?.digest() });
    }
    return stops;
  };
  const alone = stopsOf(['ticks'], 'steps');
  expect(new Set(alone.map(({ position }) => position)).size).toBeGreaterThan(2);
  expect(stopsOf(['ticks'], 'scouts')).toEqual(alone);
  expect(stopsOf(['hello', 'ticks'], 'scouts')).toEqual(alone);
  expect(stopsOf(['lilliput', 'ticks'], 'scouts')).toEqual(alone);
});
