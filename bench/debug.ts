// What the debugger, logs and traces cost: a guest with each of them on, beside the same guest with none, and how long the
// way back takes. Each run must end as the plain one does, after as many steps and with the same memory, and each way back
// must lead to the step where it is to. Left out: the time of files and sockets; what is written is dropped.

import { fileURLToPath } from 'node:url';
import { guestOf } from '../src/bench/guest.ts';
import { WrongResult } from '../src/bench/pace.ts';
import { median } from '../src/bench/statistics.ts';
import { assembleFiles } from '../src/cli/images.ts';
import { planGuests } from '../src/cli/machine-options.ts';
import { Debuggee, type Motion, type Stop } from '../src/debug/gdb/debuggee.ts';
import { TIMELINE_LIMITS, type TimelineLimits } from '../src/debug/gdb/timeline.ts';
import { exitLog, type Stepped, steppingLog } from '../src/debug/log.ts';
import { SymbolTable } from '../src/debug/symbols.ts';
import { ChromeTrace } from '../src/debug/trace/chrome.ts';
import { type TraceSink, traced } from '../src/debug/trace/source.ts';
import { VcdTrace } from '../src/debug/trace/vcd.ts';
import { ConsoleInput } from '../src/devices/console-input.ts';
import type { Engine } from '../src/machine/engine.ts';
import { loadImage } from '../src/platform/image.ts';
import { drive } from '../src/session/drive.ts';
import { bareSystem, type GuestSpec, type System, virtualSystem, type Wrap } from '../src/session/system.ts';
import { host } from './host.ts';
import { progress } from './progress.ts';

const ROUNDS_GUEST = fileURLToPath(new URL('debug/rounds.s', import.meta.url));
const STEPS_A_ROUND = 7;
const STEPS_A_LINE = 18_000;
/** A session takes about so many times as long as computation, step by step. */
const EXITS_COST = 10;
const MEMORY_BYTES = 16 * 1024 * 1024;
const NANOSECONDS = 1e6;
type Kind = System['mode'];
/** Whether a facility lets a guest run, or looks at each step, or at many. */
type Pace = 'free' | 'looked';

interface Run {
  readonly milliseconds: number;
  /** What must be the same in each. */
  readonly result: string;
}
export interface FacilityRow {
  readonly guest: string;
  readonly kind: Kind;
  readonly pace: Pace;
  readonly facility: string;
  readonly steps: number;
  /** The median run, in nanoseconds, and how many times the plain one it is. */
  readonly nanoseconds: number;
  readonly ratio: number;
}
export interface BackRow {
  readonly kind: Kind;
  readonly way: string;
  readonly steps: number;
  readonly milliseconds: number;
}
export interface DebugReport {
  readonly facilities: readonly FacilityRow[];
  readonly back: readonly BackRow[];
}

export interface DebugEffort {
  readonly rounds: number;
  /** About how many steps each guest takes under a facility that looks at each of them, or at many. */
  readonly looked: number;
  /** And under one that lets it run, or, of a guest that leaves for the monitor, a tenth of that. */
  readonly free: number;
  /** Steps to go back. */
  readonly back: number;
}

export async function measureDebugging(engine: Engine, effort: DebugEffort): Promise<DebugReport> {
  const facilities: FacilityRow[] = [];
  const back: BackRow[] = [];
  const { looked, free, rounds } = effort;
  const long = roundsOf(effort.back);
  for (const kind of ['bare', 'virtual'] as const) {
    for (const [pace, steps] of [['free', free] as const, ['looked', looked] as const]) {
      // A session is longer than a few steps.
      const session = pace === 'free' ? steps / EXITS_COST : steps;
      const guests = looked < STEPS_A_LINE ? [roundsOf(steps)] : [roundsOf(steps), shell(session)];
      for (const guest of guests) facilities.push(...(await measureFacilities(guest, { kind, pace }, engine, rounds)));
    }
    back.push(...measureBack(long, kind, engine, effort));
  }
  return { facilities, back };
}

