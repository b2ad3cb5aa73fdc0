// Access to CSRs: who may, what a read shows, what a write keeps (WARL), register by register.
// Tests that hold for every register go through the table of names, implemented or not, so that a new row is tested
// when it appears. Counters and physical memory protection have files of their own.

import { describe, expect, test } from 'vitest';
import { Cause } from '../../isa/causes.ts';
import { CSR_NUMBERS } from '../../isa/csr-names.ts';
import { csrOf } from '../../isa/csrs.ts';
import { Mode } from '../../isa/layout.ts';
import type { Reference } from '../../isa/reference.ts';
import { encode, execute, machine, readCsr, writeCsr } from './support/machine.ts';

const ILLEGAL = BigInt(Cause.IllegalInstruction);
const ALL = 2n ** 64n - 1n;
const bits = (...positions: number[]) => positions.reduce((mask, bit) => mask | (1n << BigInt(bit)), 0n);

/** A hart in a mode, with every control that could deny an access open. */
function open(mode: number): Reference {
  const { hart } = machine();
  hart.mcounteren.bits = 7n;
  hart.scounteren.bits = 7n;
  hart.menvcfg.STCE = 1n;
  hart.mstatus.FS = 1n;
  hart.mode = BigInt(mode);
  return hart;
}

describe('access rules', () => {
  const names = Object.entries(CSR_NUMBERS);
  test('a CSR number is readable from the mode in its bits 9:8 upwards, and below it is illegal', () => {
    // norm:M_access_all_lower_priv_CSRs, norm:pmp_csr_mode
    for (const [name, number] of names) {
      for (const mode of [Mode.U, Mode.S, Mode.M]) {
        const allowed = csrOf(number) !== undefined && mode >= ((number >> 8) & 3);
        const enabled = mode === Mode.M || !name.startsWith('hpmcounter'); // their enable bits are read-only zero
        expect(readCsr(open(mode), name) !== undefined, `${name} in mode ${mode}`).toBe(allowed && enabled);
      }
    }
  });
  test('a write to a CSR whose number starts with 11 is illegal, even from M', () => {
    for (const [name, number] of names) {
      const written = csrOf(number) !== undefined && number >> 10 !== 3;
      expect(writeCsr(open(Mode.M), name, 0n), name).toBe(written ? undefined : ILLEGAL);
    }
  });
  test('every number without a row is illegal to read and to write', () => {
    const hart = open(Mode.M);
    for (let csr = 0; csr < 4096; csr++) {
      if (csrOf(csr) !== undefined) continue;
      expect(execute(hart, encode('csrrs', { rd: 1, csr, rs1: 0 }))).toBe(ILLEGAL);
      expect(hart.tval).toBe(BigInt(encode('csrrs', { rd: 1, csr, rs1: 0 })));
    }
  });
  test('an illegal access changes neither rd nor the CSR', () => {
    const hart = open(Mode.U);
    hart.setX(1, 7n);
    expect(execute(hart, encode('csrrw', { rd: 1, csr: 'sscratch', rs1: 1 }))).toBe(ILLEGAL);
    expect([hart.x(1), hart.sscratch]).toEqual([7n, 0n]);
  });
});

