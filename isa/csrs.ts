// The control and status registers as data: number, storage, which bits a read shows and a write changes, and for the
// few odd ones a function. Privilege and read-only come from the number itself (csr-access.ts). A CSR that is not
// here does not exist: its access is an illegal instruction. mhpmcounters and mhpmevents are read-only zero.

import { CSR_NUMBERS } from './csr-names.ts';
import type { ExtensionName } from './extensions.ts';
import { pendingInterrupts } from './interrupts.ts';
import { FIELDS, FloatStatus, Mode, PMP_ENTRIES, TranslationMode, type WordName } from './layout.ts';
import { legalPmpAddress, legalPmpConfig } from './pmp-csrs.ts';
import type { Machine, Value } from './vocabulary.ts';

export interface Csr {
  readonly name: string;
  readonly number: number;
  /** Where its bits are stored; without one it reads as `constant`. */
  readonly word?: WordName;
  readonly constant?: bigint;
  /** Bits of the word that a read shows and that a write changes; all, unless given. */
  readonly read?: bigint;
  readonly write?: bigint;
  /** A word that masks reads and writes besides: `sip` shows only what `mideleg` delegates. */
  readonly within?: WordName;
  /** What a read shows, where that is more than the stored bits. */
  readonly shown?: <V extends Value>(m: Machine<V>, stored: V) => V;
  /** Set and clear start from the stored bits rather than from what a read shows (norm:mip_seip_rdcsr). */
  readonly combinesStored?: boolean;
  /** What a write stores, of the value it would and the value before. */
  readonly legalise?: <V extends Value>(m: Machine<V>, next: V, before: V) => V;
  /** The extension that it comes with, and bits of `write` that come with others. */
  readonly extension?: ExtensionName;
  readonly comingWith?: Readonly<Partial<Record<ExtensionName, bigint>>>;
  /** A condition beyond privilege that makes any access illegal. */
  readonly denied?: <V extends Value>(m: Machine<V>) => boolean;
}

const ALL = (1n << 64n) - 1n;
/** A mask of these bits. */
const bitsOf = (...bits: number[]) => bits.reduce((mask, bit) => mask | (1n << BigInt(bit)), 0n);

// mstatus: SIE, MIE, SPIE, MPIE, SPP, MPP, FS, MPRV, SUM, MXR, TVM, TW, TSR. FS stays 0 without F (norm:mstatus_fs_rdonly0_s_no_f).
const FS = bitsOf(13, 14);
const SD = bitsOf(63);
const MSTATUS_WRITE = bitsOf(1, 3, 5, 7, 8, 11, 12, 17, 18, 19, 20, 21, 22) | FS;
const SSTATUS_WRITE = bitsOf(1, 5, 8, 18, 19) | FS;
const SSTATUS_READ = SSTATUS_WRITE | bitsOf(32, 33) | SD;
/** S-level interrupts, which alone can be delegated (norm:mideleg_no_rd1). */
const SUPERVISOR_INTERRUPTS = bitsOf(1, 5, 9);
const ALL_INTERRUPTS = bitsOf(1, 3, 5, 7, 9, 11);
/** Exceptions 0 to 9, 12, 13 and 15: all but the environment call from M. */
const DELEGATABLE = bitsOf(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 15);
const COUNTERS = bitsOf(0, 1, 2);
const FIOM = bitsOf(0);
const CBM = bitsOf(4, 5, 6);
const CBZE = bitsOf(7);
const ADUE = bitsOf(61);
const STCE = bitsOf(63);
const EVEN = ALL ^ 1n;
const RESERVED_MODE = 2;

const MPP = bitsOf(11, 12);
/** MPP holds U, S or M; a write of the fourth value changes nothing (norm:mstatus_xpp_warl). */
const mstatusLegal = <V extends Value>(m: Machine<V>, next: V, before: V): V => {
  if (!m.is(m.view(next, FIELDS.mstatus).MPP, RESERVED_MODE)) return next;
  return m.or(m.and(next, m.k(ALL ^ MPP)), m.and(before, m.k(MPP)));
};
/** SD sums up what is dirty, which FS alone can be here (norm:mstatus_sd_op1). */
const withSummary = <V extends Value>(m: Machine<V>, stored: V): V =>
  m.or(stored, m.shiftLeft(m.lessThanUnsigned(m.k(FloatStatus.Clean), m.view(stored, FIELDS.mstatus).FS), m.k(63)));
