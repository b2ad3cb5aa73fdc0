// Traces: that a traced run is the same run, that slices of a hart follow each other and hold what happened, and that
// what a commit log says is what the instructions did.

import { describe, expect, test } from 'vitest';
import { steppingLog } from '../../src/debug/log.ts';
import { SymbolTable } from '../../src/debug/symbols.ts';
import { CHROME_END, CHROME_RESERVE, CHROME_START, ChromeTrace, NO_ROOM } from '../../src/debug/trace/chrome.ts';
import { traced } from '../../src/debug/trace/source.ts';
import { VCD_RESERVE, VcdTrace } from '../../src/debug/trace/vcd.ts';
import { bareSystem, virtualSystem, type Wrap } from '../../src/session/system.ts';
import { assembleGuest } from '../support/assembly.ts';
import { KINDS, type Kind } from '../support/engines.ts';
import { runSteps, specOf } from '../support/guests.ts';
import { readChanges, readTraceEvents } from '../support/trace-formats.ts';
import { Client } from './gdb/client.ts';

/** Waits for a timer, calls from U, and passes. */
const bytes = assembleGuest(`
test:   la      t1, handler
        csrw    mtvec, t1
        li      t0, MTIMECMP
        li      t1, 10
        sd      t1, 0(t0)
        li      t1, 1 << 7
        csrw    mie, t1
        wfi
        csrw    mie, zero
        csrwi   pmpcfg0, 0x1f
        li      t0, -1
        csrw    pmpaddr0, t0
        la      t0, user
        csrw    mepc, t0
        mret
user:   nop
        ecall
        .balign 4
handler:
        pass
`);

function run(kind: Kind, wrap?: Wrap) {
  const spec = specOf({ bytes });
  const system = kind === 'bare' ? bareSystem(spec, { wrap }) : virtualSystem([spec], { wrap });
  runSteps(system, 10_000);
  const [guest] = system.guests;
  return {
    outcome: guest?.board.outcome,
    words: guest?.states.map(({ words }) => [...words]),
    now: guest?.board.clock.now,
  };
}

/** A text that has room for so many characters. */
function textOf(most = 100_000) {
  const text = {
    written: '',
    isFull: false,
    write(more: string) {
      text.isFull ||= text.written.length + more.length > most;
      if (!text.isFull) text.written += more;
      return !text.isFull;
    },
    last(more: string) {
      text.written += more;
    },
  };
  return text;
}

function chrome(kind: Kind, most?: number) {
  const text = textOf(most);
  text.write(CHROME_START);
  const sinks: ChromeTrace[] = [];
  const ran = run(kind, (executor, guest) =>
    traced(executor, guest, ({ name, states }) => {
      const sink = new ChromeTrace({ text, process: 1, name, harts: states.length, symbols: new SymbolTable([]) });
      sinks.push(sink);
      return sink;
    }),
  );
  for (const sink of sinks) sink.close();
  if (text.isFull) text.last(sinks[0]?.noRoom() ?? '');
  return { ran, ...readTraceEvents(text.written + CHROME_END), written: text.written };
}

function dump(kind: Kind, most?: number) {
  const text = textOf(most);
  let sink: VcdTrace | undefined;
  run(kind, (executor, guest) =>
    traced(executor, guest, ({ name, states }) => {
      sink = new VcdTrace({ text, name, states });
      return sink;
    }),
  );
  sink?.close();
  return text.written;
}