interface Subject {
  readonly name: string;
  readonly symbols: SymbolTable;
  spec(): GuestSpec;
}

/** Computation without exits, of about so many steps. */
function roundsOf(steps: number): Subject {
  const { elf } = assembleFiles([ROUNDS_GUEST], {
    defines: { ROUNDS: `${Math.ceil(Math.max(steps, 1) / STEPS_A_ROUND)}` },
  });
  const loaded = loadImage(elf);
  const symbols = new SymbolTable(loaded.ok ? loaded.image.symbols : []);
  return { name: 'rounds', symbols, spec: () => guestOf('rounds', elf, MEMORY_BYTES) };
}
/** A session at lilliput's shell, of about so many steps. */
function shell(steps: number): Subject {
  const [planned] = planGuests(['lilliput'], { memory: MEMORY_BYTES, engine: 'auto' });
  if (planned === undefined) throw new WrongResult('there is no lilliput');
  const { name, named } = planned;
  const typed = new TextEncoder().encode('echo one\n'.repeat(Math.ceil(steps / STEPS_A_LINE)));
  return { name, symbols: named.symbols, spec: () => planned.spec(ConsoleInput.script(typed), () => {}) };
}

// Facilities.

type Facility = (guest: Subject, kind: Kind, engine: Engine) => { system: System; run: () => Promise<void> | void };

function systemOf(guest: Subject, kind: Kind, engine: Engine, wrap?: Wrap): System {
  const spec = guest.spec();
  return kind === 'bare' ? bareSystem(spec, { engine, wrap }) : virtualSystem([spec], { engine, wrap });
}
const driven = (system: System) => ({ system, run: () => drive(system, host, { clock: 'virtual' }) });
const plain: Facility = (guest, kind, engine) => driven(systemOf(guest, kind, engine));

const logged =
  (level: Stepped | 'exits'): Facility =>
  (guest, kind, engine) => {
    const write = (line: string) => line.length;
    const context = { name: guest.name, symbols: guest.symbols, write };
    if (level !== 'exits')
      return driven(
        systemOf(
          guest,
          kind,
          engine,
          steppingLog(level, () => context),
        ),
      );
    const system = systemOf(guest, kind, engine);
    for (const { vm } of system.guests) if (vm) vm.onExit = exitLog(context);
    return driven(system);
  };

const tracedAs =
  (format: 'chrome' | 'vcd'): Facility =>
  (guest, kind, engine) => {
    const text = { isFull: false, write: (more: string) => more.length > 0, last: () => {} };
    const open = ({ name, states }: Parameters<Parameters<typeof traced>[2]>[0]): TraceSink =>
      format === 'vcd'
        ? new VcdTrace({ text, name, states })
        : new ChromeTrace({ text, process: 1, name, harts: states.length, symbols: guest.symbols });
    return driven(systemOf(guest, kind, engine, (executor, of) => traced(executor, of, open)));
  };

const NO_CHECKPOINTS: TimelineLimits = { ...TIMELINE_LIMITS, interval: Number.MAX_SAFE_INTEGER };
/** A debugger has attached, set something that never stops, and lets the guest go on. */
const debugged =
  (set: (debuggee: Debuggee, guest: Subject) => void, limits: TimelineLimits = NO_CHECKPOINTS): Facility =>
  (guest, kind, engine) => {
    const spec = guest.spec();
    const how = { engine, shadow: 'trace' } as const;
    const system = kind === 'bare' ? bareSystem(spec, how) : virtualSystem([spec], how);
    const debuggee = new Debuggee(system.guests, limits);
    set(debuggee, guest);
    return { system, run: () => void move(debuggee, 'continue') };
  };

const NOWHERE = 0xffff_f010n;
const NEVER = 0x3fn;
const watchpointAt = (address: bigint) =>
  ({ kind: 'write', address, bytes: 8n, isPhysical: false, places: [] }) as const;
