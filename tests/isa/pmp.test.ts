// Physical memory protection against a plain function that asks of each byte which entry covers it, on random
// configurations around a few addresses, and its registers' locks.
// Accesses by the page-table walk are in translation.test.ts.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Mode } from '../../isa/layout.ts';
import { pmp } from '../../isa/pmp.ts';
import type { Access } from '../../isa/vocabulary.ts';
import { encode, execute, machine, RAM, readCsr, writeCsr } from './support/machine.ts';
import { runs } from './support/runs.ts';

const OFF = 0;
const TOR = 1;
const NA4 = 2;
const NAPOT = 3;
const ENTRIES = 16;
const ADDRESS_BITS = 54n;

interface Entry {
  readonly R: boolean;
  readonly W: boolean;
  readonly X: boolean;
  readonly A: number;
  readonly L: boolean;
  readonly address: bigint;
}

/** Does entry `i` cover this byte? (norm:pmp_a_field_encoding) */
function covers(entries: readonly Entry[], i: number, byte: bigint): boolean {
  const { A, address } = entries[i] as Entry;
  if (A === OFF) return false;
  if (A === TOR) return byte >= (i === 0 ? 0n : (entries[i - 1] as Entry).address * 4n) && byte < address * 4n;
  if (A === NA4) return byte / 4n === address;
  let trailingOnes = 0n;
  while ((address >> trailingOnes) & 1n) trailingOnes++;
  const size = 2n ** (trailingOnes + 3n);
  return byte / size === (address * 4n) / size;
}

/** The manual's rule, byte by byte (norm:pmp_entry_priority, norm:pmp_full_match_required, norm:pmp_rwx_check). */
function permitted(entries: readonly Entry[], access: Access, at: bigint, bytes: number, mode: Mode): boolean {
  const addresses = Array.from({ length: bytes }, (_, i) => at + BigInt(i));
  for (const [i, entry] of entries.entries()) {
    const covered = addresses.filter((byte) => covers(entries, i, byte)).length;
    if (covered === 0) continue;
    if (covered < bytes) return false;
    if (mode === Mode.M && !entry.L) return true;
    return { fetch: entry.X, load: entry.R, store: entry.W }[access];
  }
  return mode === Mode.M; // norm:pmp_no_entry_match
}

const near = fc.integer({ min: -24, max: 24 }).map((offset) => RAM + BigInt(offset));
const address = fc.oneof(
  near.map((byte) => byte / 4n),
  fc.tuple(near, fc.integer({ min: 0, max: 8 })).map(([byte, ones]) => (byte / 4n) | (2n ** BigInt(ones) - 1n)),
  fc.constantFrom(0n, 2n ** ADDRESS_BITS - 1n, 2n ** (ADDRESS_BITS - 1n) - 1n),
);
const entry: fc.Arbitrary<Entry> = fc.record({
  R: fc.boolean(),
  W: fc.boolean(),
  X: fc.boolean(),
  A: fc.constantFrom(OFF, TOR, NA4, NAPOT),
  L: fc.boolean(),
  address,
});
/** A few entries at random places, the rest off. */
const configuration = fc.array(fc.tuple(fc.nat({ max: ENTRIES - 1 }), entry), { maxLength: 5 }).map((placed) => {
  const off: Entry = { R: false, W: false, X: false, A: OFF, L: false, address: 0n };
  const entries = Array.from({ length: ENTRIES }, () => off);
  for (const [at, chosen] of placed) entries[at] = chosen;
  return entries;
});

const byteOf = ({ R, W, X, A, L }: Entry) =>
  Number(R) | (Number(W) << 1) | (Number(X) << 2) | (A << 3) | (Number(L) << 7);

test('an access is permitted where the plain function permits it, for any configuration', () => {
  // norm:pmp_a_field_encoding, norm:pmp_a_field_off, norm:pmp_a_field_napot_na4, norm:pmp_napot_encoding_low_bits,
  // norm:pmp_a_field_tor, norm:pmp_entry_priority, norm:pmp_full_match_required, norm:pmp_rwx_check,
  // norm:pmp_no_entry_match, norm:pmp_addr_encoding, norm:pmp_entry_structure, norm:pmp_cfg_permissions
  const { hart } = machine();
  fc.assert(
    fc.property(
      configuration,
      fc.constantFrom<Access>('fetch', 'load', 'store'),
      near,
      fc.constantFrom(1, 2, 4, 8),
      fc.constantFrom(Mode.U, Mode.S, Mode.M),
      (entries, access, at, bytes, mode) => {
        hart.pmpcfg0 = 0n;
        hart.pmpcfg2 = 0n;
        for (const [i, chosen] of entries.entries()) {
          hart.setNamed(`pmpaddr${i}`, chosen.address);
          const word = i < 8 ? 'pmpcfg0' : 'pmpcfg2';
          hart.setNamed(word, hart.named(word) | (BigInt(byteOf(chosen)) << BigInt((i % 8) * 8)));
        }
        const answer = hart.ask(pmp[access], { address: at, bytes: BigInt(bytes), mode: BigInt(mode) });
        expect(answer).toBe(permitted(entries, access, at, bytes, mode));
      },
    ),
    runs(4000),
  );
});

