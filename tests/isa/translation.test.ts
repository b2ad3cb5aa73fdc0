// The walk of Sv39 and Sv48 against a plain function written anew from the supervisor manual's steps, on random tables and
// situations: same physical address or same fault, and the same memory afterwards.
// Then the cases that people get wrong, one by one; PMP of the walk itself among them.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Mode } from '../../isa/layout.ts';
import { failed } from '../../isa/reference.ts';
import { translate } from '../../isa/translation.ts';
import type { Access } from '../../isa/vocabulary.ts';
import { encode, execute, type Machine, machine, RAM, type TestMemory } from './support/machine.ts';
import { A, D, PAGE, place, R, rootOf, type Situation, situation, U, V, W, X } from './support/page-tables.ts';
import { runs } from './support/runs.ts';

const PAGE_FAULT = { fetch: 12n, load: 13n, store: 15n };
const ACCESS_FAULT = { fetch: 1n, load: 5n, store: 7n };

type Translated = { readonly address: bigint } | { readonly fault: bigint };

/** The manual's algorithm in plain code over plain memory, permissions first gathered and then judged. */
function plainWalk(memory: TestMemory, s: Situation, access: Access): Translated {
  const lent = s.MPRV && access !== 'fetch';
  const mode = lent ? s.MPP : s.mode;
  if (s.bits === 0 || mode === Mode.M) return { address: s.va };
  const pageFault = { fault: PAGE_FAULT[access] };
  const upper = s.va / 2n ** BigInt(s.bits - 1);
  if (upper !== 0n && upper !== 2n ** BigInt(65 - s.bits) - 1n) return pageFault; // norm:Sv39_va_signext, norm:Sv48_va_signext
  let base = rootOf(s) * PAGE;
  for (let level = (s.bits - 12) / 9 - 1; level >= 0; level--) {
    const pageBytes = PAGE * 512n ** BigInt(level);
    const at = base + ((s.va / pageBytes) % 512n) * 8n;
    const entry = memory.isMemory(at, 8) ? (memory.read(at, 8) as bigint) : undefined;
    if (entry === undefined) return { fault: ACCESS_FAULT[access] };
    const has = (flag: bigint) => (entry & flag) !== 0n;
    const target = ((entry >> 10n) % 2n ** 44n) * PAGE;
    if (!has(V) || entry >> 54n !== 0n || (has(W) && !has(R))) return pageFault;
    if (!has(R) && !has(X)) {
      if (has(U | A | D) || level === 0) return pageFault;
      base = target;
      continue;
    }
    const right = { fetch: has(X), load: has(R) || (s.MXR && has(X)), store: has(W) }[access];
    const reachable = mode === Mode.U ? has(U) : !has(U) || (s.SUM && access !== 'fetch');
    if (!right || !reachable || target % pageBytes !== 0n) return pageFault;
    const wanted = access === 'store' ? A | D : A;
    if ((entry & wanted) !== wanted) {
      if (!s.ADUE) return pageFault;
      memory.write(at, 8, entry | wanted);
    }
    return { address: target + (s.va % pageBytes) };
  }
  return pageFault;
}

function walk(m: Machine, va: bigint, access: Access): Translated {
  const result = m.hart.call(translate[access], { va });
  if (!failed(result)) return { address: result };
  m.hart.countTrap(); // the exception is answered here
  return { fault: m.hart.cause };
}

