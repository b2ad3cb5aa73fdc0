// Loads, stores, atomics and fetches as instructions see them: every width and sign, accesses that straddle a page,
// the reservation, devices, and which address a fault names.
// Translation has a file of its own; here two pages with different rights are enough.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_RESERVATION } from '../../isa/layout.ts';
import type { Reference } from '../../isa/reference.ts';
import { DEVICE, encode, execute, type Machine, machine, RAM } from './support/machine.ts';
import { runs } from './support/runs.ts';

const PAGE = 4096n;
const LEAF = 0xcfn; // V R W X A D

/** Virtual pages 0, 1, 2… of an S-mode hart onto these flags and frames of RAM, in order. */
function paged(...entries: readonly { frame: number; flags?: bigint }[]): Machine {
  const m = machine();
  const { hart, memory } = m;
  memory.write(RAM + 0x1000n, 8, ((RAM / PAGE + 2n) << 10n) | 1n);
  memory.write(RAM + 0x2000n, 8, ((RAM / PAGE + 3n) << 10n) | 1n);
  for (const [i, { frame, flags = LEAF }] of entries.entries()) {
    memory.write(RAM + 0x3000n + BigInt(8 * i), 8, ((RAM / PAGE + BigInt(frame)) << 10n) | flags);
  }
  hart.satp.bits = (8n << 60n) | (RAM / PAGE + 1n);
  hart.mode = 1n;
  return m;
}

const LOADS: readonly (readonly [name: string, bytes: number, signed: boolean])[] = [
  ['lb', 1, true],
  ['lh', 2, true],
  ['lw', 4, true],
  ['ld', 8, true],
  ['lbu', 1, false],
  ['lhu', 2, false],
  ['lwu', 4, false],
];
const STORES: readonly (readonly [name: string, bytes: 1 | 2 | 4 | 8])[] = [
  ['sb', 1],
  ['sh', 2],
  ['sw', 4],
  ['sd', 8],
];

const value64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

describe('loads and stores', () => {
  test.each(LOADS)('%s reads its bytes at any alignment, low byte first, and extends', (name, bytes, signed) => {
    const { hart, memory } = machine();
    fc.assert(
      fc.property(value64, value64, fc.nat({ max: 7 }), (low, high, offset) => {
        memory.write(RAM, 8, low);
        memory.write(RAM + 8n, 8, high);
        hart.setX(10, RAM + 16n);
        execute(hart, encode(name, { rd: 11, rs1: 10, imm: offset - 16 }));
        const raw = (low | (high << 64n)) >> BigInt(8 * offset);
        const extended = signed ? BigInt.asIntN(8 * bytes, raw) : BigInt.asUintN(8 * bytes, raw);
        expect(hart.x(11)).toBe(BigInt.asUintN(64, extended));
      }),
      runs(100),
    );
  });
  test.each(STORES)('%s writes its bytes and no other', (name, bytes) => {
    const { hart, memory } = machine();
    fc.assert(
      fc.property(value64, fc.nat({ max: 7 }), (value, offset) => {
        memory.bytes.fill(0xee, 0, 16);
        hart.setX(10, RAM);
        hart.setX(11, value);
        execute(hart, encode(name, { rs2: 11, rs1: 10, imm: offset }));
        const expected = new Uint8Array(16).fill(0xee);
        for (let i = 0; i < bytes; i++) expected[offset + i] = Number((value >> BigInt(8 * i)) & 0xffn);
        expect(memory.bytes.slice(0, 16)).toEqual(expected);
      }),
      runs(100),
    );
  });
  test('the address wraps at the end of the address space', () => {
    const { hart, memory } = machine();
    memory.write(RAM, 8, 42n);
    hart.setX(10, RAM + 2n ** 64n - 8n - 2n ** 64n);
    execute(hart, encode('ld', { rd: 11, rs1: 10, imm: 8 }));
    expect(hart.x(11)).toBe(42n);
  });
  test('where the bus does not answer, an access fault names the address', () => {
    const { hart } = machine();
    hart.setX(10, 0x40n);
    expect([execute(hart, encode('lw', { rd: 1, rs1: 10, imm: 4 })), hart.tval]).toEqual([5n, 0x44n]);
    expect([execute(hart, encode('sw', { rs2: 1, rs1: 10, imm: 4 })), hart.tval]).toEqual([7n, 0x44n]);
  });
  test('a faulting load leaves rd', () => {
    const { hart } = machine();
    hart.setX(11, 7n);
    execute(hart, encode('ld', { rd: 11, rs1: 0, imm: 0 }));
    expect(hart.x(11)).toBe(7n);
  });
  test('a device sees one access of the width asked for', () => {
    const { hart, memory } = machine();
    hart.setX(10, DEVICE);
    hart.setX(11, 0x1_2345_6789n);
    execute(hart, encode('sh', { rs2: 11, rs1: 10, imm: 6 }));
    execute(hart, encode('lbu', { rd: 12, rs1: 10, imm: 1 }));
    expect([memory.log, hart.x(12)]).toEqual([['10000006 2 6789'], 0xa5n]);
  });
});

