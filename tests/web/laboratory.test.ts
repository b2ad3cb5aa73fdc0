// The machine behind the page, in this process: what is recorded when steps are taken again is what was there, lasting
// breaks hold, and the stages of an exit tell what the monitor did. The page itself is tested in a browser.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { assert } from '../../isa/assert.ts';
import type { Language, Told } from '../../isa/language.ts';
import { WORD } from '../../isa/layout.ts';
import { EXIT_REASONS } from '../../src/hypervisor/reason.ts';
import type { Discipline } from '../../src/hypervisor/shadow/discipline.ts';
import { TURN_STEPS } from '../../src/platform/interleaver.ts';
import type { Break, ExitColumns, StopAt } from '../../src/web/protocol.ts';
import { isExit, STAGES } from '../../src/web/protocol.ts';
import { imageOf } from '../../src/web/worker/guest-image.ts';
import type { LabGuest } from '../../src/web/worker/lab-guest.ts';
import { Laboratory } from '../../src/web/worker/laboratory.ts';
import { Looker } from '../../src/web/worker/look.ts';
import { shadowOf } from '../../src/web/worker/shadow-view.ts';

const GUESTS = fileURLToPath(new URL('../../guests', import.meta.url));
const FOREVER = Number.POSITIVE_INFINITY;
const FAST = 0;
/** Steps a second, so that many in so many milliseconds. */
const SLOW = 1000;
/** Steps that are taken one by one. */
const MOST_STEPPED = 100_000;
/** Turns of virtual CPUs that are looked at, and steps before and behind the end of each. */
const TURNS = 8;
const AROUND = 3;
/** Steps whose exits are on the tape together. */
const TAPED = 3000;

interface LabOptions {
  readonly typed?: string;
  readonly harts?: number;
  readonly discipline?: Discipline;
}
function laboratory(name: string, options: LabOptions = {}): Laboratory {
  const folder = join(GUESTS, name);
  const { base, sources } = JSON.parse(readFileSync(join(folder, 'guest.json'), 'utf8'));
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => /\.(s|inc)$/.test(file));
  const included = Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
  const texts = (sources as string[]).map((file) => ({ name: file, text: included[file] ?? '' }));
  const { image, lines } = imageOf({ name, base, sources: texts, included });
  assert(image !== undefined, `${name} assembles`);
  const lab = new Laboratory([{ name, image, lines, harts: options.harts ?? 1 }], () => 0, options.discipline);
  if (options.typed !== undefined) lab.type(0, options.typed);
  return lab;
}
const only = (lab: Laboratory) => lab.guests[0] as LabGuest;
/** Runs until it stops, ends or waits for a key. */
const run = (lab: Laboratory, pace: number) => {
  lab.pace = pace;
  return lab.advance(pace === FAST ? 0 : FOREVER, FOREVER);
};
/** A run that is listened to or not, as the pace says. */
function runAt(lab: Laboratory, pace: number): Laboratory {
  run(lab, pace);
  lab.settle();
  return lab;
}
/** Exits that the guest could see, by step, CPU and reason; and what else is on the tape, its start and end aside. */
const told = ({ step, reason, cpu, from, to }: ExitColumns, since: number, until: number) =>
  [...step].flatMap((at, index) => {
    const which = reason[index] ?? 0;
    const isHidden = EXIT_REASONS[which] === 'shadow-fill';
    if (at < since || at >= until || isHidden || !isExit(which)) return [];
    return [[at, cpu[index], EXIT_REASONS[which], from[index], to[index]].join(' ')];
  });

