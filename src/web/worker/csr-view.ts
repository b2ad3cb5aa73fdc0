// The control and status registers of a virtual CPU beside the real hart's, with their fields, and with the manual's
// words for what a field says (norm:mcause_exccode_op, norm:satp_mode_op_unsupported and their like). A view of another
// register (sstatus, sie, sip) has the fields that it shows.
// Left out: counters that nobody counts with, and the PMP's entries that say nothing.

import { fieldsOfWord } from '../../../isa/assignments.ts';
import { CSR_NUMBERS } from '../../../isa/csr-names.ts';
import { csrOf } from '../../../isa/csrs.ts';
import type { Told } from '../../../isa/language.ts';
import { FIELDS, type Field, field, fieldsOf, PMP_ENTRIES, PMPCFG, wordIndex } from '../../../isa/layout.ts';
import type { PrivilegedState } from '../../../isa/state.ts';
import { type Look, readCsr } from '../../debug/gdb/look.ts';
import type { FieldView, Word } from '../protocol.ts';
import type { Changes } from './changes.ts';
import { cause } from './tellings.ts';

const SHOWN = [
  'sstatus', 'sie', 'sip', 'stvec', 'sepc', 'scause', 'stval', 'sscratch', 'satp', 'scounteren', 'senvcfg', 'stimecmp',
  'mstatus', 'mie', 'mip', 'mtvec', 'mepc', 'mcause', 'mtval', 'mscratch', 'medeleg', 'mideleg', 'mcounteren',
  'mcountinhibit', 'menvcfg', 'mhartid', 'misa', 'time', 'mcycle', 'minstret', 'fcsr',
]; // biome-ignore format: a table
/** Of the real hart they say how its steps were taken: those of exits that are handled in place are its own. */
const COUNTERS = ['time', 'mcycle', 'minstret'];
const PMP = ['pmpcfg0', 'pmpcfg2', ...Array.from({ length: PMP_ENTRIES }, (_, entry) => `pmpaddr${entry}`)];

const CAUSE = fieldsOf({ Interrupt: 63, Code: [62, 0] });
const CAUSES = ['scause', 'mcause'];
/** Codes of exceptions that can be delegated; the environment call from M cannot. */
const DELEGATED = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 15].map((code) => field(`${code}`, code));
const LETTERS = 26;
const MISA = Array.from({ length: LETTERS }, (_, bit) => field(String.fromCharCode('A'.charCodeAt(0) + bit), bit));
const PMP_PER_WORD = 8;
const BYTE_BITS = 8;
const MODES = ['U', 'S', '', 'M'];
const VECTORS = ['Direct', 'Vectored'];
/** The words for the values of a field. */
const MEANINGS: Readonly<Record<string, readonly string[]>> = {
  'mstatus.MPP': MODES,
  'mstatus.SPP': MODES,
  'sstatus.SPP': MODES,
  'mstatus.FS': ['Off', 'Initial', 'Clean', 'Dirty'],
  'sstatus.FS': ['Off', 'Initial', 'Clean', 'Dirty'],
  'mstatus.UXL': ['', '32', '64'],
  'mstatus.SXL': ['', '32', '64'],
  'sstatus.UXL': ['', '32', '64'],
  'mtvec.MODE': VECTORS,
  'stvec.MODE': VECTORS,
  'satp.MODE': ['Bare', '', '', '', '', '', '', '', 'Sv39', 'Sv48'],
};
const MATCHES = ['OFF', 'TOR', 'NA4', 'NAPOT'];
const PMP_FIELDS = fieldsOf(PMPCFG);

export interface CsrsOf {
  readonly look: Look;
  /** The state that the real hart has while it runs this virtual CPU. */
  readonly real: PrivilegedState | undefined;
}

/** @param key of the virtual CPU, to tell what changed. */
export function csrsOf({ look, real }: CsrsOf, key: string, changes: Changes): Word[] {
  return [...SHOWN, ...PMP].flatMap((name): Word[] => {
    const number = CSR_NUMBERS[name];
    if (number === undefined || csrOf(number) === undefined) return [];
    const value = look.readCsr(number);
    const beside = real && !COUNTERS.includes(name) ? readCsr(real, number) : undefined;
    const before = changes.since(`${key}.${name}`, value);
    if (PMP.includes(name) && value === 0n && before === 0n) return [];
    const fields = fieldsIn(name, number, value, before);
    return [{ name, value, changed: before !== value, fields, ...(beside !== undefined && { real: beside }) }];
  });
}

function fieldsIn(name: string, number: number, value: bigint, before: bigint): FieldView[] {
  return fieldsOfCsr(name, number).map(({ name: each, mask, shift }) => {
    const of = (value & mask) >> shift;
    const meaning = meaningOf(name, each, of, value);
    const changed = (before & mask) !== (value & mask);
    return { name: each, value: of, changed, ...(meaning !== undefined && { meaning }) };
  });
}

function fieldsOfCsr(name: string, number: number): readonly Field[] {
  if (CAUSES.includes(name)) return Object.values(CAUSE);
  if (name === 'medeleg') return DELEGATED;
  if (name === 'mideleg') return supervisors(Object.values(fieldsOf(FIELDS.lines)));
  if (name === 'misa') return MISA;
  if (name.startsWith('pmpcfg')) return pmpEntries(name);
  const { word, read = -1n, within } = csrOf(number) ?? {};
  const fields = word === undefined ? [] : fieldsOfWord(wordIndex(word)).filter(({ mask }) => (mask & read) !== 0n);
  return within === undefined ? fields : supervisors(fields);
}
/** Interrupts of the supervisor, which alone are delegated. */
const supervisors = (fields: readonly Field[]) => fields.filter(({ name }) => name.startsWith('S'));
function pmpEntries(name: string): Field[] {
  const first = (Number(name.slice('pmpcfg'.length)) / 2) * PMP_PER_WORD;
  return Array.from({ length: PMP_PER_WORD }, (_, entry) =>
    field(`pmp${first + entry}cfg`, [entry * BYTE_BITS + BYTE_BITS - 1, entry * BYTE_BITS]),
  );
}

function meaningOf(csr: string, name: string, value: bigint, whole: bigint): string | Told | undefined {
  if (CAUSES.includes(csr)) return name === 'Code' ? cause(whole) : undefined;
  if (csr === 'medeleg') return value === 0n ? undefined : cause(BigInt(name));
  if (csr.startsWith('pmpcfg')) return value === 0n ? undefined : pmpMeaning(value);
  return MEANINGS[`${csr}.${name}`]?.[Number(value)] || undefined;
}
function pmpMeaning(byte: bigint): string {
  const of = ({ mask, shift }: Field) => Number((byte & mask) >> shift);
  const rights = (['R', 'W', 'X', 'L'] as const).filter((right) => of(PMP_FIELDS[right]) === 1);
  return [MATCHES[of(PMP_FIELDS.A)], rights.join('')].join(' ').trim();
}
