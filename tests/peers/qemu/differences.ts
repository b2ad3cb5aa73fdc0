// Where the manual leaves room, or QEMU 7.2 departs from it, as data: why a sequence that comes there is replaced, and
// which bits of a CSR are not compared. Each row says who is right and where the manual says so.

import type { Decoded } from '../../../isa/decode.ts';
import { Mode, type WordName } from '../../../isa/layout.ts';
import type { Reference } from '../../../isa/reference.ts';
import { csrNumber, type SavedCsr } from './layout.ts';

export type Reason =
  | 'endless'
  | 'waits'
  | 'device'
  | 'harness'
  | 'stale translation'
  | 'stale protection'
  | 'stale code'
  | 'spurious failure'
  | 'unreserved SC'
  | 'identity or counter'
  | 'no PMP entry'
  | 'second half inaccessible'
  | 'Sv48 or Sv57'
  | 'wide PMP address'
  | 'MPRV where M was'
  | 'priority'
  | 'status of other extensions'
  | 'MPP'
  | 'delegation of other exceptions'
  | 'interrupts of other extensions'
  | 'odd xepc'
  | 'odd access fault'
  | 'empty PMP range'
  | 'MPRV below M'
  | 'PMP configuration'
  | 'counter enables'
  | 'table outside memory'
  | 'UXL';

/** What a sequence that ends for this reason did, and what the manual says of it. */
export const REASONS: Readonly<Record<Reason, string>> = {
  endless: 'took too many steps; random code has loops',
  waits: 'wfi with nothing to wait for: QEMU would sleep for ever',
  device: "touched an address where QEMU's board may have a device",
  harness: 'wrote outside its own region',
  'stale translation':
    'wrote a page table that had been walked since the last sfence.vma: a hart may use either (norm:sfence_vma_op)',
  'stale protection':
    'changed PMP without an sfence.vma: a hart may have cached the old one (norm:pmp_sfence_required), and QEMU does',
  'stale code': 'executed code that it had stored without a fence.i (norm:fence_i_op); QEMU ends its block first',
  'spurious failure':
    'an SC whose LR had another virtual address or width, read other contents, or lies before a trap or return: QEMU fails, which is lawful (norm:sc_w_failure)',
  'unreserved SC':
    'an SC without its LR: QEMU fails before it looks at the address; it may fault where a store would (norm:sc_failed_as_store), as it does here',
  'identity or counter': 'read a register whose value is the implementation’s own, or changes by itself',
  'no PMP entry':
    'mret below M with every PMP entry off: QEMU 7.2 has mret itself raise, the manual the next fetch (norm:pmp_no_entry_match)',
  'PMP configuration':
    'wrote a PMP entry with W and not R, which is reserved (norm:pmp_rwx_warl): kept by QEMU, W cleared here; or bits 6:5, zero by the manual, kept by QEMU; or a lock, which would outlast the sequence',
  'counter enables':
    'enabled a counter that is always zero: the bit is writable in QEMU, read-only here (norm:mcounteren_flds_mandatory_warl)',
  'odd access fault':
    'an AMO or a misaligned access that raises an access fault: QEMU reports an AMO outside memory as a load, rounds addresses down, and lets M pass where PMP covers an access in part; by the manual the first is a store/AMO fault, xtval is the address of the part that failed, and the last fails (norm:pmp_full_match_required)',
  'empty PMP range':
    'a TOR entry whose address is 0: it matches nothing by the manual (norm:pmp_a_field_tor), everything in QEMU 7.2',
  'MPRV below M':
    'mret or sret to a mode below M with MPRV set: QEMU 7.2 leaves it set, the manual clears it (norm:mstatus_mprv_clr_mret_sret_less_priv)',
  'interrupts of other extensions':
    'wrote bits of mideleg, mie or mip that belong to H or Sscofpmf: some are writable in QEMU 7.2 even without them, here all are zero',
  'odd xepc':
    'wrote an odd address to mepc or sepc: bit 0 is always zero by the manual (norm:mepc_align), QEMU 7.2 keeps it',
  priority:
    'took one of several interrupts: the manual has SEI, SSI, STI (norm:s_interrupt_priority), QEMU 7.2 takes the lowest number',
  'status of other extensions':
    'wrote mstatus.VS, GVA or MPV: writable in QEMU 7.2 even without V and H, read-only zero here',
  MPP: 'wrote the reserved value 2 to mstatus.MPP: kept by QEMU 7.2, ignored here (norm:mstatus_xpp_warl)',
  'delegation of other exceptions':
    'delegated exceptions that H defines, or calls from M: writable in QEMU; bit 11 is zero by the manual (norm:medeleg_mideleg_warl)',
  'wide PMP address': 'wrote bits 63:54 of a pmpaddr: zero by the manual (norm:pmp_addr_warl), kept by QEMU 7.2',
  'MPRV where M was':
    'used MPRV on a page that M had used without it: QEMU 7.2 has one TLB for both and does not flush it at mret or for fetches',
  'Sv48 or Sv57':
    'chose a satp.MODE that QEMU has and this machine has not, where the write is void (norm:satp_mode_op_unsupported)',
  'second half inaccessible':
    'an instruction whose second half raises an access fault: QEMU 7.2 fails an assertion of its own (translator_access)',
  'table outside memory':
    'page tables where there is no memory: an access fault by the manual, a page fault in QEMU 7.2',
  UXL: 'wrote mstatus.UXL: writable in QEMU, read-only 2 here (norm:mstatus_sxl_uxl_warl_op)',
};

