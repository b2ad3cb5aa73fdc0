// Driving a system to its end: limits in steps and in host time, idle time skipped or waited for, interruption, and
// what is reported. The host is a fake whose time passes only when it is told to.

import { expect, test } from 'vitest';
import { ConsoleInput } from '../../src/devices/console-input.ts';
import { type DriveOptions, drive, type Host } from '../../src/session/drive.ts';
import { exitCodeOf, reportOf } from '../../src/session/report.ts';
import { bareSystem, type System, virtualSystem } from '../../src/session/system.ts';
import { assembleGuest } from '../support/assembly.ts';
import { systemOf, WAYS } from '../support/engines.ts';
import { specOf, type TestGuest } from '../support/guests.ts';

const busy: TestGuest = { name: 'busy', bytes: assembleGuest('test: addi t0, t0, 1\n j test') };
const asleep: TestGuest = { name: 'asleep', bytes: assembleGuest('test: wfi\n j test') };
const failing: TestGuest = { name: 'failing', bytes: assembleGuest('test: li a0, 7\n j fail') };
/** Sleeps for so many milliseconds, then ends. */
const napping = (milliseconds: number): TestGuest => ({
  name: 'napping',
  bytes: assembleGuest(`
test:   li      t0, MTIMECMP
        li      t1, ${milliseconds * 10_000}
        sd      t1, 0(t0)
        li      t1, 1 << 7
        csrw    mie, t1
        wfi
        pass
`),
});

class FakeHost implements Host {
  now = 0;
  breaths = 0;
  readonly sleeps: number[] = [];
  /** How much time a look at the clock takes. */
  tick = 1;
  typed: (() => void) | undefined;

  milliseconds(): number {
    this.now += this.tick;
    return this.now;
  }
  async breathe(): Promise<void> {
    this.breaths++;
  }
  async sleep(milliseconds: number): Promise<void> {
    this.sleeps.push(milliseconds);
    this.typed?.();
    if (milliseconds !== Number.POSITIVE_INFINITY) this.now += milliseconds;
  }
}

const systems = WAYS.map((way) => [way.name, (guest: TestGuest): System => systemOf(specOf(guest), way)] as const);
async function outcomeOf(system: System, options: Partial<DriveOptions> = {}, host = new FakeHost()) {
  await drive(system, host, { clock: 'virtual', ...options });
  return system.guests.map(({ board }) => board.outcome);
}

test.each(systems)('%s: a limit ends a run at exactly that many steps', async (_, make) => {
  const system = make(busy);
  expect(await outcomeOf(system, { limit: 123_456 })).toEqual([{ kind: 'limit' }]);
  expect(system.guests[0]?.board.clock.now).toBe(123_456);
});

test.each(systems)('%s: a timeout ends a run after so much host time, asleep or not', async (_, make) => {
  const host = new FakeHost();
  host.tick = 300;
  expect(await outcomeOf(make(busy), { timeout: 1 }, host)).toEqual([{ kind: 'timeout' }]);
  const sleeper = new FakeHost();
  expect(await outcomeOf(make(napping(60_000)), { timeout: 2, clock: 'wall' }, sleeper)).toEqual([{ kind: 'timeout' }]);
  expect(Math.max(...sleeper.sleeps)).toBeLessThanOrEqual(2000);
});

test.each(systems)('%s: idle time is skipped, or under the wall clock waited for', async (_, make) => {
  const skipping = new FakeHost();
  expect(await outcomeOf(make(napping(5000)), {}, skipping)).toEqual([{ kind: 'exit', code: 0 }]);
  expect(skipping.sleeps).toEqual([]);
  const waiting = new FakeHost();
  expect(await outcomeOf(make(napping(5000)), { clock: 'wall' }, waiting)).toEqual([{ kind: 'exit', code: 0 }]);
  expect(waiting.sleeps[0]).toBeCloseTo(5000, 1);
  expect(waiting.now).toBeGreaterThanOrEqual(5000);
});

