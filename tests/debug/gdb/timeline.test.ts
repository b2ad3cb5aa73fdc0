// Going back and coming again is the same run, bit for bit: at steps of all distances, on every engine, bare and
// virtual, with timers, interrupts, several harts, what is typed live, and checkpoints that are dropped for room.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bundledGuests, guestFolder } from '../../../src/cli/bundled.ts';
import { planGuests } from '../../../src/cli/machine-options.ts';
import { Timeline } from '../../../src/debug/gdb/timeline.ts';
import { ConsoleInput } from '../../../src/devices/console-input.ts';
import { type SystemGuest, virtualSystem } from '../../../src/session/system.ts';
import { assembleGuest } from '../../support/assembly.ts';
import { systemOf, WAYS, type Way } from '../../support/engines.ts';
import { specOf } from '../../support/guests.ts';

const MEMORY_BYTES = 16 * 1024 * 1024;
const LIMITS = { bytes: 256 * 1024 * 1024, interval: 3_000 };
const typed = readFileSync(join(guestFolder('lilliput'), 'demo.txt'));

function start(name: string, way: Way, harts = 1, input = ConsoleInput.script(typed)) {
  const [planned] = planGuests([name], { memory: MEMORY_BYTES, smp: harts, engine: way.engine });
  const console: number[] = [];
  const spec = (planned as NonNullable<typeof planned>).spec(input, (byte) => console.push(byte));
  const guest = systemOf(spec, way).guests[0] as SystemGuest;
  return { guest, timeline: new Timeline(guest, LIMITS), console, input };
}
type Started = ReturnType<typeof start>;

const stateOf = ({ guest }: Started) => ({
  words: guest.states.map(({ words }) => [...words]),
  memory: guest.digest(),
  now: guest.board.clock.now,
  events: guest.board.events.pending(),
  activity: [...guest.board.activity],
  outcome: guest.board.outcome,
});
/** How far before where it went back to a timeline keeps a checkpoint. */
const NEAR = 10_000;
/** Runs to a step, or the end. */
function runTo({ timeline }: Started, position: number): void {
  while (timeline.position < position && timeline.run(position - timeline.position) === 'ran');
}

describe.each(WAYS)('$name', (way) => {
  // The largest guest is run in two ways only, for the time that it takes.
  const largest: [string, number][] = ['reference bare', 'auto virtual'].includes(way.name) ? [['lilliput', 1]] : [];
  test.each<[string, number]>([...largest, ['ticks', 1], ['crew', 3]])('%s on %i harts', (name, harts) => {
    expect(bundledGuests().map((guest) => guest.name)).toContain(name);
    const straight = start(name, way, harts);
    const marks = [1, 700, 2_999, 3_000, 3_001, 9_500, 20_011];
    const states = marks.map((mark) => {
      runTo(straight, mark);
      return stateOf(straight);
    });
    const wandering = start(name, way, harts);
    runTo(wandering, 21_000);
    for (const at of [6, 0, 4, 2, 5]) {
      wandering.timeline.goTo(marks[at] as number);
      expect(stateOf(wandering), `at step ${marks[at]}`).toEqual(states[at]);
    }
    const shown = straight.console.length;
    runTo(wandering, 21_000);
    expect(wandering.console.slice(0, shown)).toEqual(straight.console);
  });
});

const FAST: Way = { name: 'auto virtual', engine: 'auto', kind: 'virtual' };

test('what is typed live is typed again at its step, and typing in the past makes a new future', () => {
  const live = start('lilliput', FAST, 1, new ConsoleInput());
  const settle = () => {
    while (live.timeline.run(1_000) === 'ran');
  };
  settle();
  for (const byte of Buffer.from('echo one\n')) {
    live.input.push(byte);
    settle();
  }
  const { position } = live.timeline;
  const [state, text] = [stateOf(live), String.fromCharCode(...live.console)];
  expect(text).toContain('one');
  live.timeline.goTo(100);
  runTo(live, position);
  expect(stateOf(live)).toEqual(state);
  expect(String.fromCharCode(...live.console)).toBe(text);
  live.timeline.goTo(position - 50);
  live.input.push('x'.charCodeAt(0));
  settle();
  expect(stateOf(live)).not.toEqual(state);
});

test('checkpoints stay within their room however much a guest changes, and every step is still reached', () => {
  const bytes = assembleGuest(`
test:   li      s0, RAM + 0x80000
        li      s1, 64
1:      addi    t0, t0, 1
        sd      t0, 0(s0)
        li      t1, 4096
        add     s0, s0, t1
        addi    s1, s1, -1
        bnez    s1, 1b
        j       test
`);
  const room = 700 * 1024;
  const [guest] = virtualSystem([specOf({ bytes })]).guests;
  const timeline = new Timeline(guest as SystemGuest, { bytes: room, interval: 300 });
  const within = () => expect(timeline.heldBytes).toBeLessThanOrEqual(room);
  for (let slices = 0; slices < 300; slices++) {
    timeline.run(100);
    within();
  }
  const { position } = timeline;
  const seen = guest?.digest();
  for (const step of [12_345, 3_000, 29_000, 15, 20_000]) {
    timeline.goTo(step);
    expect(timeline.position).toBe(step);
    within();
  }
  timeline.goTo(position);
  expect(guest?.digest()).toBe(seen);
});

test('the room holds on the way back over a million steps, near checkpoints come and go for it, and each step is the same', () => {
  const bytes = assembleGuest(`
test:   li      s0, RAM + 0x80000
        li      s1, 8
        li      s2, 4096
1:      addi    t0, t0, 1
        sd      t0, 0(s0)
        add     s0, s0, s2
        addi    s1, s1, -1
        bnez    s1, 1b
        j       test
`);
  const room = 320 * 1024;
  const million = 1_000_000;
  const startOver = () => virtualSystem([specOf({ bytes })]).guests[0] as SystemGuest;
  const marks = [million - 1, 963_210, 700_001, 400_000, 123_456, 1];
  const straight = startOver();
  const expected = new Map<number, number>();
  for (const mark of [...marks, million].toSorted((a, b) => a - b)) {
    straight.interleaver.run(mark - straight.board.clock.now);
    expected.set(mark, straight.digest());
  }
  const guest = startOver();
  const timeline = new Timeline(guest, { bytes: room, interval: 3_000 });
  while (timeline.position < million) timeline.run(million - timeline.position);
  let near = 0;
  let dropped = 0;
  for (let position = million; position > 0; position -= 45_000) {
    const before = timeline.heldBytes;
    timeline.goTo(position);
    expect(timeline.position).toBe(position);
    expect(timeline.heldBytes).toBeLessThanOrEqual(room);
    if (timeline.before(position).position === position - NEAR) near++;
    if (timeline.heldBytes < before) dropped++;
  }
  expect(near).toBeGreaterThan(0);
  expect(dropped).toBeGreaterThan(0);
  for (const mark of [...marks, million]) {
    timeline.goTo(mark);
    expect(guest.digest(), `at step ${mark}`).toBe(expected.get(mark));
    expect(timeline.heldBytes).toBeLessThanOrEqual(room);
  }
});