test('the walk yields what the plain function yields, and leaves the same memory', () => {
  // norm:Sv39_va_signext, norm:Sv39_vpn_sz, norm:Sv39_levels, norm:Sv39_LEVELS, norm:Sv39_PTESIZE, norm:Sv39_pte_sz,
  // norm:Sv39_pte_count, norm:Sv39_page_offset_sz, norm:Sv39_leaf_any_level, norm:Sv39_superpage_align,
  // norm:Sv48_va_sz, norm:Sv48_vpn_sz, norm:Sv48_levels, norm:Sv48_LEVELS, norm:Sv48_PTESIZE, norm:Sv48_page_offset_sz,
  // norm:Sv48_leaf_any_level, norm:Sv48_superpage_align, norm:Sv48_page_sizes,
  // norm:load_page_fault_no_r, norm:store_page_fault_no_w, norm:fetch_page_fault_no_x
  const outcomes = new Map<string, number>();
  const ours = machine();
  const plain = machine();
  fc.assert(
    fc.property(situation, fc.constantFrom<Access>('fetch', 'load', 'store'), (s, access) => {
      for (const each of [ours, plain]) {
        each.memory.bytes.fill(0);
        place(each.hart, each.memory, s);
      }
      const expected = plainWalk(plain.memory, s, access);
      const result = walk(ours, s.va, access);
      expect(result).toEqual(expected);
      if ('fault' in result) expect(ours.hart.tval).toBe(s.va);
      expect(Buffer.compare(ours.memory.bytes, plain.memory.bytes)).toBe(0);
      const outcome = 'fault' in expected ? `fault ${expected.fault}` : 'address';
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }),
    runs(6000),
  );
  expect([...outcomes.keys()].sort()).toEqual(
    ['address', ...[1, 5, 7, 12, 13, 15].map((cause) => `fault ${cause}`)].sort(),
  );
});

const ALL_RIGHTS = V | R | W | X | A | D;
const ordinary: Situation = {
  entries: [...[1n, 2n, 3n].map((table) => ((RAM / PAGE + table) << 10n) | V), ((RAM / PAGE + 5n) << 10n) | ALL_RIGHTS],
  va: 0x3f_1234_5678n,
  mode: Mode.S,
  MPP: Mode.U,
  MPRV: false,
  SUM: false,
  MXR: false,
  ADUE: false,
  bits: 39,
};
const va = BigInt.asUintN(64, BigInt.asIntN(39, 0x12_1234_5678n));
function placed(change: Partial<Situation> = {}): Machine {
  const m = machine();
  place(m.hart, m.memory, { ...ordinary, va, ...change });
  return m;
}
/** A superpage leaf at a level, with these flags. */
const leafAt = (level: number, ppn: bigint, flags = ALL_RIGHTS) =>
  ordinary.entries.map((entry, i) => (i === 3 - level ? (ppn << 10n) | flags : entry));

describe('superpages', () => {
  const cases = ([39, 48] as const).flatMap((mode) =>
    [1, 2, 3]
      .filter((level) => level < (mode - 12) / 9)
      .flatMap((level) => Array.from({ length: 9 * level }, (_, bit) => [mode, level, bit] as const)),
  );
  test.each(cases)(
    'in Sv%d at level %d misaligned in bit %d alone is a page fault (norm:Sv39_superpage_align_fault, norm:Sv48_superpage_align_fault)',
    (mode, level, bit) => {
      const aligned = level === 3 ? 0n : (RAM / PAGE) & ~0x3ffffn;
      expect(walk(placed({ bits: mode, entries: leafAt(level, aligned) }), va, 'load')).toHaveProperty('address');
      for (const access of ['fetch', 'load', 'store'] as const) {
        const m = placed({ bits: mode, entries: leafAt(level, aligned | (1n << BigInt(bit))) });
        expect(walk(m, va, access)).toEqual({ fault: PAGE_FAULT[access] });
      }
    },
  );
});

describe('bits of an entry', () => {
  test.each(Array.from({ length: 10 }, (_, i) => 54 + i))('bit %d is reserved (norm:Sv39_pte_future_rsv)', (bit) => {
    for (const level of [0, 1, 2, 3]) {
      const entries = [...ordinary.entries];
      entries[level] = (entries[level] as bigint) | (1n << BigInt(bit));
      expect(walk(placed({ entries, bits: 48 }), va, 'load')).toEqual({ fault: 13n });
      if (level > 0) expect(walk(placed({ entries }), va, 'load')).toEqual({ fault: 13n });
    }
  });
  test("bits 8 and 9 are software's, and G changes nothing here", () => {
    const entries = ordinary.entries.map((entry) => entry | (3n << 8n) | 32n);
    expect(walk(placed({ entries }), va, 'load')).toHaveProperty('address');
  });
});

