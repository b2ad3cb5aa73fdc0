// Where the manual leaves room, or QEMU 7.2 departs from it, as one table: a sequence that comes there is replaced by
// another. Each row says what it did, who is right, and where the manual says so. Rows without a test of their own
// are found while the sequence runs, in ours.ts and batch.ts.

import type { Decoded } from '../../../isa/decode.ts';
import type { Extension } from '../../../isa/extensions.ts';
import { FloatStatus, Mode, type WordName } from '../../../isa/layout.ts';
import type { Reference } from '../../../isa/reference.ts';
import { csrNumber } from './layout.ts';

/** Whether the instruction that is about to run does it. */
type Test = (hart: Reference, decoded: Decoded) => boolean;
interface Difference {
  readonly why: string;
  readonly test?: Test;
}

const numbered = (name: string, from: number, count: number) =>
  Array.from({ length: count }, (_, i) => `${name}${from + i}`);
const PROGRAMMABLE = 29;
const programmable = (name: string) => numbered(name, 3, PROGRAMMABLE);
const counters = ['cycle', 'time', 'instret', 'mcycle', 'minstret', 'mcountinhibit', 'stimecmp'];
const events = ['hpmcounter', 'mhpmcounter', 'mhpmevent'].flatMap(programmable);

/** CSRs that are views of another word. */
const VIEWS: Readonly<Record<string, WordName>> = { sstatus: 'mstatus', sie: 'mie', sip: 'mip' };
const isCsr = ({ instruction }: Decoded) => instruction.name.startsWith('csrr');

/** The value that an instruction is about to write to one of these CSRs, before it is made legal. */
function written(hart: Reference, decoded: Decoded, csrs: readonly string[]): bigint | undefined {
  if (!isCsr(decoded)) return undefined;
  const csr = csrs.find((name) => csrNumber(name) === decoded.fields['csr']);
  if (csr === undefined) return undefined;
  const { rs1, uimm } = decoded.fields;
  const operand = rs1 === undefined ? BigInt(uimm ?? 0) : hart.x(rs1);
  const before = hart.named(VIEWS[csr] ?? (csr as WordName));
  if (decoded.instruction.name.startsWith('csrrw')) return operand;
  return decoded.instruction.name.startsWith('csrrs') ? before | operand : before & ~operand;
}

const accesses = (csrs: readonly string[]): Test => {
  const numbers = new Set(csrs.map(csrNumber));
  return (_, decoded) => isCsr(decoded) && numbers.has(decoded.fields['csr'] as number);
};
/** Writes one of these bits as 1. */
const sets = (csrs: readonly string[], bits: bigint): Test => writes(csrs, (value) => (value & bits) !== 0n);
const writes =
  (csrs: readonly string[], matches: (value: bigint) => boolean): Test =>
  (hart, decoded) => {
    const value = written(hart, decoded, csrs);
    return value !== undefined && matches(value);
  };

const STATUS = ['mstatus', 'sstatus'];
const accessesFloat = accesses(['fflags', 'frm', 'fcsr']);
const M = BigInt(Mode.M);
/** VSSI, VSTI, VSEI, SGEI and LCOFI. */
const OTHER_INTERRUPTS = 0x3444n;
/** Calls from VS and M, and the exceptions 20 to 23 of H. */
const OTHER_EXCEPTIONS = 0xf0_0c00n;
/** VS, GVA and MPV. */
const OTHER_STATUS = 0xc0_0000_0600n;
const ALL_BUT_FIOM = ~1n;
const ALL_BUT_COUNTERS = ~7n;
const MPP = 0x1800n;
const RESERVED_MPP = 0x1000n;
const UXL_SHIFT = 32n;
const SATP_MODE_SHIFT = 60n;
const SV57 = 10n;
const ABOVE_PMP_ADDRESS = ((1n << 10n) - 1n) << 54n;
/** Of the eight entries in a pmpcfg: the A fields, the W bits, bits 7 to 5. */
const PMP_A = 0x1818_1818_1818_1818n;
const PMP_W = 0x0202_0202_0202_0202n;
const PMP_LOCK_OR_ZERO = 0xe0e0_e0e0_e0e0_e0e0n;

