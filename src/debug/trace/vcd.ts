// A trace as a value change dump, which GTKWave opens (IEEE 1364, "Extended VCD" left out): for each hart its privilege,
// whether it waits, and the interrupt wires that lead into it, at the steps of its board. Only changes are written, while
// the guest runs. Left out: registers and memory.

import { FIELDS, type Mode, WORD } from '../../../isa/layout.ts';
import type { PrivilegedState } from '../../../isa/state.ts';
import type { BoundedText } from '../bounded-text.ts';
import type { Passage, TraceSink } from './source.ts';

const WIRES = Object.entries(FIELDS.lines);
const MODE_BITS = 2;
/** Bytes that its last words take. */
export const VCD_RESERVE = 100;
/** Identifiers are printable characters from this on. */
const FIRST_IDENTIFIER = 33;
const IDENTIFIERS = 94;

export interface VcdOptions {
  readonly text: BoundedText;
  readonly name: string;
  readonly states: readonly PrivilegedState[];
}

export class VcdTrace implements TraceSink {
  private readonly options: VcdOptions;
  /** The value of each variable that was written last. */
  private readonly values = new Map<string, string>();
  private step = -1;

  constructor(options: VcdOptions) {
    this.options = options;
    const { text, name, states } = options;
    const write = (part: string) => text.write(part);
    write(`$timescale 1ns $end\n$scope module ${name.replaceAll(/\W/g, '_')} $end\n`);
    for (const hart of states.keys()) {
      write(`$scope module hart${hart} $end\n$var wire ${MODE_BITS} ${identifier(hart, 0)} privilege $end\n`);
      write(`$var wire 1 ${identifier(hart, 1)} waiting $end\n`);
      for (const [index, [wire]] of WIRES.entries()) write(`$var wire 1 ${identifier(hart, index + 2)} ${wire} $end\n`);
      write('$upscope $end\n');
    }
    write('$upscope $end\n$enddefinitions $end\n');
  }

  begin(hart: number, step: number, mode: Mode): void {
    this.set(hart, 1, step, '0');
    this.mode(hart, step, mode);
    this.wires(step);
  }
  pass({ hart, step, steps, after }: Passage): void {
    this.mode(hart, step + steps, after);
    this.wires(step + steps);
  }
  end(hart: number, step: number, waits: boolean): void {
    this.wires(step);
    if (waits) this.set(hart, 1, step, '1');
  }
  get isFull(): boolean {
    return this.options.text.isFull;
  }
  close(): void {
    if (this.isFull) this.options.text.last('$comment there was no room for more $end\n');
  }

  private mode(hart: number, step: number, mode: Mode): void {
    this.set(hart, 0, step, `b${mode.toString(2).padStart(MODE_BITS, '0')} `);
  }
  /** The wires of all harts: one that runs may drive another's. */
  private wires(step: number): void {
    for (const [hart, { halves }] of this.options.states.entries()) {
      const lines = halves[WORD.lines * 2] as number;
      for (const [index, [, bit]] of WIRES.entries()) this.set(hart, index + 2, step, `${(lines >> bit) & 1}`);
    }
  }
  private set(hart: number, index: number, step: number, value: string): void {
    const name = identifier(hart, index);
    if (this.values.get(name) === value) return;
    this.values.set(name, value);
    const time = step > this.step ? `#${step}\n` : '';
    this.step = Math.max(step, this.step);
    this.options.text.write(`${time}${value}${name}\n`);
  }
}

function identifier(hart: number, index: number): string {
  const number = hart * (WIRES.length + 2) + index;
  const high = Math.floor(number / IDENTIFIERS);
  const low = String.fromCharCode(FIRST_IDENTIFIER + (number % IDENTIFIERS));
  return high === 0 ? low : String.fromCharCode(FIRST_IDENTIFIER + high) + low;
}
