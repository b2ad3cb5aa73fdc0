// Trap entry and the returns from traps, with the controls that forbid an instruction to a mode.
// Every delegation, mode and vector mode is met; the interrupt stack of mstatus is checked field by field.
// Which interrupt is taken is in interrupts.test.ts.

import { describe, expect, test } from 'vitest';
import { Cause, INTERRUPT_BIT } from '../../isa/causes.ts';
import { Mode } from '../../isa/layout.ts';
import { encode, execute, machine } from './support/machine.ts';

const ILLEGAL = BigInt(Cause.IllegalInstruction);
const MODES = [Mode.U, Mode.S, Mode.M] as const;
const EXCEPTIONS = Object.values(Cause);
const INTERRUPTS = [1, 3, 5, 7, 9, 11];
const DELEGATABLE_INTERRUPTS = [1, 5, 9];

const PC = 0x8000_0124n;
const TVAL = 0xdead_beefn;

function trapped(mode: Mode, cause: bigint, delegated: boolean, vectorMode = 0n) {
  const { hart } = machine();
  hart.mode = BigInt(mode);
  hart.pc = PC;
  hart.mstatus.SIE = 1n;
  hart.mstatus.MIE = 1n;
  hart.mtvec.bits = 0x8000_1000n | vectorMode;
  hart.stvec.bits = 0x8000_2000n | vectorMode;
  const bit = 1n << (cause & 63n);
  if (delegated && cause & INTERRUPT_BIT) hart.mideleg = bit;
  else if (delegated) hart.medeleg = bit;
  hart.takeTrap(cause, TVAL);
  return hart;
}

describe('trap entry', () => {
  test('goes to S where the trap is delegated and the hart is below M, else to M (norm:trap_del_S_mode_op)', () => {
    // norm:trap_del_S-mode, norm:medeleg_mideleg_op1, norm:medeleg_mideleg_op2, norm:trap_horiz,
    // norm:trap_def_M_mode, norm:medeleg_enc_txt
    for (const mode of MODES) {
      for (const delegated of [false, true]) {
        for (const cause of EXCEPTIONS) {
          const hart = trapped(mode, BigInt(cause), delegated);
          expect(hart.privilege).toBe(delegated && mode !== Mode.M ? Mode.S : Mode.M); // norm:trap_never_trans_lower
        }
      }
    }
  });
  test('to M saves cause, value and pc, and pushes the M-level interrupt stack (norm:mstatus_xpie_xie_xpp_trap_op)', () => {
    // norm:mcause_op, norm:mepc_op, norm:mtval_op
    for (const mode of MODES) {
      const hart = trapped(mode, 13n, false);
      const { mstatus } = hart;
      expect([hart.mcause, hart.mtval, hart.mepc, hart.pc]).toEqual([13n, TVAL, PC, 0x8000_1000n]);
      expect([mstatus.MPP, mstatus.MPIE, mstatus.MIE]).toEqual([BigInt(mode), 1n, 0n]);
      expect([mstatus.SPP, mstatus.SPIE, mstatus.SIE]).toEqual([0n, 0n, 1n]);
      expect([hart.scause, hart.stval, hart.sepc]).toEqual([0n, 0n, 0n]);
    }
  });
  test('to S saves in the S-level registers and leaves those of M (norm:trap_del_S_mode_no_M_mode)', () => {
    // norm:sepc_op_trap_write, norm:scause, norm:stval, norm:sstatus_spp, norm:sstatus_spie
    for (const mode of [Mode.U, Mode.S]) {
      const hart = trapped(mode, 13n, true);
      const { mstatus } = hart;
      expect([hart.scause, hart.stval, hart.sepc, hart.pc]).toEqual([13n, TVAL, PC, 0x8000_2000n]);
      expect([mstatus.SPP, mstatus.SPIE, mstatus.SIE]).toEqual([BigInt(mode), 1n, 0n]);
      expect([mstatus.MPP, mstatus.MPIE, mstatus.MIE]).toEqual([0n, 0n, 1n]);
      expect([hart.mcause, hart.mtval, hart.mepc]).toEqual([0n, 0n, 0n]);
    }
  });
  test('in vectored mode sends interrupts to their own place and exceptions to the base (norm:mtvec_mode_vectored_op)', () => {
    for (const code of INTERRUPTS) {
      const cause = INTERRUPT_BIT | BigInt(code);
      expect(trapped(Mode.U, cause, false, 1n).pc).toBe(0x8000_1000n + BigInt(4 * code));
      expect(trapped(Mode.U, cause, false, 0n).pc).toBe(0x8000_1000n);
    }
    for (const code of DELEGATABLE_INTERRUPTS) {
      expect(trapped(Mode.S, INTERRUPT_BIT | BigInt(code), true, 1n).pc).toBe(0x8000_2000n + BigInt(4 * code));
    }
    for (const code of EXCEPTIONS) expect(trapped(Mode.U, BigInt(code), true, 1n).pc).toBe(0x8000_2000n);
  });
  test('medeleg does not delegate interrupts nor mideleg exceptions', () => {
    // norm:mideleg_enc_txt, norm:medeleg_enc_txt
    const { hart } = machine();
    hart.mode = 0n;
    hart.medeleg = 1n << 5n;
    hart.takeTrap(INTERRUPT_BIT | 5n, 0n);
    expect(hart.privilege).toBe(Mode.M);
  });
});

