// An encoding as the manual draws it, high bits first: '0000000 rs2 rs1 000 rd 0110011'. One string yields mask and
// match, the fields' places for encoder and decoder, and, through template-literal types, the fields' names, so that
// a definition which names a field that its pattern lacks does not compile. The vector and 48-bit forms are left out.

import { assert } from './assert.ts';

/** A run of value bits [high:low] that stands at bit `at` of the word. */
interface Piece {
  readonly high: number;
  readonly low: number;
  readonly at: number;
}

export interface PatternField {
  readonly name: string;
  /** Bits of the value, its low implied zeros included. */
  readonly width: number;
  readonly signed: boolean;
  /** The value is a multiple of this power of two. */
  readonly scale: number;
  /** The register file that the field names a register of. */
  readonly register: 'x' | 'f' | undefined;
  /** A three-bit register number, x8 to x15, written rd′ in the manual and rd' here. */
  readonly prime: boolean;
  readonly pieces: readonly Piece[];
  /** Values that make the encoding reserved: 'rd≠0', 'rd≠{0,2}', and 0 where the name says `nz`. */
  readonly excluded: readonly number[];
}

export interface Pattern {
  readonly text: string;
  readonly bytes: 2 | 4;
  /** Bits that the pattern fixes, unsigned, and their values. */
  readonly mask: number;
  readonly match: number;
  readonly fields: readonly PatternField[];
}

type Trimmed<S extends string> = S extends `${infer Name}[${string}`
  ? Name
  : S extends `${infer Name}'${string}`
    ? Name
    : S extends `${infer Name}≠${string}`
      ? Name
      : S;
type Token<S extends string> = S extends `${'0' | '1'}${string}` ? never : Trimmed<S>;
/** The names of the fields in a pattern, read from its text. */
export type FieldNames<S extends string> = S extends `${infer Head} ${infer Tail}`
  ? Token<Head> | FieldNames<Tail>
  : Token<S>;

const WIDTH_OF: Readonly<Record<string, number>> = {
  rd: 5,
  rs1: 5,
  rs2: 5,
  fd: 5,
  fs1: 5,
  fs2: 5,
  fs3: 5,
  rm: 3,
  csr: 12,
  uimm: 5,
  aq: 1,
  rl: 1,
  fm: 4,
  pred: 4,
  succ: 4,
};
const PRIME_WIDTH = 3;
const FIRST_PRIME_REGISTER = 8;
const REGISTER = /^([rf])(?:d|s[123])$/;
const FILES = { r: 'x', f: 'f' } as const;
const TOKEN = /^(?<name>[a-z]+[0-9]?)(?<prime>'?)(?:\[(?<bits>[0-9:|]+)\])?(?:≠\{?(?<excluded>[0-9,]+)\}?)?$/;

export function parsePattern(text: string): Pattern {
  const tokens = text.split(' ');
  const pieces = new Map<string, { pieces: Piece[]; prime: boolean; excluded: number[] }>();
  let mask = 0;
  let match = 0;
  let at = 0;
  for (const token of tokens.toReversed()) {
    if (/^[01]+$/.test(token)) {
      mask += (2 ** token.length - 1) * 2 ** at;
      match += Number.parseInt(token, 2) * 2 ** at;
      at += token.length;
      continue;
    }
    const groups = TOKEN.exec(token)?.groups;
    assert(groups !== undefined, `pattern token '${token}' in '${text}'`);
    const name = groups['name'] as string;
    const field = pieces.get(name) ?? { pieces: [], prime: groups['prime'] === "'", excluded: [] };
    pieces.set(name, field);
    field.excluded.push(...(groups['excluded']?.split(',').map(Number) ?? (name.startsWith('nz') ? [0] : [])));
    for (const [high, low] of ranges(name, field.prime, groups['bits']).toReversed()) {
      field.pieces.push({ high, low, at });
      at += high - low + 1;
    }
  }
  assert(at === 16 || at === 32, `pattern '${text}' has ${at} bits`);
  const fields = [...pieces].reverse().map(([name, field]) => describe(name, field));
  return { text, bytes: at === 16 ? 2 : 4, mask, match, fields };
}

/** '[12|10:5]' as pairs [12,12], [10,5]; a field without brackets has its customary width. */
function ranges(name: string, prime: boolean, bits: string | undefined): [number, number][] {
  if (bits === undefined) {
    const width = prime ? PRIME_WIDTH : WIDTH_OF[name];
    assert(width !== undefined, `pattern field '${name}' needs its bits`);
    return [[width - 1, 0]];
  }
  return bits.split('|').map((part) => {
    const [high, low = high] = part.split(':').map(Number);
    return [high as number, low as number];
  });
}

function describe(name: string, { pieces, prime, excluded }: { pieces: Piece[]; prime: boolean; excluded: number[] }) {
  const width = Math.max(...pieces.map((piece) => piece.high)) + 1;
  const scale = 2 ** Math.min(...pieces.map((piece) => piece.low));
  const file = REGISTER.exec(name)?.[1] as keyof typeof FILES | undefined;
  const register = file && FILES[file];
  const signed = name === 'imm' || name === 'nzimm';
  return { name, width, signed, scale, register, prime, pieces, excluded: [...new Set(excluded)] };
}

/** The word for these field values; bits of a value that the pattern has no room for are dropped. */
export function insertFields(pattern: Pattern, values: Readonly<Record<string, number>>): number {
  let word = pattern.match;
  for (const field of pattern.fields) {
    const value = (values[field.name] ?? 0) - (field.prime ? FIRST_PRIME_REGISTER : 0);
    for (const { high, low, at } of field.pieces) word += ((value >> low) & (2 ** (high - low + 1) - 1)) * 2 ** at;
  }
  return word;
}

/** The field values of a word that matches; immediates sign-extended where the manual has them so. */
export function extractFields(pattern: Pattern, word: number): Record<string, number> {
  const values: Record<string, number> = {};
  for (const { name, pieces, signed, width, prime } of pattern.fields) {
    let value = prime ? FIRST_PRIME_REGISTER : 0;
    for (const { high, low, at } of pieces) value += ((word >>> at) & (2 ** (high - low + 1) - 1)) * 2 ** low;
    values[name] = signed && value >= 2 ** (width - 1) ? value - 2 ** width : value;
  }
  return values;
}

/** Whether a word has this pattern, reserved encodings excluded. */
export function matches(pattern: Pattern, word: number): boolean {
  if ((word & pattern.mask) >>> 0 !== pattern.match) return false;
  if (pattern.fields.every((field) => field.excluded.length === 0)) return true;
  const values = extractFields(pattern, word);
  return pattern.fields.every((field) => !field.excluded.includes(values[field.name] as number));
}
