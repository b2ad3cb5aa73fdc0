// Which interrupt is taken: every combination of pending, enabled and delegated interrupts, mode and global enables,
// against a plain model written anew from the manual's sentences.
// Where the pending bits come from, software or wire, changes nothing, so it is tested apart.

import { describe, expect, test } from 'vitest';
import { INTERRUPT_BIT } from '../../isa/causes.ts';
import { Mode } from '../../isa/layout.ts';
import { encode, machine, RAM } from './support/machine.ts';

/** From highest to lowest (norm:intr_M_mode_pri). */
const PRIORITY = [11, 3, 7, 9, 1, 5];
const SUPERVISOR = [1, 5, 9];

const subsets = (codes: readonly number[]) =>
  Array.from({ length: 2 ** codes.length }, (_, chosen) => codes.filter((_code, i) => (chosen >> i) & 1));
const mask = (codes: readonly number[]) => codes.reduce((bits, code) => bits | (1n << BigInt(code)), 0n);

interface Situation {
  readonly ready: readonly number[];
  readonly delegated: readonly number[];
  readonly mode: Mode;
  readonly MIE: boolean;
  readonly SIE: boolean;
}

/** An interrupt of level x traps if the mode is below x, or is x and xIE is set (norm:mstatus_xie_intr_en_dis). */
function expected({ ready, delegated, mode, MIE, SIE }: Situation): number | undefined {
  const forM = PRIORITY.filter((code) => ready.includes(code) && !delegated.includes(code));
  const forS = PRIORITY.filter((code) => ready.includes(code) && delegated.includes(code));
  if (forM.length > 0 && (mode < Mode.M || MIE)) return forM[0];
  if (forS.length > 0 && (mode < Mode.S || (mode === Mode.S && SIE))) return forS[0];
  return undefined;
}

describe('the interrupt that is taken', () => {
  test('is the one that the manual names, for all 2⁶ sets of ready interrupts, delegations, modes and enables', () => {
    // norm:intr_M_mode_pri, norm:mstatus_xie_intr_en_dis, norm:mstatus_mie_sie_op1, norm:mstatus_mie_sie_op2,
    // norm:intr_M_mode_highest_pri, norm:trap_del_intr_priv_lvl, norm:sie_sip_supervisor_strap,
    // norm:sip_sie_priority_bit_order, norm:sstatus_sie
    const { hart } = machine();
    for (const ready of subsets(PRIORITY)) {
      for (const delegated of subsets(SUPERVISOR)) {
        for (const mode of [Mode.U, Mode.S, Mode.M]) {
          for (const MIE of [false, true]) {
            for (const SIE of [false, true]) {
              hart.mip.bits = mask(ready);
              hart.mie.bits = mask(PRIORITY);
              hart.mideleg = mask(delegated);
              hart.mode = BigInt(mode);
              hart.mstatus.MIE = MIE ? 1n : 0n;
              hart.mstatus.SIE = SIE ? 1n : 0n;
              const code = expected({ ready, delegated, mode, MIE, SIE });
              const cause = code === undefined ? 0n : INTERRUPT_BIT | BigInt(code);
              if (hart.interrupt() !== cause) expect({ ready, delegated, mode, MIE, SIE }).toBe(cause);
            }
          }
        }
      }
    }
  });
  test('is pending and enabled: all 2⁶ × 2⁶ sets of both (norm:intr_mip_mie_op)', () => {
    const { hart } = machine();
    hart.mstatus.MIE = 1n;
    for (const pending of subsets(PRIORITY)) {
      for (const enabled of subsets(PRIORITY)) {
        hart.mip.bits = mask(pending);
        hart.mie.bits = mask(enabled);
        const code = PRIORITY.find((wanted) => pending.includes(wanted) && enabled.includes(wanted));
        if (hart.interrupt() !== (code === undefined ? 0n : INTERRUPT_BIT | BigInt(code))) {
          expect({ pending, enabled }).toBe(code);
        }
      }
    }
  });
});

describe('what is pending', () => {
  test.each(PRIORITY)('interrupt %d, by wire', (code) => {
    // norm:mip_meip_mie_meie_op, norm:mip_mtip_mie_mtie_op, norm:mip_msip_mie_msie_op, norm:mip_seip_mie_seie_op,
    // norm:mip_stip_mie_stie_op, norm:mip_ssip_mie_ssie_op, norm:mip_ssip_intr_ctrl, norm:mip_mie_enc_txt
    const { hart } = machine();
    hart.mstatus.MIE = 1n;
    hart.mie.bits = mask([code]);
    hart.lines.bits = mask([code]);
    expect(hart.interrupt()).toBe(INTERRUPT_BIT | BigInt(code));
  });
  test('under Sstc a software STIP is not (norm:mip_stip_stimecmp_op2)', () => {
    const { hart } = machine();
    hart.mstatus.MIE = 1n;
    hart.mie.STIE = 1n;
    hart.mip.STIP = 1n;
    expect(hart.interrupt()).toBe(INTERRUPT_BIT | 5n);
    hart.menvcfg.STCE = 1n;
    expect(hart.interrupt()).toBe(0n);
  });
});

test('an interrupt is taken before the next instruction, as a step of its own with value 0 (norm:mtval_other_traps_zero)', () => {
  const { hart, memory } = machine();
  memory.write(RAM, 4, BigInt(encode('addi', { rd: 1, rs1: 0, imm: 1 })));
  hart.mtvec.bits = RAM + 0x100n;
  hart.mstatus.MIE = 1n;
  hart.mie.MTIE = 1n;
  hart.lines.MTI = 1n;
  expect(hart.step()).toBe('trapped');
  expect([hart.mcause, hart.mepc, hart.mtval, hart.x(1)]).toEqual([INTERRUPT_BIT | 7n, RAM, 0n, 0n]);
  expect([hart.steps, hart.retired]).toEqual([1n, 0n]);
});