describe('after reset', () => {
  test('M may do everything and the modes below nothing (norm:pmp_A_L_rst, norm:pmp_no_entry_match)', () => {
    const { hart } = machine();
    hart.reset(0, RAM);
    const may = (mode: Mode) => hart.ask(pmp.load, { address: RAM, bytes: 8n, mode: BigInt(mode) });
    expect([may(Mode.U), may(Mode.S), may(Mode.M)]).toEqual([false, false, true]);
  });
});

describe('faults', () => {
  const cases: readonly (readonly [what: string, word: number, cause: bigint])[] = [
    ['a load raises load access fault (norm:pmp_load_fault)', encode('ld', { rd: 1, rs1: 10 }), 5n],
    ['a store raises store access fault (norm:pmp_store_fault)', encode('sd', { rs2: 1, rs1: 10 }), 7n],
    ['an lr raises load access fault (norm:pmp_load_fault)', encode('lr.d', { rd: 1, rs1: 10 }), 5n],
    ['an sc raises store access fault (norm:pmp_store_fault)', encode('sc.d', { rd: 1, rs2: 1, rs1: 10 }), 7n],
    ['an amo raises store access fault (norm:pmp_store_fault)', encode('amoadd.d', { rd: 1, rs2: 1, rs1: 10 }), 7n],
  ];
  test.each(cases)('%s', (_what, word, cause) => {
    const { hart } = machine();
    hart.pmpcfg0 = 0n;
    hart.mode = 1n;
    hart.setX(10, RAM);
    expect([execute(hart, word), hart.tval]).toEqual([cause, RAM]);
  });
  test('an amo needs both R and W, which the reserved W without R cannot give', () => {
    const { hart } = machine();
    hart.pmpcfg0 = 0x19n; // R alone
    hart.mode = 1n;
    hart.setX(10, RAM);
    expect(execute(hart, encode('amoadd.d', { rd: 1, rs2: 1, rs1: 10 }))).toBe(7n);
  });
});

describe('registers', () => {
  test('there are 16 entries: pmpcfg0 and pmpcfg2, and the odd pmpcfg are illegal (norm:pmp_cfg_rv64_illegal)', () => {
    // norm:pmp_entry_count, norm:pmp_cfg_rv64_layout, norm:pmp_addr_registers
    const { hart } = machine();
    const readable = (name: string) => readCsr(hart, name) !== undefined;
    expect(['pmpcfg0', 'pmpcfg1', 'pmpcfg2', 'pmpcfg3', 'pmpcfg4', 'pmpaddr15', 'pmpaddr16'].map(readable)).toEqual([
      true,
      false,
      true,
      false,
      false,
      true,
      false,
    ]);
  });
  test('bits 5 and 6 of a configuration are zero, and W without R is not kept (norm:pmp_rwx_warl)', () => {
    for (let written = 0; written < 128; written++) {
      const { hart } = machine();
      hart.pmpcfg0 = 0n;
      writeCsr(hart, 'pmpcfg0', BigInt(written) << 56n);
      const legal = (written & 1) === 0 ? written & 0b11101 : written & 0b11111;
      expect(readCsr(hart, 'pmpcfg0')).toBe(BigInt(legal) << 56n);
    }
  });
  test('a locked entry keeps configuration and address, its neighbours do not (norm:pmp_l_bit_write_protection)', () => {
    const { hart } = machine();
    writeCsr(hart, 'pmpaddr1', 0x100n);
    writeCsr(hart, 'pmpcfg0', 0x9a00n); // entry 1: L, NAPOT, X … W is dropped without R
    writeCsr(hart, 'pmpcfg0', 0x0f0f_0f0fn);
    expect(readCsr(hart, 'pmpcfg0')).toBe(0x0f0f_980fn);
    for (const index of [0, 1, 2]) writeCsr(hart, `pmpaddr${index}`, 0x200n);
    expect([0, 1, 2].map((index) => readCsr(hart, `pmpaddr${index}`))).toEqual([0x200n, 0x100n, 0x200n]);
  });
  test('a locked TOR entry locks the address below it too (norm:pmp_l_bit_write_protection)', () => {
    for (const [config, locked] of [
      [0x89n, true], // L, TOR
      [0x09n, false], // TOR
      [0x91n, false], // L, NA4
      [0x81n, false], // L, OFF
    ] as const) {
      for (const index of [1, 8, 15]) {
        const { hart } = machine();
        writeCsr(hart, index < 8 ? 'pmpcfg0' : 'pmpcfg2', config << BigInt((index % 8) * 8));
        const before = readCsr(hart, `pmpaddr${index - 1}`) as bigint;
        writeCsr(hart, `pmpaddr${index - 1}`, 0x321n);
        expect(readCsr(hart, `pmpaddr${index - 1}`)).toBe(locked ? before : 0x321n);
      }
    }
  });
  test('a locked entry binds M too (norm:pmp_l_bit_m_mode_enforcement)', () => {
    const { hart } = machine();
    writeCsr(hart, 'pmpcfg0', 0x98n); // L, NAPOT over everything, no rights
    hart.setX(10, RAM);
    expect(execute(hart, encode('ld', { rd: 1, rs1: 10 }))).toBe(5n);
  });
});
