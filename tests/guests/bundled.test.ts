// The bundled guests: what each prints, to the letter, bare and virtual and on every engine
// at the same steps, and what its folder says.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bundledGuests, guestFolder } from '../../src/cli/bundled.ts';
import { planGuests } from '../../src/cli/machine-options.ts';
import { ConsoleInput } from '../../src/devices/console-input.ts';
import { type System, stepsOf } from '../../src/session/system.ts';
import { type Side, verify } from '../../src/session/verify.ts';
import { systemOf, WAYS } from '../support/engines.ts';
import { goldenFolder } from '../support/golden.ts';
import { runSteps } from '../support/guests.ts';

const expectGolden = goldenFolder(new URL('golden/', import.meta.url));
const MEMORY_BYTES = 128 * 1024 * 1024;
const ENOUGH_STEPS = 20_000_000;

interface Ran {
  readonly console: string;
  readonly system: System;
}

/** A guest, with what is typed on it. */
function planned(name: string, typed: string, smp: number) {
  const [guest] = planGuests([name], { memory: MEMORY_BYTES, smp, engine: 'reference' });
  const spec = (output: (byte: number) => void) =>
    (guest as NonNullable<typeof guest>).spec(ConsoleInput.script(new TextEncoder().encode(typed)), output);
  const run = (make: (output: (byte: number) => void) => System): Ran => {
    const bytes: number[] = [];
    const system = make((byte) => bytes.push(byte));
    runSteps(system, ENOUGH_STEPS);
    return { console: new TextDecoder().decode(Uint8Array.from(bytes)), system };
  };
  const sides = WAYS.map((way) => ({
    name: way.name,
    make: (output: (byte: number) => void) => systemOf(spec(output), way),
  })) as [Side, ...Side[]]; // there are ways
  return { runs: () => sides.map(({ make }) => run(make)), sides };
}

const demo = readFileSync(join(guestFolder('lilliput'), 'demo.txt'), 'utf8');

describe.each<[name: string, what: string, typed: string, smp?: number]>([
  ['hello', 'hello', ''],
  ['ticks', 'ticks', ''],
  ['crew', 'crew of one', ''],
  ['crew', 'crew of four', '', 4],
  ['lilliput', 'lilliput with its demo', demo],
  ['lilliput', 'lilliput with nothing typed', ''],
  ['lilliput', 'lilliput with a line cut short', 'echo one\necho tw'],
  ['lilliput', 'lilliput with commands that it does not know', 'nonsense\n\n  \necho  two  words \nfork fork\n'],
])('%s: %s', (name, what, typed, smp = 1) => {
  const guest = planned(name, typed, smp);
  test('prints what it printed when it was last looked at, in all ways, and ends well after as many steps', () => {
    const [model, ...others] = guest.runs() as [Ran, ...Ran[]];
    expectGolden(`${what.replaceAll(' ', '-')}.txt`, model.console);
    expect(model.system.guests[0]?.board.outcome).toEqual({ kind: 'exit', code: 0 });
    for (const other of others) {
      expect(other.console).toBe(model.console);
      expect(other.system.guests.map(({ board }) => board.outcome)).toEqual([{ kind: 'exit', code: 0 }]);
      expect(other.system.guests.map(stepsOf)).toEqual(model.system.guests.map(stepsOf));
      other.system.guests[0]?.vm?.checkLedger();
    }
  });
  test('is the same in all ways at every step that is compared', () => {
    expect(verify(guest.sides, ENOUGH_STEPS)).toMatchObject({ agrees: true, ended: true });
  });
});

test('every guest has a README for students, sources that exist, and no source that is not linked', () => {
  for (const { name, sources } of bundledGuests()) {
    const files = readdirSync(guestFolder(name), { recursive: true, encoding: 'utf8' }).map((file) =>
      file.replaceAll('\\', '/'),
    );
    expect(files).toContain('README.md');
    expect(files.filter((file) => file.endsWith('.s')).toSorted()).toEqual([...sources].toSorted());
  }
});