test('a guest whose harts have all stopped ends as idle, though somebody could type', async () => {
  const stopping = {
    bytes: assembleGuest('test: li a7, 0x48534d\n li a6, 1\n ecall', 's'),
    mode: 's',
    harts: 2,
  } as const;
  for (const way of WAYS) {
    const system = systemOf({ ...specOf(stopping), input: new ConsoleInput() }, way);
    expect(await outcomeOf(system), way.name).toEqual([{ kind: 'idle' }]);
  }
});

test.each(systems)('%s: a guest that waits for what can never come ends as idle', async (_, make) => {
  const system = make(asleep);
  expect(await outcomeOf(system)).toEqual([{ kind: 'idle' }]);
  expect(exitCodeOf(reportOf(system, 'reference', [''], 0))).toBe(3);
});

test('a guest that waits for its console sleeps until something is typed', async () => {
  const input = new ConsoleInput();
  const bytes = assembleGuest(`
test:   li      t0, PLIC
        li      t1, 1
        sw      t1, 40(t0)
        li      t0, PLIC + 0x2000
        li      t1, 1 << 10
        sw      t1, 0(t0)
        li      t0, UART
        li      t1, 1
        sb      t1, 1(t0)               # an interrupt when a byte is received
        li      t1, 1 << 11
        csrw    mie, t1
        wfi
        lbu     a0, 0(t0)
        check   a0, 'q'
        pass
`);
  const host = new FakeHost();
  host.typed = () => input.push('q'.charCodeAt(0));
  const system = virtualSystem([{ ...specOf({ bytes }), input }]);
  expect(await outcomeOf(system, {}, host)).toEqual([{ kind: 'exit', code: 0 }]);
  expect(host.sleeps).toEqual([Number.POSITIVE_INFINITY]);
});

test('a run is interrupted from outside, and breathes meanwhile', async () => {
  const host = new FakeHost();
  host.tick = 15;
  const signal = { aborted: false };
  const system = virtualSystem([specOf(busy), specOf(asleep)]);
  const onProgress = (steps: number) => {
    if (steps > 200_000) signal.aborted = true;
  };
  expect(await outcomeOf(system, { signal, onProgress }, host)).toEqual([
    { kind: 'interrupted' },
    { kind: 'interrupted' },
  ]);
  expect(host.breaths).toBeGreaterThan(1);
});

test('a report has every step under one privilege and every exit under one reason, and the first failure’s code', async () => {
  const guests = [napping(1), failing];
  const system = virtualSystem(guests.map((guest) => specOf(guest)));
  await outcomeOf(system);
  const report = reportOf(system, 'reference', ['one', 'two'], 1.6);
  expect(exitCodeOf(report)).toBe(7);
  expect(report).toMatchObject({ schema: 'trapeze/run/1', mode: 'virtual', hostNanoseconds: 2 });
  for (const [i, machine] of report.machines.entries()) {
    const vm = system.guests[i]?.vm;
    const { user, supervisor, machine: inM } = machine.steps;
    const emulated = machine.exits
      .filter(({ reason }) => reason !== 'shadow-fill')
      .reduce((sum, e) => sum + e.count, 0);
    expect(user + supervisor + inM).toBe((vm?.ledger.nativeSteps ?? 0) + emulated);
    expect(machine.console).toBe(['one', 'two'][i]);
  }
  const bare = bareSystem(specOf(failing));
  await outcomeOf(bare);
  const [machine] = reportOf(bare, 'reference', [''], 0).machines;
  expect(machine).toMatchObject({ exits: [], shadow: { fills: 0, contexts: 0, evictions: 0 }, outcome: { code: 7 } });
});

test('a ledger whose steps do not add up fails its check', () => {
  const system = virtualSystem([specOf(busy)]);
  const [guest] = system.guests;
  guest?.interleaver.run(1000);
  guest?.vm?.checkLedger();
  if (guest?.vm) guest.vm.ledger.nativeSteps++;
  expect(() => guest?.vm?.checkLedger()).toThrow('1000 steps');
});