const floatOff = <V extends Value>(m: Machine<V>) => m.is(m.mstatus.FS, FloatStatus.Off);
/** A write of the unit's state leaves it dirty. */
const dirtied = <V extends Value>(m: Machine<V>, next: V): V => {
  m.mstatus.FS = m.k(FloatStatus.Dirty);
  return next;
};
const FRM_LOW = 5;
const FRM_BITS = 7n << BigInt(FRM_LOW);
/** CBIE keeps its value where the reserved one is written (norm:menvcfg_cbie_warl_op). */
const blockControl = <V extends Value>(m: Machine<V>, next: V, before: V): V => {
  if (!m.is(m.view(next, FIELDS.menvcfg).CBIE, RESERVED_CBIE)) return next;
  const mask = bitsOf(4, 5);
  return m.or(m.and(next, m.k(ALL ^ mask)), m.and(before, m.k(mask)));
};
const RESERVED_CBIE = 2;
/** Reserved vector modes void the write (norm:mtvec_mode_enc). */
const vectorLegal = <V extends Value>(m: Machine<V>, next: V, before: V): V =>
  m.below(m.bits(next, 1, 0), m.k(RESERVED_MODE)) ? next : before;
/** An unsupported MODE voids the whole write (norm:satp_mode_op_unsupported). */
const satpLegal = <V extends Value>(m: Machine<V>, next: V, before: V): V => {
  const mode = m.bits(next, 63, 60);
  if (m.is(mode, TranslationMode.Bare) || m.is(mode, TranslationMode.Sv39)) return next;
  return m.is(mode, TranslationMode.Sv48) && m.isSet(m.extensions.Sv48) ? next : before;
};
/** Where Sstc drives STIP, the bit is read-only (norm:mip_stip_stimecmp_acc). */
const mipLegal = <V extends Value>(m: Machine<V>, next: V, before: V): V =>
  m.isSet(m.menvcfg.STCE) ? m.or(m.and(next, m.k(~bitsOf(5))), m.and(before, m.k(bitsOf(5)))) : next;

const satpDenied = <V extends Value>(m: Machine<V>) => m.is(m.mode, Mode.S) && m.isSet(m.mstatus.TVM);
/** norm:menvcfg_stce_op1, norm:mcounteren_tm_clr */
const stimecmpDenied = <V extends Value>(m: Machine<V>) =>
  !m.is(m.mode, Mode.M) && !(m.isSet(m.menvcfg.STCE) && m.isSet(m.mcounteren.TM));
/** A counter is readable below M where mcounteren, and in U also scounteren, says so (norm:mcounteren_clr_ill_inst_exc). */
const counterDenied = (bit: number) => {
  const enabled = <V extends Value>(m: Machine<V>, word: V) => m.isSet(m.bits(word, bit, bit));
  return <V extends Value>(m: Machine<V>) =>
    !m.is(m.mode, Mode.M) &&
    !(enabled(m, m.mcounteren.bits) && (m.is(m.mode, Mode.S) || enabled(m, m.scounteren.bits)));
};

// Counters are derived: what is stored is the difference to `steps` or `retired`, or, while inhibited, the value.
const cycles = <V extends Value>(m: Machine<V>, stored: V): V =>
  m.choose(m.mcountinhibit.CY, stored, m.add(stored, m.steps));
const instructions = <V extends Value>(m: Machine<V>, stored: V): V =>
  m.choose(m.mcountinhibit.IR, stored, m.add(stored, m.retired));
/** The written value is what the next instruction reads, so the writer itself is not counted (norm:mcycle_minstret_wr). */
const afterThis = <V extends Value>(m: Machine<V>, count: V) => m.add(count, m.k(1));
const setCycles = <V extends Value>(m: Machine<V>, next: V): V =>
  m.choose(m.mcountinhibit.CY, next, m.sub(next, afterThis(m, m.steps)));
const setInstructions = <V extends Value>(m: Machine<V>, next: V): V =>
  m.choose(m.mcountinhibit.IR, next, m.sub(next, afterThis(m, m.retired)));
/** A counter that stops keeps its value, one that starts goes on from it; the writer itself still counts as before. */
const setInhibit = <V extends Value>(m: Machine<V>, next: V, before: V): V => {
  const rebase = (bit: number, stored: V, count: V): V => {
    const stops = m.bits(next, bit, bit);
    const stopped = m.bits(before, bit, bit);
    const running = m.choose(stops, m.add(stored, count), stored);
    return m.choose(stopped, m.choose(stops, stored, m.sub(stored, count)), running);
  };
  m.mcycle = rebase(0, m.mcycle, afterThis(m, m.steps));
  m.minstret = rebase(2, m.minstret, afterThis(m, m.retired));
  return next;
};

type Options = Omit<Csr, 'name' | 'number'>;
const csr = (name: string, options: Options): Csr => ({ name, number: CSR_NUMBERS[name] as number, ...options });
/** A CSR that is stored whole in the word of its own name. */
const whole = (name: WordName, options: Options = {}): Csr => csr(name, { word: name, ...options });

