// What each kind of trap costs, in this process: nanoseconds and steps of an operation, bare and virtual, from runs of
// two lengths (pace.ts), less those of the empty loop; which exits it takes; and where their time goes, from a run of its
// own that reads the clock at each stage.

import type { ExitReason } from '../../hypervisor/reason.ts';
import type { Discipline } from '../../hypervisor/shadow/discipline.ts';
import { STAGES, type Stage, Stages } from '../../hypervisor/stages.ts';
import type { Engine } from '../../machine/engine.ts';
import { drive, type Host } from '../../session/drive.ts';
import { bareSystem, type System, virtualSystem } from '../../session/system.ts';
import { guestOf } from '../guest.ts';
import type { ReadSource } from '../image.ts';
import { type Effort, type Pace, paceOf } from '../pace.ts';
import { type Spread, spreadOf } from '../statistics.ts';
import { EMPTY, type TrapKind, trapElf, UNROLLED } from './catalogue.ts';

/** Of one operation. */
export interface TrapCost {
  readonly nanoseconds: Spread;
  readonly steps: number;
}
export interface ExitShare {
  readonly reason: ExitReason;
  /** Of an operation. */
  readonly count: number;
}
/** Nanoseconds of a virtual operation by where they go; together they are its time. */
export type Breakdown = Readonly<Record<'emitted' | Stage, number>>;
export interface TrapRow {
  readonly kind: TrapKind;
  readonly bare: TrapCost;
  readonly virtual: TrapCost;
  readonly exits: readonly ExitShare[];
  readonly breakdown: Breakdown;
}

export interface TrapBench {
  readonly engine: Engine;
  /** How the shadow of the virtual machine follows its tables. */
  readonly shadow?: Discipline | undefined;
  readonly effort: Effort;
  readonly host: Host;
  readonly read: ReadSource;
  readonly progress: (text: string) => void;
}

type Mode = System['mode'];
/** Passes of a run whose exits are counted and stages told, how many times those of the one it is compared with, and pairs. */
const COUNTED = { longer: 16_384, times: 8, rounds: 3 } as const;
const NANOSECONDS = 1e6;

export async function measureTraps(kinds: readonly TrapKind[], bench: TrapBench): Promise<TrapRow[]> {
  const empty = { bare: await costOf(EMPTY, 'bare', bench), virtual: await costOf(EMPTY, 'virtual', bench) };
  const rows: TrapRow[] = [];
  for (const kind of kinds) {
    const bare = less(await costOf(kind, 'bare', bench), empty.bare);
    const virtual = less(await costOf(kind, 'virtual', bench), empty.virtual);
    const { exits, stages } = await exitsOf(kind, bench);
    rows.push({ kind, bare, virtual, exits, breakdown: breakdownOf(virtual.nanoseconds.median, stages) });
  }
  return rows;
}

/** What is not seen elsewhere is emitted code. Where stages took longer than the run that is not watched, they shrink. */
function breakdownOf(nanoseconds: number, stages: Readonly<Record<Stage, number>>): Breakdown {
  const seen = STAGES.reduce((sum, stage) => sum + Math.max(0, stages[stage]), 0);
  const scale = seen > nanoseconds ? nanoseconds / seen : 1;
  const shares = STAGES.map((stage) => [stage, Math.max(0, stages[stage]) * scale] as const);
  return { emitted: nanoseconds - seen * scale, ...(Object.fromEntries(shares) as Record<Stage, number>) };
}

function systemOf(kind: TrapKind, mode: Mode, passes: number, { engine, shadow, read }: TrapBench): System {
  const elf = trapElf(kind, passes, read);
  if (mode === 'bare') return bareSystem(guestOf(kind.name, elf), { engine });
  const guests = Array.from({ length: kind.machines ?? 1 }, (_, index) => guestOf(`${kind.name}-${index}`, elf));
  return virtualSystem(guests, { engine, shadow });
}

async function costOf(kind: TrapKind, mode: Mode, bench: TrapBench): Promise<TrapCost> {
  bench.progress(`${kind.name}, ${mode}`);
  const make = (passes: number) => systemOf(kind, mode, passes, bench);
  const pace: Pace = await paceOf(`${kind.name} (${mode})`, make, bench.effort, bench.host);
  const { median, lower, upper } = pace.pass;
  const operations = UNROLLED * (mode === 'bare' ? 1 : (kind.machines ?? 1));
  return {
    nanoseconds: { median: median / operations, lower: lower / operations, upper: upper / operations },
    steps: pace.stepsPerPass / operations,
  };
}

/** An operation without its loop. What is not measurably longer takes 0. */
function less(cost: TrapCost, empty: TrapCost): TrapCost {
  const off = (value: number) => Math.max(0, value - empty.nanoseconds.median);
  const { median, lower, upper } = cost.nanoseconds;
  return {
    nanoseconds: { median: off(median), lower: off(lower), upper: off(upper) },
    steps: cost.steps - empty.steps,
  };
}

async function exitsOf(kind: TrapKind, bench: TrapBench) {
  const { longer } = COUNTED;
  const shorter = Math.floor(longer / COUNTED.times);
  const operations = (longer - shorter) * UNROLLED;
  const pairs: (readonly [Watched, Watched])[] = [];
  for (let round = 0; round < COUNTED.rounds; round++) {
    pairs.push([await watched(kind, shorter, bench), await watched(kind, longer, bench)] as const);
  }
  const [before, after] = pairs[0] as (typeof pairs)[number];
  const exits = after.exits
    .map(({ reason, count }, index) => ({ reason, count: (count - (before.exits[index]?.count ?? 0)) / operations }))
    .filter(({ count }) => count > 0);
  const shares = STAGES.map((stage) => {
    const each = pairs.map(([small, large]) => (large.stages[stage] - small.stages[stage]) / operations);
    return [stage, spreadOf(each).median] as const;
  });
  return { exits, stages: Object.fromEntries(shares) as Record<Stage, number> };
}

type Watched = Awaited<ReturnType<typeof watched>>;
/** A run whose first machine's stages are told. */
async function watched(kind: TrapKind, passes: number, bench: TrapBench) {
  const system = systemOf(kind, 'virtual', passes, bench);
  const ledger = system.guests[0]?.vm?.ledger;
  if (ledger === undefined) throw new Error('a virtual system without a ledger');
  const stages = new Stages(() => bench.host.milliseconds() * NANOSECONDS);
  ledger.stages = stages;
  await drive(system, bench.host, { clock: 'virtual' });
  return { exits: ledger.exits(), stages: stages.nanoseconds };
}
