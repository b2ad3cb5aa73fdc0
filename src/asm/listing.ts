// The listing: for each line of source its address and bytes, macros with what they expand to, as a student reads it
// beside the source. Left out: lines that a condition skips show no address, and long data is cut.

import type { Linker } from './link.ts';
import type { Section } from './model.ts';
import type { Listed, Unit } from './unit.ts';
import { unsigned } from './values.ts';

const BYTES_PER_ROW = 8;
const MOST_ROWS = 4;
const ADDRESS_DIGITS = 16;
const HEXADECIMAL = 16;

/** @param contents the bytes of each section in memory. */
export function writeListing(
  units: readonly Unit[],
  linker: Linker,
  contents: ReadonlyMap<Section, Uint8Array>,
): string {
  const rows: string[] = [];
  for (const unit of units) {
    rows.push(`${unit.file}:`);
    let line = '';
    for (const listed of unit.listed) {
      const { origin } = listed.statement;
      // A line of several statements is shown once.
      const place = `${origin.file}:${origin.line}:${origin.within === undefined ? '' : listed.statement.text}`;
      const text = place === line ? '' : `${origin.within === undefined ? '  ' : '+ '}${origin.text}`;
      line = place;
      rows.push(...rowsOf(listed, text, linker, contents));
    }
  }
  return `${rows.join('\n')}\n`;
}

function rowsOf(
  { from, to }: Listed,
  text: string,
  linker: Linker,
  contents: ReadonlyMap<Section, Uint8Array>,
): string[] {
  const { section } = from.fragment;
  const start = from.fragment.address + from.offset;
  const end = to.fragment.address + to.offset;
  const bytes = contents.get(section)?.subarray(start, end) ?? new Uint8Array();
  const base = linker.addressOf(section) + BigInt(start);
  if (bytes.length === 0) {
    const address = end > start ? hex(base, ADDRESS_DIGITS) : ''.padStart(ADDRESS_DIGITS);
    return [`${address}  ${''.padEnd(BYTES_PER_ROW * 2)}  ${text}`.trimEnd()];
  }
  const rows: string[] = [];
  for (let at = 0; at < bytes.length && rows.length < MOST_ROWS; at += BYTES_PER_ROW) {
    const row = [...bytes.subarray(at, at + BYTES_PER_ROW)].map((byte) => hex(BigInt(byte), 2)).join('');
    const address = hex(base + BigInt(at), ADDRESS_DIGITS);
    rows.push(`${address}  ${row.padEnd(BYTES_PER_ROW * 2)}  ${at === 0 ? text : ''}`.trimEnd());
  }
  const shown = MOST_ROWS * BYTES_PER_ROW;
  if (bytes.length > shown) rows.push(`${''.padStart(ADDRESS_DIGITS)}  … ${bytes.length - shown} bytes more`);
  return rows;
}

const hex = (value: bigint, digits: number) => unsigned(value).toString(HEXADECIMAL).padStart(digits, '0');
