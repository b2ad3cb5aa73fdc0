// Regions of random programs against the reference: every loop shape that random branches make, traps, misses at each
// access, entries in the middle, and budgets that end anywhere. The rig compares state and memory after each exit.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RAM, RAM_BYTES } from '../../isa/support/machine.ts';
import { assign, type RandomState, stateArbitrary } from '../../isa/support/random-state.ts';
import { runs } from '../../isa/support/runs.ts';
import { aim, EVEN_MIX, type Mix, type RandomProgram, randomProgram } from './support/programs.ts';
import { Rig, regionOf, type Translations } from './support/rig.ts';

const rig = new Rig();
const DIRECT = { kind: 'direct', ramBytes: RAM_BYTES } as const;
const TLB = { kind: 'tlb' } as const;
const PMP_OPEN = 0x1fn;

const seeds = fc.nat({ max: 2 ** 31 - 1 });
const counts = fc.integer({ min: 1, max: 80 });

/** Both harts at a pc of a program, with the same state, and memory that is full of addresses and numbers. */
function prepare(state: RandomState, random: RandomProgram, seed: number, pc: bigint): void {
  for (const hart of [rig.hart, rig.reference]) {
    assign(hart, state, pc);
    hart.pmpcfg0 = PMP_OPEN;
    aim(hart, random, seed);
    hart.memory.bytes.fill(0);
    for (let at = 0; at < RAM_BYTES; at += 8)
      hart.memory.view.setBigUint64(at, at % 24 === 0 ? RAM + BigInt((at * 7) % RAM_BYTES) : BigInt(at) << 29n, true);
  }
}

/** Regions at random places of a program, until each instruction is in one or can begin none. */
function loadRegions(random: RandomProgram, reach: typeof DIRECT | typeof TLB, most: number): void {
  rig.forget();
  const graphs = [];
  const covered = new Set<bigint>();
  for (const pc of random.pcs) {
    if (graphs.length === most) break;
    if (covered.has(pc)) continue;
    const graph = regionOf(random.program, pc);
    if (graph === undefined) continue;
    graphs.push(graph);
    for (const entry of graph.entries) covered.add(entry);
  }
  if (graphs.length > 0) rig.load(graphs, reach);
}

interface Case {
  readonly mix?: Mix;
  readonly reach?: typeof DIRECT | typeof TLB;
  readonly translations?: Translations;
  readonly start?: bigint;
  readonly linked?: boolean;
  readonly regions?: number;
  readonly budget?: number;
}

function check(times: number, { mix = EVEN_MIX, reach = TLB, translations = 'all', start = RAM, ...rest }: Case): void {
  const { linked = false, regions = 3, budget: most = 400 } = rest;
  let inRegions = 0;
  fc.assert(
    fc.property(seeds, counts, stateArbitrary, fc.integer({ min: 1, max: most }), (seed, count, state, budget) => {
      const random = randomProgram(seed, count, start, mix);
      loadRegions(random, reach, regions);
      if (linked) rig.link();
      prepare(state, random, seed, start);
      inRegions += rig.run(random.program, budget, translations);
    }),
    runs(times),
  );
  expect(inRegions).toBeGreaterThan(0);
}

const NO_ACCESS: Mix = { branches: 3, jumps: 1, accesses: 0, system: 0 };

describe('a random program does in regions what it does in the reference', () => {
  test('where all lookups succeed', () => check(200, {}));
  test('where no lookup does', () => check(100, { translations: 'none' }));
  test('where some do', () => check(100, { translations: 'touched' }));
  test('with loads from all of RAM', () => check(100, { reach: DIRECT }));
  test('with nothing but accesses', () =>
    check(100, { mix: { branches: 0, jumps: 0, accesses: 9, system: 0 }, translations: 'touched' }));
  test('with nothing but branches', () => check(150, { mix: { branches: 7, jumps: 1, accesses: 0, system: 0 } }));
  test('with arithmetic and branches', () => check(100, { mix: NO_ACCESS, regions: 1 }));
  test('with calls that return', () =>
    check(150, { mix: { branches: 1, jumps: 4, accesses: 1, system: 0, keepsReturns: true }, regions: 1 }));
  test('with many CSR accesses, traps and returns', () =>
    check(100, { mix: { branches: 1, jumps: 1, accesses: 1, system: 5 } }));
  test('across pages, at the end of the address space', () => check(100, { start: 0xffff_ffff_c020_0fc0n }));
  test('where jumps between regions are linked', () => check(150, { linked: true, regions: 8 }));
});

test('a budget of any size ends at its exact step', () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 5, max: 40 }), stateArbitrary, (seed, count, state) => {
      const random = randomProgram(seed, count, RAM, NO_ACCESS);
      loadRegions(random, TLB, 1);
      for (let budget = 1; budget <= 2 * count; budget++) {
        prepare(state, random, seed, RAM);
        rig.run(random.program, budget, 'all');
      }
    }),
    runs(20),
  );
});