describe('accessed and dirty', () => {
  const without = (flags: bigint) => ordinary.entries.map((entry, i) => (i === 3 ? entry & ~flags : entry));
  test('are left to software without ADUE: a page fault and no write (norm:svade_access_ad_bit_clear)', () => {
    for (const [flags, access, fault] of [
      [A, 'load', 13n],
      [A, 'fetch', 12n],
      [A, 'store', 15n],
      [D, 'store', 15n],
    ] as const) {
      const m = placed({ entries: without(flags) });
      const before = m.memory.bytes.slice();
      expect(walk(m, va, access)).toEqual({ fault });
      expect(m.memory.bytes).toEqual(before);
    }
    expect(walk(placed({ entries: without(D) }), va, 'load')).toHaveProperty('address');
  });
  test('are written by hardware with ADUE, D by stores alone (norm:Svadu_hw_update_a_d_bits)', () => {
    for (const [access, expected] of [
      ['load', A],
      ['fetch', A],
      ['store', A | D],
    ] as const) {
      const m = placed({ entries: without(A | D), ADUE: true });
      expect(walk(m, va, access)).toHaveProperty('address');
      const at = RAM + 3n * PAGE + 8n * ((va >> 12n) & 511n);
      expect((m.memory.read(at, 8) as bigint) & (A | D)).toBe(expected);
    }
  });
  test('cannot be written where the PMP makes the table read-only: an access fault (norm:pmp_check_pagetable_access)', () => {
    const m = placed({ entries: without(A), ADUE: true });
    m.hart.pmpcfg0 = 0x1dn; // R, X
    expect(walk(m, va, 'load')).toEqual({ fault: 5n });
  });
});

test('a table that the PMP hides is an access fault of the original access, in M with MPRV too', () => {
  const m = placed();
  m.hart.pmpcfg0 = 0x1cn; // X alone
  expect(walk(m, va, 'fetch')).toEqual({ fault: 1n });
  const lent = placed({ mode: Mode.M, MPP: Mode.S, MPRV: true });
  lent.hart.pmpcfg0 = 0x1cn;
  expect(walk(lent, va, 'store')).toEqual({ fault: 7n });
});

describe('MPRV', () => {
  test('lends loads and stores the mode of MPP, but not fetches (norm:mstatus_mprv_inst_xlat_op)', () => {
    const m = placed({ mode: Mode.M, MPP: Mode.S, MPRV: true });
    expect(walk(m, va, 'load')).toEqual({ address: RAM + 5n * PAGE + (va % PAGE) });
    expect(walk(m, va, 'fetch')).toEqual({ address: va });
  });
  test('lends the PMP rights of MPP too (norm:mstatus_mprv_ldst_op)', () => {
    const m = placed({ mode: Mode.M, MPP: Mode.U, MPRV: true, bits: 0 });
    m.hart.pmpcfg0 = 0n;
    m.hart.setX(10, RAM);
    expect(execute(m.hart, encode('lb', { rd: 1, rs1: 10 }))).toBe(5n);
    m.hart.mstatus.MPRV = 0n;
    expect(execute(m.hart, encode('lb', { rd: 1, rs1: 10 }))).toBeUndefined();
  });
});

describe('SUM and MXR', () => {
  const user = ordinary.entries.map((entry, i) => (i === 3 ? entry | U : entry));
  test('SUM lets S load and store on user pages, never fetch (norm:mstatus_sum_op)', () => {
    const outcome = (SUM: boolean, access: Access) => 'address' in walk(placed({ entries: user, SUM }), va, access);
    expect([outcome(true, 'load'), outcome(true, 'store'), outcome(true, 'fetch')]).toEqual([true, true, false]);
    expect([outcome(false, 'load'), outcome(false, 'store'), outcome(false, 'fetch')]).toEqual([false, false, false]);
  });
  test('MXR makes executable pages readable, and nothing else (norm:mstatus_mxr_op)', () => {
    const executable = ordinary.entries.map((entry, i) => (i === 3 ? entry & ~(R | W) : entry));
    const outcome = (MXR: boolean, access: Access) =>
      'address' in walk(placed({ entries: executable, MXR }), va, access);
    expect([outcome(false, 'load'), outcome(true, 'load'), outcome(true, 'store')]).toEqual([false, true, false]);
  });
});
