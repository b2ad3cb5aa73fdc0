// The programs of bench/c, built by GCC around the same start and end as the workloads in assembly. What a pass of each
// comes to is known from elsewhere: GCC and Clang for the host, with and without optimisation and sanitizers, agree.

import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Form, repeated } from '../../src/bench/workload.ts';
import { printed } from './processes.ts';

export interface CProgram {
  readonly name: string;
  readonly title: string;
  readonly result: bigint;
  /** Passes that take a translator of the year 2025 about a second. */
  readonly iterations: number;
}

export const C_PROGRAMS: readonly CProgram[] = [
  { name: 'c-lz', title: 'compresses 4 KiB and back', result: 0x29e7_709f_e8b7_4b09n, iterations: 6000 },
  { name: 'c-words', title: 'counts words in a hash table', result: 0x3478_c983_3ded_3b8bn, iterations: 18_000 },
  { name: 'c-json', title: 'parses 5 KB of JSON', result: 0xf360_5758_a8e1_ad7en, iterations: 18_000 },
  { name: 'c-linear', title: 'matrices of 16-bit numbers', result: 0xb8f4_0f81_676e_c79bn, iterations: 10_000 },
  { name: 'c-lists', title: 'sorts linked lists three ways', result: 0xca3a_7a3c_e9ec_2f3en, iterations: 6000 },
];

const GCC = 'riscv64-unknown-elf-gcc';
const ARCHITECTURE = ['-march=rv64imac_zicsr_zifencei', '-mabi=lp64'];
const FLAGS = [...ARCHITECTURE, '-mcmodel=medany', '-O2', '-ffreestanding', '-nostdlib', '-static'];
const LINKING = ['-Wl,--build-id=none,--no-warn-rwx-segments'];
const FOLDER = fileURLToPath(new URL('../c/', import.meta.url));
const WORKLOADS = fileURLToPath(new URL('../workloads/', import.meta.url));

/** What the compiler calls itself; undefined where it is not installed. */
export const compiler = (): string | undefined => printed([GCC, '--version'])?.split('\n')[0];

/** @returns the path of the ELF. */
export function buildProgram(program: CProgram, form: Form, iterations: number, folder: string): string {
  const objects = join(folder, `${program.name}-${form}-${iterations}`);
  mkdirSync(objects, { recursive: true });
  const symbols = {
    PAGING: form === 'paging' ? 1 : 0,
    LEAF_TABLES: 1,
    ITERATIONS: iterations,
    EXPECTED: repeated(program.result, iterations),
  };
  const defines = Object.entries(symbols).map(([name, value]) => `-Wa,--defsym,${name}=${value}`);
  // The linker script tells start.o by its name.
  const assembled = ['start', 'finish'].map((name) => {
    const object = join(objects, `${name}.o`);
    const source = join(WORKLOADS, `${name}.s`);
    execFileSync(GCC, [...ARCHITECTURE, ...defines, `-Wa,-I${WORKLOADS}`, '-c', source, '-o', object]);
    return object;
  });
  const file = `${program.name.replace(/^c-/, '')}.c`;
  const sources = [file, 'text.c', 'memory.c'].map((source) => join(FOLDER, source));
  const elf = `${objects}.elf`;
  execFileSync(GCC, [...FLAGS, ...LINKING, '-T', join(FOLDER, 'link.ld'), ...assembled, ...sources, '-o', elf]);
  return elf;
}
