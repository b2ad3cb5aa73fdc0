// `npm run bench:peers`: whole processes of Trapeze, bare and virtual, against QEMU and whoever else is named, on the
// same ELFs, which check their own results. Each runs pinned to a core where the host allows it, in turn with the
// others; two lengths of each workload tell the passes from the start. Nothing is judged; docs/benchmarks.md says how to
// read what is printed.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError, Option } from 'commander';
import { WORKLOADS } from '../src/bench/catalogue.ts';
import type { PeersReport, Row } from '../src/bench/peers.ts';
import { peersChart } from '../src/bench/peers-chart.ts';
import { peersTable } from '../src/bench/peers-table.ts';
import { FORMS, type Form } from '../src/bench/workload.ts';
import { collect } from '../src/cli/options.ts';
import { C_PROGRAMS, compiler } from './peers/c-programs.ts';
import { type NamedContender, namedPeer, qemu, trapeze } from './peers/contenders.ts';
import { type Prepared, prepare, prepareElf, prepareProgram } from './peers/jobs.ts';
import { GUEST_NAMES, prepareLilliput } from './peers/lilliput.ts';
import { describeHost, pinning } from './peers/machine.ts';
import { runRounds } from './peers/rounds.ts';
import { progress } from './progress.ts';

const RESULTS = fileURLToPath(new URL('results/', import.meta.url));

const NAMES = [...WORKLOADS, ...C_PROGRAMS].map(({ name }) => name).concat(GUEST_NAMES);

interface Options {
  readonly only?: readonly string[];
  readonly form?: Form;
  readonly elf?: readonly string[];
  readonly peer?: readonly NamedContender[];
  readonly contenders?: readonly string[];
  readonly engine?: string;
  readonly trapeze?: string;
  readonly rounds: number;
  readonly scale: number;
  readonly timeout: number;
  readonly core: number;
  readonly pin: boolean;
  readonly json?: string;
  readonly svg?: string;
  readonly save?: boolean;
}

const positive = (text: string): number => {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('a number above 0 is wanted.');
  return value;
};

function program(): Command {
  return new Command('bench:peers')
    .description('Trapeze against QEMU and other emulators, whole processes on the same ELFs.')
    .addOption(new Option('--only <names...>', 'these workloads alone').choices(NAMES))
    .addOption(new Option('--form <form>', 'bare M-mode, or under Sv39; both by default').choices(FORMS))
    .option('--elf <file[,longer]>', 'any bare-metal ELF in place of the workloads; or two lengths of one', collect)
    .option(
      '--peer <name=command>',
      'another emulator; {elf} in its command stands for the ELF, else it comes last',
      (text: string, before: readonly NamedContender[] = []) => {
        const peer = namedPeer(text);
        if (peer === undefined) throw new InvalidArgumentError('like spike="/opt/bin/spike --isa=rv64imac {elf}".');
        return [...before, peer];
      },
    )
    .option('--contenders <names...>', 'only these of bare, virtual, qemu and the named ones')
    .option('--engine <engine>', 'of `trapeze run`; its own default where not given')
    .option('--trapeze <main.js>', 'a built command line other than that in dist/')
    .option('--rounds <n>', 'how often each runs', positive, 5)
    .option('--scale <factor>', 'multiplies the passes of each workload', positive, 1)
    .option('--timeout <seconds>', 'for one process', positive, 120)
    .option('--core <n>', 'the core that processes are held to', Number, 1)
    .option('--no-pin', 'hold no process to a core')
    .option('--json <file>', 'write all times')
    .option('--svg <file>', 'write a chart')
    .option('--save', 'write bench/results/peers.json and peers.svg');
}

async function main(options: Options): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'trapeze-bench-'));
  try {
    const report = await measure(options, folder);
    process.stdout.write(peersTable(report));
    if (options.save) mkdirSync(RESULTS, { recursive: true });
    const { json = options.save && join(RESULTS, 'peers.json'), svg = options.save && join(RESULTS, 'peers.svg') } =
      options;
    if (json) writeFileSync(json, `${JSON.stringify(report, null, 1)}\n`);
    if (svg) writeFileSync(svg, peersChart(report));
    if (report.rows.some(({ results }) => Object.values(results).some((result) => 'failure' in result))) {
      process.exitCode = 1;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(options: Options, folder: string): Promise<PeersReport> {
  const contenders = contendersOf(options);
  const prefix = pinning(options.pin ? options.core : undefined);
  const plan = { contenders, rounds: options.rounds, prefix, timeout: options.timeout, progress };
  const rows: Row[] = [];
  for await (const { row, lengths } of jobsOf(options, folder)) {
    rows.push({ ...row, results: runRounds(`${row.name} (${row.group})`, lengths, plan) });
  }
  progress('');
  return {
    schema: 'trapeze/peers/1',
    date: new Date().toISOString(),
    machine: { ...describeHost(), pinned: prefix.length > 0 ? `to core ${options.core}` : 'no' },
    rounds: options.rounds,
    contenders: contenders.map(({ name, command, version }) => ({ name, command, version })),
    rows,
  };
}

function contendersOf(options: Options): readonly NamedContender[] {
  const yardstick = qemu();
  if (yardstick === undefined) process.stderr.write('QEMU is not installed: times of Trapeze alone\n');
  const all = [
    ...(yardstick === undefined ? [] : [yardstick]),
    ...trapeze(options.engine, options.trapeze),
    ...(options.peer ?? []),
  ];
  return all.filter(({ name }) => options.contenders?.includes(name) ?? true);
}

async function* jobsOf(options: Options, folder: string): AsyncGenerator<Prepared> {
  if (options.elf !== undefined) {
    yield* options.elf.map(prepareElf);
    return;
  }
  const wanted = (name: string) => options.only?.includes(name) ?? true;
  const forms = FORMS.filter((form) => options.form === undefined || options.form === form);
  const programs = C_PROGRAMS.filter(({ name }) => wanted(name));
  const gcc = programs.length > 0 && compiler() !== undefined;
  if (programs.length > 0 && !gcc) process.stderr.write('GCC for RISC-V is not installed: no programs in C\n');
  for (const form of forms) {
    for (const workload of WORKLOADS.filter(({ name, forms }) => wanted(name) && forms.includes(form))) {
      progress(`${workload.name}: assembled`);
      yield await prepare(workload, form, options.scale, folder);
    }
    for (const program of gcc ? programs : []) {
      progress(`${program.name}: built`);
      yield await prepareProgram(program, form, options.scale, folder);
    }
  }
  for (const name of GUEST_NAMES.filter(wanted)) yield prepareLilliput(name, options.scale, folder);
}

const options = program().parse().opts<Options>();
await main(options);