describe('environment calls and breakpoints', () => {
  test.each([
    [Mode.U, 8n],
    [Mode.S, 9n],
    [Mode.M, 11n],
  ])('ecall in mode %d raises cause %d with value 0 (norm:ecall_op2)', (mode, cause) => {
    const { hart } = machine();
    hart.mode = BigInt(mode);
    expect(execute(hart, encode('ecall'))).toBe(cause);
    expect(hart.tval).toBe(0n);
  });
  test.each(['ebreak', 'c.ebreak'])('%s raises breakpoint with its own address (norm:stval_op_breakpoint)', (name) => {
    const { hart } = machine();
    expect([execute(hart, encode(name)), hart.tval]).toEqual([3n, hart.pc]);
  });
});

describe('mret (norm:xret_op)', () => {
  test.each(MODES)('returns to mode %d', (mode) => {
    // norm:mstatus_xret_op
    for (const mprv of [0n, 1n]) {
      for (const mpie of [0n, 1n]) {
        const { hart } = machine();
        const { mstatus } = hart;
        mstatus.MPP = BigInt(mode);
        mstatus.MPRV = mprv;
        mstatus.MPIE = mpie;
        hart.mepc = 0x4000n;
        expect(execute(hart, encode('mret'))).toBeUndefined();
        expect([hart.privilege, hart.pc]).toEqual([mode, 0x4000n]);
        expect([mstatus.MIE, mstatus.MPIE, mstatus.MPP]).toEqual([mpie, 1n, 0n]); // norm:mstatus_xpie_xpp_op
        expect(mstatus.MPRV).toBe(mode === Mode.M ? mprv : 0n); // norm:mstatus_mprv_clr_mret_sret_less_priv
      }
    }
  });
  test.each([Mode.U, Mode.S])('is illegal in mode %d (norm:xret_in_lower_mode)', (mode) => {
    const { hart } = machine();
    hart.mode = BigInt(mode);
    expect(execute(hart, encode('mret'))).toBe(ILLEGAL);
    expect(hart.tval).toBe(BigInt(encode('mret')));
  });
});

describe('sret', () => {
  test('in S and M returns to SPP and pops the S-level interrupt stack (norm:xret_in_higher_mode)', () => {
    // norm:mstatus_xret_op, norm:sstatus_spp, norm:sstatus_spie
    for (const mode of [Mode.S, Mode.M]) {
      for (const spp of [0n, 1n]) {
        for (const spie of [0n, 1n]) {
          const { hart } = machine();
          const { mstatus } = hart;
          hart.mode = BigInt(mode);
          mstatus.SPP = spp;
          mstatus.SPIE = spie;
          mstatus.MPRV = 1n;
          hart.sepc = 0x4000n;
          expect(execute(hart, encode('sret'))).toBeUndefined();
          expect([hart.mode, hart.pc]).toEqual([spp, 0x4000n]);
          expect([mstatus.SIE, mstatus.SPIE, mstatus.SPP, mstatus.MPRV]).toEqual([spie, 1n, 0n, 0n]);
        }
      }
    }
  });
  test('in U-mode raises illegal-instruction (norm:xret_in_lower_mode)', () => {
    const { hart } = machine();
    hart.mode = 0n;
    expect(execute(hart, encode('sret'))).toBe(ILLEGAL);
  });
  test('in S-mode under TSR raises illegal-instruction, in M-mode it does not (norm:mstatus_tsr_op)', () => {
    const { hart } = machine();
    hart.mstatus.TSR = 1n;
    hart.mode = 1n;
    expect(execute(hart, encode('sret'))).toBe(ILLEGAL);
    hart.mode = 3n;
    expect(execute(hart, encode('sret'))).toBeUndefined();
  });
});

describe('controls of wfi and sfence.vma', () => {
  const cases: readonly (readonly [name: string, control: 'TW' | 'TVM', tag: string])[] = [
    ['wfi', 'TW', 'norm:mstatus_tw_op'],
    ['sfence.vma', 'TVM', 'norm:mstatus_tvm_warl_op'],
  ];
  test.each(cases)('%s is illegal in U always, in S under %s, in M never (%s)', (name, control) => {
    for (const mode of MODES) {
      for (const set of [0n, 1n]) {
        const { hart } = machine();
        hart.mode = BigInt(mode);
        hart.mstatus[control] = set;
        const illegal = mode === Mode.U || (mode === Mode.S && set === 1n);
        expect(execute(hart, encode(name))).toBe(illegal ? ILLEGAL : undefined);
      }
    }
  });
  test('wfi waits and then goes on after itself (norm:wfi_mepc_val)', () => {
    const { hart, memory } = machine();
    memory.write(hart.pc, 4, BigInt(encode('wfi')));
    const { pc } = hart;
    expect([hart.step(), hart.pc]).toEqual(['waiting', pc + 4n]);
  });
});
