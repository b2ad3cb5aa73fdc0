// Which line of the source made the bytes at an address, for whoever shows code or stops in it: what DWARF's line table
// says (DWARF 5, "Line Number Information"), kept as a table in memory.
// Left out: lines of data, and writing the table to a file.

import type { Linker } from './link.ts';
import type { Origin } from './source.ts';
import type { Unit } from './unit.ts';

/** Bytes of code, and the line that they come from. */
export interface CodeSource {
  readonly address: bigint;
  readonly bytes: number;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly text: string;
  /** Where the line is a macro's or a repetition's, the outermost of them: "macro 'save', used at kernel.s:12". */
  readonly within?: string;
  /** The line outside of all macros and repetitions that it is there for. */
  readonly use?: Pick<Origin, 'file' | 'line'>;
}

export class LineTable {
  /** By address; no two overlap. */
  private readonly lines: readonly CodeSource[];

  constructor(lines: readonly CodeSource[]) {
    this.lines = lines.toSorted((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
  }

  /** The line that the byte at an address comes from. */
  at(address: bigint): CodeSource | undefined {
    let [low, high] = [0, this.lines.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.lines[middle] as CodeSource).address <= address) low = middle + 1;
      else high = middle;
    }
    const found = this.lines[low - 1];
    return found !== undefined && address < found.address + BigInt(found.bytes) ? found : undefined;
  }

  /** Where the code of a line begins; of a line without code, that of the next line that has some. */
  addressOf(file: string, line: number): bigint | undefined {
    let best: { readonly line: number; readonly address: bigint } | undefined;
    for (const { address, use, ...own } of this.lines) {
      for (const place of use === undefined ? [own] : [own, use]) {
        if (place.file !== file || place.line < line || (best !== undefined && place.line >= best.line)) continue;
        best = { line: place.line, address };
      }
    }
    return best?.address;
  }
}

/** @param units laid out and linked. */
export function lineTable(units: readonly Unit[], linker: Linker): LineTable {
  return new LineTable(
    units.flatMap(({ listed }) =>
      listed.flatMap(({ statement: { origin }, from, to }): CodeSource[] => {
        const { section } = from.fragment;
        const start = from.fragment.address + from.offset;
        const bytes = to.fragment.address + to.offset - start;
        if (!section.flags.executable || bytes <= 0) return [];
        return [{ address: linker.addressOf(section) + BigInt(start), bytes, ...placeOf(origin) }];
      }),
    ),
  );
}

function placeOf({ file, line, text, within }: Origin): Pick<CodeSource, 'file' | 'line' | 'text' | 'within' | 'use'> {
  if (within === undefined) return { file, line, text };
  let outermost = within;
  while (outermost.at.within !== undefined) outermost = outermost.at.within;
  const { what, at: use } = outermost;
  return { file, line, text, use, within: `${what}, used at ${use.file}:${use.line}` };
}
