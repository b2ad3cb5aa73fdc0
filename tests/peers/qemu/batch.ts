// A batch: as many random sequences as fit an image, run on Trapeze while they are made. A sequence whose outcome the
// manual leaves open is replaced at once, state and memory restored. What is left is an image before and after.

import { assert } from '../../../isa/assert.ts';
import { causeName } from '../../../isa/causes.ts';
import { Mode } from '../../../isa/layout.ts';
import type { Reason } from './differences.ts';
import { ADDRESS, harnessImage } from './harness.ts';
import { HARNESS, PAGE, REGION, regionAddress } from './layout.ts';
import { Ours } from './ours.ts';
import { RAM_BASE } from './qemu.ts';
import { Random } from './random.ts';
import { randomCode } from './sequence.ts';
import { randomStart, type Start } from './state.ts';

/** Steps after which a sequence counts as endless; the longest is some 60 instructions and the traps they cause. */
const MAX_STEPS = 800;
const MAX_TRAPS_IN_ROW = 4;
const MIN_LENGTH = 8;
const MAX_LENGTH = 60;

export interface Batch {
  readonly before: Uint8Array;
  /** The same memory after all sequences, as Trapeze leaves it. */
  readonly after: Uint8Array;
  readonly starts: readonly Start[];
  /** Steps of the sequences themselves, the harness left out, and traps among them. */
  readonly steps: number;
  readonly traps: number;
  readonly left: ReadonlyMap<Reason, number>;
  /** Traps by cause and the mode that took them. */
  readonly causes: ReadonlyMap<string, number>;
  /** Names of the instructions executed. */
  readonly reached: ReadonlySet<string>;
  readonly makeOurs: MakeOurs;
}

/** Makes Trapeze's hart over an image; a test may plant a mistake in it. */
export type MakeOurs = (image: Uint8Array) => Ours;

export function makeBatch(seed: number, sequences: number, makeOurs: MakeOurs = (image) => new Ours(image)): Batch {
  const random = new Random(seed);
  const bytes = HARNESS.pages * PAGE + sequences * REGION.bytes;
  const before = new Uint8Array(bytes);
  before.set(harnessImage(regionAddress(0), regionAddress(sequences)));
  const after = before.slice();
  const ours = makeOurs(after);
  ours.reset(0, RAM_BASE);
  const left = new Map<Reason, number>();
  const causes = new Map<string, number>();
  const reached = new Set<string>();
  const starts: Start[] = [];
  let steps = 0;
  let traps = 0;
  while (starts.length < sequences) {
    const offset = HARNESS.pages * PAGE + starts.length * REGION.bytes;
    const address = regionAddress(starts.length);
    const region = new Uint8Array(REGION.bytes);
    const start = randomStart(random, address, region);
    region.set(randomCode(random, start.mode, random.between(MIN_LENGTH, MAX_LENGTH)), REGION.code + start.codeOffset);
    after.set(region, offset);
    const state = ours.words.slice();
    const taken = runSequence(ours, address);
    if (ours.left !== undefined) {
      left.set(ours.left, (left.get(ours.left) ?? 0) + 1);
      ours.words.set(state);
      continue;
    }
    before.set(region, offset);
    starts.push(start);
    steps += taken.steps;
    traps += taken.traps.length;
    for (const name of ours.reached) reached.add(name);
    for (const cause of taken.traps) causes.set(cause, (causes.get(cause) ?? 0) + 1);
  }
  return { before, after, starts, steps, traps, left, causes, reached, makeOurs };
}

/** Runs one sequence from the harness's dispatcher to its next turn. */
function runSequence(ours: Ours, region: bigint): { steps: number; traps: string[] } {
  ours.enter(undefined);
  while (ours.pc !== ADDRESS.enter) ours.step();
  ours.step();
  ours.enter(region);
  let steps = 0;
  let trapsInRow = 0;
  const traps: string[] = [];
  while (ours.pc !== ADDRESS.trap) {
    const step = ours.step();
    steps++;
    // A handler that cannot even be fetched.
    trapsInRow = step === 'trapped' ? trapsInRow + 1 : 0;
    if (trapsInRow > MAX_TRAPS_IN_ROW) ours.leave('endless');
    if (step === 'trapped') {
      const delegated = ours.mode === BigInt(Mode.S);
      traps.push(`${causeName(delegated ? ours.scause : ours.mcause)}, to ${delegated ? 'S' : 'M'}`);
    }
    if (step === 'waiting' && !wakes(ours)) ours.leave('waits');
    if (steps > MAX_STEPS) ours.leave('endless');
    if (ours.left !== undefined) return { steps, traps };
  }
  ours.enter(undefined);
  while (ours.pc !== ADDRESS.dispatch) {
    const step = ours.step();
    assert(step === 'retired', 'the harness traps nowhere');
  }
  return { steps, traps };
}

const wakes = (ours: Ours) => ((ours.mip.bits | ours.lines.bits) & ours.mie.bits) !== 0n;
