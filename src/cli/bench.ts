// `trapeze bench`: what traps cost, bare and virtual. The other benchmarks are `npm run bench`, in a checkout.

import { join } from 'node:path';
import { TRAP_KINDS } from '../bench/traps/catalogue.ts';
import { measureTraps, type TrapRow } from '../bench/traps/measure.ts';
import { trapsTable } from '../bench/traps/table.ts';
import type { Discipline } from '../hypervisor/shadow/discipline.ts';
import type { Engine } from '../machine/hardware.ts';
import { projectFolder } from './bundled.ts';
import { badUsage } from './failure.ts';
import { readIfThere } from './files.ts';

interface BenchOptions {
  readonly engine: Engine;
  readonly shadow?: Discipline;
  readonly quick?: boolean;
  readonly json?: boolean;
}

const ALL = 'traps';
const EFFORT = { milliseconds: 300, rounds: 5 } as const;
const QUICK = { milliseconds: 50, rounds: 1 } as const;
const SOURCES = ['bench', 'workloads'] as const;

export async function benchCommand(
  names: readonly string[],
  { engine, shadow, quick, json }: BenchOptions,
): Promise<void> {
  const known = [ALL, ...TRAP_KINDS.map(({ name }) => name)];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw badUsage(`bench: there is no benchmark '${unknown}'; there are ${known.join(', ')}`);
  const all = names.length === 0 || names.includes(ALL);
  const kinds = TRAP_KINDS.filter(({ name }) => all || names.includes(name));
  const rows = await measureTraps(kinds, {
    engine,
    shadow,
    effort: quick ? QUICK : EFFORT,
    read: (file) => readIfThere(join(projectFolder(), ...SOURCES, file)),
    progress,
    host: {
      milliseconds: () => performance.now(),
      breathe: () => new Promise((resolve) => setImmediate(resolve)),
      sleep: () => Promise.resolve(),
    },
  });
  progress('');
  process.stdout.write(json ? `${JSON.stringify(document(rows, engine), null, 2)}\n` : trapsTable(rows));
}

function document(rows: readonly TrapRow[], engine: Engine): object {
  const traps = rows.map(({ kind: { name, title }, ...costs }) => ({ name, title, ...costs }));
  return { schema: 'trapeze/traps/1', engine, node: process.version, traps };
}

/** What is measured now, on a terminal. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}
