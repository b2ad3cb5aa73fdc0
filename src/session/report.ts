// What a run came to, as data: the document of --json and the source of --stats. Its shape is docs/interface.md's
// `trapeze/run/1`.

import { type ExitCount, newShadowCounts, type ShadowCounts } from '../hypervisor/ledger.ts';
import type { Discipline } from '../hypervisor/shadow/discipline.ts';
import type { Engine } from '../machine/engine.ts';
import type { Hardware, TranslatorStatistics } from '../machine/hardware.ts';
import { exitCode, type Outcome } from '../platform/outcome.ts';
import { type Steps, type System, stepsByHart, stepsOf } from './system.ts';

export interface MachineReport {
  readonly name: string;
  readonly outcome: Outcome;
  /** Console output, each byte a character of latin-1. */
  readonly console: string;
  readonly steps: Steps;
  /** The same by hart. */
  readonly harts: readonly Steps[];
  /** How often one hart went on after another. */
  readonly switches: number;
  /** How often the guest had itself started again. */
  readonly restarts: number;
  /** Empty on a bare machine. */
  readonly exits: readonly ExitCount[];
  readonly shadow: ShadowCounts & { readonly discipline?: Discipline };
}

export interface RunReport {
  readonly schema: 'trapeze/run/1';
  readonly engine: Engine;
  readonly mode: System['mode'];
  readonly machines: readonly MachineReport[];
  readonly hostNanoseconds: number;
  /** How the simulated machine took its own steps; not there where the reference took them all. */
  readonly translator?: TranslatorStatistics;
}

const NO_SHADOW: ShadowCounts = newShadowCounts();

/** @param consoles what each guest wrote, in the order of the system's guests. */
export function reportOf(
  system: System,
  engine: Engine,
  consoles: readonly string[],
  hostNanoseconds: number,
): RunReport {
  const machines = system.guests.map((guest, index): MachineReport => {
    guest.vm?.checkLedger();
    return {
      name: guest.name,
      outcome: guest.board.outcome ?? { kind: 'limit' },
      console: consoles[index] ?? '',
      steps: stepsOf(guest),
      harts: stepsByHart(guest),
      switches: guest.interleaver.switches,
      restarts: guest.board.restarts,
      exits: guest.vm?.ledger.exits() ?? [],
      shadow: guest.vm ? { discipline: guest.vm.shadow.discipline, ...guest.vm.ledger.shadow } : NO_SHADOW,
    };
  });
  const hardware = system.guests[0]?.hardware; // one runs all guests
  const translator = hardware && translatorStatistics(hardware);
  return {
    schema: 'trapeze/run/1',
    engine,
    mode: system.mode,
    machines,
    hostNanoseconds: Math.round(hostNanoseconds),
    ...(translator && { translator }),
  };
}

/** Of all harts together. */
function translatorStatistics(hardware: Hardware): TranslatorStatistics | undefined {
  const [first, ...others] = hardware.states.flatMap((_, hart) => hardware.statistics(hart) ?? []);
  if (first === undefined) return undefined;
  const { emitNanoseconds, compileNanoseconds } = first.made;
  return {
    steps: addUp(
      first.steps,
      others.map(({ steps }) => steps),
    ),
    misses: addUp(
      first.misses,
      others.map(({ misses }) => misses),
    ),
    exits: addUp(
      first.exits,
      others.map(({ exits }) => exits),
    ),
    made: {
      ...first.made,
      emitNanoseconds: Math.round(emitNanoseconds),
      compileNanoseconds: Math.round(compileNanoseconds),
    },
  };
}

/** Records of counts, added up by name. */
function addUp<Group extends Readonly<Record<string, number>>>(first: Group, others: readonly Group[]): Group {
  const sums = Object.entries(first).map(([name, count]) => [
    name,
    others.reduce((sum, other) => sum + (other[name] ?? 0), count),
  ]);
  return Object.fromEntries(sums) as Group; // of the same names
}

/** The exit code of a whole run: that of the first machine, in their order, whose own is not 0. */
export function exitCodeOf({ machines }: RunReport): number {
  return machines.map(({ outcome }) => exitCode(outcome)).find((code) => code !== 0) ?? 0;
}
