// One address through page tables, told entry by entry: the definition of the walk is run over memory that only
// watches, so what is shown is what the hardware would read. Used for the guest's own tables and for the shadow's.
// Left out: what the walk would write (accessed and dirty bits), which is not written.

import { type Field, field, PTE } from '../../isa/layout.ts';
import { failed, Reference } from '../../isa/reference.ts';
import { translate } from '../../isa/translation.ts';
import type { Access } from '../../isa/vocabulary.ts';

export interface WalkStep {
  readonly level: number;
  /** Where the entry is, and what it says. */
  readonly at: bigint;
  readonly bits: bigint;
  /** `rwxugad`, with a dash for each bit that is clear. */
  readonly flags: string;
  readonly target: bigint;
  readonly leaf: boolean;
}

export interface Walk {
  readonly steps: readonly WalkStep[];
  /** Where it led, or the cause of the fault. */
  readonly result: { readonly physical: bigint } | { readonly fault: bigint };
}

const FLAGS = ['V', 'R', 'W', 'X', 'U', 'G', 'A', 'D'] as const;
const PPN: Field = field('PPN', PTE.PPN);
const PAGE_SHIFT = 12n;
const ENTRY_BYTES = 8;
const LEVELS = { sv39: 3, sv48: 4 } as const;
const SV48 = 9n;

export interface WalkMemory {
  contains(address: bigint, bytes: number): boolean;
  read(address: bigint, bytes: number): bigint;
}

/** @param words of the hart that makes the access. @param satp another than theirs, where the tables are not theirs. */
export function walk(
  words: BigUint64Array,
  memory: WalkMemory,
  access: Access,
  va: bigint,
  as: { readonly satp?: bigint; readonly mode?: bigint } = {},
): Walk {
  const read: { at: bigint; bits: bigint }[] = [];
  const probe = new Reference({
    isMemory: (address, bytes) => memory.contains(address, bytes),
    read: (at, bytes) => {
      if (!memory.contains(at, bytes)) return undefined;
      const bits = memory.read(at, bytes);
      if (bytes === ENTRY_BYTES) read.push({ at, bits });
      return bits;
    },
    write: () => true,
    time: () => 0n,
  });
  probe.words.set(words);
  if (as.satp !== undefined) probe.satp.bits = as.satp;
  if (as.mode !== undefined) probe.mode = as.mode;
  const physical = probe.call(translate[access], { va });
  const levels = probe.satp.MODE === SV48 ? LEVELS.sv48 : LEVELS.sv39;
  const steps = read.slice(0, levels).map(({ at, bits }, index) => ({
    level: levels - 1 - index,
    at,
    bits,
    flags: FLAGS.map((name) => ((bits >> BigInt(PTE[name])) & 1n ? name.toLowerCase() : '-')).join(''),
    target: ((bits & PPN.mask) >> PPN.shift) << PAGE_SHIFT,
    leaf: (bits & LEAF) !== 0n,
  }));
  return { steps, result: failed(physical) ? { fault: probe.cause } : { physical } };
}

const LEAF = (1n << BigInt(PTE.R)) | (1n << BigInt(PTE.W)) | (1n << BigInt(PTE.X));