test.each([
  ['lilliput', { typed: 'ps\rfork\ruptime\r' }],
  ['crew', { harts: 3 }],
] as const)('%s: exits that nobody listened to are the same when they are recorded afterwards', (name, options) => {
  const slow = laboratory(name, options);
  const fast = laboratory(name, options);
  const exits: string[] = [];
  slow.pace = SLOW;
  while (!slow.idle) {
    slow.advance(TAPED, FOREVER);
    exits.push(...told(slow.frames()[0]?.exits as ExitColumns, 0, FOREVER));
  }
  runAt(fast, FAST);
  const [end] = fast.frames();
  expect(end?.steps).toBe(slow.frames()[0]?.steps);
  expect(String.fromCharCode(...only(fast).console)).toBe(String.fromCharCode(...only(slow).console));
  expect(end?.counts.find(({ reason }) => reason === 'csr')?.count).toBe(
    exits.filter((each) => / csr /.test(each)).length,
  );
  const steps = exits.map((each) => Number(each.split(' ')[0]));
  for (const share of [0.1, 0.5, 0.9]) {
    const from = steps[Math.floor(steps.length * share)] ?? 0;
    const to = steps[Math.floor(steps.length * share) + 200] ?? from + 1;
    fast.look(0, 0, from, to);
    const recorded = told(fast.frames()[0]?.exits as ExitColumns, from, to);
    expect(recorded).toEqual(exits.filter((_, index) => (steps[index] ?? 0) >= from && (steps[index] ?? 0) < to));
    expect(recorded.length).toBeGreaterThan(0);
  }
  // Looking changes nothing: neither where the guest is, nor its account.
  const after = fast.frames()[0];
  expect([after?.position, after?.steps]).toEqual([end?.position, end?.steps]);
  expect(after?.counts.map(({ count }) => count)).toEqual(end?.counts.map(({ count }) => count));
});

const at = (id: number, where: StopAt, enabled = true): Break => ({ id, guest: 'lilliput', at: where, enabled });

test('a lasting break stops each time, until it is disabled, at a symbol, an address or an exit of its reason', () => {
  const lab = laboratory('lilliput', { typed: 'ps\r' });
  const place = only(lab).symbols.address('trap_entry') ?? only(lab).symbols.address('schedule');
  assert(place !== undefined, 'the guest has the symbol');
  const here = { kind: 'address', where: `0x${place.toString(16)}` } as const;
  expect(lab.setBreaks([at(1, here), at(2, { kind: 'address', where: 'no_such_symbol' })])).toEqual([2]);
  const positions: number[] = [];
  for (let times = 0; times < 3; times++) {
    expect(run(lab, FAST)).toEqual({ guest: 0, at: here.where });
    expect(only(lab).guest.states[0]?.pc).toBe(place);
    positions.push(only(lab).timeline.position);
  }
  expect(new Set(positions).size).toBe(3);
  lab.stepBack(0);
  expect(run(lab, FAST)).toEqual({ guest: 0, at: here.where });
  expect(only(lab).timeline.position).toBe(positions[2]);
  lab.setBreaks([
    at(1, here, false),
    at(3, { kind: 'exit', reason: 'ecall' }),
    at(4, { kind: 'exit', reason: 'xret' }),
  ]);
  const reasons = Array.from({ length: 6 }, () => run(lab, FAST)?.at);
  expect(new Set(reasons)).toEqual(new Set(['ecall', 'xret']));
});

test.each([
  ['lilliput', { typed: 'ps\r' }, 'schedule', 'page-table-write'],
  ['crew', { harts: 3 }, 'acquire', 'sbi'],
] as const)('%s stops where it does when each step is looked at', (name, options, symbol, reason) => {
  const [fast, slow] = [laboratory(name, options), laboratory(name, options)];
  const { symbols, guest, timeline, tape } = only(slow);
  const place = symbols.address(symbol);
  assert(place !== undefined, 'it has such a place');
  const where = `0x${place.toString(16)}`;
  fast.setBreaks([
    { id: 1, guest: name, at: { kind: 'address', where }, enabled: true },
    { id: 2, guest: name, at: { kind: 'exit', reason }, enabled: true },
  ]);
  const expected: unknown[] = [];
  while (expected.length < 8 && timeline.position < MOST_STEPPED) {
    const { exits } = tape;
    slow.step(0);
    const last = tape.exits > exits ? tape.lastExit?.exit?.reason : undefined;
    const hart = guest.interleaver.whoseTurn();
    if (hart !== undefined && guest.states[hart]?.pc === place) expected.push([timeline.position, where]);
    else if (last === reason) expected.push([timeline.position, reason]);
  }
  expect(expected.length).toBeGreaterThan(1);
  const stops = expected.map(() => [run(fast, FAST)?.at, only(fast).timeline.position].reverse());
  expect(stops).toEqual(expected);
});