describe('an access that straddles two pages', () => {
  const near = 4096 - 4; // ld at 0xffc: four bytes in page 0, four in page 1
  const ld = encode('ld', { rd: 11, rs1: 0, imm: -4 });
  const sd = encode('sd', { rs2: 12, rs1: 0, imm: -4 });
  const at = (hart: Reference) => {
    hart.setX(10, BigInt(near + 4));
    return hart;
  };
  const based = (word: number) => (word | (10 << 15)) >>> 0;

  test('reads and writes both frames, which need not be neighbours', () => {
    const { hart, memory } = paged({ frame: 6 }, { frame: 4 });
    memory.write(RAM + 0x6000n + BigInt(near), 4, 0x1111_1111n);
    memory.write(RAM + 0x4000n, 4, 0x2222_2222n);
    execute(at(hart), based(ld));
    expect(hart.x(11)).toBe(0x2222_2222_1111_1111n);
    hart.setX(12, 0x8877_6655_4433_2211n);
    execute(hart, based(sd));
    expect(memory.read(RAM + 0x6000n + BigInt(near), 4)).toBe(0x4433_2211n);
    expect(memory.read(RAM + 0x4000n, 4)).toBe(0x8877_6655n);
  });
  test('faults with the address of the half that faults (norm:stval_op_load_store_fault)', () => {
    const second = paged({ frame: 6 }, { frame: 4, flags: 0n });
    expect([execute(at(second.hart), based(ld)), second.hart.tval]).toEqual([13n, 0x1000n]);
    const first = paged({ frame: 6, flags: 0n }, { frame: 4 });
    expect([execute(at(first.hart), based(ld)), first.hart.tval]).toEqual([13n, BigInt(near)]);
  });
  test('stores nothing where its second half faults', () => {
    const { hart, memory } = paged({ frame: 6 }, { frame: 4, flags: 0xc3n });
    hart.setX(12, 2n ** 64n - 1n);
    expect([execute(at(hart), based(sd)), hart.tval]).toEqual([15n, 0x1000n]);
    expect(memory.read(RAM + 0x6000n + BigInt(near), 4)).toBe(0n);
  });
  test('reaches no device (misaligned accesses to devices are access faults)', () => {
    const { hart } = paged({ frame: 6 }, { frame: 4 });
    hart.satp.bits = 0n;
    hart.setX(10, RAM + 0x1_0000n);
    expect([execute(hart, based(ld)), hart.tval]).toEqual([5n, RAM + 0x1_0000n]);
  });
});

describe('an instruction that straddles two pages', () => {
  const word = BigInt(encode('addi', { rd: 10, rs1: 0, imm: 77 }));
  function straddling(secondFlags: bigint) {
    const m = paged({ frame: 6 }, { frame: 4, flags: secondFlags });
    m.memory.write(RAM + 0x6000n + 4094n, 2, word & 0xffffn);
    m.memory.write(RAM + 0x4000n, 2, word >> 16n);
    m.hart.pc = 4094n;
    m.hart.stvec.bits = 0x100n;
    m.hart.medeleg = 0xffffn;
    return m.hart;
  }
  test('runs from both frames', () => {
    const hart = straddling(LEAF);
    expect([hart.step(), hart.x(10), hart.pc]).toEqual(['retired', 77n, 4098n]);
  });
  test('faults with the half in stval and its start in sepc (norm:stval_faulting_address_variable_instr)', () => {
    const hart = straddling(0n);
    expect([hart.step(), hart.scause, hart.stval, hart.sepc]).toEqual(['trapped', 12n, 4096n, 4094n]);
  });
  test('needs execute, not read, permission (norm:fetch_page_fault_no_x)', () => {
    expect(straddling(0xc3n).step()).toBe('trapped');
    expect(straddling(0xc9n).step()).toBe('retired');
  });
  test('a compressed instruction at the end of a page needs the next page not at all', () => {
    const { hart, memory } = paged({ frame: 6 });
    memory.write(RAM + 0x6000n + 4094n, 2, BigInt(encode('c.li', { rd: 10, imm: 5 })));
    hart.pc = 4094n;
    expect([hart.step(), hart.x(10)]).toEqual(['retired', 5n]);
  });
  test('fetching where no memory is raises an instruction access fault', () => {
    const { hart } = machine();
    hart.pc = DEVICE;
    hart.step();
    expect([hart.mcause, hart.mtval]).toEqual([1n, DEVICE]);
  });
});

