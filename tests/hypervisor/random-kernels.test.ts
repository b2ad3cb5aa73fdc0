// Random kernels that edit page tables, CSRs and devices. Fenced ones come to the same under each discipline as on the
// bare machine; wild ones do under `trace`, and under the others at least what contains them holds after exits.
// TRAPEZE_KERNELS=n runs seeds 0 to n - 1; TRAPEZE_KERNELS=m-n those of a range.

import { expect, test } from 'vitest';
import { DISCIPLINES, type Discipline } from '../../src/hypervisor/shadow/discipline.ts';
import { Shadow } from '../../src/hypervisor/shadow/shadow.ts';
import { ShadowTables } from '../../src/hypervisor/shadow/tables.ts';
import { Coherence } from '../../src/machine/translator/coherence.ts';
import { bareSystem, type System, virtualSystem } from '../../src/session/system.ts';
import { runSteps, specOf } from '../support/guests.ts';
import { checkInvariants } from '../support/invariants.ts';
import { mendAfterEach, plant } from '../support/mistakes.ts';
import { KERNEL_RAM_BYTES, randomKernels } from '../support/random-kernels.ts';

mendAfterEach();

/** Kernels in an image, and the most steps that it is given; few take as many. */
const BATCH = 32;
const STEPS = BATCH * 6000;
const STEPS_APART = 5003;
const [first = 0, end = 0] = rangeOf(process.env['TRAPEZE_KERNELS'] ?? '128');
function rangeOf(text: string): readonly number[] {
  const numbers = text.split('-').map(Number);
  return numbers.length === 1 ? [0, ...numbers] : numbers;
}
const batches = Array.from(
  { length: Math.ceil((end - first) / BATCH) },
  (_, index) => Math.floor(first / BATCH) + index,
);
const HOUR = 3_600_000;

const specFor = (bytes: Uint8Array) => specOf({ bytes, ramBytes: KERNEL_RAM_BYTES });
/** What a run comes to. A difference in any of it is one that a guest could see. */
function result(system: System): string {
  runSteps(system, STEPS);
  const [guest] = system.guests;
  if (guest === undefined) throw new Error('no guest');
  const state = guest.states.map(({ words }) => words.join());
  return `${JSON.stringify(guest.board.outcome)} at ${guest.board.clock.now}, memory ${guest.digest()}, ${state}`;
}
/** The bare machine: by the reference, and more often by the hot core, which other tests compare with it. */
const bare = (bytes: Uint8Array, batch: number) =>
  result(bareSystem(specFor(bytes), { engine: batch % 8 === 0 ? 'reference' : 'auto' }));
const disciplineOf = (batch: number) => DISCIPLINES[batch % DISCIPLINES.length] as Discipline;

test(`fenced kernels ${first} to ${end - 1} are the same bare and under each discipline`, { timeout: HOUR }, () => {
  for (const batch of batches) {
    const bytes = randomKernels(batch, BATCH, false);
    const shadow = disciplineOf(batch);
    const virtual = virtualSystem([specFor(bytes)], { shadow });
    expect(result(virtual), `batch ${batch}, ${shadow}`).toBe(bare(bytes, batch));
    virtual.guests[0]?.vm?.checkLedger();
  }
});

test(`wild kernels ${first} to ${end - 1} are the same bare and under trace`, { timeout: HOUR }, () => {
  for (const batch of batches) {
    const bytes = randomKernels(batch, BATCH, true);
    const virtual = virtualSystem([specFor(bytes)], { shadow: 'trace' });
    expect(result(virtual), `batch ${batch}`).toBe(bare(bytes, batch));
    virtual.guests[0]?.vm?.checkLedger();
  }
});

test(`wild kernels ${first} to ${end - 1} are contained, under any discipline`, { timeout: HOUR }, () => {
  for (const batch of batches) {
    const shadow = disciplineOf(batch);
    const virtual = virtualSystem([specFor(randomKernels(batch, BATCH, true))], { shadow });
    const [guest] = virtual.guests;
    const vm = guest?.vm;
    if (guest === undefined || vm === undefined) throw new Error('no virtual machine');
    // In stretches, so that exits stay in place as they do where nobody listens.
    for (let steps = 0; steps < STEPS && guest.board.outcome === undefined; steps += STEPS_APART) {
      runSteps(virtual, STEPS_APART);
      checkInvariants(guest.hardware, vm, shadow === 'trace');
    }
    vm.checkLedger();
  }
});

/** Steps of a kernel that are looked at one by one, behind those that set it up. */
const BEFORE = 700;
const SINGLE = 700;
/** @returns after how many exits of a wild kernel the invariants were looked at. */
function lookAfterEachExit(shadow: Discipline): number {
  const virtual = virtualSystem([specFor(randomKernels(first, 1, true))], { shadow });
  const [guest] = virtual.guests;
  const vm = guest?.vm;
  if (guest === undefined || vm === undefined) throw new Error('no virtual machine');
  const exits = () => vm.ledger.exits().reduce((sum, { count }) => sum + count, 0);
  runSteps(virtual, BEFORE);
  let looked = 0;
  for (let step = 0; step < SINGLE; step++) {
    const before = exits();
    runSteps(virtual, 1);
    if (exits() === before) continue;
    checkInvariants(guest.hardware, vm, shadow === 'trace');
    vm.checkLedger();
    looked++;
  }
  return looked;
}
test.each(DISCIPLINES)('a wild kernel is contained after every single exit, under %s', (shadow) => {
  expect(lookAfterEachExit(shadow)).toBeGreaterThan(SINGLE / 10);
});

test.each<readonly [mistake: string, make: () => void, seen: RegExp]>([
  [
    'a store to a page table is missed',
    () => plant(Shadow.prototype, 'stored', () => () => {}),
    /the shadow (maps|grants)/,
  ],
  [
    'a leaf maps what is behind the guest’s RAM',
    () =>
      plant(
        ShadowTables.prototype,
        'map',
        (map) =>
          function (this: ShadowTables, slot: number, frame: number, bits: number) {
            map.call(this, slot, frame + this.ramFrames, bits);
          },
      ),
    /which is not the guest's/,
  ],
  [
    'a leaf goes and the hardware keeps what it derived from it',
    () => plant(Coherence.prototype, 'dropPage', () => () => {}),
    /the hardware (translates|has)/,
  ],
])('what is looked at after exits shows it if %s', (_, make, seen) => {
  make();
  expect(() => lookAfterEachExit('trace')).toThrow(seen);
});
