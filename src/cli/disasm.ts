// `trapeze disasm`: what may be executed of an image, as instructions with addresses, bytes and symbols. Long runs of
// zeros, which nothing executes, are one line of dots.

import { instructionBytes } from '../../isa/decode.ts';
import { type DisassembleOptions, disassemble } from '../asm/disassemble.ts';
import type { Segment } from '../platform/elf.ts';
import { readImage } from './images.ts';

const ADDRESS_DIGITS = 8;
const BYTES_WIDTH = 8;
/** Zeros that are not shown one by one. */
const LONG_RUN = 8;

export function disasmCommand(image: string, { aliases }: { aliases: boolean }): void {
  const { image: loaded, symbols } = readImage(image, false);
  const labels = new Map<bigint, string[]>();
  for (const { name, value } of loaded.symbols) labels.set(value, [...(labels.get(value) ?? []), name]);
  const executable = loaded.segments.filter((segment) => segment.executable);
  process.stdout.write(
    executable
      .map((segment) => lines(segment, labels, { aliases, symbols: (address) => symbols.describe(address) }).join('\n'))
      .join('\n\n'),
  );
  process.stdout.write('\n');
}

function lines(
  { address, data }: Segment,
  labels: ReadonlyMap<bigint, readonly string[]>,
  options: DisassembleOptions,
): string[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const out: string[] = [];
  for (let at = 0; at < data.length; ) {
    const pc = address + BigInt(at);
    for (const label of labels.get(pc) ?? []) out.push('', `${hexadecimal(pc, 2 * ADDRESS_DIGITS)} <${label}>:`);
    const zeros = zeroRun(data, at);
    if (zeros >= LONG_RUN) {
      out.push('\t...');
      at += zeros;
      continue;
    }
    const left = data.length - at;
    const low = left >= 2 ? view.getUint16(at, true) : view.getUint8(at);
    const bytes = Math.min(left, left >= 2 ? instructionBytes(low) : 1);
    const word = bytes === 4 ? view.getUint32(at, true) : low;
    const text =
      bytes === 4 || (bytes === 2 && instructionBytes(low) === 2)
        ? disassemble(word, pc, options).text
        : `.byte\t${word}`;
    out.push(
      `${hexadecimal(pc, ADDRESS_DIGITS)}:\t${hexadecimal(BigInt(word), 2 * bytes).padEnd(BYTES_WIDTH)}\t${text}`,
    );
    at += bytes;
  }
  return out;
}

/** Zeros from here on, as many as are whole parcels. */
function zeroRun(data: Uint8Array, from: number): number {
  let to = from;
  while (to < data.length && data[to] === 0) to++;
  return to === data.length ? to - from : (to - from) & ~1;
}

const hexadecimal = (value: bigint, digits: number) => value.toString(16).padStart(digits, '0');