const FIRST_PROGRAMMABLE_COUNTER = 3;
const COUNTER_COUNT = 32;
const programmableCounters = Array.from({ length: COUNTER_COUNT - FIRST_PROGRAMMABLE_COUNTER }, (_, i) => {
  const index = i + FIRST_PROGRAMMABLE_COUNTER;
  return [
    csr(`hpmcounter${index}`, { constant: 0n, denied: counterDenied(index) }),
    csr(`mhpmcounter${index}`, { constant: 0n }),
    csr(`mhpmevent${index}`, { constant: 0n }),
  ];
}).flat();

const pmpAddresses = Array.from({ length: PMP_ENTRIES }, (_, index) =>
  whole(`pmpaddr${index}`, {
    write: (1n << 54n) - 1n,
    legalise: (m, next, before) => legalPmpAddress(m, index, next, before),
  }),
);

export const CSRS: readonly Csr[] = [
  csr('cycle', { word: 'mcycle', shown: cycles, denied: counterDenied(0) }),
  csr('time', { constant: 0n, shown: (m) => m.time(), denied: counterDenied(1) }),
  csr('instret', { word: 'minstret', shown: instructions, denied: counterDenied(2) }),

  csr('fflags', { word: 'fcsr', read: 0x1fn, write: 0x1fn, extension: 'F', denied: floatOff, legalise: dirtied }),
  csr('frm', {
    word: 'fcsr',
    shown: (m, stored) => m.bits(stored, 7, FRM_LOW),
    extension: 'F',
    denied: floatOff,
    legalise: (m, next, before) =>
      dirtied(m, m.or(m.and(before, m.k(~FRM_BITS)), m.and(m.shiftLeft(next, m.k(FRM_LOW)), m.k(FRM_BITS)))),
  }),
  csr('fcsr', { word: 'fcsr', write: 0xffn, extension: 'F', denied: floatOff, legalise: dirtied }),

  csr('sstatus', {
    word: 'mstatus',
    shown: withSummary,
    read: SSTATUS_READ,
    write: SSTATUS_WRITE,
    comingWith: { F: FS },
  }),
  csr('sie', { word: 'mie', write: SUPERVISOR_INTERRUPTS, within: 'mideleg' }),
  whole('stvec', { legalise: vectorLegal }),
  whole('scounteren', { write: COUNTERS }),
  whole('senvcfg', { write: FIOM | CBM | CBZE, comingWith: { Zicbom: CBM, Zicboz: CBZE }, legalise: blockControl }),
  whole('sscratch'),
  whole('sepc', { write: EVEN }),
  whole('scause'),
  whole('stval'),
  csr('sip', { word: 'mip', shown: pendingInterrupts, combinesStored: true, write: bitsOf(1), within: 'mideleg' }),
  whole('stimecmp', { extension: 'Sstc', denied: stimecmpDenied }),
  whole('satp', { denied: satpDenied, legalise: satpLegal }),

  csr('mvendorid', { constant: 0n }),
  csr('marchid', { constant: 0n }),
  csr('mimpid', { constant: 0n }),
  whole('mhartid'),
  csr('mconfigptr', { constant: 0n }),
  whole('mstatus', { shown: withSummary, write: MSTATUS_WRITE, comingWith: { F: FS }, legalise: mstatusLegal }),
  whole('misa', { write: 0n }),
  whole('medeleg', { write: DELEGATABLE }),
  whole('mideleg', { write: SUPERVISOR_INTERRUPTS }),
  whole('mie', { write: ALL_INTERRUPTS }),
  whole('mtvec', { legalise: vectorLegal }),
  whole('mcounteren', { write: COUNTERS }),
  whole('menvcfg', {
    write: FIOM | CBM | CBZE | ADUE | STCE,
    comingWith: { Zicbom: CBM, Zicboz: CBZE, Svadu: ADUE, Sstc: STCE },
    legalise: blockControl,
  }),
  whole('mcountinhibit', { write: bitsOf(0, 2), legalise: setInhibit }),
  whole('mscratch'),
  whole('mepc', { write: EVEN }),
  whole('mcause'),
  whole('mtval'),
  whole('mip', { shown: pendingInterrupts, combinesStored: true, write: SUPERVISOR_INTERRUPTS, legalise: mipLegal }),
  whole('pmpcfg0', { legalise: legalPmpConfig }),
  whole('pmpcfg2', { legalise: legalPmpConfig }),
  ...pmpAddresses,
  // No trigger exists at the one index there is: type 0 (the debug specification, "Sdtrig", enumeration).
  ...['tselect', 'tdata1', 'tdata2', 'tdata3'].map((name) => csr(name, { constant: 0n })),
  csr('mcycle', { word: 'mcycle', shown: cycles, legalise: setCycles }),
  csr('minstret', { word: 'minstret', shown: instructions, legalise: setInstructions }),
  ...programmableCounters,
];

const byNumber = new Map(CSRS.map((row) => [row.number, row]));

/** The CSR of this number, if the machine has one. */
export function csrOf(number: number): Csr | undefined {
  return byNumber.get(number);
}