describe('load-reserved and store-conditional', () => {
  const lr = encode('lr.w', { rd: 11, rs1: 10 });
  const sc = encode('sc.w', { rd: 12, rs2: 13, rs1: 10 });
  function reserved() {
    const m = machine();
    m.memory.write(RAM + 64n, 4, 0x8000_0001n);
    m.hart.setX(10, RAM + 64n);
    m.hart.setX(13, 0x1_2345_6789n);
    execute(m.hart, lr);
    return m;
  }
  test('lr.w sign-extends, and sc.w then stores its word and yields 0 (norm:lr_w_op, norm:sc_w_success)', () => {
    const { hart, memory } = reserved();
    expect(hart.x(11)).toBe(0xffff_ffff_8000_0001n);
    execute(hart, sc);
    expect([hart.x(12), memory.read(RAM + 64n, 8)]).toEqual([0n, 0x2345_6789n]);
  });
  test('an sc ends the reservation, whether it succeeds or not (norm:sc_reservation_invalidate)', () => {
    const { hart } = reserved();
    execute(hart, sc);
    expect(hart.reservation).toBe(NO_RESERVATION);
    execute(hart, sc);
    expect(hart.x(12)).toBe(1n); // norm:sc_failure_code
  });
  test('an sc to another address fails, stores nothing and ends the reservation (norm:sc_addr_not_in_reservation_fail)', () => {
    const { hart, memory } = reserved();
    hart.setX(10, RAM + 4096n);
    execute(hart, sc);
    expect([hart.x(12), memory.read(RAM + 4096n, 8)]).toEqual([1n, 0n]);
    hart.setX(10, RAM + 64n);
    execute(hart, sc);
    expect(hart.x(12)).toBe(1n);
  });
  test('misaligned ones raise address-misaligned, lr as a load and sc as a store (norm:lr_sc_alignment)', () => {
    const { hart } = reserved();
    hart.setX(10, RAM + 66n);
    expect([execute(hart, lr), hart.tval]).toEqual([4n, RAM + 66n]);
    expect([execute(hart, sc), hart.tval]).toEqual([6n, RAM + 66n]);
    hart.setX(10, RAM + 68n);
    expect(execute(hart, encode('lr.d', { rd: 11, rs1: 10 }))).toBe(4n);
  });
  test('a device takes no atomics: access faults, and sc and amo as stores (norm:mcause_exccode_st_sc_amo)', () => {
    const { hart, memory } = machine();
    hart.setX(10, DEVICE);
    expect(execute(hart, lr)).toBe(5n);
    expect(execute(hart, sc)).toBe(7n);
    expect(execute(hart, encode('amoswap.w', { rd: 11, rs2: 13, rs1: 10 }))).toBe(7n);
    expect(memory.log).toEqual([]);
  });
});

describe('atomic memory operations', () => {
  const signed = (bits: number, a: bigint) => BigInt.asIntN(bits, a);
  const unsigned = (bits: number, a: bigint) => BigInt.asUintN(bits, a);
  const MEANING: Readonly<Record<string, (old: bigint, rs2: bigint, bits: number) => bigint>> = {
    amoswap: (_, b) => b,
    amoadd: (a, b) => a + b,
    amoxor: (a, b) => a ^ b,
    amoand: (a, b) => a & b,
    amoor: (a, b) => a | b,
    amomin: (a, b, bits) => (signed(bits, a) < signed(bits, b) ? a : b),
    amomax: (a, b, bits) => (signed(bits, a) > signed(bits, b) ? a : b),
    amominu: (a, b, bits) => (unsigned(bits, a) < unsigned(bits, b) ? a : b),
    amomaxu: (a, b, bits) => (unsigned(bits, a) > unsigned(bits, b) ? a : b),
  };
  const cases = Object.entries(MEANING).flatMap(([name, meaning]) =>
    (['w', 'd'] as const).map((suffix) => [`${name}.${suffix}`, suffix === 'w' ? 32 : 64, meaning] as const),
  );
  const corner = fc.oneof(value64, fc.constantFrom(0n, 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 63n, 2n ** 64n - 1n));
  test.each(cases)('%s stores what it says and yields the old value, sign-extended', (name, bits, meaning) => {
    const { hart, memory } = machine();
    fc.assert(
      fc.property(corner, corner, (old, rs2) => {
        memory.write(RAM + 64n, 8, old);
        hart.setX(10, RAM + 64n);
        hart.setX(11, rs2);
        execute(hart, encode(name, { rd: 12, rs2: 11, rs1: 10 }));
        const stored = unsigned(bits, meaning(old, rs2, bits)) | (old & (2n ** 64n - 2n ** BigInt(bits)));
        expect([memory.read(RAM + 64n, 8), hart.x(12)]).toEqual([stored, unsigned(64, signed(bits, old))]);
      }),
      runs(100),
    );
  });
  test('rd may be rs2: the old value replaces it after the store', () => {
    const { hart, memory } = machine();
    memory.write(RAM, 8, 5n);
    hart.setX(10, RAM);
    hart.setX(11, 6n);
    execute(hart, encode('amoswap.d', { rd: 11, rs2: 11, rs1: 10 }));
    expect([memory.read(RAM, 8), hart.x(11)]).toEqual([6n, 5n]);
  });
  test('a misaligned one raises store address-misaligned (norm:amo_alignment)', () => {
    const { hart } = machine();
    hart.setX(10, RAM + 2n);
    expect([execute(hart, encode('amoadd.w', { rd: 1, rs2: 2, rs1: 10 })), hart.tval]).toEqual([6n, RAM + 2n]);
  });
});
