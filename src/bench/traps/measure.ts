// What each kind of trap costs, in this process: nanoseconds and steps of an operation, bare and virtual, from runs of
// two lengths (pace.ts), less those of the empty loop; which exits it takes; and how long their handlers run, from a
// run of its own whose ledger reads the clock at each exit.

import type { ExitReason } from '../../hypervisor/reason.ts';
import type { Engine } from '../../machine/engine.ts';
import { drive, type Host } from '../../session/drive.ts';
import { bareSystem, type System, virtualSystem } from '../../session/system.ts';
import { guestOf } from '../guest.ts';
import type { ReadSource } from '../image.ts';
import { type Effort, type Pace, paceOf } from '../pace.ts';
import type { Spread } from '../statistics.ts';
import { EMPTY, type TrapKind, trapElf, UNROLLED } from './catalogue.ts';

/** Of one operation. */
export interface TrapCost {
  readonly nanoseconds: Spread;
  readonly steps: number;
}
export interface ExitShare {
  readonly reason: ExitReason;
  /** Exits of an operation, and what their handlers take of it in nanoseconds; 0 where they are handled in place. */
  readonly count: number;
  readonly handlerNanoseconds: number;
}
export interface TrapRow {
  readonly kind: TrapKind;
  readonly bare: TrapCost;
  readonly virtual: TrapCost;
  readonly exits: readonly ExitShare[];
}

export interface TrapBench {
  readonly engine: Engine;
  readonly effort: Effort;
  readonly host: Host;
  readonly read: ReadSource;
  readonly progress: (text: string) => void;
}

type Mode = System['mode'];
/** Passes of the run whose exits are counted, beyond the shorter one that it is compared with. */
const COUNTED = { shorter: 64, longer: 512 } as const;
const NANOSECONDS = 1e6;

export async function measureTraps(kinds: readonly TrapKind[], bench: TrapBench): Promise<TrapRow[]> {
  const empty = { bare: await costOf(EMPTY, 'bare', bench), virtual: await costOf(EMPTY, 'virtual', bench) };
  const rows: TrapRow[] = [];
  for (const kind of kinds) {
    rows.push({
      kind,
      bare: less(await costOf(kind, 'bare', bench), empty.bare),
      virtual: less(await costOf(kind, 'virtual', bench), empty.virtual),
      exits: await exitsOf(kind, bench),
    });
  }
  return rows;
}

function systemOf(kind: TrapKind, mode: Mode, passes: number, { engine, read }: TrapBench): System {
  const spec = guestOf(kind.name, trapElf(kind, passes, read));
  return mode === 'bare' ? bareSystem(spec, { engine }) : virtualSystem([spec], { engine });
}

async function costOf(kind: TrapKind, mode: Mode, bench: TrapBench): Promise<TrapCost> {
  bench.progress(`${kind.name}, ${mode}`);
  const make = (passes: number) => systemOf(kind, mode, passes, bench);
  const most = kind.most === undefined ? {} : { mostPasses: Math.floor(kind.most / UNROLLED) };
  const pace: Pace = await paceOf(`${kind.name} (${mode})`, make, { ...bench.effort, ...most }, bench.host);
  const { median, lower, upper } = pace.pass;
  return {
    nanoseconds: { median: median / UNROLLED, lower: lower / UNROLLED, upper: upper / UNROLLED },
    steps: pace.stepsPerPass / UNROLLED,
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

async function exitsOf(kind: TrapKind, bench: TrapBench): Promise<ExitShare[]> {
  const { shorter, longer } = COUNTED;
  const [before, after] = [await ledgerOf(kind, shorter, bench), await ledgerOf(kind, longer, bench)];
  const operations = (longer - shorter) * UNROLLED;
  return after
    .map(({ reason, count, hostNanoseconds }, index) => ({
      reason,
      count: (count - (before[index]?.count ?? 0)) / operations,
      handlerNanoseconds: Math.max(0, hostNanoseconds - (before[index]?.hostNanoseconds ?? 0)) / operations,
    }))
    .filter(({ count }) => count > 0);
}

async function ledgerOf(kind: TrapKind, passes: number, bench: TrapBench) {
  const system = systemOf(kind, 'virtual', passes, bench);
  const ledger = system.guests[0]?.vm?.ledger;
  if (ledger === undefined) throw new Error('a virtual system without a ledger');
  ledger.clock = () => bench.host.milliseconds() * NANOSECONDS;
  await drive(system, bench.host, { clock: 'virtual' });
  return ledger.exits();
}
