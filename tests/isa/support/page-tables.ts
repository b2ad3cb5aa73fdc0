// Random page tables of Sv39 and Sv48 near the edges where rules bite: entries mostly valid, with one or two bits changed, so that
// every rule of the walk decides often. Superpages are misaligned in each single bit alone.
// The tables lie in the test memory's 16 pages; some pointers leave it.

import fc from 'fast-check';
import type { PrivilegedState } from '../../../isa/state.ts';
import { RAM, type TestMemory } from './machine.ts';

export const PAGE = 4096n;
/** As many as Sv48 has; Sv39 leaves the first of them aside. */
export const TABLES = 4;
const FRAME = RAM / PAGE;

export const V = 1n;
export const R = 2n;
export const W = 4n;
export const X = 8n;
export const U = 16n;
export const A = 64n;
export const D = 128n;

/** Flags of a leaf, in which each bit is mostly the permissive one. */
const flags = fc
  .tuple(fc.constantFrom(R, R | W, R | X, R | W | X, X, W, W | X, 0n), fc.boolean(), fc.nat({ max: 3 }))
  .map(([rights, user, accessed]) => V | rights | (user ? U : 0n) | (BigInt(accessed) << 6n));
/** A frame whose low bits are zero or one single bit, aligned and misaligned in turn. */
const frame = fc.oneof(
  fc.integer({ min: 0, max: 17 }).map((bit) => (FRAME & ~0x3ffffn) | (1n << BigInt(bit))),
  fc.integer({ min: 0, max: 26 }).map((bit) => 1n << BigInt(bit)),
  fc.integer({ min: 0, max: 15 }).map((page) => FRAME + BigInt(page)),
  fc.constant(FRAME & ~0x3ffffn),
  fc.constant(2n ** 44n - 1n),
);
const leaf = fc.tuple(frame, flags).map(([at, bits]) => (at << 10n) | bits);
const pointer = (table: number) => ((FRAME + BigInt(table)) << 10n) | V;
const stray = fc.constantFrom(pointer(TABLES) | A, (5n << 10n) | V, pointer(1) | U, pointer(1) | D, 0n);
const damage = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0n) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 63 }).map((bit) => 1n << BigInt(bit)) },
);

const entryOf = (level: number) =>
  fc
    .tuple(
      fc.oneof(
        { weight: level === 0 ? 0 : 3, arbitrary: fc.constant(pointer(TABLES - level)) },
        { weight: 4, arbitrary: leaf },
        { weight: 1, arbitrary: stray },
      ),
      damage,
    )
    .map(([entry, bits]) => entry ^ bits);

export interface Situation {
  /** The one entry of each level of Sv48 that the address selects, root first; Sv39 begins with the second. */
  readonly entries: readonly bigint[];
  readonly va: bigint;
  readonly mode: number;
  readonly MPP: number;
  readonly MPRV: boolean;
  readonly SUM: boolean;
  readonly MXR: boolean;
  readonly ADUE: boolean;
  /** Bits of a virtual address, which name the mode: Sv39, Sv48; 0 without translation. */
  readonly bits: 0 | 39 | 48;
  /** The root table's frame, which may lie outside RAM; by default the first or second of the tables. */
  readonly root?: bigint | undefined;
}

const canonicalIn = (bits: number) =>
  fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n }).map((va) => BigInt.asUintN(64, BigInt.asIntN(bits, va)));
const canonical = fc.oneof(canonicalIn(39), canonicalIn(48));
const anyAddress = fc.tuple(canonical, fc.integer({ min: 38, max: 63 })).map(([va, bit]) => va ^ (1n << BigInt(bit)));

export const situation: fc.Arbitrary<Situation> = fc.record({
  entries: fc.tuple(entryOf(3), entryOf(2), entryOf(1), entryOf(0)),
  va: fc.oneof({ weight: 9, arbitrary: canonical }, { weight: 1, arbitrary: anyAddress }),
  mode: fc.constantFrom(0, 1, 1, 3),
  MPP: fc.constantFrom(0, 1, 3),
  MPRV: fc.boolean(),
  SUM: fc.boolean(),
  MXR: fc.boolean(),
  ADUE: fc.boolean(),
  bits: fc.constantFrom(0, 39, 39, 39, 39, 48, 48, 48, 48),
  root: fc.oneof({ weight: 19, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constant(0n) }),
});

const MODES = { 0: 0n, 39: 8n << 60n, 48: 9n << 60n } as const;
/** The root table's frame. */
export const rootOf = ({ root, bits }: Situation): bigint => root ?? FRAME + (bits === 48 ? 0n : 1n);

/** Puts the entries where the address will look for them, and sets the state that the walk depends on. */
export function place(hart: PrivilegedState, memory: TestMemory, s: Situation): void {
  for (const level of [3, 2, 1, 0]) {
    const index = (s.va >> BigInt(12 + 9 * level)) & 511n;
    memory.write(RAM + PAGE * BigInt(3 - level) + 8n * index, 8, s.entries[3 - level] as bigint);
  }
  hart.satp.bits = MODES[s.bits] | rootOf(s);
  hart.mode = BigInt(s.mode);
  hart.mstatus.MPP = BigInt(s.MPP);
  hart.mstatus.MPRV = s.MPRV ? 1n : 0n;
  hart.mstatus.SUM = s.SUM ? 1n : 0n;
  hart.mstatus.MXR = s.MXR ? 1n : 0n;
  hart.menvcfg.ADUE = s.ADUE ? 1n : 0n;
}