describe('the six instructions', () => {
  const before = 0b1100n;
  const cases: readonly (readonly [name: string, source: number, after: bigint])[] = [
    ['csrrw', 0b1010, 0b1010n],
    ['csrrs', 0b1010, 0b1110n],
    ['csrrc', 0b1010, 0b0100n],
    ['csrrwi', 0b1010, 0b1010n],
    ['csrrsi', 0b1010, 0b1110n],
    ['csrrci', 0b1010, 0b0100n],
  ];
  test.each(cases)(
    '%s yields the old value and stores the new (norm:csrrwi_csrrsi_csrrci_ops)',
    (name, source, after) => {
      const hart = open(Mode.M);
      hart.mscratch = before;
      hart.setX(10, BigInt(source));
      const fields = name.endsWith('i') ? { uimm: source } : { rs1: 10 };
      expect(execute(hart, encode(name, { rd: 11, csr: 'mscratch', ...fields }))).toBeUndefined();
      expect([hart.x(11), hart.mscratch]).toEqual([before, after]);
    },
  );
  test('rd may be rs1: a swap', () => {
    const hart = open(Mode.M);
    hart.mscratch = 1n;
    hart.setX(10, 2n);
    execute(hart, encode('csrrw', { rd: 10, csr: 'mscratch', rs1: 10 }));
    expect([hart.x(10), hart.mscratch]).toEqual([1n, 2n]);
  });
  test.each(['csrrs', 'csrrc'])('%s with rs1 encoded x0 does not write (norm:csrrs_csrrc_rs1_x0)', (name) => {
    const hart = open(Mode.M);
    expect(execute(hart, encode(name, { rd: 1, csr: 'mhartid', rs1: 0 }))).toBeUndefined();
  });
  test.each(['csrrs', 'csrrc'])('%s with a register that holds 0 writes', (name) => {
    const hart = open(Mode.M);
    expect(execute(hart, encode(name, { rd: 1, csr: 'mhartid', rs1: 10 }))).toBe(ILLEGAL);
  });
  test.each(['csrrsi', 'csrrci'])('%s with uimm 0 does not write (norm:csrrsi_csrrci_uimm_zero)', (name) => {
    const hart = open(Mode.M);
    expect(execute(hart, encode(name, { rd: 1, csr: 'mhartid', uimm: 0 }))).toBeUndefined();
    expect(execute(hart, encode(name, { rd: 1, csr: 'mhartid', uimm: 1 }))).toBe(ILLEGAL);
  });
  test('csrrw from x0 and csrrwi of 0 do write (norm:csrrw_rs1_x0)', () => {
    const hart = open(Mode.M);
    hart.mscratch = 5n;
    execute(hart, encode('csrrw', { rd: 0, csr: 'mscratch', rs1: 0 }));
    expect(hart.mscratch).toBe(0n);
    expect(execute(hart, encode('csrrwi', { rd: 0, csr: 'mhartid', uimm: 0 }))).toBe(ILLEGAL);
  });
});

describe('what a write of all ones keeps', () => {
  const kept: readonly (readonly [name: string, value: bigint, tag: string])[] = [
    ['sstatus', bits(1, 5, 8, 13, 14, 18, 19, 33, 63), 'norm:sstatus'],
    [
      'mstatus',
      bits(1, 3, 5, 7, 8, 11, 12, 13, 14, 17, 18, 19, 20, 21, 22, 33, 35, 63),
      'norm:mstatus_sxl_uxl_warl_op',
    ],
    ['misa', bits(63, 0, 1, 2, 3, 5, 8, 12, 18, 20), 'norm:misa_extensions_warl_op'],
    ['medeleg', bits(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 15), 'norm:medeleg_mideleg_warl'],
    ['mideleg', bits(1, 5, 9), 'norm:mideleg_no_rd1'],
    ['mie', bits(1, 3, 5, 7, 9, 11), 'norm:mie_bits_rdonly0'],
    ['mip', bits(1, 9), 'norm:mip_stip_stimecmp_acc'],
    ['sie', 0n, 'norm:sie_acc'],
    ['sip', 0n, 'norm:sip_acc'],
    ['mcounteren', bits(0, 1, 2), 'norm:mcounteren_flds_mandatory_warl'],
    ['scounteren', bits(0, 1, 2), 'norm:scounteren_acc'],
    ['mcountinhibit', bits(0, 2), 'norm:mcountinhibit_sz_warl_op1'],
    ['menvcfg', bits(0, 4, 5, 6, 7, 61, 63), 'norm:menvcfg_enc_img'],
    ['senvcfg', bits(0, 4, 5, 6, 7), 'norm:senvcfg'],
    ['mepc', ALL ^ 1n, 'norm:mepc_align'],
    ['sepc', ALL ^ 1n, 'norm:sepc_acc_invalid_addr'],
    ['mscratch', ALL, 'norm:mscratch_sz_acc'],
    ['sscratch', ALL, 'norm:sscratch'],
    ['fflags', 0x1fn, 'norm:fflags_frm_op_sz_acc'],
    ['frm', 7n, 'norm:fflags_frm_op_sz_acc'],
    ['fcsr', 0xffn, 'norm:fflags_frm_op_sz_acc'],
    ['mcause', ALL, 'norm:mcause_exccode_wlrl'],
    ['scause', ALL, 'norm:scause'],
    ['mtval', ALL, 'norm:mtval_warl'],
    ['stval', ALL, 'norm:stval_acc'],
    ['stimecmp', ALL, 'norm:stimecmp_stimecmph_sz_acc'],
    ['mhpmcounter3', 0n, 'norm:mhpmcounter_mhpmevent_rdonly0'],
    ['mhpmevent31', 0n, 'norm:mhpmcounter_mhpmevent_rdonly0'],
    ['pmpaddr15', bits(...Array.from({ length: 54 }, (_, i) => i)), 'norm:pmp_addr_warl'],
  ];
  test.each(kept)('%s reads back %d (%s)', (name, value) => {
    const hart = open(Mode.M);
    expect(writeCsr(hart, name, ALL)).toBeUndefined();
    expect(readCsr(hart, name)).toBe(value);
  });

  test('what a CSR keeps of ones does not depend on what it held, nor on another CSR that was written before', () => {
    for (const [name, value] of kept) {
      const hart = open(Mode.M);
      writeCsr(hart, name, 0n);
      writeCsr(hart, name, ALL);
      expect(readCsr(hart, name), name).toBe(value);
    }
  });
});

