// From a workload to an ELF: assembled with its sizes, its number of passes and the result that it must come to as
// symbols. The same ELF ends a run here and on QEMU, by the test finisher.

import { assemble } from '../asm/assemble.ts';
import { renderDiagnostics } from '../asm/diagnostic.ts';
import type { Form, Sizes, Workload } from './workload.ts';

/** Reads a file of the folder of workloads. */
export type ReadSource = (name: string) => Uint8Array | undefined;

/** 2 MiB of RAM mapped, where a workload does not ask for more. */
const LEAF_TABLES = 1;
const HEX = 16;

export function buildElf(
  workload: Workload,
  form: Form,
  iterations: number,
  read: ReadSource,
  sizes: Sizes = workload.sizes,
): Uint8Array {
  const { name, sources } = workload;
  const numbers = { LEAF_TABLES, ...sizes, ITERATIONS: iterations, PAGING: form === 'paging' ? 1 : 0 };
  return assembleWorkload({ name, sources, numbers, expected: workload.expected(iterations, sizes), read });
}

/** What assembles to a guest that compares its result. */
export interface Assembly {
  readonly name: string;
  readonly sources: readonly string[];
  readonly numbers: Sizes;
  readonly expected: bigint;
  /** Where it is linked, if not where M-mode starts. */
  readonly base?: bigint;
  readonly read: ReadSource;
}

export function assembleWorkload({ name, sources, numbers, expected, base, read }: Assembly): Uint8Array {
  const defines = Object.fromEntries(Object.entries(numbers).map(([symbol, value]) => [symbol, `${value}`]));
  const texts = sources.map((source) => ({ name: source, text: new TextDecoder().decode(read(source)) }));
  const { image, diagnostics } = assemble(texts, {
    defines: { ...defines, EXPECTED: `0x${expected.toString(HEX)}` },
    ...(base !== undefined && { base }),
    readFile: read,
  });
  if (image === undefined) throw new Error(`${name}: ${renderDiagnostics(diagnostics)}`);
  return image.elf;
}
