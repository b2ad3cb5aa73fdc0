// One access to a CSR: the checks, the value read, the value written. The same lines serve all six instructions and
// every register; csrs.ts holds what differs. Privilege and read-only are in the number: bits 9:8 name the lowest
// mode, and 11:10 = 3 a read-only register (Zicsr, norm:csrrw_op and its neighbours).

import { type Csr, csrOf } from './csrs.ts';
import type { ExtensionName } from './extensions.ts';
import { illegal } from './illegal.ts';
import type { Machine, Raised, Value } from './vocabulary.ts';

export interface CsrAccess<V> {
  readonly csr: number;
  readonly combine: 'write' | 'set' | 'clear';
  readonly source: V;
  /** Whether the instruction writes; whether it reads (csrrw to x0 does not) makes no difference: no read has side effects here. */
  readonly writes: boolean;
}

const READ_ONLY = 3;
/** The lowest mode that may access a CSR of this number. */
export const privilegeOfCsr = (number: number) => (number >> 8) & 3;
export const isReadOnlyCsr = (number: number) => number >> 10 === READ_ONLY;

/** The bits that a write changes, those that come with an extension only where it is there. */
function writableBits<V extends Value>(m: Machine<V>, { write = -1n, comingWith = {} }: Csr): V {
  const coming = Object.entries(comingWith) as [ExtensionName, bigint][];
  const always = coming.reduce((bits, [, others]) => bits & ~others, write);
  return coming.reduce((all, [name, bits]) => m.or(all, m.choose(m.extensions[name], m.k(bits), m.k(0))), m.k(always));
}

export function csrAccess<V extends Value>(m: Machine<V>, access: CsrAccess<V>): V | Raised {
  const { combine, source, writes } = access;
  const csr = csrOf(access.csr);
  if (csr === undefined || (writes && isReadOnlyCsr(access.csr))) return illegal(m);
  const privilege = privilegeOfCsr(access.csr);
  if (privilege > 0 && m.below(m.mode, m.k(privilege))) return illegal(m);
  if (csr.extension !== undefined && !m.isSet(m.extensions[csr.extension])) return illegal(m);
  if (csr.denied?.(m)) return illegal(m);

  const masked = (value: V, mask: bigint | undefined) => (mask === undefined ? value : m.and(value, m.k(mask)));
  const within = (value: V) => (csr.within === undefined ? value : m.and(value, m.named(csr.within)));
  const stored = csr.word === undefined ? m.k(csr.constant ?? 0n) : m.named(csr.word);
  const shown = within(masked(csr.shown ? csr.shown(m, stored) : stored, csr.read));
  if (!writes || csr.word === undefined) return shown;

  const before = csr.combinesStored ? stored : shown;
  let next = source;
  if (combine === 'set') next = m.or(before, source);
  if (combine === 'clear') next = m.and(before, m.not(source));
  if (csr.write !== undefined || csr.within !== undefined) {
    const writable = within(writableBits(m, csr));
    next = m.or(m.and(next, writable), m.and(stored, m.not(writable)));
  }
  m.setNamed(csr.word, csr.legalise ? csr.legalise(m, next, stored) : next);
  return shown;
}