test('a look for debug triggers ends at the first index: it can be selected, and its type is 0', () => {
  const hart = open(Mode.M);
  writeCsr(hart, 'tselect', ALL);
  writeCsr(hart, 'tdata1', ALL);
  expect(['tselect', 'tdata1', 'tdata2', 'tdata3'].map((name) => readCsr(hart, name))).toEqual([0n, 0n, 0n, 0n]);
  expect(readCsr(hart, 'tinfo')).toBeUndefined();
});

describe('fields that refuse a value', () => {
  test.each([0n, 1n, 3n])('mstatus.MPP takes %d', (mode) => {
    const hart = open(Mode.M);
    writeCsr(hart, 'mstatus', mode << 11n);
    expect(hart.mstatus.MPP).toBe(mode);
  });
  test('mstatus.MPP keeps its value when 2 is written, while the rest of the write counts (norm:mstatus_xpp_warl)', () => {
    const hart = open(Mode.M);
    hart.mstatus.MPP = 1n;
    writeCsr(hart, 'mstatus', (2n << 11n) | bits(17));
    expect([hart.mstatus.MPP, hart.mstatus.MPRV]).toEqual([1n, 1n]);
  });
  test('sstatus.SIE, SPIE, SPP, SUM and MXR are those of mstatus, and a write leaves M-level fields alone', () => {
    const hart = open(Mode.S);
    hart.mstatus.bits |= bits(3, 7, 11, 12, 17, 20, 21, 22);
    writeCsr(hart, 'sstatus', 0n);
    expect(hart.mstatus.bits & bits(3, 7, 11, 12, 17, 20, 21, 22)).toBe(bits(3, 7, 11, 12, 17, 20, 21, 22));
    expect((readCsr(hart, 'sstatus') as bigint) & ~bits(33)).toBe(0n);
  });
  test.each(['mtvec', 'stvec'])('%s takes modes 0 and 1; a write of 2 or 3 is void (norm:mtvec_mode_enc)', (name) => {
    const hart = open(Mode.M);
    for (const mode of [0n, 1n]) {
      writeCsr(hart, name, 0x1000n | mode);
      expect(readCsr(hart, name)).toBe(0x1000n | mode);
    }
    for (const mode of [2n, 3n]) writeCsr(hart, name, 0x2000n | mode);
    expect(readCsr(hart, name)).toBe(0x1001n);
  });
  test('satp takes Bare, Sv39 and Sv48, and any other MODE voids the whole write (norm:satp_mode_op_unsupported)', () => {
    const hart = open(Mode.M);
    for (let mode = 0n; mode < 16n; mode++) {
      writeCsr(hart, 'satp', (8n << 60n) | 5n);
      const written = (mode << 60n) | (3n << 44n) | 9n;
      writeCsr(hart, 'satp', written);
      expect(readCsr(hart, 'satp')).toBe([0n, 8n, 9n].includes(mode) ? written : (8n << 60n) | 5n);
    }
  });
  test('satp is denied to S under mstatus.TVM, but not to M (norm:mstatus_tvm_warl_op)', () => {
    const hart = open(Mode.S);
    hart.mstatus.TVM = 1n;
    expect(readCsr(hart, 'satp')).toBeUndefined();
    expect(writeCsr(hart, 'satp', 0n)).toBe(ILLEGAL);
    hart.mode = 3n;
    expect(readCsr(hart, 'satp')).toBe(0n);
  });
  test('stimecmp is denied to S without menvcfg.STCE or mcounteren.TM (norm:menvcfg_stce_op1, norm:mcounteren_tm_clr)', () => {
    for (const [stce, tm] of [
      [0n, 0n],
      [0n, 1n],
      [1n, 0n],
    ] as const) {
      const hart = open(Mode.S);
      hart.menvcfg.STCE = stce;
      hart.mcounteren.TM = tm;
      expect(readCsr(hart, 'stimecmp')).toBeUndefined();
      hart.mode = 3n;
      expect(readCsr(hart, 'stimecmp')).toBeDefined();
    }
  });
});