/** Names whose values differ lawfully, as the first letters of a CSR's name. */
const OWN_VALUES = [
  'marchid',
  'mimpid',
  'menvcfg',
  'stimecmp',
  'mcycle',
  'minstret',
  'cycle',
  'time',
  'instret',
] as const;
const ownNumbers = new Set<number>(OWN_VALUES.map((name) => csrNumber(name)));
const FIRST_HPM = 3;
const COUNTERS = 32;
for (let i = FIRST_HPM; i < COUNTERS; i++) {
  for (const name of ['hpmcounter', 'mhpmcounter', 'mhpmevent']) ownNumbers.add(csrNumber(`${name}${i}`));
}
ownNumbers.add(csrNumber('mcountinhibit'));
const STATUS = ['mstatus', 'sstatus'];
const PMP_CONFIG = ['pmpcfg0', 'pmpcfg2'];
/** The W bits of eight entries. */
const PMP_W = 0x0202_0202_0202_0202n;
/** Bits 7 to 5 of eight entries. */
const PMP_LOCK_OR_ZERO = 0xe0e0_e0e0_e0e0_e0e0n;
const COUNTER_ENABLES = ['mcounteren', 'scounteren'];
const KEPT_COUNTERS = 7n;
/** The A fields of eight entries. */
const PMP_MATCHING = 0x1818_1818_1818_1818n;
const UXL_SHIFT = 32n;
const isCsr = (decoded: Decoded) => decoded.instruction.name.startsWith('csrr');

const INTERRUPT_BITS = ['mideleg', 'mie', 'mip', 'sie', 'sip'];
/** VSSI, VSTI, VSEI, SGEI and LCOFI. */
const OTHER_INTERRUPTS = 0x3444n;
/** Calls from VS and M, and the exceptions 20 to 23 of H. */
const OTHER_EXCEPTIONS = 0xf0_0c00n;
/** VS, GVA and MPV. */
const OTHER_STATUS = 0xc0_0000_0600n;
const MPP = 0x1800n;
const RESERVED_MPP = 0x1000n;
const SATP_MODE_SHIFT = 60n;
const SV48 = 9n;
const SV57 = 10n;
const PMP_ADDRESSES = Array.from({ length: 16 }, (_, index) => `pmpaddr${index}`);
const ABOVE_PMP_ADDRESS = ((1n << 10n) - 1n) << 54n;
const EXCEPTION_PCS = ['mepc', 'sepc'];
/** CSRs that are views of another word. */
const VIEWS: Readonly<Record<string, WordName>> = { sstatus: 'mstatus', sie: 'mie', sip: 'mip' };

