// What is to be run: each workload, and each program in C, in each of its forms as two ELFs, a short and a long one, in
// a folder of their own; or the ELFs that a user names.

import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { guestOf } from '../../src/bench/guest.ts';
import { buildElf } from '../../src/bench/image.ts';
import { timed } from '../../src/bench/pace.ts';
import type { Group, Row } from '../../src/bench/peers.ts';
import type { Form, Workload } from '../../src/bench/workload.ts';
import { bareSystem } from '../../src/session/system.ts';
import { host } from '../host.ts';
import { readWorkload } from '../sources.ts';
import { buildProgram, type CProgram } from './c-programs.ts';
import type { Job } from './processes.ts';
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
  operation: { paging: 'operations', machine: 'operations' },
};

/** @param scale multiplies the passes. */
export async function prepare(workload: Workload, form: Form, scale: number, folder: string): Promise<Prepared> {
  const { name, title, kind, sizes, operationsPerPass } = workload;
  const build = (passes: number) => buildElf(workload, form, passes, readWorkload);
  const passes = passesOf(workload.iterations, scale);
  const job = (iterations: number) => {
    const elf = join(folder, `${name}-${form}-${iterations}.elf`);
    writeFileSync(elf, build(iterations));
    return { elf };
  };
  return {
    row: {
      name: kind === 'system' && form === 'machine' ? `${name}, M` : name,
      title,
      group: GROUPS[kind][form],
      passes,
      ...(kind === 'kernel' && { stepsPerPass: await stepsOfPass(name, build) }),
      ...(operationsPerPass && { operationsPerPass: operationsPerPass(sizes) }),
    },
    lengths: lengthsOf(passes, job),
  };
}

export async function prepareProgram(program: CProgram, form: Form, scale: number, folder: string): Promise<Prepared> {
  const { name, title } = program;
  const passes = passesOf(program.iterations, scale);
  const job = (iterations: number) => ({ elf: buildProgram(program, form, iterations, folder) });
  const stepsPerPass = await stepsOfPass(name, (n) => new Uint8Array(readFileSync(job(n).elf)));
  return {
    row: { name, title, group: form === 'paging' ? 'C, paging' : 'C, bare M', passes, stepsPerPass },
    lengths: lengthsOf(passes, job),
  };
}

export function passesOf(iterations: number, scale: number): { readonly small: number; readonly large: number } {
  const large = Math.max(2, Math.round(iterations * scale));
  return { large, small: Math.max(1, Math.floor(large / SHORTER)) };
}

export function lengthsOf({ small, large }: NonNullable<Row['passes']>, job: (passes: number) => Job): Lengths {
  const longer = (times: number) => ({ ...job(large * times), passes: large * times });
  return { small: job(small), large: job(large), longer };
}

/** Every pass of a kernel takes nearly the same steps; the second shows how many. */
async function stepsOfPass(name: string, build: (passes: number) => Uint8Array): Promise<number> {
  const run = (passes: number) => timed(name, bareSystem(guestOf(name, build(passes))), host);
  return (await run(2)).steps - (await run(1)).steps;
}

/** `FILE` or `SHORTER,LONGER` of --elf. */
export function prepareElf(text: string): Prepared {
  const files = text.split(',');
  const jobs = files.map((elf) => ({ elf }));
  const [first, second] = jobs as [{ elf: string }, { elf: string } | undefined];
  const row = { name: basename(second?.elf ?? first.elf, '.elf'), group: 'ELF', title: text } as const;
  return { row, lengths: second === undefined ? { large: first } : { small: first, large: second } };
}
