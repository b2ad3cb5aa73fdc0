// Bugs of a shadow that follows the guest at its fences, planted one at a time: each is caught by a guest that fences
// as it must and checks itself. As rows: what is planted, under which discipline, and the guest.

import { expect, test, vi } from 'vitest';
import type { Discipline } from '../../src/hypervisor/shadow/discipline.ts';
import { OutOfSync } from '../../src/hypervisor/shadow/out-of-sync.ts';
import { type Fence, Shadow } from '../../src/hypervisor/shadow/shadow.ts';
import { ShadowTables } from '../../src/hypervisor/shadow/tables.ts';
import { assembleGuest, start } from '../support/assembly.ts';
import { runSteps } from '../support/guests.ts';
import { mendAfterEach, plant } from '../support/mistakes.ts';
import { FENCES, FRAGMENTS, REMOTE } from './fenced-guests.ts';

mendAfterEach();

/** The SBI's table of calls is made when it is loaded: the mistake is in it from then on, and asleep. */
const remote = vi.hoisted(() => ({ isMistaken: false }));
vi.mock('../../src/platform/sbi-harts.ts', async (load) => {
  const harts = await load<typeof import('../../src/platform/sbi-harts.ts')>();
  const { Call } = await import('../../src/platform/sbi-call.ts');
  /** Takes the mask for the number of a hart. */
  class Mistaken extends Call {
    override argumentHalf(index: number, half: 0 | 1): number {
      if (index !== 0) return super.argumentHalf(index, half);
      return Number(BigInt.asUintN(32, (1n << this.argument(0)) >> (half === 0 ? 0n : 32n)));
    }
  }
  const remoteFence = (call: InstanceType<typeof Call>) =>
    harts.remoteFence(remote.isMistaken ? new Mistaken(call.state, call.board) : call);
  return { ...harts, remoteFence };
});

interface Row {
  readonly shadow: Discipline;
  readonly plant: () => void;
  readonly guest: string;
  readonly mode?: 's';
}

const nothing = () => () => {};
const ROWS: Readonly<Record<string, Row>> = {
  'a fence has nothing to do': {
    shadow: 'sync',
    plant: () => plant(Shadow.prototype, 'fence', nothing),
    guest: FENCES.everything,
  },
  'a fence of an address looks at no entry': {
    shadow: 'sync',
    plant: () => plant(OutOfSync.prototype, 'fenceAddress', nothing),
    guest: FENCES['an address'],
  },
  'a fence of an address space takes it for another': {
    shadow: 'sync',
    plant: () =>
      plant(
        Shadow.prototype,
        'fence',
        (fence) =>
          function (this: Shadow, { address, asid }: Fence) {
            fence.call(this, { address, asid: asid === undefined ? undefined : asid + 1 });
          },
      ),
    guest: FENCES['an address space'],
  },
  'of a superpage in fragments only one is synchronised': {
    shadow: 'sync',
    plant: () =>
      plant(
        ShadowTables.prototype,
        'eachLive',
        (eachLive) =>
          function (this: ShadowTables, table: number, seen: (slot: number, low: number) => void) {
            let isFirst = true;
            eachLive.call(this, table, (slot: number, low: number) => {
              if (isFirst) seen(slot, low);
              isFirst = false;
            });
          },
      ),
    guest: FRAGMENTS,
  },
  'what an entry was is noted but once': {
    shadow: 'sync',
    plant: () =>
      plant(
        ShadowTables.prototype,
        'setWas',
        (setWas) =>
          function (this: ShadowTables, slot: number, ...halves: number[]) {
            if (this.wasOf(slot) === 0) setWas.call(this, slot, ...halves);
          },
      ),
    guest: FENCES.everything,
  },
  'a page is taken to be unchanged whatever it holds': {
    shadow: 'sync',
    plant: () => plant(ShadowTables.prototype, 'isChanged', () => () => false),
    guest: FENCES.everything,
  },
  'the hardware is not asked to tell of fences': {
    shadow: 'sync',
    plant: () => plant(Shadow.prototype, 'told', () => ({ fences: false, satp: false })),
    guest: FENCES.everything,
  },
  'a store that puts a page out of sync is not seen': {
    shadow: 'sync',
    plant: () => plant(OutOfSync.prototype, 'put', nothing),
    guest: FENCES.everything,
  },
  'a remote fence is not heard': {
    shadow: 'sync',
    plant: () => plant(OutOfSync.prototype, 'fenceAll', nothing),
    guest: REMOTE,
    mode: 's',
  },
  'a remote fence takes its hart mask for the number of a hart': {
    shadow: 'sync',
    plant: () => plant(remote, 'isMistaken', () => true),
    guest: REMOTE,
    mode: 's',
  },
  'stores to page tables are not applied': {
    shadow: 'trace',
    plant: () => plant(Shadow.prototype, 'stored', nothing),
    guest: FENCES.everything,
  },
  'a fence drops nothing': {
    shadow: 'drop',
    plant: () => plant(Shadow.prototype, 'drop', nothing),
    guest: FENCES.everything,
  },
};

const ENOUGH = 50_000;
function outcome({ guest, shadow, mode = undefined }: Row): string {
  const bytes = assembleGuest(guest, mode ?? 'm');
  const running = start({ engine: 'auto', kind: 'virtual', shadow }, { bytes, ...(mode && { mode }) });
  try {
    runSteps(running.system, ENOUGH);
  } catch (error) {
    return `${error}`;
  }
  return JSON.stringify(running.guest.board.outcome);
}
const PASSED = '{"kind":"exit","code":0}';

test.each(Object.entries(ROWS))('%s: caught where it is planted, and only there', (_, row) => {
  expect(outcome(row)).toBe(PASSED);
  row.plant();
  expect(outcome(row)).not.toBe(PASSED);
});
