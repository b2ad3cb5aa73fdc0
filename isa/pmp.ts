// Physical memory protection: may this access of this mode touch these bytes? The lowest-numbered entry that covers
// any of them decides, and it must cover them all (norm:pmp_entry_priority, norm:pmp_full_match_required).
// Where none does, M may and others may not (norm:pmp_no_entry_match).

import { question, value } from './definition.ts';
import { Mode, PMPCFG, PmpMatch } from './layout.ts';
import { ENTRIES_PER_CONFIG_WORD, PMP_CONFIG_WORDS, pmpConfig } from './pmp-csrs.ts';
import type { Access, Machine, Value } from './vocabulary.ts';

/** Entry addresses are in units of four bytes (norm:pmp_addr_encoding). */
const UNIT_SHIFT = 2;

/** What one entry says of an access. */
const Verdict = { NoMatch: 0, Denied: 1, Allowed: 2 } as const;

/** The bytes of an active entry: [from, to). */
function range<V extends Value>(m: Machine<V>, entry: number): { from: V; to: V } {
  const address = m.named(`pmpaddr${entry}`);
  const match = m.view(pmpConfig(m, entry), PMPCFG).A;
  const bytes = (units: V) => m.shiftLeft(units, m.k(UNIT_SHIFT));
  if (m.is(match, PmpMatch.TOR)) {
    return { from: entry === 0 ? m.k(0) : bytes(m.named(`pmpaddr${entry - 1}`)), to: bytes(address) };
  }
  if (m.is(match, PmpMatch.NA4)) return { from: bytes(address), to: bytes(m.add(address, m.k(1))) };
  // NAPOT: the size is in the address's trailing ones, up to and with the first zero.
  const within = m.xor(address, m.add(address, m.k(1)));
  const from = m.and(address, m.not(within));
  return { from: bytes(from), to: bytes(m.add(m.add(from, within), m.k(1))) };
}

const entryVerdict = (access: Access, entry: number) =>
  value(`pmp.${access}.entry${entry}`, ['address', 'bytes', 'mode'], (m, { address, bytes, mode }) => {
    const { R, W, X, A, L } = m.view(pmpConfig(m, entry), PMPCFG);
    if (m.is(A, PmpMatch.OFF)) return m.k(Verdict.NoMatch);
    const { from, to } = range(m, entry);
    const end = m.add(address, bytes);
    if (!m.below(from, to) || !m.below(from, end) || !m.below(address, to)) return m.k(Verdict.NoMatch);
    if (m.below(address, from) || m.below(to, end)) return m.k(Verdict.Denied);
    const allowed = { fetch: X, load: R, store: W }[access];
    const free = m.is(mode, Mode.M) && !m.isSet(L); // norm:pmp_l_bit_m_mode_enforcement
    return m.k(free || m.isSet(allowed) ? Verdict.Allowed : Verdict.Denied);
  });

function permits(access: Access) {
  const groups = PMP_CONFIG_WORDS.map((word, group) => {
    const first = group * ENTRIES_PER_CONFIG_WORD;
    return {
      word,
      entries: Array.from({ length: ENTRIES_PER_CONFIG_WORD }, (_, i) => entryVerdict(access, first + i)),
    };
  });
  return question(`pmp.${access}`, ['address', 'bytes', 'mode'], (m, parameters) => {
    for (const { word, entries } of groups) {
      if (m.is(m.named(word), 0)) continue; // all of them off, as in most guests
      for (const entry of entries) {
        const verdict = m.call(entry, parameters);
        if (m.failed(verdict)) return false;
        if (!m.is(verdict, Verdict.NoMatch)) return m.is(verdict, Verdict.Allowed);
      }
    }
    return m.is(parameters.mode, Mode.M);
  });
}

/** By kind of access: may `mode` access `bytes` bytes at physical `address`? */
export const pmp = { fetch: permits('fetch'), load: permits('load'), store: permits('store') } as const;

/** As far as one entry reaches: of a TOR entry the last four bytes of all are never covered. */
const EVERYWHERE = (1n << 56n) - 4n;
/** Whether one entry permits S and U this access to all there is. */
export function isOpen(m: Machine<bigint>, access: Access): boolean {
  return m.ask(pmp[access], { address: 0n, bytes: EVERYWHERE, mode: BigInt(Mode.S) });
}