const TABLE = {
  // Limits of the harness.
  endless: { why: 'took too many steps; random code has loops' },
  waits: { why: 'waited with wfi for what cannot come: QEMU would sleep for ever' },
  device: { why: "touched an address where QEMU's board may have a device" },
  harness: { why: 'wrote outside its own region, or read the next' },

  // Left open by the manual.
  'stale translation': {
    why: 'wrote a page table that had been walked since the last sfence.vma: a hart may use either (norm:sfence_vma_op)',
  },
  'stale protection': {
    why: 'changed PMP without an sfence.vma: a hart may have cached the old one, and QEMU does (norm:pmp_sfence_required)',
  },
  'stale code': {
    why: 'executed code that it had stored without a fence.i; QEMU ends its block first (norm:fence_i_op)',
  },
  'spurious failure': {
    why: 'did an SC whose LR had another virtual address or width, read other contents, or lies before a trap or return: QEMU fails, which is lawful (norm:sc_w_failure)',
  },
  'unreserved SC': {
    why: 'did an SC without its LR: QEMU fails before it looks at the address; it may fault where a store would, as it does here (norm:sc_failed_as_store)',
  },
  'breakpoint address': {
    why: 'took an ebreak to a handler of its own: xtval may be zero, as in QEMU 7.2, or the address, as here (norm:mtval_vaddr_wr1); the harness makes it zero',
  },
  'identity or counter': {
    why: 'accessed a CSR whose value is the implementation’s own (QEMU 7.2 has no misa.B), or changes by itself',
    test: accesses(['misa', 'marchid', 'mimpid', 'menvcfg', ...counters, ...events]),
  },
  'debug triggers': {
    why: 'accessed the CSRs of debug triggers, of which there are none here: QEMU 7.2 has some, for M-mode alone',
    test: accesses(['tselect', 'tdata1', 'tdata2', 'tdata3']),
  },
  'counter enables': {
    why: 'enabled a counter that is always zero: the bit is writable in QEMU, read-only here (norm:mcounteren_flds_mandatory_warl)',
    test: sets(['mcounteren', 'scounteren'], ALL_BUT_COUNTERS),
  },
  UXL: {
    why: 'wrote mstatus.UXL: writable in QEMU, read-only 2 here (norm:mstatus_sxl_uxl_warl_op)',
    // Zero is no legal value, and both ignore it.
    test: writes(STATUS, (value) => ![0n, 2n].includes((value >> UXL_SHIFT) & 3n)),
  },
  MPP: {
    why: 'wrote the reserved value 2 to mstatus.MPP: kept by QEMU 7.2, ignored here (norm:mstatus_xpp_warl)',
    test: writes(['mstatus'], (value) => (value & MPP) === RESERVED_MPP),
  },
  Sv57: {
    why: 'chose a satp.MODE that QEMU has and this machine has not, where the write is void (norm:satp_mode_op_unsupported)',
    test: writes(['satp'], (value) => value >> SATP_MODE_SHIFT === SV57),
  },
  'PMP configuration': {
    why: 'wrote a PMP entry with W and not R, which is reserved (norm:pmp_rwx_warl): kept by QEMU, W cleared here; or bits 6:5, kept by QEMU, zero here; or a lock, which would outlast the sequence',
    test: writes(['pmpcfg0', 'pmpcfg2'], (value) => (value & ((~(value << 1n) & PMP_W) | PMP_LOCK_OR_ZERO)) !== 0n),
  },

  // QEMU 7.2 keeps bits of extensions that this hart has not.
  'interrupts of other extensions': {
    why: 'set bits of mideleg, mie or mip that belong to H or Sscofpmf: kept by QEMU 7.2, zero here',
    test: sets(['mideleg', 'mie', 'mip', 'sie', 'sip'], OTHER_INTERRUPTS),
  },
  'delegation of other exceptions': {
    why: 'delegated exceptions of H, or calls from M: kept by QEMU 7.2, zero here (norm:medeleg_mideleg_warl)',
    test: sets(['medeleg'], OTHER_EXCEPTIONS),
  },
  'status of other extensions': {
    why: 'set mstatus.VS, GVA or MPV: kept by QEMU 7.2, zero here',
    test: sets(STATUS, OTHER_STATUS),
  },
  'environment of other extensions': {
    why: 'set bits of senvcfg for cache-block operations: kept by QEMU 7.2, zero here',
    test: sets(['senvcfg'], ALL_BUT_FIOM),
  },

  'dirty by a flag': {
    why: 'compared or converted to an x register with FS not Dirty: here FS becomes Dirty, which it may (norm:mstatus_fs_op), in QEMU 7.2 not even where a flag is raised',
    test: ({ mstatus }, { instruction: { name } }) =>
      /^(feq|flt|fle|fcvt\.[wl]u?)\./.test(name) && mstatus.FS !== BigInt(FloatStatus.Dirty),
  },
  'dirty by nothing': {
    why: 'wrote fcsr by csrrs or csrrc of a register that holds 0, with FS not Dirty: a write all the same, after which FS may be Dirty, as here, or not, as in QEMU 7.2',
    test: (hart, decoded) =>
      accessesFloat(hart, decoded) &&
      /^csrr[sc]$/.test(decoded.instruction.name) &&
      hart.x(decoded.fields['rs1'] as number) === 0n &&
      hart.mstatus.FS !== BigInt(FloatStatus.Dirty),
  },
  'newer instruction': {
    why: 'executed an instruction of an extension that this QEMU has not',
    test: (_, { instruction }) => NOT_IN_QEMU.has(instruction.extension),
  },

  // QEMU 7.2 is wrong by the manual.
  ctzw: {
    why: 'counted the trailing zeros of a word of zeros in a register that has ones above: 32, QEMU 7.2 counts on (norm:ctzw_op)',
    test: (hart, { instruction, fields }) =>
      instruction.name === 'ctzw' && BigInt.asUintN(32, hart.x(fields['rs1'] as number)) === 0n,
  },
  'fetch under SUM': {
    why: 'failed to fetch in S with SUM set: it never opens a U page to fetches, which QEMU 7.2 lets pass where a load or store came first (norm:mstatus_sum_op)',
  },
  'odd xepc': {
    why: 'wrote an odd address to mepc or sepc: bit 0 is always zero (norm:mepc_align), QEMU 7.2 keeps it',
    test: sets(['mepc', 'sepc'], 1n),
  },
  'wide PMP address': {
    why: 'set bits 63:54 of a pmpaddr: an address has 56 bits (norm:pmp_addr_encoding), QEMU 7.2 keeps them',
    test: sets(numbered('pmpaddr', 0, 16), ABOVE_PMP_ADDRESS),
  },
  'empty PMP range': {
    why: 'made a TOR entry up to address 0: it matches nothing (norm:pmp_a_field_tor), in QEMU 7.2 everything',
  },
  'no PMP entry': {
    why: 'returned from M with every PMP entry off: the next fetch fails (norm:pmp_no_entry_match), in QEMU 7.2 mret itself',
    test: (hart, { instruction }) =>
      instruction.name === 'mret' && ((hart.named('pmpcfg0') | hart.named('pmpcfg2')) & PMP_A) === 0n,
  },
  'MPRV below M': {
    why: 'returned to a mode below M with MPRV set: it is cleared (norm:mstatus_mprv_clr_mret_sret_less_priv), QEMU 7.2 leaves it',
    test: ({ mstatus }, { instruction: { name } }) =>
      mstatus.MPRV === 1n && (name === 'sret' || (name === 'mret' && mstatus.MPP !== M)),
  },
  'MPRV where M was': {
    why: 'used MPRV on a page that M had used without it: QEMU 7.2 has one TLB for both, and flushes it neither at mret nor for fetches',
    test: ({ mstatus }, { instruction: { name } }) => name === 'mret' && mstatus.MPRV === 1n && mstatus.MPP === M,
  },
  priority: {
    why: 'took one of several interrupts: SEI goes before SSI before STI (norm:s_interrupt_priority), in QEMU 7.2 the lowest number',
  },
  'table outside memory': {
    why: 'had page tables where there is no memory: an access fault, in QEMU 7.2 a page fault',
  },
  'odd access fault': {
    why: 'did an AMO or a misaligned access that raised an access fault: QEMU 7.2 reports an AMO outside memory as a load, rounds addresses down, and lets M pass where PMP covers an access in part (norm:pmp_full_match_required)',
  },
  'straddle under PMP': {
    why: 'accessed two pages at once under PMP: each part has its own address (norm:pmp_misaligned_access_behavior), QEMU 7.2 checks all bytes as if they followed the first',
  },
  'second half inaccessible': {
    why: 'ran into an instruction whose second half raises an access fault: QEMU 7.2 fails an assertion of its own',
  },
} as const satisfies Record<string, Difference>;

export type Reason = keyof typeof TABLE;
/** What QEMU 7.2 does not know, or has only in other CPUs. */
export const NOT_IN_QEMU: ReadonlySet<Extension> = new Set(['Zicond', 'Zicbom', 'Zicboz', 'Svinval']);

export const DIFFERENCES: Readonly<Record<Reason, Difference>> = TABLE;

const tests = Object.entries(DIFFERENCES).flatMap(([reason, { test }]) =>
  test ? [{ reason: reason as Reason, test }] : [],
);

/** Why a sequence that is about to run this instruction cannot be compared. */
export function openBefore(hart: Reference, decoded: Decoded): Reason | undefined {
  return tests.find(({ test }) => test(hart, decoded))?.reason;
}