describe('interrupt registers', () => {
  test('mip reads the wires, and a write reaches the S-level software bits alone (norm:mip_bits_wr_or_rdonly)', () => {
    const hart = open(Mode.M);
    hart.menvcfg.STCE = 0n;
    hart.lines.bits = bits(3, 7, 11);
    writeCsr(hart, 'mip', ALL);
    expect([readCsr(hart, 'mip'), hart.mip.bits]).toEqual([bits(1, 3, 5, 7, 9, 11), bits(1, 5, 9)]);
    writeCsr(hart, 'mip', 0n);
    expect(readCsr(hart, 'mip')).toBe(bits(3, 7, 11));
  });
  test('mip.SEIP reads software bit or wire, but csrrs and csrrc work on the software bit (norm:mip_seip_rdcsr)', () => {
    const hart = open(Mode.M);
    hart.lines.SEI = 1n;
    hart.setX(10, bits(1));
    execute(hart, encode('csrrs', { rd: 11, csr: 'mip', rs1: 10 }));
    expect([hart.x(11), hart.mip.bits]).toEqual([bits(9), bits(1)]);
    hart.mip.SEIP = 1n;
    hart.setX(10, bits(9));
    execute(hart, encode('csrrc', { rd: 11, csr: 'mip', rs1: 10 }));
    expect([readCsr(hart, 'mip'), hart.mip.SEIP]).toEqual([bits(1, 9), 0n]);
  });
  test('under Sstc mip.STIP shows the comparator alone, and a write leaves it (norm:mip_stip_stimecmp_op2)', () => {
    const hart = open(Mode.M);
    writeCsr(hart, 'mip', bits(5));
    expect(readCsr(hart, 'mip')).toBe(0n);
    hart.lines.STI = 1n;
    writeCsr(hart, 'mip', 0n);
    expect(readCsr(hart, 'mip')).toBe(bits(5));
  });
  test('sip and sie show only what mideleg delegates (norm:sip_sie)', () => {
    for (const delegated of [0n, bits(1), bits(5), bits(9), bits(1, 5, 9)]) {
      const hart = open(Mode.M);
      hart.mideleg = delegated;
      hart.lines.bits = bits(3, 5, 9, 11);
      hart.mip.SSIP = 1n;
      hart.mie.bits = bits(1, 3, 5, 7, 9, 11);
      hart.mode = 1n;
      expect(readCsr(hart, 'sip')).toBe(bits(1, 5, 9) & delegated);
      expect(readCsr(hart, 'sie')).toBe(delegated);
      writeCsr(hart, 'sie', 0n);
      expect(hart.mie.bits).toBe(bits(1, 3, 5, 7, 9, 11) & ~delegated);
      writeCsr(hart, 'sip', 0n);
      expect(hart.mip.bits).toBe(bits(1) & ~delegated);
    }
  });
  test('of sip, S may write SSIP alone (norm:sip_ssip_sie_ssie, norm:sip_stip_sie_stie, norm:sip_seip_sie_seie)', () => {
    const hart = open(Mode.M);
    hart.menvcfg.STCE = 0n;
    hart.mideleg = bits(1, 5, 9);
    hart.mode = 1n;
    writeCsr(hart, 'sip', ALL);
    expect(hart.mip.bits).toBe(bits(1));
  });
});