test('a step into the monitor: stage by stage, with what was noted while the exit was handled', () => {
  const lab = laboratory('lilliput');
  const modes = new Set<string | undefined>();
  const seen = new Map<string, NonNullable<typeof lab.monitor>>();
  while (lab.stepInto(0)) {
    expect(lab.monitor?.stage).toBe(0);
    for (const stage of STAGES.keys()) {
      if (stage > 0) expect(lab.stepInto(0)).toBe(true);
      expect(lab.monitor?.stage).toBe(stage);
    }
    const view = lab.monitor;
    modes.add(view?.atTrap.find(({ name }) => name === 'mode')?.virtual);
    if (view !== undefined) seen.set(view.explanation.reason, view);
  }
  const { csr, mmio } = Object.fromEntries(seen);
  const fill = seen.get('shadow-fill');
  expect(csr?.atTrap).toContainEqual(expect.objectContaining({ name: 'mode', real: 'U' }));
  const touched = (language: Language) =>
    fill?.touched.map(({ name }) => (typeof name === 'string' ? name : name[language])).join();
  expect(touched('en')).toMatch(/shadow fills.*shadow entry at/);
  expect(touched('ko')).toMatch(/섀도 채움.*섀도 엔트리 0x/);
  expect(mmio?.touched[0]).toEqual({
    name: expect.stringMatching(/^uart\w* \+ 0x/),
    value: expect.stringMatching(/^[←→]/),
  });
  expect(fill?.atEntry.find(({ name }) => name === 'satp')?.real).toMatch(/^0x8/);
  expect(modes).toEqual(new Set(['U', 'S', 'M']));
});

test('what a fence or a store to a page table did to the shadow is noted, and its contexts are told by their keys', () => {
  const lab = laboratory('lilliput', { typed: 'fork\rcow\r' });
  runAt(lab, SLOW);
  const { contexts, events } = shadowOf(only(lab), lab.discipline);
  expect(contexts.map(({ view }) => view)).toEqual(expect.arrayContaining(['user', 'supervisor']));
  expect(contexts.filter(({ current }) => current)).toHaveLength(1);
  for (const { guestSatp, asid } of contexts) expect(guestSatp === '').toBe(asid === undefined);
  expect(events.length).toBeGreaterThan(0);
  const total = contexts.reduce((sum, { leaves }) => sum + leaves, 0);
  expect(total).toBeGreaterThan(0);
});

test.each(['trace', 'sync', 'drop'] as const)(
  'by %s, each context is told what a fence or a store took from it',
  (discipline) => {
    const lab = laboratory('lilliput', { typed: 'fork\rcow\r', discipline });
    runAt(lab, SLOW);
    const { events } = shadowOf(only(lab), lab.discipline);
    const losing = events.filter(({ dropped }) => dropped > 0);
    expect(losing.length).toBeGreaterThan(0);
    for (const { what, dropped, contexts } of losing) {
      expect(
        contexts.reduce((sum, { before, after }) => sum + before - after, 0),
        what,
      ).toBe(dropped);
      if (discipline === 'drop') expect(contexts.map(({ after }) => after)).toEqual(contexts.map(() => 0));
    }
  },
);

test('the state shows of mip what the wires say too, as a read of it would', () => {
  const lab = laboratory('hello');
  const words = only(lab).guest.states[0]?.words;
  assert(words !== undefined, 'a hart');
  const MTIP = 1n << 7n;
  words[WORD.lines] = MTIP;
  const { csrs } = new Looker().look(0, only(lab), undefined);
  expect(csrs.find(({ name }) => name === 'mip')?.value).toBe(MTIP);
});

const PACES = [
  ['slow', SLOW],
  ['fast', FAST],
] as const;
/** Of the machine, all that a guest or the order of evictions could come to depend on. */
function kept({ guest }: LabGuest): unknown {
  const { vm, hardware, states } = guest;
  const contexts = vm?.shadow.all.map(({ view, satp, lastUse }) => `${view} ${satp} ${lastUse}`);
  const words = [...hardware.states, ...states].map(({ words }) => words.slice());
  return [contexts, guest.digest(), words, vm?.ledger.exits(), { ...vm?.ledger.shadow }];
}

test.each(PACES)(
  'looking at a %s run changes nothing: neither which shadow contexts there are and when each was used, nor the guest and its devices',
  (_, pace) => {
    const lab = laboratory('crew', { harts: 3 });
    run(lab, pace);
    const each = only(lab);
    const before = kept(each);
    for (const hart of [0, 1, 2]) {
      const seen = new Looker().look(0, each, { hart });
      shadowOf(each, lab.discipline, hart);
      expect(kept(each)).toEqual(before);
      expect(new Looker().look(0, each, { hart })).toEqual(seen);
    }
  },
);

