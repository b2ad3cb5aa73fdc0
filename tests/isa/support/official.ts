// Reads the official encoding tables, where their folder lies beside the checkout: fixed bits of each instruction
// with the places of its operands, CSR numbers, exception codes. They are an oracle for isa/, never its source.
// Left out: extensions that the machine does not have.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../../../shared/reference/', import.meta.url));
/** Whether the reference folder is there; its tests say that it is absent otherwise. */
export const PRESENT = existsSync(FOLDER);

const IMPLEMENTED = [
  'rv_i',
  'rv64_i',
  'rv_m',
  'rv64_m',
  'rv_a',
  'rv64_a',
  'rv_f',
  'rv64_f',
  'rv_d',
  'rv64_d',
  'rv_c',
  'rv64_c',
  'rv_c_d',
  'rv_zba',
  'rv64_zba',
  'rv_zbb',
  'rv64_zbb',
  'rv_zbs',
  'rv64_zbs',
  'rv_zicond',
];
const PRIVILEGED = ['rv_zicsr', 'rv_zifencei', 'rv_system', 'rv_s', 'rv_zicbo', 'rv_svinval'];

export interface OfficialInstruction {
  readonly name: string;
  readonly mask: number;
  readonly match: number;
  /** Operand names of the table: rd, imm12hi, c_nzuimm10 … */
  readonly operands: readonly string[];
}

/** The lines of a file; none where the folder is absent, since tests are collected there too. */
const read = (name: string) => (PRESENT ? readFileSync(`${FOLDER}${name}`, 'utf8').split('\n') : []);
const opcodes = (name: string) => read(`riscv-opcodes/${name}`);

export function officialInstructions(): OfficialInstruction[] {
  return [...IMPLEMENTED, ...PRIVILEGED].flatMap((file) =>
    opcodes(file)
      .map(ofItsOwn)
      .filter((line) => /^[a-z]/.test(line))
      .map(parseInstruction),
  );
}

/** A line of a special case of another extension's instruction as a line of its own, where that extension is left out. */
function ofItsOwn(line: string): string {
  const [, file = '', rest = ''] = /^\$pseudo_op (\w+)::\S+ (.*)$/.exec(line) ?? [];
  return file === '' || [...IMPLEMENTED, ...PRIVILEGED].includes(file) ? line : rest;
}

function parseInstruction(line: string): OfficialInstruction {
  const [name = '', ...tokens] = line.trim().split(/\s+/);
  let mask = 0n;
  let match = 0n;
  const operands: string[] = [];
  for (const token of tokens) {
    const fixed = /^(\d+)(?:\.\.(\d+))?=(.+)$/.exec(token);
    if (fixed === null) {
      operands.push(token);
      continue;
    }
    const high = BigInt(fixed[1] as string);
    const low = BigInt(fixed[2] ?? (fixed[1] as string));
    mask |= ((1n << (high - low + 1n)) - 1n) << low;
    match |= BigInt(fixed[3] as string) << low;
  }
  return { name, mask: Number(mask), match: Number(match), operands };
}

/** Bits [high, low] of each operand name. */
export function operandPlaces(): Map<string, readonly [high: number, low: number]> {
  return new Map(
    opcodes('arg_lut.csv')
      .filter((line) => line !== '')
      .map((line) => line.split(/,\s*/))
      .map(([name = '', high, low]) => [name.replaceAll('"', ''), [Number(high), Number(low)] as const]),
  );
}

/** Rows of a table of numbers and names. */
export function officialNumbers(name: 'csrs.csv' | 'causes.csv'): [number: number, name: string][] {
  return opcodes(name)
    .map((line) => /^(0x[0-9A-Fa-f]+),\s*"(.+)"$/.exec(line.trim()))
    .filter((row) => row !== null)
    .map((row) => [Number(row[1]), row[2] as string]);
}

export function normTags(): Set<string> {
  return new Set(read('norm-tags.tsv').map((line) => line.split('\t')[1]?.trim() ?? ''));
}