/** A word that nobody writes, beside one that a guest works with. */
const neighbour = ({ symbols }: Subject) => (symbols.address('word') ?? symbols.address('kernel_bss') ?? NOWHERE) + FAR;
const FAR = 0x200n;

interface Measured {
  readonly name: string;
  readonly facility: Facility;
  /** Where it is not of both kinds. */
  readonly kind?: Kind;
  /** By kind. */
  readonly pace: Readonly<Record<Kind, Pace>>;
}
const FREE = { bare: 'free', virtual: 'free' } as const;
const LOOKED = { bare: 'looked', virtual: 'looked' } as const;
/** A virtual machine is looked at where it exits, a bare one at each step. */
const AT_EXITS = { bare: 'looked', virtual: 'free' } as const;
const FACILITIES: readonly Measured[] = [
  { name: '--gdb, attached, no checkpoints', facility: debugged(() => {}), pace: FREE },
  { name: '--gdb, attached, checkpoints', facility: debugged(() => {}, TIMELINE_LIMITS), pace: FREE },
  {
    name: '--gdb, a breakpoint',
    facility: debugged(({ stopPoints: [points] }) => points?.breakpoints.add(NOWHERE)),
    pace: FREE,
  },
  {
    name: '--gdb, a watchpoint',
    facility: debugged(({ stopPoints: [points] }) => points?.addWatchpoint(watchpointAt(NOWHERE))),
    pace: FREE,
  },
  {
    name: '--gdb, a watchpoint in a page that is written',
    facility: debugged(({ stopPoints: [points] }, guest) => points?.addWatchpoint(watchpointAt(neighbour(guest)))),
    pace: LOOKED,
  },
  {
    name: '--gdb, a break on traps',
    facility: debugged(({ stopPoints: [points] }) => points?.traps.add(NEVER)),
    pace: FREE,
  },
  {
    name: '--gdb, a break on exits',
    facility: debugged(({ stopPoints: [points] }) => points?.exits.add('misaligned')),
    kind: 'virtual',
    pace: FREE,
  },
  { name: '--log exits', facility: logged('exits'), kind: 'virtual', pace: FREE },
  { name: '--log traps', facility: logged('traps'), pace: LOOKED },
  { name: '--log instructions', facility: logged('instructions'), pace: LOOKED },
  { name: '--log commits', facility: logged('commits'), pace: LOOKED },
  { name: '--trace x.json', facility: tracedAs('chrome'), pace: AT_EXITS },
  { name: '--trace x.vcd', facility: tracedAs('vcd'), pace: AT_EXITS },
];
const OFF: Measured = { name: 'all off', facility: plain, pace: FREE };

async function measureFacilities(
  guest: Subject,
  { kind, pace }: { readonly kind: Kind; readonly pace: Pace },
  engine: Engine,
  rounds: number,
): Promise<FacilityRow[]> {
  const wanted = [OFF, ...FACILITIES.filter((each) => (each.kind ?? kind) === kind && each.pace[kind] === pace)];
  const times = wanted.map((): number[] => []);
  let steps = 0;
  let expected: string | undefined;
  await plain(guest, kind, engine).run(); // the host compiles what all of them run
  for (let round = 0; round < rounds; round++) {
    for (const [index, { name, facility }] of wanted.entries()) {
      progress(`debug: ${guest.name}, ${kind}: ${name}`);
      const { system, run } = facility(guest, kind, engine);
      const { milliseconds, result } = await timedRun(system, run);
      expected ??= result;
      if (result !== expected) throw new WrongResult(`${guest.name}, ${name}: ${result}, not ${expected}`);
      steps = stepsTaken(system);
      times[index]?.push(milliseconds * NANOSECONDS);
    }
  }
  const off = median(times[0] ?? []);
  return wanted.map(({ name }, index) => {
    const nanoseconds = median(times[index] ?? []);
    return { guest: guest.name, kind, pace, facility: name, steps, nanoseconds, ratio: nanoseconds / off };
  });
}