describe.each(KINDS)('%s', (kind) => {
  test('a traced run is the run, and its slices follow each other without a gap', () => {
    const { ran, slices, events } = chrome(kind);
    expect(ran).toEqual(run(kind));
    expect(ran.outcome).toEqual({ kind: 'exit', code: 0 });
    const time = slices.filter(({ depth }) => depth === 0);
    let last = 0;
    for (const { start, end } of time) {
      expect(start).toBeCloseTo(last, 6);
      last = end;
    }
    expect(last).toBeCloseTo((ran.now ?? 0) / 1000, 6);
    expect(time.map(({ name }) => name)).toEqual(['machine', 'idle', 'machine', 'user', 'machine']);
    const reasons = slices.filter(({ depth }) => depth === 1).map(({ name }) => name);
    const expected = kind === 'virtual' ? ['ecall', 'wfi', 'xret'] : ['environment call from U-mode', 'xret'];
    expect(reasons).toEqual(expect.arrayContaining(expected));
    const counted = events.filter(({ ph }) => ph === 'C').flatMap(({ args }) => Object.values(args) as number[]);
    expect(counted.reduce((sum, count) => sum + count, 0)).toBe(reasons.length);
  });
  test.each([200, 400, 700])('in %i characters, what there is no room for is left out, and that is said', (most) => {
    const { events, ran, written } = chrome(kind, most);
    expect(events.at(-2)).toMatchObject({ name: NO_ROOM, ph: 'i' });
    expect(written.length).toBeLessThan(most + CHROME_RESERVE.hart + CHROME_RESERVE.end);
    expect(ran).toEqual(run(kind));
  });
  test('a dump of wires has each change at its step, and one that is full says so', () => {
    const changes = readChanges(dump(kind));
    const stepOf = (name: string, value: string) =>
      changes.findLast(({ variable, value: to }) => variable === `guest.hart0.${name}` && to === value)?.time;
    expect(stepOf('MTI', '1')).toBe(1000);
    expect(stepOf('waiting', '1')).toBeLessThan(1000);
    expect(stepOf('waiting', '0')).toBe(1000);
    expect(changes.filter(({ variable }) => variable.endsWith('privilege')).map(({ value }) => value)).toEqual([
      '11',
      '00',
      '11',
    ]);
    const most = dump(kind).length - 30;
    const short = dump(kind, most);
    expect(short).toMatch(/no room for more \$end\n$/);
    expect(short.length).toBeLessThan(most + VCD_RESERVE);
    readChanges(short);
  });
});

test('what a debugger has a guest do again is not traced again', () => {
  const text = textOf();
  text.write(CHROME_START);
  let sink: ChromeTrace | undefined;
  const wrap: Wrap = (executor, guest) =>
    traced(executor, guest, ({ name }) => {
      sink = new ChromeTrace({ text, process: 1, name, harts: 1, symbols: new SymbolTable([]) });
      return sink;
    });
  const client = new Client(virtualSystem([specOf({ bytes })], { wrap }));
  for (let steps = 0; steps < 40; steps++) client.ask('s');
  for (let steps = 0; steps < 10; steps++) client.ask('bs');
  expect(client.ask('c')).toBe('W00');
  sink?.close();
  const { slices } = readTraceEvents(text.written + CHROME_END);
  expect(slices.map(({ name }) => name)).toEqual(chrome('virtual').slices.map(({ name }) => name));
});

test('a commit log names registers, memory and CSRs as spike does, and says nothing of traps', () => {
  const lines: string[] = [];
  const context = { name: 'guest', symbols: new SymbolTable([]), write: (line: string) => lines.push(line) };
  run(
    'bare',
    steppingLog('commits', () => context),
  );
  const all = lines.join('\n');
  expect(all).toMatch(/^core {3}0: 3 0x[0-9a-f]{16} \(0x0062b023\) mem 0x0000000002004000 0x000000000000000a$/m);
  expect(all).toMatch(/^core {3}0: 3 0x[0-9a-f]{16} \(0x[0-9a-f]{8}\) c773_mtvec 0x[0-9a-f]{16}$/m);
  expect(all).toMatch(/^core {3}0: 3 0x[0-9a-f]{16} \(0x[0-9a-f]{4,8}\) x6 {2}0x000000000000000a$/m);
  expect(all).not.toContain('(0x00000073)');
});
