// `trapeze run`: consoles, how guests end and the exit codes that follow, limits, JSON, statistics and logs.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunReport } from '../../src/session/report.ts';
import { file, scratchFolder, trapeze } from '../support/cli.ts';

const folder = scratchFolder();
const source = (name: string, text: string) => file(folder, name, text);

const FINISHER = 'li t0, 0x100000\n';
const exits = (code: number) =>
  `.globl _start\n_start: ${FINISHER} li t1, ${0x3333 + code * 0x10000}\n sw t1, 0(t0)\n1: j 1b\n`;
const forEver = source('forever.s', '.globl _start\n_start: j _start\n');
const waits = source('waits.s', '.globl _start\n_start: wfi\n j _start\n');
/** Echoes what is typed until Ctrl-D. */
const echo = source(
  'echo.s',
  `.globl _start
_start: li s0, 0x10000000
1:      lbu t0, 5(s0)
        andi t0, t0, 1
        beqz t0, 1b
        lbu t1, 0(s0)
        li t2, 4
        beq t1, t2, 2f
        sb t1, 0(s0)
        j 1b
2:      li t0, 0x100000
        li t1, 0x5555
        sw t1, 0(t0)
3:      j 3b
`,
);
const report = (args: readonly string[], input = ''): RunReport => {
  const { stdout, stderr } = trapeze(['run', '--json', ...args], input);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as RunReport;
};

describe('consoles', () => {
  test('one guest has its console to itself, bare and virtual', () => {
    for (const args of [
      ['run', 'hello'],
      ['run', '--bare', 'hello'],
    ]) {
      const { code, stdout, stderr } = trapeze(args);
      expect(stdout).toContain('Hello from M-mode!\n');
      expect(stdout).not.toContain('|');
      expect([code, stderr]).toEqual([0, '']);
    }
  });
  test('of several, each line carries its name, and two of one name are told apart', () => {
    const { code, stdout } = trapeze(['run', 'hello', 'hello']);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toContain('hello   | Hello from M-mode!');
    expect(lines).toContain('hello-2 | Hello from M-mode!');
    for (const line of lines) expect(line).toMatch(/^hello {3}\| |^hello-2 \| /);
  });
  test('standard input is typed on the first console, a file on the one that it names, then Ctrl-D', () => {
    expect(trapeze(['run', echo], 'typed').stdout).toBe('typed');
    const typed = file(folder, 'typed.txt', 'from a file');
    expect(trapeze(['run', echo, '--input', typed], 'not this').stdout).toBe('from a file');
    const both = trapeze(['run', echo, echo, '--input', `echo-2=${typed}`], 'first').stdout.split('\n');
    expect(both).toContain('echo   | first');
    expect(both).toContain('echo-2 | from a file');
  });
});

describe('the exit code', () => {
  test.each([
    ['the test finisher passes', '.globl _start\n_start: li t0, 0x100000\n li t1, 0x5555\n sw t1, 0(t0)\n', 0],
    ['the test finisher fails with 7', exits(7), 7],
    ['the test finisher fails with a code above 255', exits(300), 255],
    [
      'tohost says success',
      '.globl _start\n_start: la t0, tohost\n li t1, 1\n sd t1, 0(t0)\n1: j 1b\n.data\n.globl tohost\n.align 6\ntohost: .dword 0\n',
      0,
    ],
    [
      'tohost says failure 3',
      '.globl _start\n_start: la t0, tohost\n li t1, 7\n sd t1, 0(t0)\n1: j 1b\n.data\n.globl tohost\n.align 6\ntohost: .dword 0\n',
      3,
    ],
    ['the guest waits for what can never come', '.globl _start\n_start: wfi\n j _start\n', 3],
  ])('where %s, bare and virtual', (name, text, code) => {
    const guest = source(`${name.replaceAll(' ', '-')}.s`, text);
    expect(trapeze(['run', guest]).code).toBe(code);
    expect(trapeze(['run', '--bare', guest]).code).toBe(code);
  });
  test.each([
    ['no reason', 0, 0],
    ['a system failure', 1, 1],
  ])('where the SBI is asked to reset for %s', (_, reason, code) => {
    const guest = source(
      `reset-${reason}.s`,
      `.globl _start\n_start: li a7, 0x53525354\n li a6, 0\n li a0, 0\n li a1, ${reason}\n ecall\n1: j 1b\n`,
    );
    expect(trapeze(['run', '--mode', 's', guest]).code).toBe(code);
    expect(trapeze(['run', '--mode', 's', '--bare', guest]).code).toBe(code);
  });
  test('is that of the first machine in order that is not 0', () => {
    const five = source('five.s', exits(5));
    const six = source('six.s', exits(6));
    expect(trapeze(['run', 'hello', five, six]).code).toBe(5);
    expect(trapeze(['run', six, five]).code).toBe(6);
  });
  test('is 124 at a limit of steps or of time, and the machine stops exactly there', () => {
    const { machines } = report([forEver, '--limit', '12345']);
    expect(machines[0]?.outcome).toEqual({ kind: 'limit' });
    expect(machines[0]?.steps).toEqual({ user: 0, supervisor: 0, machine: 12345 });
    expect(trapeze(['run', forEver, '--limit', '1000']).code).toBe(124);
    expect(trapeze(['run', forEver, '--timeout', '0.3']).code).toBe(124);
  });
  test('is 124 where a guest starts again for ever: each start takes steps of the limit', () => {
    const again = source('again.s', `.globl _start\n_start: ${FINISHER} li t1, 0x7777\n sw t1, 0(t0)\n1: j 1b\n`);
    const { machines } = report([again, '--limit', '200']);
    expect(machines[0]).toMatchObject({ outcome: { kind: 'limit' }, steps: { machine: 200 } });
    expect(machines[0]?.restarts).toBeGreaterThan(40);
  });
  test('is 0 as soon as a console shows the text of --until, and 124 where a limit comes first', () => {
    const { code, stdout } = trapeze(['run', 'hello', '--until', 'Hello']);
    expect([code, stdout]).toEqual([0, 'Hello']);
    expect(trapeze(['run', forEver, '--until', 'never', '--limit', '1000']).code).toBe(124);
  });
});

