// What a write to the PMP's registers stores. A locked entry keeps its configuration and address, and a locked TOR
// entry the address below it too, until reset (norm:pmp_l_bit_write_protection). R=0 with W=1 is reserved, and a
// write of it clears W (norm:pmp_rwx_warl). The grain is four bytes, so NA4 is selectable.

import { PMP_ENTRIES, PmpMatch } from './layout.ts';
import type { Machine, Value } from './vocabulary.ts';

/** The words of configurations on RV64, a byte an entry: the odd-numbered CSRs do not exist (norm:pmp_cfg_rv64_layout). */
export const PMP_CONFIG_WORDS = ['pmpcfg0', 'pmpcfg2'] as const;
export const ENTRIES_PER_CONFIG_WORD = 8;
const BYTE = 8;
const LOCK_BIT = 7;
/** R, X, A and L: bits 5 and 6 of a configuration are zero, and W is added where R allows. */
const CONFIG_BITS_BUT_W = 0b1001_1101n;

/** Configuration byte of an entry, as a value. */
export function pmpConfig<V extends Value>(m: Machine<V>, entry: number): V {
  const word = entry < ENTRIES_PER_CONFIG_WORD ? 'pmpcfg0' : 'pmpcfg2';
  const low = (entry % ENTRIES_PER_CONFIG_WORD) * BYTE;
  return m.bits(m.named(word), low + BYTE - 1, low);
}

export function legalPmpConfig<V extends Value>(m: Machine<V>, next: V, before: V): V {
  let legal = m.k(0);
  for (let low = 0; low < ENTRIES_PER_CONFIG_WORD * BYTE; low += BYTE) {
    const old = m.bits(before, low + BYTE - 1, low);
    const wanted = m.bits(next, low + BYTE - 1, low);
    const readAndWrite = m.and(m.shiftLeft(m.bits(wanted, 0, 0), m.k(1)), wanted);
    const allowed = m.or(m.and(wanted, m.k(CONFIG_BITS_BUT_W)), readAndWrite);
    const byte = m.choose(m.bits(old, LOCK_BIT, LOCK_BIT), old, allowed);
    legal = m.or(legal, m.shiftLeft(byte, m.k(low)));
  }
  return legal;
}

export function legalPmpAddress<V extends Value>(m: Machine<V>, entry: number, next: V, before: V): V {
  const locked = (index: number) => m.bits(pmpConfig(m, index), LOCK_BIT, LOCK_BIT);
  const kept = m.choose(locked(entry), before, next);
  if (entry + 1 === PMP_ENTRIES) return kept;
  const isTor = m.lessThanUnsigned(m.xor(m.bits(pmpConfig(m, entry + 1), 4, 3), m.k(PmpMatch.TOR)), m.k(1));
  return m.choose(m.and(locked(entry + 1), isTor), before, kept);
}
