// Ways to break the instruction set as x86 was broken for virtualization (Robin and Irvine, USENIX Security 2000, list
// seventeen such instructions): in U-mode a sensitive instruction does something without a trap. Each is a change of
// definitions of the machine, with a guest that behaves otherwise in a virtual machine on it.

import { CSRS } from '../../../isa/csrs.ts';
import type { Instruction } from '../../../isa/definition.ts';
import { INSTRUCTIONS } from '../../../isa/instructions.ts';
import { Mode } from '../../../isa/layout.ts';
import type { Machine, Value } from '../../../isa/vocabulary.ts';

export interface Mutation {
  readonly name: string;
  /** What U-mode sees. */
  readonly title: string;
  /** Which instruction of x86 did likewise; undefined where x86 traps. */
  readonly x86?: string;
  /** The instructions that it changes. */
  readonly culprits: readonly string[];
  /** What it does in U instead of a trap: nothing; or it reads the CSR as if it were permitted, or writes it too. */
  readonly inU: 'nothing' | 'reads' | 'writes';
  /** The CSR, of an access. */
  readonly csr?: string;
  /** The guest's mode at entry; S where not given. */
  readonly mode?: 'm';
  /** A guest: control comes to `broken` where the instruction did not do what it does on a sound machine. */
  readonly guest: string;
}

const CSR_ACCESSES = ['csrrw', 'csrrs', 'csrrc', 'csrrwi', 'csrrsi', 'csrrci'];

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'sret-ignored',
    title: 'sret in U does nothing',
    x86: 'POPF, which leaves the interrupt flag as it is',
    culprits: ['sret'],
    inU: 'nothing',
    guest: `
        la      t0, sound
        csrw    sepc, t0
        li      t1, 1 << 8              # sstatus.SPP: back to S
        csrs    sstatus, t1
        sret
        j       broken`,
  },
  {
    name: 'sstatus-readable',
    title: 'sstatus can be read in U',
    x86: 'SMSW and PUSHF, which show the machine status word and the flags',
    culprits: CSR_ACCESSES,
    csr: 'sstatus',
    inU: 'reads',
    guest: `
        csrsi   sstatus, 1 << 1         # sstatus.SIE; nothing is enabled in sie
        csrr    t0, sstatus
        andi    t0, t0, 1 << 1
        beqz    t0, broken
        j       sound`,
  },
  {
    name: 'sscratch-ignored',
    title: 'sscratch cannot be written in U, and no trap says so',
    x86: 'POPF, which leaves IOPL as it is',
    culprits: CSR_ACCESSES,
    csr: 'sscratch',
    inU: 'nothing',
    guest: `
        li      t0, 42
        csrw    sscratch, t0
        csrr    t1, sscratch
        bne     t0, t1, broken
        j       sound`,
  },
  {
    name: 'satp-readable',
    title: 'satp can be read in U',
    x86: 'SGDT, SIDT and SLDT, which show where the descriptor tables are',
    culprits: CSR_ACCESSES,
    csr: 'satp',
    inU: 'reads',
    guest: `
        csrr    t0, satp                # nothing is translated yet
        bnez    t0, broken
        j       sound`,
  },
  {
    name: 'stvec-writable',
    title: 'stvec can be written in U, so the real trap vector is whoever runs there',
    culprits: CSR_ACCESSES,
    csr: 'stvec',
    inU: 'writes',
    guest: `
        la      t0, sound
        csrw    stvec, t0
        unimp                           # traps to stvec
        j       broken`,
  },
  {
    name: 'wfi-ignored',
    title: 'wfi in U does not wait, and does not trap either',
    culprits: ['wfi'],
    inU: 'nothing',
    guest: `
        csrr    s0, time                # from here to the timer
        li      t0, 100000
        add     a0, s0, t0
        li      a7, 0x54494d45          # SBI: set the timer
        li      a6, 0
        ecall
        li      t0, 1 << 5              # sie.STIE
        csrs    sie, t0
        wfi
        csrr    t0, time
        sub     t0, t0, s0
        li      t1, 100000
        bltu    t0, t1, broken
        j       sound`,
  },
  {
    name: 'mret-ignored',
    title: 'mret in U does nothing',
    x86: 'IRET, which leaves the interrupt flag and IOPL as they are',
    culprits: ['mret'],
    inU: 'nothing',
    mode: 'm',
    guest: `
        la      t0, sound
        csrw    mepc, t0
        li      t0, 3 << 11             # mstatus.MPP: back to M
        csrs    mstatus, t0
        mret
        j       broken`,
  },
  {
    name: 'sepc-readable',
    title: 'sepc can be read in U',
    x86: 'CALL and PUSH, which store the code segment with its privilege',
    culprits: CSR_ACCESSES,
    csr: 'sepc',
    inU: 'reads',
    guest: `
        li      t0, 0x1234
        csrw    sepc, t0
        csrr    t1, sepc
        bne     t0, t1, broken
        j       sound`,
  },
];

type Body = Instruction['body'];

/**
 * Breaks the definitions, for this process: whatever executes them by `body`, as the reference engine does, is broken.
 * @returns what mends them.
 */
export function mutate({ culprits, csr, inU }: Mutation): () => void {
  const row = CSRS.find(({ name }) => name === csr);
  const mended = INSTRUCTIONS.filter(({ name }) => culprits.includes(name)).map((instruction) => {
    const { name, body } = instruction;
    const broken: Body = <V extends Value>(
      m: Machine<V>,
      operands: Readonly<Record<string, V>>,
      encoded: Readonly<Record<string, number>>,
    ) => {
      const isAccess = row === undefined || encoded['csr'] === row.number;
      const isRead = inU !== 'reads' || (!name.startsWith('csrrw') && (encoded['rs1'] ?? encoded['uimm']) === 0);
      const isHere = m.is(m.mode, Mode.U) && isAccess && isRead;
      if (!isHere) return body(m, operands, encoded);
      const stored = row?.word === undefined ? m.k(0) : m.named(row.word);
      const shown = row?.read === undefined ? stored : m.and(stored, m.k(row.read));
      if (inU === 'writes' && row?.word !== undefined)
        m.setNamed(row.word, operands['rs1'] ?? m.k(encoded['uimm'] ?? 0));
      if (row === undefined) return undefined;
      return inU === 'nothing' ? m.k(0) : shown;
    };
    Object.assign(instruction, { body: broken });
    return () => Object.assign(instruction, { body });
  });
  return () => {
    for (const mend of mended) mend();
  };
}
