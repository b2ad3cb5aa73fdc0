// Traces: that a traced run is the same run, that slices of a hart follow each other and hold what happened, and that
// what a commit log says is what the instructions did.

import { describe, expect, test } from 'vitest';
import { steppingLog } from '../../src/debug/log.ts';
import { SymbolTable } from '../../src/debug/symbols.ts';
import { CHROME_END, CHROME_START, ChromeTrace } from '../../src/debug/trace/chrome.ts';
import { type TraceSink, traced } from '../../src/debug/trace/source.ts';
import { VcdTrace } from '../../src/debug/trace/vcd.ts';
import { bareSystem, virtualSystem, type Wrap } from '../../src/session/system.ts';
import { assembleGuest } from '../support/assembly.ts';
import { KINDS, type Kind } from '../support/engines.ts';
import { runSteps, specOf } from '../support/guests.ts';

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

interface Event {
  readonly name: string;
  readonly ph: string;
  readonly ts: number;
  readonly dur: number;
  readonly tid: number;
  readonly args: Readonly<Record<string, unknown>>;
}

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

function chrome(kind: Kind, events = 1000) {
  let text = CHROME_START;
  const sinks: TraceSink[] = [];
  const write = (more: string) => {
    text += more;
  };
  const room = { events };
  const ran = run(kind, (executor, guest) =>
    traced(executor, guest, ({ name, states }) => {
      const sink = new ChromeTrace({
        write,
        process: 1,
        name,
        harts: states.length,
        symbols: new SymbolTable([]),
        room,
      });
      sinks.push(sink);
      return sink;
    }),
  );
  for (const sink of sinks) sink.close();
  return { ran, events: JSON.parse(text + CHROME_END) as Event[] };
}

describe.each(KINDS)('%s', (kind) => {
  test('a traced run is the run, and its slices follow each other without a gap', () => {
    const { ran, events } = chrome(kind);
    expect(ran).toEqual(run(kind));
    expect(ran.outcome).toEqual({ kind: 'exit', code: 0 });
    const time = events.filter(({ name }) => ['user', 'kernel', 'machine', 'idle'].includes(name));
    let end = 0;
    for (const { ts, dur } of time) {
      expect(ts).toBeCloseTo(end, 6);
      end = ts + dur;
    }
    expect(end).toBeCloseTo((ran.now ?? 0) / 1000, 6);
    expect(time.map(({ name }) => name)).toEqual(['machine', 'idle', 'machine', 'user', 'machine']);
    const reasons = events.filter(({ ph, dur }) => ph === 'X' && dur === 0.001).map(({ name }) => name);
    const expected = kind === 'virtual' ? ['ecall', 'wfi', 'xret'] : ['environment call from U-mode', 'xret'];
    expect(reasons).toEqual(expect.arrayContaining(expected));
  });
  test('what there is no room for is left out, and that is said', () => {
    const { events } = chrome(kind, 4);
    expect(events.map(({ ph }) => ph)).toEqual(['M', 'M', expect.any(String), expect.any(String), 'i', 'M']);
  });
  test('a dump of wires has each change at its step', () => {
    let text = '';
    run(kind, (executor, guest) =>
      traced(executor, guest, ({ name, states }) => {
        const write = (more: string) => {
          text += more;
        };
        return new VcdTrace({ write, name, states });
      }),
    );
    const wire = /\$var wire 1 (\S+) MTI/.exec(text)?.[1] ?? '';
    const waiting = /\$var wire 1 (\S+) waiting/.exec(text)?.[1] ?? '';
    const stepOf = (change: string) =>
      Number(/#(\d+)\n(?:(?!#).*\n)*$/.exec(text.slice(0, text.indexOf(`\n${change}\n`) + 1))?.[1]);
    expect(stepOf(`1${wire}`)).toBe(1000);
    expect(stepOf(`1${waiting}`)).toBeLessThan(1000);
    const steps = [...text.matchAll(/^#(\d+)$/gm)].map((match) => Number(match[1]));
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  });
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