/** The value that an instruction is about to write to one of these CSRs, before it is made legal. */
function writes(hart: Reference, decoded: Decoded, csrs: readonly string[]): bigint | undefined {
  if (!isCsr(decoded)) return undefined;
  const csr = csrs.find((name) => csrNumber(name) === decoded.fields['csr']);
  if (csr === undefined) return undefined;
  const { rs1, uimm } = decoded.fields;
  const operand = rs1 === undefined ? BigInt(uimm ?? 0) : hart.x(rs1);
  const before = hart.named(VIEWS[csr] ?? (csr as WordName));
  if (decoded.instruction.name.startsWith('csrrw')) return operand;
  return decoded.instruction.name.startsWith('csrrs') ? before | operand : before & ~operand;
}

interface OpenByInstruction {
  readonly reason: Reason;
  readonly applies: (hart: Reference, decoded: Decoded) => boolean;
}

/** What can be told from an instruction that is about to run. */
export const OPEN_BY_INSTRUCTION: readonly OpenByInstruction[] = [
  {
    reason: 'identity or counter',
    applies: (_, decoded) => isCsr(decoded) && ownNumbers.has(decoded.fields['csr'] as number),
  },
  {
    reason: 'no PMP entry',
    applies: (hart, { instruction }) =>
      instruction.name === 'mret' && ((hart.named('pmpcfg0') | hart.named('pmpcfg2')) & PMP_MATCHING) === 0n,
  },
  {
    reason: 'MPRV below M',
    applies: ({ mstatus }, { instruction: { name } }) =>
      mstatus.MPRV === 1n && (name === 'sret' || (name === 'mret' && mstatus.MPP !== BigInt(Mode.M))),
  },
  {
    reason: 'interrupts of other extensions',
    applies: (hart, decoded) => ((writes(hart, decoded, INTERRUPT_BITS) ?? 0n) & OTHER_INTERRUPTS) !== 0n,
  },
  {
    reason: 'odd xepc',
    applies: (hart, decoded) => ((writes(hart, decoded, EXCEPTION_PCS) ?? 0n) & 1n) === 1n,
  },
  {
    reason: 'delegation of other exceptions',
    applies: (hart, decoded) => ((writes(hart, decoded, ['medeleg']) ?? 0n) & OTHER_EXCEPTIONS) !== 0n,
  },
  {
    reason: 'status of other extensions',
    applies: (hart, decoded) => ((writes(hart, decoded, STATUS) ?? 0n) & OTHER_STATUS) !== 0n,
  },
  {
    reason: 'MPP',
    applies: (hart, decoded) => ((writes(hart, decoded, ['mstatus']) ?? 0n) & MPP) === RESERVED_MPP,
  },
  {
    reason: 'Sv48 or Sv57',
    applies: (hart, decoded) => [SV48, SV57].includes((writes(hart, decoded, ['satp']) ?? 0n) >> SATP_MODE_SHIFT),
  },
  {
    reason: 'wide PMP address',
    applies: (hart, decoded) => ((writes(hart, decoded, PMP_ADDRESSES) ?? 0n) & ABOVE_PMP_ADDRESS) !== 0n,
  },
  {
    reason: 'MPRV where M was',
    applies: ({ mstatus }, { instruction: { name } }) =>
      name === 'mret' && mstatus.MPRV === 1n && mstatus.MPP === BigInt(Mode.M),
  },
  {
    reason: 'PMP configuration',
    applies: (hart, decoded) => {
      const written = writes(hart, decoded, PMP_CONFIG) ?? 0n;
      return (written & ~(written << 1n) & PMP_W) !== 0n || (written & PMP_LOCK_OR_ZERO) !== 0n;
    },
  },
  {
    reason: 'counter enables',
    applies: (hart, decoded) => ((writes(hart, decoded, COUNTER_ENABLES) ?? 0n) & ~KEPT_COUNTERS) !== 0n,
  },
  {
    reason: 'UXL',
    applies: (hart, decoded) => {
      const written = writes(hart, decoded, STATUS);
      // Zero is not a legal value and is ignored by both.
      return written !== undefined && ![0n, 2n].includes((written >> UXL_SHIFT) & 3n);
    },
  },
];

/** Bits of a saved CSR that are not compared. */
export const NOT_COMPARED: Readonly<Partial<Record<SavedCsr, { readonly bits: bigint; readonly why: string }>>> = {};
