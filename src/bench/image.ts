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
  const expected = workload.expected(iterations, sizes);
  const numbers = { LEAF_TABLES, ...sizes, ITERATIONS: iterations, PAGING: form === 'paging' ? 1 : 0 };
  const defines = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, `${value}`]));
  const sources = workload.sources.map((name) => ({ name, text: new TextDecoder().decode(read(name)) }));
  const { image, diagnostics } = assemble(sources, {
    defines: { ...defines, EXPECTED: `0x${expected.toString(HEX)}` },
    readFile: read,
  });
  if (image === undefined) throw new Error(`${workload.name}: ${renderDiagnostics(diagnostics)}`);
  return image.elf;
}
