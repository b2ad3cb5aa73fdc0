// Guests for tests, written in assembly behind tests/support/prelude.s. A case runs bare and virtual: both must find
// their own checks true, and agree in every word of state after every step; whole runs, on every engine, must come to
// the same.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { WORD_NAMES } from '../../isa/layout.ts';
import { assemble } from '../../src/asm/assemble.ts';
import { renderDiagnostics } from '../../src/asm/diagnostic.ts';
import type { VirtualMachine } from '../../src/hypervisor/virtual-machine.ts';
import { ENGINES, type Engine } from '../../src/machine/engine.ts';
import type { System, SystemGuest } from '../../src/session/system.ts';
import { type Kind, systemOf, type Way, waysOf } from './engines.ts';
import { runSteps, specOf, type TestGuest } from './guests.ts';

const PRELUDE = readFileSync(fileURLToPath(new URL('./prelude.s', import.meta.url)), 'utf8');
/** Enough for any case that ends: one that is compared at each step, or at its end alone. */
const MOST_STEPS = { each: 20_000, end: 200_000 } as const;

export interface CaseOptions extends Omit<TestGuest, 'bytes'> {
  /** What the console shows in the end. */
  readonly console?: string;
  /** Compares only the ends: for cases of very many steps. */
  readonly endOnly?: boolean;
  /** What runs it. The reference, bare and virtual, is always among them. */
  readonly engines?: readonly Engine[];
}

const [bare, virtual] = waysOf(['reference']) as [Way, Way];
export const REFERENCE: Readonly<Record<Kind, Way>> = { bare, virtual };

/** The bytes of a guest whose own code starts at `test`. */
export function assembleGuest(text: string, mode: 'm' | 's' = 'm'): Uint8Array {
  const source = { name: 'test.s', text: `${PRELUDE}\n        .balign 4\n${text}\n` };
  const { image, diagnostics } = assemble([source], { defines: { START_IN_M: mode === 'm' ? '1' : '0' } });
  if (image === undefined) throw new Error(renderDiagnostics(diagnostics));
  return image.raw;
}

/** A guest that is run, and what it wrote. */
export interface Running {
  readonly system: System;
  readonly guest: SystemGuest;
  readonly console: () => string;
}

export function start(way: Omit<Way, 'name'>, guest: TestGuest): Running {
  const output: number[] = [];
  const spec = specOf(guest, (byte) => output.push(byte));
  const system = systemOf(spec, way);
  return {
    system,
    guest: system.guests[0] as SystemGuest,
    console: () => String.fromCharCode(...output),
  };
}

export const stateOf = ({ guest }: Running) =>
  guest.states.map(({ words }) => Object.fromEntries(WORD_NAMES.map((name, i) => [name, words[i]])));

const summary = (running: Running) => ({
  outcome: running.guest.board.outcome,
  time: running.guest.board.clock.now,
  console: running.console(),
  memory: running.guest.digest(),
  states: stateOf(running),
});

/**
 * Runs a case bare and virtual to its end. It must find its own checks true in both, and both must agree, on every
 * engine.
 * @returns the reference's virtual machine after its run, for a look at its ledger.
 */
export function runCase(text: string, options: CaseOptions = {}): VirtualMachine {
  const { console: shown, endOnly = false, engines = ENGINES, ...rest } = options;
  const guest: TestGuest = { ...rest, bytes: assembleGuest(text, options.mode) };
  const model = start(REFERENCE.bare, guest);
  const most = endOnly ? MOST_STEPS.end : MOST_STEPS.each;
  if (!endOnly) compareSteps(model, start(REFERENCE.virtual, guest));
  runSteps(model.system, most);
  expect(model.guest.board.outcome, 'bare: the exit code is the number of the check that failed').toEqual({
    kind: 'exit',
    code: 0,
  });
  if (shown !== undefined) expect(model.console()).toBe(shown);
  const end = summary(model);
  const whole = (way: Way): VirtualMachine | undefined => {
    const run = start(way, guest);
    runSteps(run.system, most);
    expect(summary(run), way.name).toEqual(end);
    run.guest.vm?.checkLedger();
    return run.guest.vm;
  };
  const machine = whole(REFERENCE.virtual);
  for (const way of waysOf(engines.filter((engine) => engine !== 'reference'))) whole(way);
  if (machine === undefined) throw new Error('a virtual guest has a virtual machine');
  return machine;
}

/** Steps both to the end of the first, and stops at the first step after which they differ. */
function compareSteps(first: Running, second: Running): void {
  for (let step = 1; step <= MOST_STEPS.each; step++) {
    runSteps(first.system, 1);
    runSteps(second.system, 1);
    const agrees =
      first.guest.states.every(({ words }, hart) => {
        const others = second.guest.states[hart]?.words;
        return words.every((word, i) => word === others?.[i]);
      }) && first.guest.board.clock.now === second.guest.board.clock.now;
    if (!agrees) expect(stateOf(second), `virtual after step ${step}`).toEqual(stateOf(first));
    if (first.guest.board.outcome !== undefined) break;
  }
  expect(summary(second)).toEqual(summary(first));
}
