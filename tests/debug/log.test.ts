// A log that steps changes nothing of the run, also where a timer is set to go off in what would have been one run.

import { expect, test } from 'vitest';
import { steppingLog } from '../../src/debug/log.ts';
import { SymbolTable } from '../../src/debug/symbols.ts';
import { ENGINES } from '../../src/machine/engine.ts';
import { bareSystem } from '../../src/session/system.ts';
import { assembleGuest } from '../support/assembly.ts';
import { runSteps, specOf } from '../support/guests.ts';

const bytes = assembleGuest(`
test:   li      t0, MTIMECMP
        li      t1, 10
        sd      t1, 0(t0)
        la      t1, handler
        csrw    mtvec, t1
        li      t1, 1 << 7
        csrw    mie, t1
        csrsi   mstatus, MSTATUS_MIE
wait:   addi    t2, t2, 1
        j       wait
        .balign 4
handler:
        csrr    t3, mcause
        pass
`);

test('of several harts, a line names the one that it tells of', () => {
  const lines: string[] = [];
  const context = { name: 'guest', symbols: new SymbolTable([]), write: (line: string) => lines.push(line) };
  const guest = { bytes: assembleGuest('test: csrr s0, mhartid\n1: wfi\n j 1b'), harts: 3, turnSteps: 4 };
  const wrap = steppingLog('instructions', () => context);
  runSteps(bareSystem(specOf(guest), { engine: 'auto', wrap }), 1000);
  const told = lines.filter((line) => /csrr +s0,mhartid/.test(line));
  expect(told.map((line) => /guest\.\d/.exec(line)?.[0])).toEqual(['guest.0', 'guest.1', 'guest.2']);
  expect(told.map((line) => /s0=(\w+)/.exec(line)?.[1])).toEqual([undefined, '0x1', '0x2']);
});

test.each(ENGINES)('%s: logged and plain, the same run', (engine) => {
  const lines: string[] = [];
  const context = { name: 'guest', symbols: new SymbolTable([]), write: (line: string) => lines.push(line) };
  const [logged, plain] = [steppingLog('traps', () => context), undefined].map((wrap) => {
    const system = bareSystem(specOf({ bytes }), { engine, wrap });
    runSteps(system, 10_000);
    const [guest] = system.guests;
    return [guest?.board.outcome, guest?.states.map((state) => [...state.words])];
  });
  expect(logged).toEqual(plain);
  expect(logged?.[0]).toEqual({ kind: 'exit', code: 0 });
  expect(lines.join('\n')).toContain('machine timer interrupt');
});