test('a guest whose exits are looked into from inside the monitor goes on like one that is stepped', () => {
  const [tapped, stepped] = [laboratory('lilliput'), laboratory('lilliput')];
  stepped.step(0);
  for (let exits = 0; tapped.stepInto(0); exits++) {
    while (only(stepped).timeline.position < only(tapped).timeline.position) stepped.step(0);
    if (exits % 100 === 0) expect(kept(only(tapped))).toEqual(kept(only(stepped)));
  }
  expect(kept(only(tapped))).toEqual(kept(only(stepped)));
  expect(only(tapped).guest.vm?.shadow.all.length).toBeGreaterThan(2);
});

/** Takes a step where there is one to take. @returns the real state with which it began, where the real hart took it. */
function entered(lab: Laboratory): BigUint64Array | undefined {
  const { hardware } = only(lab).guest;
  const runs = hardware.run.bind(hardware);
  let first: BigUint64Array | undefined;
  hardware.run = (hart, most, exit) => {
    first ??= hardware.state(hart).words.slice();
    runs(hart, most, exit);
  };
  lab.step(0);
  hardware.run = runs;
  return first;
}
/** The real state that a look foresees for the virtual CPU whose turn it is. */
function foreseen(lab: Laboratory): BigUint64Array {
  const { vm, interleaver } = only(lab).guest;
  const cpu = vm?.cpus[interleaver.whoseTurn() ?? 0];
  assert(vm !== undefined && cpu !== undefined, 'a virtual machine, whose turn it is');
  return vm.entryOf(cpu).words;
}

test('real state is foreseen as an entry makes it: of a virtual CPU that another ran before', () => {
  const lab = laboratory('crew', { harts: 3 });
  const { hardware, interleaver } = only(lab).guest;
  /** Those entered while the hart was elsewhere. */
  const changes = new Set<number | undefined>();
  lab.pace = SLOW;
  for (let turn = 1; turn <= TURNS; turn++) {
    lab.advance(turn * TURN_STEPS - AROUND - only(lab).timeline.position, FOREVER);
    for (let steps = 0; steps < 2 * AROUND; steps++) {
      const { pc } = hardware.state(0);
      const cpu = interleaver.whoseTurn();
      const expected = foreseen(lab);
      const words = entered(lab);
      if (words === undefined) continue;
      expect(words).toEqual(expected);
      if (expected[WORD.pc] !== pc) changes.add(cpu);
    }
  }
  expect(changes.size).toBe(3);
});

test('real state is foreseen as an entry makes it: in a shadow context that is there, and in one that comes to be', () => {
  const lab = laboratory('lilliput', { typed: 'fork\r' });
  const { guest } = only(lab);
  let changed = 0;
  let made = 0;
  for (let exits = 0; exits < 600; exits++) {
    lab.until(0, { kind: 'exit' });
    run(lab, SLOW);
    const { satp } = guest.hardware.state(0);
    const real = satp.bits;
    const contexts = guest.vm?.shadow.all.length ?? 0;
    const expected = foreseen(lab);
    const words = entered(lab);
    if (words === undefined) continue;
    expect(words).toEqual(expected);
    if (words[WORD.satp] !== real) changed++;
    if ((guest.vm?.shadow.all.length ?? 0) > contexts) made++;
  }
  expect(changed).toBeGreaterThan(10);
  expect(made).toBeGreaterThan(0);
});

test.each([
  ['crew', { harts: 3 }],
  ['lilliput', { typed: 'fork\r' }],
] as const)(
  '%s: what is shown of the real hart is the same whether its exits are listened to or handled in place',
  (name, options) => {
    const harts = 'harts' in options ? options.harts : 1;
    const labs = [FAST, SLOW].map((pace) => {
      const lab = laboratory(name, options);
      run(lab, pace);
      return lab;
    });
    for (let hart = 0; hart < harts; hart++) {
      const [fast, slow] = labs.map((lab) => {
        const { csrs } = new Looker().look(0, only(lab), { hart });
        return csrs.map(({ name, real }) => `${name} ${real}`);
      });
      expect(fast).toEqual(slow);
    }
  },
);

