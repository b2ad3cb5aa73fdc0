// Address translation: the walk of Sv39 and Sv48 as the supervisor manual's algorithm has it, with the accessed and dirty
// bits written by hardware where menvcfg.ADUE says so (Svadu), or left to the fault (Svade). Svnapot and Svpbmt are
// left out, so their bits in an entry are reserved and fault (norm:Sv39_pte_svnapot_rsv, norm:Sv39_pte_svpbmt_rsv).

import { Cause } from './causes.ts';
import { value } from './definition.ts';
import { Mode, PTE, TranslationMode } from './layout.ts';
import { pmp } from './pmp.ts';
import type { Access, Machine, Raised, Value } from './vocabulary.ts';

export const FAULTS = {
  fetch: { access: Cause.InstructionAccessFault, page: Cause.InstructionPageFault },
  load: { access: Cause.LoadAccessFault, page: Cause.LoadPageFault },
  store: { access: Cause.StoreAccessFault, page: Cause.StorePageFault },
} as const;

const PTE_BYTES = 8;
const PAGE_SHIFT = 12;
const SV39_BITS = 39;
const SV48_BITS = 48;
/** Levels of Sv39, from the root; Sv48 has one more above them. */
const LEVELS = [2, 1, 0] as const;
const SV48_ROOT = 3;
const A = 1n << BigInt(PTE.A);
const D = 1n << BigInt(PTE.D);

/** The privilege that an access has: MPRV lends loads and stores that of MPP (norm:mstatus_mprv_ldst_op). */
export function effectiveMode<V extends Value>(m: Machine<V>, access: Access): V {
  return access === 'fetch' ? m.mode : m.choose(m.mstatus.MPRV, m.mstatus.MPP, m.mode);
}

/** What the entry of one level comes to: where the next table is, or the end of the walk. */
type Step<V> = { readonly table: V } | { readonly end: V | Raised };

/** Looks `va` up in the table of one level. */
function lookUp<V extends Value>(m: Machine<V>, access: Access, level: number, table: V, va: V): Step<V> {
  const accessFault = () => ({ end: m.raise(FAULTS[access].access, va) });
  const pageFault = () => ({ end: m.raise(FAULTS[access].page, va) });
  const { mstatus } = m;
  const mode = effectiveMode(m, access);
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
    if (level === 0 || m.isSet(pte.U) || m.isSet(pte.A) || m.isSet(pte.D)) return pageFault();
    return { table: m.shiftLeft(pte.PPN, m.k(PAGE_SHIFT)) };
  }
  if (access === 'fetch' && !m.isSet(pte.X)) return pageFault();
  if (access === 'load' && !m.isSet(pte.R) && !m.isSet(mstatus.MXR)) return pageFault();
  if (access === 'store' && !m.isSet(pte.W)) return pageFault();
  if (m.is(mode, Mode.U)) {
    if (!m.isSet(pte.U)) return pageFault();
  } else if (m.isSet(pte.U) && (access === 'fetch' || !m.isSet(mstatus.SUM))) return pageFault();
  // norm:Sv39_superpage_align_fault, norm:Sv48_superpage_align_fault
  if (level > 0 && m.isSet(m.bits(bits, 9 + 9 * level, 10))) return pageFault();
  if (!m.isSet(pte.A) || (access === 'store' && !m.isSet(pte.D))) {
    if (!m.isSet(m.menvcfg.ADUE)) return pageFault(); // norm:svade_access_ad_bit_clear
    if (!m.ask(pmp.store, permitted)) return accessFault();
    m.storePhysical(at, m.or(bits, m.k(access === 'store' ? A | D : A)));
  }
  const offset = 11 + 9 * level;
  const frame = level === 0 ? pte.PPN : m.shiftLeft(m.bits(bits, 53, 10 + 9 * level), m.k(9 * level));
  return { end: m.or(m.shiftLeft(frame, m.k(PAGE_SHIFT)), m.bits(va, offset, 0)) };
}

/** The three levels that Sv39 and Sv48 share, from the table of the first of them on. */
const walkLower = (access: Access) =>
  value(`walkLower.${access}`, ['va', 'table'], (m, { va, table: first }) => {
    let table = first;
    for (const level of LEVELS) {
      const step = lookUp(m, access, level, table, va);
      if ('end' in step) return step.end;
      table = step.table;
    }
    return m.raise(FAULTS[access].page, va);
  });

const walk = (access: Access) => {
  const lower = walkLower(access);
  return value(`walk.${access}`, ['va'], (m, { va }) => {
    const { MODE, PPN } = m.satp;
    if (m.is(MODE, TranslationMode.Bare) || m.is(effectiveMode(m, access), Mode.M)) return va;
    const root = m.shiftLeft(PPN, m.k(PAGE_SHIFT));
    let table = root;
    if (m.is(MODE, TranslationMode.Sv48)) {
      if (!m.eq(m.signExtend(va, SV48_BITS), va)) return m.raise(FAULTS[access].page, va); // norm:Sv48_va_signext
      const step = lookUp(m, access, SV48_ROOT, root, va);
      if ('end' in step) return step.end;
      table = step.table;
    } else if (!m.eq(m.signExtend(va, SV39_BITS), va)) return m.raise(FAULTS[access].page, va); // norm:Sv39_va_signext
    const physical = m.call(lower, { va, table });
    if (m.failed(physical)) return physical;
    return physical;
  });
};

/** By kind of access: the physical address of virtual `va`, or the fault. */
export const translate = { fetch: walk('fetch'), load: walk('load'), store: walk('store') } as const;