describe('--json', () => {
  test('is one document with consoles, outcomes, steps and exits', () => {
    const document = report(['hello', waits]);
    expect(document).toMatchObject({ schema: 'trapeze/run/1', engine: 'auto', mode: 'virtual' });
    const [hello, idle] = document.machines;
    expect(hello).toMatchObject({ name: 'hello', outcome: { kind: 'exit', code: 0 } });
    expect(hello?.console).toContain('Hello from M-mode!');
    expect(idle).toMatchObject({ name: 'waits', outcome: { kind: 'idle' }, console: '' });
    const mmio = hello?.exits.find(({ reason }) => reason === 'mmio');
    expect(mmio?.count).toBeGreaterThan(50);
    // Exits that the guest's own code handles have no time apart from it; a filled shadow has.
    expect(hello?.exits.find(({ reason }) => reason === 'shadow-fill')?.hostNanoseconds).toBeGreaterThan(0);
  });
  test('steps by privilege are the same bare and virtual, and so is the console', () => {
    const [virtual, bare] = [report(['ticks']), report(['--bare', 'ticks'])].map(({ machines }) => machines[0]);
    expect(virtual?.steps).toEqual(bare?.steps);
    expect(virtual?.console).toBe(bare?.console);
    expect(bare?.exits).toEqual([]);
  });
  test('steps by hart are the same bare and virtual, and in every run', () => {
    const runs = [
      ['crew', '--smp', '4'],
      ['crew', '--smp', '4'],
      ['--bare', 'crew', '--smp', '4'],
    ].map((args) => {
      const [machine] = report(args).machines;
      return [machine?.harts, machine?.switches, machine?.steps, machine?.console];
    });
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).toEqual(runs[0]);
    expect(runs[0]?.[0]).toHaveLength(4);
  });
  test('console bytes are characters of latin-1', () => {
    const [machine] = report([echo, '--input', file(folder, 'bytes.bin', Uint8Array.of(0xe4, 0xff, 0x80))]).machines;
    expect(machine?.console).toBe('\u00e4\u00ff\u0080');
  });
});

test('--stats has the ledger on standard error', () => {
  const { stdout, stderr } = trapeze(['run', 'hello', '--stats']);
  expect(stdout).not.toContain('mmio');
  expect(stderr).toMatch(/hello: exit 0/);
  expect(stderr).toMatch(/mmio +\d+ +\d+\.\d%/);
  expect(stderr).toMatch(/the machine: [\d,]+ steps\n +regions +[\d,]+ +\d+\.\d%\n +interpreter /);
});

describe('--log', () => {
  test('exits: a line an exit', () => {
    const log = join(folder, 'exits.log');
    expect(trapeze(['run', 'hello', '--log', `exits,${log}`]).code).toBe(0);
    const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(50);
    expect(lines[0]).toMatch(/^ +\d+ hello M 0080000000 _start +.* shadow-fill +instruction page fault at 0x80000000$/);
    expect(lines.some((line) => / mmio /.test(line))).toBe(true);
  });
  test('instructions: a line an instruction, with what it changed, bare and virtual alike', () => {
    const logs = [
      ['run', 'hello'],
      ['run', '--bare', 'hello'],
    ].map((args) => trapeze([...args, '--log', 'instructions']).stderr);
    expect(logs[0]).toBe(logs[1]);
    expect(logs[0]?.trimEnd().split('\n').length).toBe(982);
  });
  test('traps: a line a trap, with its cause', () => {
    const { stderr } = trapeze(['run', 'ticks', '--log', 'traps']);
    expect(stderr).toMatch(/trap to S +supervisor timer interrupt/);
    expect(stderr).toMatch(/trap to SBI/);
  });
  test('a log changes nothing', () => {
    const [plain, logged] = [
      report(['ticks']),
      JSON.parse(trapeze(['run', 'ticks', '--json', '--log', `traps,${join(folder, 'x.log')}`]).stdout) as RunReport,
    ];
    expect(logged.machines[0]?.steps).toEqual(plain.machines[0]?.steps);
  });
});

describe('--profile', () => {
  test('two runs write the same file, in the format that its name asks for', () => {
    for (const name of ['profile.txt', 'profile.json']) {
      const [one, other] = [join(folder, `1-${name}`), join(folder, `2-${name}`)];
      for (const path of [one, other])
        expect(trapeze(['run', 'ticks', forEver, '--limit', '1e6', '--profile', path]).code).toBe(124);
      expect(readFileSync(one, 'utf8')).toBe(readFileSync(other, 'utf8'));
    }
    expect(readFileSync(join(folder, '1-profile.txt'), 'utf8')).toMatch(/^forever;M;_start \d+$/m);
    const document = JSON.parse(readFileSync(join(folder, '1-profile.json'), 'utf8'));
    expect(document).toMatchObject({ $schema: 'https://www.speedscope.app/file-format-schema.json' });
    expect(document.profiles.map(({ name }: { name: string }) => name)).toEqual(['ticks', 'forever']);
  });
  test('a file that cannot be written is told before anything runs', () => {
    const { code, stdout, stderr } = trapeze(['run', 'hello', '--profile', join(folder, 'missing', 'x.txt')]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^trapeze: --profile .*missing.x\.txt: no such folder\n$/);
  });
});
