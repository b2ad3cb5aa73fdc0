// What is to be run: each workload in each of its forms as two ELFs, a short and a long one, in a folder of their own;
// or the ELFs that a user names.

import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { guestOf } from '../../src/bench/guest.ts';
import { buildElf } from '../../src/bench/image.ts';
import type { Group, Row } from '../../src/bench/peers.ts';
import type { Form, Workload } from '../../src/bench/workload.ts';
import { bareSystem } from '../../src/session/system.ts';
import { stepsToEnd } from '../run.ts';
import { readWorkload } from '../sources.ts';
import type { Lengths } from './rounds.ts';

export interface Prepared {
  readonly row: Omit<Row, 'results'>;
  readonly lengths: Lengths;
}

/** The shorter length is this part of the longer one: long enough that both run in code that is warm. */
const SHORTER = 4;

const GROUPS: Readonly<Record<Workload['kind'], Readonly<Record<Form, Group>>>> = {
  kernel: { paging: 'kernels, paging', machine: 'kernels, bare M' },
  system: { paging: 'operating system', machine: 'operating system' },
};

/** @param scale multiplies the passes. */
export async function prepare(workload: Workload, form: Form, scale: number, folder: string): Promise<Prepared> {
  const large = Math.max(2, Math.round(workload.iterations * scale));
  const small = Math.max(1, Math.floor(large / SHORTER));
  const job = (iterations: number) => {
    const elf = join(folder, `${workload.name}-${form}-${iterations}.elf`);
    writeFileSync(elf, buildElf(workload, form, iterations, readWorkload));
    return { elf };
  };
  const stepsPerPass = workload.kind === 'kernel' ? await stepsOfPass(workload, form) : undefined;
  const { name, title } = workload;
  return {
    row: {
      name: workload.kind === 'system' && form === 'machine' ? `${name}, M` : name,
      title,
      group: GROUPS[workload.kind][form],
      passes: { small, large },
      ...(stepsPerPass !== undefined && { stepsPerPass }),
      ...(workload.operationsPerPass && { operationsPerPass: workload.operationsPerPass(workload.sizes) }),
    },
    lengths: { small: job(small), large: job(large) },
  };
}

/** Every pass of a kernel takes nearly the same steps; the second shows how many. */
async function stepsOfPass(workload: Workload, form: Form): Promise<number> {
  const steps = (passes: number) =>
    stepsToEnd(bareSystem(guestOf(workload.name, buildElf(workload, form, passes, readWorkload))));
  return (await steps(2)) - (await steps(1));
}

/** `FILE` or `SHORTER,LONGER` of --elf. */
export function prepareElf(text: string): Prepared {
  const files = text.split(',');
  const jobs = files.map((elf) => ({ elf }));
  const [first, second] = jobs as [{ elf: string }, { elf: string } | undefined];
  const row = { name: basename(second?.elf ?? first.elf, '.elf'), group: 'ELF', title: text } as const;
  return { row, lengths: second === undefined ? { large: first } : { small: first, large: second } };
}