const textOf = (lines: readonly string[]) => lines.join('\n');
/** A guest that is given as text, run to its end or as far as it goes. */
function ranText(text: string, harts = 1): LabGuest {
  const name = 'own';
  const made = imageOf({ name, base: '0x80000000', sources: [{ name: 'own.s', text }], included: {} });
  assert(made.image !== undefined, made.errors.map(({ message }) => message).join());
  const lab = new Laboratory([{ name, image: made.image, lines: made.lines, harts }], () => 0);
  runAt(lab, SLOW);
  return only(lab);
}

test('fields have names and meanings: the cause of a trap, the modes of mstatus, the views of the supervisor', () => {
  const each = ranText(
    textOf([
      '_start: la t0, handler',
      '  csrw mtvec, t0',
      '  csrwi mideleg, 2',
      '  li t0, 0x222',
      '  csrw mie, t0',
      '  li t0, 1 << 13',
      '  csrs mstatus, t0 # floating point: Initial',
      '  .word 0',
      '  .balign 4',
      'handler: li t0, 0x100000',
      '  li t1, 0x5555',
      '  sw t1, 0(t0)',
    ]),
  );
  const { csrs, floats } = new Looker().look(0, each);
  const shown = (name: string) => {
    const fields = csrs.find((word) => word.name === name)?.fields ?? [];
    return fields.map(({ name: each, value, meaning }) =>
      [each, value, ...[meaning ?? []].flat().map(inEnglish)].join(' '),
    );
  };
  expect(shown('mcause')).toEqual(['Interrupt 0', 'Code 2 illegal instruction']);
  expect(shown('mstatus')).toEqual(expect.arrayContaining(['MPP 3 M', 'FS 1 Initial', 'UXL 2 64']));
  expect(shown('sstatus').map((field) => field.split(' ')[0])).toEqual(
    ['SIE', 'SPIE', 'SPP', 'FS', 'SUM', 'MXR', 'UXL', 'SD'], // biome-ignore format: a row
  );
  expect(shown('sie')).toEqual(['SSIE 1', 'STIE 0', 'SEIE 0']);
  expect(shown('mie')).toEqual(expect.arrayContaining(['SSIE 1', 'STIE 1', 'SEIE 1', 'MTIE 0']));
  expect(shown('mideleg')).toContain('SSI 1');
  expect(floats).toHaveLength(32);
});

const inEnglish = (said: string | Told) => (typeof said === 'string' ? said : said.en);

test('what is refused is said in each language', () => {
  const lab = laboratory('ticks');
  expect(lab.until(0, { kind: 'exit', reason: 'sneeze' })).toEqual({
    en: 'no exit is called sneeze',
    ko: '이름이 sneeze인 엑시트 이유는 없습니다',
  });
  expect(lab.until(0, { kind: 'address', where: 'nowhere' })).toEqual({
    en: 'nowhere: no symbol of ticks, and no address',
    ko: 'nowhere: 게스트 ticks의 심벌도 아니고 주소도 아닙니다',
  });
});

test('every virtual CPU can be looked at, and without a choice it is the one whose turn it is', () => {
  const lab = laboratory('crew', { harts: 3 });
  runAt(lab, SLOW);
  const each = only(lab);
  const looker = new Looker();
  const hartid = (hart?: number) => {
    const { csrs, hart: shown, harts } = looker.look(0, each, { hart });
    return [harts, shown, Number(csrs.find(({ name }) => name === 'mhartid')?.value)];
  };
  expect([0, 1, 2].map(hartid)).toEqual([
    [3, 0, 0],
    [3, 1, 1],
    [3, 2, 2],
  ]);
  expect(hartid()).toEqual([3, ...Array(2).fill(each.guest.interleaver.whoseTurn() ?? 0)]);
});

test('code is shown with the lines that it comes from, and a line is a place to stop at', () => {
  const lab = laboratory('ticks');
  const each = only(lab);
  const line = 1 + (each.lines.at(each.symbols.address('trap') ?? 0n)?.line ?? 0);
  const where = `trap.s:${line}`;
  expect(lab.until(0, { kind: 'address', where })).toBeUndefined();
  expect(run(lab, SLOW)).toMatchObject({ at: where });
  const { code, pc } = new Looker().look(0, each);
  expect(pc).toBe(each.lines.addressOf('trap.s', line));
  const [first, second] = code;
  expect(first?.source?.text).toBe('sd x1, 8 * 1(a0)');
  expect(first?.source?.within).toContain(`used at trap.s:`);
  expect(second?.text).toMatch(/^sd/);
  expect(code.filter(({ source }) => source !== undefined).length).toBeGreaterThan(1);
});