async function timedRun(system: System, run: () => Promise<void> | void): Promise<Run> {
  const start = performance.now();
  await run();
  const milliseconds = performance.now() - start;
  const [guest] = system.guests;
  const { outcome } = guest?.board ?? {};
  if (outcome?.kind !== 'exit' || outcome.code !== 0) throw new WrongResult(`ended with ${JSON.stringify(outcome)}`);
  return { milliseconds, result: `${stepsTaken(system)} steps, memory ${guest?.digest()}` };
}
const stepsTaken = ({ guests: [guest] }: System) =>
  Number(guest?.states.reduce((sum, { steps }) => sum + steps, 0n) ?? 0n);

/** Moves the guest until it stops. */
function move(debuggee: Debuggee, way: Motion['way']): Stop {
  debuggee.begin({ way, thread: { guest: 0, hart: 0 } });
  for (;;) {
    const stop = debuggee.advance();
    if (stop !== undefined && stop.kind !== 'idle') return stop;
    if (stop !== undefined) throw new WrongResult('it waits for ever');
  }
}

// Back.

/** The ways back from the last step, and where in the guest each of them leads. */
const WAYS_BACK = [
  { name: 'reverse-continue to a breakpoint', way: 'continue-back', at: 'once' },
  { name: 'reverse-continue to a watchpoint', way: 'continue-back', at: 'once', watches: true },
  { name: 'reverse-stepi', way: 'step-back' },
] as const;

function measureBack(guest: Subject, kind: Kind, engine: Engine, { rounds, back }: DebugEffort): BackRow[] {
  const { symbols } = guest;
  const [once, word] = ['once', 'word'].map((name) => symbols.address(name) ?? 0n) as [bigint, bigint];
  return WAYS_BACK.map((each) => {
    progress(`debug: ${kind}: ${each.name}`);
    const times: number[] = [];
    let steps = 0;
    for (let round = 0; round < rounds; round++) {
      const { system } = plain(guest, kind, engine);
      const debuggee = new Debuggee(system.guests);
      const [timeline] = debuggee.timelines;
      const [points] = debuggee.stopPoints;
      const [{ states, board } = { states: [], board: undefined }] = debuggee.guests;
      while (timeline !== undefined && timeline.position < back && !timeline.ended)
        timeline.run(back - timeline.position);
      if ('watches' in each && board !== undefined) {
        const places = debuggee.look({ guest: 0, hart: 0 }).places(word, 8);
        points?.addWatchpoint({ kind: 'write', address: word, bytes: 8n, isPhysical: false, places });
      } else if ('at' in each) points?.breakpoints.add(once);
      const from = timeline?.position ?? 0;
      const start = performance.now();
      const stop = move(debuggee, each.way);
      times.push(performance.now() - start);
      steps = from - (timeline?.position ?? 0);
      const pc = states[0]?.pc;
      const isRight = 'at' in each ? pc === once && stop.kind !== 'history' : steps === 1;
      if (!isRight) throw new WrongResult(`${each.name}: ${stop.kind} at 0x${pc?.toString(16)}, ${steps} steps back`);
    }
    return { kind, way: each.name, steps, milliseconds: median(times) };
  });
}

export function debugTable({ facilities, back }: DebugReport): string {
  const lines = [
    'guest      runs     with                                          steps       Mstep/s   time of all off',
  ];
  for (const { guest, kind, facility, steps, nanoseconds, ratio } of facilities) {
    const rate = ((steps / nanoseconds) * 1e3).toFixed(2);
    lines.push(
      `${guest.padEnd(10)} ${kind.padEnd(8)} ${facility.padEnd(45)} ${`${steps}`.padEnd(11)} ${rate.padStart(7)} ${ratio.toFixed(2).padStart(12)} x`,
    );
  }
  lines.push('', 'back, from step to step             runs     steps      milliseconds');
  for (const { kind, way, steps, milliseconds } of back)
    lines.push(`${way.padEnd(35)} ${kind.padEnd(8)} ${`${steps}`.padEnd(10)} ${milliseconds.toFixed(1).padStart(12)}`);
  return `${lines.join('\n')}\n`;
}
