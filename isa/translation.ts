// Address translation: Sv39's walk as the supervisor manual's algorithm has it, with the accessed and dirty bits
// written by hardware where menvcfg.ADUE says so (Svadu), or left to the fault (Svade). Sv48, Svnapot and Svpbmt
// are left out, so their bits in an entry are reserved and fault (norm:Sv39_pte_svnapot_rsv, norm:Sv39_pte_svpbmt_rsv).

import { Cause } from './causes.ts';
import { value } from './definition.ts';
import { Mode, PTE } from './layout.ts';
import { pmp } from './pmp.ts';
import type { Access, Machine, Value } from './vocabulary.ts';

export const FAULTS = {
  fetch: { access: Cause.InstructionAccessFault, page: Cause.InstructionPageFault },
  load: { access: Cause.LoadAccessFault, page: Cause.LoadPageFault },
  store: { access: Cause.StoreAccessFault, page: Cause.StorePageFault },
} as const;

const PTE_BYTES = 8;
const PAGE_SHIFT = 12;
const VIRTUAL_BITS = 39;
const BARE = 0;
const A = 1n << BigInt(PTE.A);
const D = 1n << BigInt(PTE.D);

/** The privilege that an access has: MPRV lends loads and stores that of MPP (norm:mstatus_mprv_ldst_op). */
export function effectiveMode<V extends Value>(m: Machine<V>, access: Access): V {
  return access === 'fetch' ? m.mode : m.choose(m.mstatus.MPRV, m.mstatus.MPP, m.mode);
}

const walk = (access: Access) =>
  value(`walk.${access}`, ['va'], (m, { va }) => {
    const accessFault = () => m.raise(FAULTS[access].access, va);
    const pageFault = () => m.raise(FAULTS[access].page, va);
    const { mstatus } = m;
    const mode = effectiveMode(m, access);
    if (m.is(m.satp.MODE, BARE) || m.is(mode, Mode.M)) return va;
    if (!m.eq(m.signExtend(va, VIRTUAL_BITS), va)) return pageFault();
    let table = m.shiftLeft(m.satp.PPN, m.k(PAGE_SHIFT));
    for (const level of [2, 1, 0]) {
      const index = m.bits(va, 20 + 9 * level, PAGE_SHIFT + 9 * level);
      const at = m.add(table, m.shiftLeft(index, m.k(3)));
      // Page tables are read and written as S-mode would (norm:pmp_check_pagetable_access).
      const permitted = { address: at, bytes: m.k(PTE_BYTES), mode: m.k(Mode.S) };
      if (!m.isMemory(at) || !m.ask(pmp.load, permitted)) return accessFault();
      const bits = m.loadPhysical(at);
      const pte = m.view(bits, PTE);
      if (!m.isSet(pte.V) || (m.isSet(pte.W) && !m.isSet(pte.R)) || m.isSet(pte.reserved)) return pageFault();
      if (!m.isSet(pte.R) && !m.isSet(pte.X)) {
        // A pointer to the next table; in one, U, A and D are reserved.
        if (m.isSet(pte.U) || m.isSet(pte.A) || m.isSet(pte.D)) return pageFault();
        table = m.shiftLeft(pte.PPN, m.k(PAGE_SHIFT));
        continue;
      }
      if (access === 'fetch' && !m.isSet(pte.X)) return pageFault();
      if (access === 'load' && !m.isSet(pte.R) && !m.isSet(mstatus.MXR)) return pageFault();
      if (access === 'store' && !m.isSet(pte.W)) return pageFault();
      if (m.is(mode, Mode.U)) {
        if (!m.isSet(pte.U)) return pageFault();
      } else if (m.isSet(pte.U) && (access === 'fetch' || !m.isSet(mstatus.SUM))) return pageFault();
      if (level > 0 && m.isSet(m.bits(bits, 9 + 9 * level, 10))) return pageFault(); // norm:Sv39_superpage_align_fault
      if (!m.isSet(pte.A) || (access === 'store' && !m.isSet(pte.D))) {
        if (!m.isSet(m.menvcfg.ADUE)) return pageFault(); // norm:svade_access_ad_bit_clear
        if (!m.ask(pmp.store, permitted)) return accessFault();
        m.storePhysical(at, m.or(bits, m.k(access === 'store' ? A | D : A)));
      }
      const offset = 11 + 9 * level;
      const frame = level === 0 ? pte.PPN : m.shiftLeft(m.bits(bits, 53, 10 + 9 * level), m.k(9 * level));
      return m.or(m.shiftLeft(frame, m.k(PAGE_SHIFT)), m.bits(va, offset, 0));
    }
    return pageFault();
  });

/** By kind of access: the physical address of virtual `va`, or the fault. */
export const translate = { fetch: walk('fetch'), load: walk('load'), store: walk('store') } as const;
